import { test } from "node:test";
import { Unavailable } from "../servers/server.mjs";
import { createNamePartIndex, NAME_PART_INDEX } from "./name-part-index.mjs";
import { startPostgresEngine } from "./postgres-engine.mjs";
import { testServerPlans } from "./server-plans.mjs";

const fills = (rows) => [
  `insert into rollcall_sessions (key, scheme, subject_id, session_id, display_name_folded, issuer, created, renewed, expires, ip_address)
  select 'key ' || n, 'default', 'subject ' || (n % 50), 'sid ' || n, 'name ' || (n % 1000), 'https://id' || (n % 5) || '.example.com',
    1000 + n / 7, 1000 + n, case when n % 10 > 0 then 3000 + n end, '192.0.2.' || (n % 200)
  from generate_series(1, ${rows}) as n`,
  `insert into rollcall_session_clients (session_id, client_id, created)
  select id, 'client ' || ((id + c) % 20), created from rollcall_sessions, generate_series(0, 1) as c`,
  `insert into rollcall_grants (key, type, subject_id, session_id, client_id, created, data)
  select 'grant of ' || key, 'type ' || (id % 60), subject_id, session_id, 'client ' || (id % 200), created, '' from rollcall_sessions`,
  `insert into rollcall_outbox (id, kind, client_id, subject_id, session_id, reason, created, state, attempts, due)
  select key, 'logout', 'client ' || (id % 200), subject_id, session_id, 'terminated', created, case when id % 50 = 0 then 'failed' else 'pending' end, 0,
    case when id % 50 > 0 then created end from rollcall_sessions`,
  "vacuum analyze",
];

async function explain(query, sql, parameters) {
  const [row] = await query(`explain (format json) ${sql}`, parameters);
  return stepsOf(row["QUERY PLAN"][0].Plan);
}

/** All steps of a plan, from the top down. */
function stepsOf(plan) {
  const {
    "Node Type": type,
    "Relation Name": table = "",
    "Index Name": index,
    "Index Cond": condition = "",
    Plans: parts = [],
  } = plan;
  const step = {
    shown: `${type} ${index ?? table} ${condition}`,
    scans: type === "Seq Scan" && table.startsWith("rollcall_"),
    index,
    ...(type.includes("Sort") && { sorts: parts[0]["Plan Rows"] }),
  };
  return [step, ...parts.flatMap(stepsOf)];
}

/** The statements that the guide gives for it make the index. */
function testPartsOfNames({ plansOf, assertIndexed, run }) {
  test("a part of a name is found by the index that is made for it", async () => {
    await createNamePartIndex(run);
    await run("analyze rollcall_sessions");
    for (const filter of [{ displayName: { contains: "me 997" } }, { displayName: { contains: "me 997" }, activeAt: 5 }]) {
      const request = { filter, order: "newest", limit: 25 };
      assertIndexed(await plansOf(({ sessions }) => sessions.list(request)), NAME_PART_INDEX, request, {
        sorts: true,
      });
      assertIndexed(await plansOf(({ sessions }) => sessions.count(filter)), NAME_PART_INDEX, filter);
    }
  });
}

const engine = await startPostgresEngine().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("query plans on PostgreSQL", { skip: error.message }, () => {});
});
if (engine !== undefined) testServerPlans(engine, { fills, explain, more: testPartsOfNames });
