// What happens when something fails in the middle, and within a transaction of the host's.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { CamelCasePlugin, sql } from "kysely";
import { migrate, sqlStores } from "../../pkg/sql.js";
import { createAll, fullSession, grant, keysOf, notification, session } from "./samples.mjs";
import { openEmpty, openStores } from "./support.mjs";

const everything = { filter: {}, order: "oldest", limit: 100 };

async function contents({ sessions, grants, outbox }) {
  return {
    sessions: (await sessions.list(everything)).sessions,
    grants: await grants.list({ clientIds: ["shop"] }),
    outbox: await outbox.list({}),
  };
}

export function testTransactions(engine) {
  describe(`transactions on ${engine.name}`, () => {
    for (const change of [
      "insert on rollcall_outbox",
      "delete on rollcall_session_clients",
      "delete on rollcall_sessions",
      "delete on rollcall_grants",
    ].filter((change) => !engine.silentChanges?.includes(change))) {
      test(`an atomic removal that fails at ${change} leaves everything as it was`, async (t) => {
        const stores = await openStores(t, engine);
        await createAll(stores.sessions, [fullSession("a"), fullSession("b")]);
        await stores.grants.store(grant("token", { subjectId: "alice" }));
        const before = await contents(stores);
        const plan = {
          sessionKeys: ["a", "b"],
          grants: [{ subjectId: "alice" }],
          notifications: [
            { sessionKeys: [], entry: notification("of none") },
            { sessionKeys: ["b"], entry: notification("of one") },
          ],
        };
        const allow = await engine.forbid(stores.query, change);
        await assert.rejects(async () => stores.atomic(plan), /forbidden by the test/);
        assert.deepEqual(await contents(stores), before);
        await allow();
        assert.deepEqual((await stores.atomic(plan)).removed.sort(), ["a", "b"], "and can be repeated");
      });
    }

    test("a session whose clients cannot be stored is not created", async (t) => {
      const stores = await openStores(t, engine);
      const allow = await engine.forbid(stores.query, "insert on rollcall_session_clients");
      await assert.rejects(async () => stores.sessions.create(fullSession("a")), /forbidden by the test/);
      assert.equal(await stores.sessions.get("a"), undefined);
      await allow();
      await stores.sessions.create(fullSession("a"));
    });

    test("a client that a new session names twice is stored once, with the session id that came last", async (t) => {
      const { sessions } = await openStores(t, engine);
      const clients = [{ clientId: "shop", sessionId: "old" }, { clientId: "forum" }, { clientId: "shop", sessionId: "new" }];
      await sessions.create(session("a", { clients: [...clients, { clientId: "shop" }] }));
      assert.deepEqual((await sessions.get("a")).clients, [{ clientId: "shop", sessionId: "new" }, { clientId: "forum" }]);
    });

    test("a removal that fails at the sessions keeps their clients", async (t) => {
      const stores = await openStores(t, engine);
      await stores.sessions.create(fullSession("a"));
      await engine.forbid(stores.query, "delete on rollcall_sessions");
      await assert.rejects(async () => stores.sessions.remove(["a"]), /forbidden by the test/);
      assert.deepEqual(await stores.sessions.get("a"), fullSession("a"));
    });

    test("the stores work within a transaction of the host's", async (t) => {
      const stores = await openStores(t, engine);
      await stores.sessions.create(fullSession("a"));
      const work = (ending) =>
        stores.kysely.transaction().execute(async (transaction) => {
          const within = sqlStores(transaction, engine.options);
          await within.sessions.create(fullSession("b"));
          await within.atomic({
            sessionKeys: ["a"],
            grants: [],
            notifications: [{ sessionKeys: ["a"], entry: notification("n") }],
          });
          assert.deepEqual(keysOf((await within.sessions.list(everything)).sessions), ["b"]);
          ending();
        });
      const before = await contents(stores);
      await assert.rejects(
        work(() => {
          throw new Error("the host changed its mind");
        }),
        /changed its mind/,
      );
      assert.deepEqual(await contents(stores), before);
      await work(() => {});
      const after = await contents(stores);
      assert.deepEqual(keysOf(after.sessions), ["b"]);
      assert.equal(after.outbox.length, 1);
    });

    test("plugins of the Kysely instance do not reach the stores", async (t) => {
      const { kysely } = await openEmpty(t, engine, { plugins: [new CamelCasePlugin()] });
      await migrate(kysely, engine.options);
      const { sessions } = sqlStores(kysely, engine.options);
      await sessions.create(fullSession("a"));
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
      const { rows } = await sql`select subject_id from rollcall_sessions`.execute(kysely);
      assert.deepEqual(rows, [{ subjectId: "alice" }], "the instance itself keeps them");
    });

    test("an error never holds a session's key", async (t) => {
      const { sessions } = await openStores(t, engine);
      const key = "5ec4e7".repeat(10);
      await sessions.create(session(key));
      const error = await sessions.create(session(key)).then(
        () => assert.fail("the key is there already"),
        (error) => error,
      );
      assert.equal(error.code, "store_failed");
      assert.ok(!inspect(error).includes("5ec4e7"));
    });

    test("an error of the driver never holds a session's key", async (t) => {
      const { sessions } = await openStores(t, engine);
      const key = "5ec4e7".repeat(10);
      const keys = Array.from({ length: 40 }, (_, n) => `${key} ${n}`);
      await sessions.create(session(key));
      // What types forbid, and what PostgreSQL cannot store.
      const failing = [
        () => sessions.create(session(`${key}!`, { scheme: undefined })),
        () => sessions.update(key, { renewed: "never" }),
        () => sessions.remove([...keys, "\u0000"]),
      ];
      const errors = [];
      for (const call of failing) await call().catch((error) => errors.push(error));
      assert.ok(errors.length > 0);
      for (const error of errors) {
        assert.ok(error instanceof Error);
        assert.ok(!inspect(error, { depth: 10 }).includes("5ec4e7"), error.message);
      }
    });
  });
}
