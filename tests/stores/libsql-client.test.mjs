// The dialect for libSQL's client, beyond what the stores need.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createClient } from "@libsql/client";
import { Kysely, sql } from "kysely";
import { libsqlDialect, migrate } from "../../pkg/sql.js";
import { namedStores } from "./names.mjs";
import { createAll, fullSession, grant, keysOf, session } from "./samples.mjs";
import { notices, notified, RECORDED, step } from "./steps.mjs";
import { OPTIONS, temporaryFile } from "./support.mjs";

const everything = { filter: {}, order: "newest", limit: 100 };

async function fileClient(t, options = {}) {
  const client = createClient({ url: `file:${await temporaryFile(t)}`, ...options });
  t.after(() => client.close());
  return client;
}

/** Calls of every kind, which leave the database as it was. */
async function exercise(stores) {
  const { sessions, grants, outbox, atomic } = stores;
  await createAll(sessions, [fullSession("a"), session("b", { created: 1_700_000_000_000 })]);
  await sessions.addClient("b", { clientId: "shop" }, 2_000);
  await grants.store(grant("token", { subjectId: "alice", expires: new Date(5_000) }));
  const { sessions: rows, positions } = await sessions.list(everything);
  assert.deepEqual(rows[1], fullSession("a"));
  assert.equal(rows[0].created, 1_700_000_000_000);
  assert.deepEqual(keysOf((await sessions.list({ ...everything, after: positions[0] })).sessions), [
    "a",
  ]);
  assert.equal(await sessions.count({ clientId: "shop" }), 2);
  assert.deepEqual((await grants.get("token")).expires, new Date(5_000));
  assert.equal(await sessions.update("a", { renewed: 9_000 }), true);
  const { ended, notifications, tokens, last } = await atomic.endSessions(
    step({
      keys: ["a", "b"],
      revoke: { matching: [{ subjectId: "alice" }] },
      notify: notices({ clients: [notified("shop", "subject")], others: false }),
    }),
  );
  assert.deepEqual([ended, tokens, last], [2, 1, positions[0]]);
  const claimed = await outbox.claim({ now: RECORDED, limit: 5, leaseFor: 5 });
  assert.deepEqual(claimed.map(({ id }) => id).sort(), notifications.map(({ id }) => id).sort());
  const [{ id }] = claimed;
  await outbox.settle(id, { state: "failed", error: "gone", status: 410 }, Date.now());
  assert.equal((await outbox.list({ state: "failed" }))[0].status, 410);
}

describe("libSQL's client", () => {
  test("keeps a database in memory through transactions, on its single connection", async () => {
    const client = createClient({ url: ":memory:" });
    const kysely = new Kysely({ dialect: libsqlDialect(client) });
    await migrate(kysely, OPTIONS);
    const stores = namedStores(kysely, OPTIONS);
    await exercise(stores);
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => stores.sessions.create(fullSession(`${n}`))),
    );
    await Promise.all(Array.from({ length: 50 }, (_, n) => stores.sessions.remove([`${n}`])));
    assert.equal(await stores.sessions.count({}), 0);
    await kysely.destroy();
    assert.equal(client.closed, true, "destroying the instance closes the client");
  });

  for (const intMode of ["number", "bigint", "string"]) {
    test(`can return integers as ${intMode}`, async (t) => {
      const kysely = new Kysely({ dialect: libsqlDialect(await fileClient(t, { intMode })) });
      await migrate(kysely, OPTIONS);
      await migrate(kysely, OPTIONS);
      await exercise(namedStores(kysely, OPTIONS));
    });
  }

  test("can be shared by several Kysely instances", async (t) => {
    const client = await fileClient(t);
    const instances = Array.from(
      { length: 3 },
      () => new Kysely({ dialect: libsqlDialect(client) }),
    );
    await Promise.all(instances.map((kysely) => migrate(kysely, OPTIONS)));
    // Without a busy timeout: a connection that finds a lock fails at once.
    const stores = instances.map((kysely) => namedStores(kysely, { ...OPTIONS, busyTimeout: 0 }));
    await Promise.all(
      stores.flatMap(({ sessions }, instance) =>
        Array.from({ length: 20 }, (_, n) => sessions.create(fullSession(`${instance}, ${n}`))),
      ),
    );
    assert.equal(await stores[0].sessions.count({}), 60);
  });

  test("is used like a server if it isn't local", async (t) => {
    const client = await fileClient(t);
    // The same client, declared as remote: transactions are the client's own, and calls aren't
    // serialized.
    const remote = {
      protocol: "https",
      execute: (statement) => client.execute(statement),
      executeMultiple: () => assert.fail("the workaround for local clients was used"),
      transaction: (mode) => client.transaction(mode),
      close: () => client.close(),
    };
    const kysely = new Kysely({ dialect: libsqlDialect(remote) });
    await migrate(kysely, OPTIONS);
    await exercise(namedStores(kysely, OPTIONS));
    const failed = kysely.transaction().execute(async (transaction) => {
      await namedStores(transaction, OPTIONS).sessions.create(fullSession("a"));
      throw new Error("the host changed its mind");
    });
    await assert.rejects(failed, /changed its mind/);
    assert.equal(await namedStores(kysely, OPTIONS).sessions.count({}), 0);
  });

  test("reports the number of changed rows, and streams rows", async (t) => {
    const kysely = new Kysely({ dialect: libsqlDialect(await fileClient(t)) });
    await sql`create table numbers (id integer primary key, n integer)`.execute(kysely);
    const inserted = await kysely
      .insertInto("numbers")
      .values([{ n: 1 }, { n: 2 }])
      .executeTakeFirst();
    assert.deepEqual([inserted.numInsertedOrUpdatedRows, inserted.insertId], [2n, 2n]);
    const updated = await kysely.updateTable("numbers").set({ n: 5 }).executeTakeFirst();
    assert.equal(updated.numUpdatedRows, 2n);
    const rows = [];
    for await (const row of kysely.selectFrom("numbers").selectAll().stream()) rows.push(row);
    assert.deepEqual(
      rows.map(({ n }) => n),
      [5, 5],
    );
    // Statements that can't run in a transaction.
    await sql`vacuum`.execute(kysely);
    await sql`pragma optimize`.execute(kysely);
  });

  test("runs a read-only transaction while another one writes", async (t) => {
    const file = await temporaryFile(t);
    const [first, second] = [0, 1].map(
      () => new Kysely({ dialect: libsqlDialect(createClient({ url: `file:${file}` })) }),
    );
    t.after(() => Promise.all([first.destroy(), second.destroy()]));
    await migrate(first, OPTIONS);
    await first.transaction().execute(async (writing) => {
      await namedStores(writing, OPTIONS).sessions.create(fullSession("a"));
      const reading = second.transaction().setAccessMode("read only");
      assert.equal(
        await reading.execute((reading) => namedStores(reading, OPTIONS).sessions.count({})),
        0,
      );
    });
    assert.equal(await namedStores(second, OPTIONS).sessions.count({}), 1);
  });
});
