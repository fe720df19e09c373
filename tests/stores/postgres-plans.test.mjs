// On PostgreSQL, too, every statement but the search for a substring and the exact count is an index operation: asserted from the
// plans of the statements that the stores really run, among so many rows that a scan would not be the cheapest by itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { sqlStores } from "../../pkg/sql.js";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { connect, OPTIONS } from "./postgres-drivers.mjs";
import { FEW, IN_ORDER, LONG_LIST, ORDERS, RANGES } from "./reads.mjs";
import { grant, notification, session } from "./samples.mjs";

const MANY = 100_000;

const FILLS = [
  `insert into rollcall_sessions (key, scheme, subject_id, session_id, display_name_folded, issuer, created, renewed, expires, ip_address)
  select 'key ' || n, 'default', 'subject ' || (n % 50), 'sid ' || n, 'name ' || (n % 1000), 'https://id' || (n % 5) || '.example.com',
    1000 + n / 7, 1000 + n, case when n % 10 > 0 then 3000 + n end, '192.0.2.' || (n % 200)
  from generate_series(1, ${MANY}) as n`,
  `insert into rollcall_session_clients (session_id, client_id, created)
  select id, 'client ' || ((id + c) % 20), created from rollcall_sessions, generate_series(0, 1) as c`,
  `insert into rollcall_grants (key, type, subject_id, session_id, client_id, created, data)
  select 'grant of ' || key, 'type ' || (id % 60), subject_id, session_id, 'client ' || (id % 200), created, '' from rollcall_sessions`,
  `insert into rollcall_outbox (id, client_id, subject_id, session_id, reason, created, state, attempts, due)
  select key, 'client ' || (id % 200), subject_id, session_id, 'terminated', created, case when id % 50 = 0 then 'failed' else 'pending' end, 0,
    case when id % 50 > 0 then created end from rollcall_sessions`,
  "vacuum analyze",
];

const server = await startPostgres().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("query plans on PostgreSQL", { skip: error.message }, () => {});
});

if (server !== undefined) {
  describe("query plans on PostgreSQL", () => {
    const statements = [];
    const explain = new pg.Client({ connectionString: server.url });
    let kysely;

    before(async () => {
      kysely = await connect(server.url, "pg", { log: ({ query }) => statements.push(query) });
      await explain.connect();
      for (const fill of FILLS) await explain.query(fill);
    });
    after(async () => {
      await explain.end();
      await kysely.destroy();
      await server.stop();
    });

    /** The plans of the statements that `work` runs. */
    async function plansOf(work) {
      statements.length = 0;
      await work(sqlStores(kysely, OPTIONS));
      const plans = [];
      for (const { sql, parameters } of [...statements]) {
        if (/^\s*(begin|start|commit|rollback)/i.test(sql)) continue;
        const { rows } = await explain.query(`explain (format json) ${sql}`, [...parameters]);
        plans.push({ sql, nodes: nodesOf(rows[0]["QUERY PLAN"][0].Plan) });
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

    test("what is sorted is short: the sessions of a subject, or the matches of a range that are few", async () => {
      const ofSubject = { filter: { subjectId: { equals: "subject 1" } }, order: "expiry", limit: 25 };
      const plans = await plansOf(({ sessions }) => sessions.list(ofSubject));
      assertIndexed(plans, "rollcall_sessions_subject", ofSubject, { sorts: true });
      for (const [filter, index] of RANGES) {
        const request = { filter, order: "newest", limit: 25 };
        assertIndexed(await plansOf(({ sessions }) => sessions.list(request)), index, request, { sorts: true });
      }
    });

    test("a count by an index reads no table, and a capped one stops", async () => {
      for (const [filter, index] of [...IN_ORDER.filter(([, index]) => !index.includes("listing")), ...RANGES.slice(0, 5)]) {
        assertIndexed(await plansOf(({ sessions }) => sessions.count(filter)), index, filter);
      }
      for (const [filter] of IN_ORDER) {
        for (const { nodes } of await plansOf(({ sessions }) => sessions.count(filter, 10_001))) {
          assert.ok(nodes.some((node) => node["Node Type"] === "Limit"));
        }
      }
    });

    test("what is named by its key or id is found by it", async () => {
      for (const [work, index] of [
        [({ sessions }) => sessions.get("key 1"), "rollcall_sessions_key"],
        [({ sessions }) => sessions.update("key 1", { renewed: 5 }), "rollcall_sessions_key"],
        [({ sessions }) => sessions.addClient("key 1", { clientId: "forum" }), "rollcall_sessions_key"],
        [({ sessions }) => sessions.remove(["none 1", "none 2"]), "rollcall_sessions_key"],
        [({ sessions }) => sessions.remove(LONG_LIST.map((key) => `no ${key}`)), "rollcall_sessions_key"],
        [({ grants }) => grants.get("a"), "rollcall_grants_pkey"],
        [({ outbox }) => outbox.retry("a", 5), "rollcall_outbox_"],
        [({ outbox }) => outbox.settle("a", { state: "failed", error: "gone" }), "rollcall_outbox_"],
      ]) {
        for (const plan of await plansOf(work)) assertIndexed([plan], index, work.toString(), { sorts: true });
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
        [{ subjectId: "subject 1", types: ["type 1"] }, "rollcall_grants_"],
        [{ sessionId: "sid 1" }, "rollcall_grants_session"],
        [{ sessionId: "sid 1", clientIds: LONG_LIST }, "rollcall_grants_session"],
        [{ clientIds: ["client 1", "client 2"] }, "rollcall_grants_client"],
        [{ types: ["type 1"] }, "rollcall_grants_type"],
      ]) {
        for (const method of ["list", "count", "remove"]) {
          const plans = await plansOf(({ grants }) => grants[method](filter));
          for (const plan of plans) assertIndexed([plan], index, { method, filter }, { sorts: true });
        }
      }
      for (const [filter, index] of [
        [{ state: "failed" }, "rollcall_outbox_"],
        [{ clientId: "client 1" }, "rollcall_outbox_client"],
        [{ subjectId: "subject 1" }, "rollcall_outbox_subject"],
        [{ sessionId: "sid 1" }, "rollcall_outbox_session"],
        [{}, "rollcall_outbox_pkey"],
      ]) {
        for (const after of [undefined, "key 5"]) {
          assertIndexed(await plansOf(({ outbox }) => outbox.list(filter, after, 10)), index, { filter, after });
        }
      }
      const claims = await plansOf(({ outbox }) => outbox.claim({ now: 1_500, limit: 10, leaseFor: 10 }));
      assertIndexed(claims.slice(0, 1), "rollcall_outbox_due", "due");
      assertIndexed(claims.slice(1), "rollcall_outbox_pkey", "lease", { sorts: true });
    });

    test("a part of a name is found by the index that is made for it", async () => {
      const docs = readFileSync(new URL("../../docs/stores/postgres.md", import.meta.url), "utf8");
      const [, statements] = docs.match(/```sql\n(create extension[^`]+)```/) ?? assert.fail("the page has the statements");
      await explain.query(statements);
      await explain.query("analyze rollcall_sessions");
      for (const filter of [{ displayName: { contains: "me 997" } }, { displayName: { contains: "me 997" }, activeAt: 5 }]) {
        const request = { filter, order: "newest", limit: 25 };
        assertIndexed(await plansOf(({ sessions }) => sessions.list(request)), "rollcall_sessions_name_part", request, {
          sorts: true,
        });
        assertIndexed(await plansOf(({ sessions }) => sessions.count(filter)), "rollcall_sessions_name_part", filter);
      }
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

/** All nodes of a plan, from the top down. */
function nodesOf(plan) {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

function assertIndexed(plans, index, message, { sorts = false } = {}) {
  const shown = () =>
    `${JSON.stringify(message)}\n${plans.map(({ sql, nodes }) => `${sql}\n${nodes.map(shownNode).join("\n")}`).join("\n")}`;
  const nodes = plans.flatMap(({ nodes }) => nodes);
  for (const node of nodes) {
    const type = node["Node Type"];
    assert.ok(type !== "Seq Scan" || !node["Relation Name"].startsWith("rollcall_"), `reads a whole table: ${shown()}`);
    const [input] = node.Plans ?? [];
    assert.ok(!type.includes("Sort") || (sorts && input["Plan Rows"] <= FEW), `sorts: ${shown()}`);
  }
  assert.ok(index === "" || nodes.some((node) => node["Index Name"]?.startsWith(index)), `should use ${index}: ${shown()}`);
}

const shownNode = (node) =>
  `  ${node["Node Type"]} ${node["Index Name"] ?? node["Relation Name"] ?? ""} ${node["Index Cond"] ?? ""}`;
