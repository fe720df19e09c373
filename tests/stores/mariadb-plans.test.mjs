// On MariaDB, too, every statement but the search for a substring and the exact count is an index operation: asserted from the plans of
// the statements that the stores really run.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { migrate, sqlStores } from "../../pkg/sql.js";
import { Unavailable } from "../servers/server.mjs";
import { startMariadbEngine } from "./mariadb-engine.mjs";
import { IN_ORDER, LONG_LIST, ORDERS, RANGES } from "./reads.mjs";
import { grant, notification, session } from "./samples.mjs";

const MANY = 100_000;

const FILLS = [
  `insert into rollcall_sessions (\`key\`, scheme, subject_id, session_id, display_name_folded, issuer, created, renewed, expires, ip_address)
  select concat('key ', seq), 'default', concat('subject ', seq % 50), concat('sid ', seq), concat('name ', seq % 1000),
    concat('https://id', seq % 5, '.example.com'), 1000 + seq div 7, 1000 + seq, if(seq % 10 > 0, 3000 + seq, null),
    concat('192.0.2.', seq % 200) from seq_1_to_${MANY}`,
  `insert into rollcall_session_clients (session_id, ordinal, client_id, created)
  select id, seq, concat('client ', (id + seq) % 20), created from rollcall_sessions, seq_0_to_1`,
  `insert into rollcall_grants (\`key\`, type, subject_id, session_id, client_id, created, data)
  select concat('grant of ', \`key\`), concat('type ', id % 60), subject_id, session_id, concat('client ', id % 200), created, ''
  from rollcall_sessions`,
  `insert into rollcall_outbox (id, client_id, subject_id, session_id, reason, created, state, attempts, due)
  select \`key\`, concat('client ', id % 200), subject_id, session_id, 'terminated', created, if(id % 50 = 0, 'failed', 'pending'), 0,
    if(id % 50 > 0, created, null) from rollcall_sessions`,
  "analyze table rollcall_sessions, rollcall_session_clients, rollcall_grants, rollcall_outbox",
];

const engine = await startMariadbEngine().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("query plans on MariaDB", { skip: error.message }, () => {});
});

if (engine !== undefined) {
  describe("query plans on MariaDB", () => {
    const statements = [];
    let kysely;
    let query;

    before(async () => {
      const log = ({ query }) => statements.push(query);
      const place = await engine.place();
      ({ kysely } = engine.open(place, { log }));
      ({ query } = engine.open(place));
      await migrate(kysely, engine.options);
      for (const fill of FILLS) await query(fill);
    });
    after(async () => {
      await kysely.destroy();
      await engine.stop();
    });

    /** The plans of the statements that `work` runs: a row for each table. */
    async function plansOf(work) {
      statements.length = 0;
      await work(sqlStores(kysely, engine.options));
      const plans = [];
      for (const { sql, parameters } of [...statements]) {
        if (/^\s*(begin|commit|rollback|set)/i.test(sql)) continue;
        plans.push({ sql, rows: await query(`explain ${sql}`, [...parameters]) });
      }
      assert.ok(plans.length > 0);
      return plans;
    }

    test("a page by an index is a walk along it, wherever it begins", async () => {
      for (const [filter, index] of IN_ORDER) {
        for (const { order, places } of ORDERS) {
          const [after, before] = places;
          for (const from of [{}, { after }, { before }, { fromEnd: true }]) {
            const request = { filter, order, limit: 25, ...from };
            assertIndexed(await plansOf(({ sessions }) => sessions.list(request)), index, request);
          }
        }
      }
    });

    test("the order of expiry is a walk along its index", async () => {
      for (const filter of [{}, { expiredAt: 4_000 }, { clientId: "client 1" }, { issuer: "https://id1.example.com" }]) {
        for (const from of [{}, { after: "2s0.1" }]) {
          const request = { filter, order: "expiry", limit: 25, ...from };
          assertIndexed(await plansOf(({ sessions }) => sessions.list(request)), "rollcall_sessions_expiry", request);
        }
      }
    });

    test("what is sorted are the matches of a range that are few", async () => {
      for (const [filter, index] of RANGES) {
        const request = { filter, order: "newest", limit: 25 };
        const sorts = !index.endsWith("listing");
        assertIndexed(await plansOf(({ sessions }) => sessions.list(request)), index, request, { sorts });
      }
    });

    test("what is named by its key or id is found by it", async () => {
      for (const [work, index] of [
        [({ sessions }) => sessions.get("key 1"), "rollcall_sessions_key"],
        [({ sessions }) => sessions.update("key 1", { renewed: 5 }), "rollcall_sessions_key"],
        [({ sessions }) => sessions.addClient("key 1", { clientId: "forum" }), "rollcall_sessions_key"],
        [({ sessions }) => sessions.remove(["none 1", "none 2"]), "rollcall_sessions_key"],
        [({ sessions }) => sessions.remove(LONG_LIST.map((key) => `no ${key}`)), "rollcall_sessions_key"],
        [({ grants }) => grants.get("a"), "PRIMARY"],
        [({ outbox }) => outbox.retry("key 50", 5), "PRIMARY"],
        [({ outbox }) => outbox.settle("key 1", { state: "failed", error: "gone" }), "PRIMARY"],
      ]) {
        assertIndexed(await plansOf(work), index, work.toString(), { sorts: true });
      }
      for (const work of [
        ({ sessions }) => sessions.create(session("new", { clients: [{ clientId: "shop" }] })),
        ({ grants }) => grants.store(grant("new")),
        ({ outbox }) => outbox.add([notification("new")]),
      ]) {
        assertIndexed(await plansOf(work), "", work.toString(), { sorts: true });
      }
    });

    test("grants and notifications are found by the index of what is asked for", async () => {
      for (const [filter, index] of [
        [{ subjectId: "subject 1" }, "rollcall_grants_subject"],
        [{ sessionId: "sid 1" }, "rollcall_grants_session"],
        [{ sessionId: "sid 2", clientIds: LONG_LIST }, "rollcall_grants_session"],
        [{ clientIds: ["client 1", "client 2"] }, "rollcall_grants_client"],
        [{ types: ["type 1"] }, "rollcall_grants_type"],
      ]) {
        for (const method of ["count", "list", "remove"]) {
          assertIndexed(await plansOf(({ grants }) => grants[method](filter)), index, { method, filter }, { sorts: true });
        }
      }
      for (const [filter, index] of [
        [{ clientId: "client 1" }, "rollcall_outbox_client"],
        [{ subjectId: "subject 1" }, "rollcall_outbox_subject"],
        [{ sessionId: "sid 1" }, "rollcall_outbox_session"],
        [{}, "PRIMARY"],
      ]) {
        for (const after of [undefined, "key 5"]) {
          assertIndexed(await plansOf(({ outbox }) => outbox.list(filter, after, 10)), index, { filter, after });
        }
      }
      const [due] = await plansOf(({ outbox }) => outbox.claim({ now: 1_500, limit: 10, leaseFor: 10 }));
      assertIndexed([due], "rollcall_outbox_due", "due");
    });

    test("every statement of an atomic removal uses an index", async () => {
      const plans = await plansOf(({ atomic }) =>
        atomic({
          sessionKeys: ["key 1", ...LONG_LIST],
          grants: [{ subjectId: "subject 2" }, { sessionId: "sid 3", clientIds: ["client 3"] }],
          notifications: [
            { sessionKeys: ["key 1", ...LONG_LIST], entry: notification("x") },
            { sessionKeys: [], entry: notification("y") },
          ],
        }),
      );
      assert.ok(plans.length >= 6);
      assertIndexed(plans, "", "atomic", { sorts: true });
    });
  });
}

function assertIndexed(plans, index, message, { sorts = false } = {}) {
  const shown = () =>
    `${JSON.stringify(message)}\n${plans.map(({ sql, rows }) => `${sql}\n${rows.map((row) => JSON.stringify(row)).join("\n")}`).join("\n")}`;
  const rows = plans.flatMap(({ rows }) => rows);
  for (const { select_type: kind, table, type, Extra } of rows) {
    const isOurs = kind !== "INSERT" && /^(s|c|rollcall_\w+)$/.test(table ?? "");
    assert.ok(!isOurs || type !== "ALL", `reads a whole table: ${shown()}`);
    assert.ok(sorts || !isOurs || !Extra?.includes("filesort"), `sorts: ${shown()}`);
  }
  // The plan of what names a row that is not there: it was looked up by a unique key already.
  const isDone = rows.some(({ Extra }) => Extra?.includes("after reading const tables"));
  assert.ok(isDone || index === "" || rows.some(({ key }) => key?.startsWith(index)), `should use ${index}: ${shown()}`);
}
