import { test } from "node:test";
import { Unavailable } from "../servers/server.mjs";
import { createNamePartIndex, NAME_PART_INDEX } from "./name-part-index.mjs";
import { startPostgresEngine } from "./postgres-engine.mjs";
import { testServerPlans } from "./server-plans.mjs";

const fills = (rows) => [
  `insert into rollcall_sessions (key, scheme, subject_id, session_id, display_name_folded, issuer, created, renewed, expires, ip_address)
  select 'key ' || n, 'default', 'subject ' || (n % 50), 'sid ' || n, 'name ' || (n % 1000),
    case when n <= ${rows} * 0.6 then 'https://id1.example.com' else 'https://id2.example.com' end,
    1000 + n / 7, 1000 + n, case when n % 10 > 0 then 3000 + n end, case when n % 3 > 0 then '192.0.2.1' else '192.0.2.' || (n % 200) end
  from generate_series(1, ${rows}) as n`,
  `insert into rollcall_session_clients (session_id, client_id, created)
  select id, 'client ' || case c when 0 then 1 else 2 + id % 18 end, created from rollcall_sessions, generate_series(0, 1) as c`,
  `insert into rollcall_grants (key, type, subject_id, session_id, client_id, created, data)
  select 'grant of ' || key, 'type ' || (id % 60), subject_id, session_id, 'client ' || (id % 200), created, '' from rollcall_sessions`,
  `insert into rollcall_outbox (id, kind, client_id, subject_id, session_id, reason, created, state, attempts, due)
  select key, 'logout', 'client ' || (id % 200), subject_id, session_id, 'terminated', created, case when id % 50 = 0 then 'failed' else 'pending' end, 0,
    case when id % 50 > 0 then created end from rollcall_sessions`,
  "vacuum analyze",
];

async function explain(query, sql, parameters) {
  // What only reads is really run: a plan alone does not tell how many rows a walk passes over.
  const analyze = /^\s*select/i.test(sql) ? "analyze, timing off, " : "";
  const [row] = await query(`explain (${analyze}format json) ${sql}`, parameters);
  return stepsOf(row["QUERY PLAN"][0].Plan);
}

/** All steps of a plan, from the top down. */
function stepsOf(plan) {
  const {
    "Node Type": type,
    "Relation Name": table = "",
    "Index Name": index,
    "Index Cond": condition = "",
    Filter: filter = "",
    Plans: parts = [],
  } = plan;
  const step = {
    shown: [
      type,
      index ?? table,
      condition,
      filter && `filter ${filter}`,
      `reads ${rowsRead(plan)}`,
    ].join(" "),
    scans: type === "Seq Scan" && table.startsWith("rollcall_"),
    ...(index !== undefined && { index, entered: columnsOf(condition), reads: rowsRead(plan) }),
    ...(type.includes("Sort") && { sorts: parts[0]["Plan Rows"] }),
  };
  return [step, ...parts.flatMap(stepsOf)];
}

/**
 * The columns on the left of the comparisons, each once: `(ROW(s.created, s.id) < ROW(…))` has two.
 */
function columnsOf(condition) {
  const sides = condition.matchAll(/\((?:ROW\()?([a-z_., ]+)\)? (?:=|<|>|<=|>=|IS|~~) /g);
  return [
    ...new Set(
      Array.from(sides, ([, side]) =>
        side.split(", ").map((name) => name.replace(/^\w+\./, "")),
      ).flat(),
    ),
  ];
}

/**
 * Those that were found and those that were passed over; `undefined` if the statement was not run.
 */
function rowsRead(plan) {
  const {
    "Actual Rows": found,
    "Actual Loops": loops,
    "Rows Removed by Filter": passed = 0,
  } = plan;
  return found === undefined ? undefined : (found + passed) * loops;
}

/** The statements that the guide gives for it make the index. */
function testPartsOfNames({ plansOf, assertIndexed, run }) {
  test("a part of a name is found by the index that is made for it", async () => {
    await createNamePartIndex(run);
    await run("analyze rollcall_sessions");
    for (const filter of [
      { displayName: { contains: "me 997" } },
      { displayName: { contains: "me 997" }, activeAt: 5 },
    ]) {
      const request = { filter, order: "newest", limit: 25 };
      assertIndexed(
        await plansOf(({ sessions }) => sessions.list(request)),
        NAME_PART_INDEX,
        request,
        {
          sorts: true,
        },
      );
      assertIndexed(
        await plansOf(({ sessions }) => sessions.count(filter)),
        NAME_PART_INDEX,
        filter,
      );
    }
  });
}

const engine = await startPostgresEngine().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("query plans on PostgreSQL", { skip: error.message }, () => {});
});
if (engine !== undefined) testServerPlans(engine, { fills, explain, more: testPartsOfNames });
