// The stores in a transaction of the host, and on an instance with plugins.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CamelCasePlugin, sql } from "kysely";
import { migrate } from "../../pkg/sql.js";
import { namedStores } from "./names.mjs";
import { fullSession, keysOf, session } from "./samples.mjs";
import { notices, step } from "./steps.mjs";
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
    test("a client that a new session names twice is stored once, with the last session id", async (t) => {
      const { sessions } = await openStores(t, engine);
      const clients = [
        { clientId: "shop", sessionId: "old" },
        { clientId: "forum" },
        { clientId: "shop", sessionId: "new" },
      ];
      await sessions.create(session("a", { clients: [...clients, { clientId: "shop" }] }));
      assert.deepEqual((await sessions.get("a")).clients, [
        { clientId: "shop", sessionId: "new" },
        { clientId: "forum" },
      ]);
    });

    test("the stores work within a transaction of the host", async (t) => {
      const stores = await openStores(t, engine);
      await stores.sessions.create(fullSession("a"));
      const work = (ending) =>
        stores.kysely.transaction().execute(async (transaction) => {
          const within = namedStores(transaction, engine.options);
          await within.sessions.create(fullSession("b"));
          const ofA = step({ keys: ["a"], notify: notices() });
          assert.deepEqual((await within.atomic.clientsOf(ofA)).sort(), ["forum", "shop"]);
          const { ended, recorded } = await within.atomic.endSessions(ofA);
          assert.deepEqual([ended, recorded], [1, 2]);
          assert.deepEqual(keysOf((await within.sessions.list(everything)).sessions), ["b"]);
          const now = 2_000;
          assert.equal(await within.atomic.admit(fullSession("c"), 2, now), true);
          assert.equal(await within.atomic.admit(fullSession("d"), 2, now), false);
          assert.deepEqual(keysOf(await within.sessions.remove(["c"])), ["c"]);
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
      assert.equal(after.outbox.length, 2);
    });

    test("plugins of the Kysely instance don't affect the stores", async (t) => {
      const { kysely } = await openEmpty(t, engine, { plugins: [new CamelCasePlugin()] });
      await migrate(kysely, engine.options);
      const { sessions } = namedStores(kysely, engine.options);
      await sessions.create(fullSession("a"));
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
      const { rows } = await sql`select subject_id from rollcall_sessions`.execute(kysely);
      assert.deepEqual(rows, [{ subjectId: "alice" }], "the instance lost its plugins");
    });
  });
}
