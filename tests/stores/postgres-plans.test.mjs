import assert from "node:assert/strict";
import { test } from "node:test";
import { CompiledQuery } from "kysely";
import { Unavailable } from "../servers/server.mjs";
import { createNamePartIndex, NAME_PART_INDEX } from "./name-part-index.mjs";
import { KEY_OF_NAME, rowIdAt } from "./names.mjs";
import { startPostgresEngine } from "./postgres-engine.mjs";
import { testServerPlans } from "./server-plans.mjs";

const fills = (rows) => [
  `insert into rollcall_sessions (id, key, scheme, subject_id, session_id, display_name_folded, issuer, renewed, expires, ip_address, clients)
  select ${rowIdAt("1000 + n / 7", "n")}, ${KEY_OF_NAME.postgres("'key ' || n")}, 'default', 'subject ' || (n % 50), 'sid ' || n, 'name ' || (n % 1000),
    case when n <= ${rows} * 0.6 then 'https://id1.example.com' else 'https://id2.example.com' end,
    1000 + n, case when n % 10 > 0 then 3000 + n end, case when n % 3 > 0 then '192.0.2.1' else '192.0.2.' || (n % 200) end,
    array['client 1', 'client ' || (2 + n % 18)]
  from generate_series(1::bigint, ${rows}) as n`,
  "insert into rollcall_session_clients (client_id, id) select hashtextextended(client, 0), id from rollcall_sessions, unnest(clients) as client",
  `insert into rollcall_grants (key, type, subject_id, session_id, client_id, created, expires, data)
  select 'grant of ' || session_id, 'type ' || (renewed % 60), subject_id, session_id, 'client ' || (renewed % 200), id >> 20, renewed, '' from rollcall_sessions`,
  `insert into rollcall_outbox (id, kind, client_id, subject_id, session_id, issuer, reason, created, state, attempts, due, settled)
  select session_id, 'logout', 'client ' || (renewed % 200), subject_id, session_id, issuer, 'terminated', id >> 20,
    case renewed % 50 when 0 then 'pending' when 1 then 'failed' else 'delivered' end, 0,
    case when renewed % 50 = 0 then id >> 20 end, case when renewed % 50 > 0 then renewed end from rollcall_sessions`,
  "vacuum analyze",
];

/** Statements that only read are executed: a plan alone doesn't say how many rows a walk skips. */
const explanationOf = (sql) =>
  `explain (${/^\s*select/i.test(sql) ? "analyze, timing off, " : ""}format json)`;

async function explain({ query }, sql, parameters) {
  const [row] = await query(`${explanationOf(sql)} ${sql}`, parameters);
  return stepsOf(row["QUERY PLAN"][0].Plan);
}

/**
 * The generic plan, which the server makes once for all values and keeps if it expects no better
 * one from specific values. Statements without a name are planned with their values each time.
 */
async function explainPrepared(database, sql, parameters) {
  if (sql.name === undefined) return await explain(database, sql, parameters);
  return await database.kysely.connection().execute(async (connection) => {
    const run = async (text) => (await connection.executeQuery(CompiledQuery.raw(text))).rows;
    await run("set plan_cache_mode = force_generic_plan");
    await run(`prepare prepared as ${sql}`);
    try {
      const values = parameters.length > 0 ? `(${parameters.map(literal).join(", ")})` : "";
      const [row] = await run(`${explanationOf(sql)} execute prepared ${values}`);
      return stepsOf(row["QUERY PLAN"][0].Plan);
    } finally {
      await run("deallocate prepared");
      await run("reset plan_cache_mode");
    }
  });
}

function literal(value) {
  if (value === null) return "null";
  return typeof value === "number" ? `${value}` : `'${value.replaceAll("'", "''")}'`;
}

/** All steps of a plan, from top to bottom. */
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
    // The table of ended sessions is a queue, which is read from its beginning.
    scans:
      type === "Seq Scan" && table.startsWith("rollcall_") && table !== "rollcall_ended_sessions",
    ...(index !== undefined && { index, entered: columnsOf(condition), reads: rowsRead(plan) }),
    ...(type.includes("Sort") && { sorts: parts[0]["Actual Rows"] ?? parts[0]["Plan Rows"] }),
  };
  return [step, ...parts.flatMap(stepsOf)];
}

/**
 * The columns on the left of the comparisons, without duplicates: `(ROW(s.created, s.id) < ROW(…))`
 * has two.
 */
function columnsOf(condition) {
  const sides = condition.matchAll(
    /\((?:ROW\()?(\(id >> 36\)|[a-z_., ]+)\)? (?:=|<|>|<=|>=|IS|~~) /g,
  );
  return [
    ...new Set(
      Array.from(sides, ([, side]) =>
        side.split(", ").map((name) => name.replace(/^\w+\./, "")),
      ).flat(),
    ),
  ];
}

/** The number of rows that were returned or skipped; `undefined` if the statement was not run. */
function rowsRead(plan) {
  const {
    "Actual Rows": found,
    "Actual Loops": loops,
    "Rows Removed by Filter": passed = 0,
  } = plan;
  return found === undefined ? undefined : (found + passed) * loops;
}

function testMore(tools) {
  testPrepared(tools);
  testOutbox(tools);
  testPartsOfNames(tools);
}

/** In a generic plan, conditions contain parameters instead of values. */
function testPrepared({ plansOf, plansOfPrepared }) {
  test("the most frequent statements are prepared, and planned without their values", async () => {
    for (const work of [
      ({ sessions }) => sessions.get("key 1"),
      ({ sessions }) => sessions.update("key 1", { renewed: 5 }),
      ({ sessions }) => sessions.addClient("key 1", { clientId: "forum" }, 5),
    ]) {
      const isShown = ({ steps }) => steps.some(({ shown }) => /\$\d/.test(shown));
      assert.ok((await plansOfPrepared(work)).every(isShown), `${work}`);
      assert.ok(!(await plansOf(work)).some(isShown), `${work}`);
    }
  });
}

function testOutbox({ plansOf, assertIndexed }) {
  const due = "rollcall_outbox_due";
  const settled = [
    [{ state: "failed" }, "rollcall_outbox_state", "state"],
    [{ clientId: "client 51", state: "failed" }, "rollcall_outbox_client", "client_id"],
    [{ subjectId: "subject 10", state: "failed" }, "rollcall_outbox_subject", "subject_id"],
    [{ state: "failed", issuers: ["one", "other"] }, "rollcall_outbox_state", "state"],
    [{ sessionId: "sid 50", state: "delivered" }, "rollcall_outbox_session", "session_id"],
  ];

  test("settled notifications are found by the most selective index", async () => {
    for (const [filter, index, column] of settled) {
      for (const after of [undefined, "sid 5"]) {
        const entry = after === undefined ? [column] : [column, "id"];
        const plans = await plansOf(({ outbox }) => outbox.list(filter, after, 10));
        assertIndexed(plans, index, { filter, after }, { entry, sorts: true });
        const steps = plans.flatMap(({ steps }) => steps);
        assert.ok(!steps.some(({ index }) => index === due), "pending notifications were read");
      }
    }
  });

  test("pending notifications are found by the index of due ones", async () => {
    for (const [filter, index] of [
      [{ state: "pending" }],
      [{ clientId: "client 50" }, "rollcall_outbox_client"],
      [{ subjectId: "subject 10" }, "rollcall_outbox_subject"],
      [{ sessionId: "sid 50" }, "rollcall_outbox_session"],
    ]) {
      for (const after of [undefined, "sid 5"]) {
        const asked = { sorts: true, walks: true };
        const plans = await plansOf(({ outbox }) => outbox.list(filter, after, 10));
        assertIndexed(plans, due, { filter, after }, asked);
        if (index !== undefined) assertIndexed(plans, index, { filter, after }, asked);
      }
    }
  });
}

/** The index is created with the statements of the guide. */
function testPartsOfNames({ plansOf, assertIndexed, run }) {
  test("a part of a name is found by its index", async () => {
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
if (engine !== undefined)
  testServerPlans(engine, {
    fills,
    explain,
    explainPrepared,
    deviceEntry: ["(id >> 36)"],
    more: testMore,
  });
