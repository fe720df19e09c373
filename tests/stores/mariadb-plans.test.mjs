import { test } from "node:test";
import { Unavailable } from "../servers/server.mjs";
import { startMariadbEngine } from "./mariadb-engine.mjs";
import { KEY_OF_NAME, rowIdAt } from "./names.mjs";
import { testServerPlans } from "./server-plans.mjs";

const fills = (rows) => [
  `insert into rollcall_sessions (id, \`key\`, scheme, subject_id, session_id, display_name_folded, issuer, renewed, expires, ip_address, clients)
  select ${rowIdAt("1000 + seq div 7", "seq")}, ${KEY_OF_NAME.mariadb("concat('key ', seq)")}, 'default', concat('subject ', seq % 50), concat('sid ', seq),
    concat('name ', seq % 1000), if(seq <= ${rows} * 0.6, 'https://id1.example.com', 'https://id2.example.com'), 1000 + seq,
    if(seq % 10 > 0, 3000 + seq, null), if(seq % 3 > 0, '192.0.2.1', concat('192.0.2.', seq % 200)),
    concat('[["client 1", null], ["client ', 2 + seq % 18, '", null]]') from seq_1_to_${rows}`,
  `insert into rollcall_session_clients (client_id, id)
  select json_value(clients, concat('$[', seq, '][0]')), id from rollcall_sessions, seq_0_to_1`,
  `insert into rollcall_grants (\`key\`, type, subject_id, session_id, client_id, created, expires, data)
  select concat('grant of ', session_id), concat('type ', renewed % 60), subject_id, session_id, concat('client ', renewed % 200), id >> 20, renewed, ''
  from rollcall_sessions`,
  `insert into rollcall_outbox (id, kind, client_id, subject_id, session_id, reason, created, state, attempts, due, settled)
  select session_id, 'logout', concat('client ', renewed % 200), subject_id, session_id, 'terminated', id >> 20, elt(1 + least(renewed % 50, 2), 'failed', 'delivered', 'pending'), 0,
    if(renewed % 50 > 1, id >> 20, null), if(renewed % 50 > 1, null, renewed) from rollcall_sessions`,
  "analyze table rollcall_sessions, rollcall_session_clients, rollcall_grants, rollcall_outbox",
];

async function explain({ query }, sql, parameters) {
  // Statements that only read are executed: a plan alone doesn't say how many rows a walk skips.
  const [row] = await query(
    `${/^\s*select/i.test(sql) ? "analyze" : "explain"} format=json ${sql}`,
    parameters,
  );
  return stepsOf(JSON.parse(Object.values(row)[0]));
}

/**
 * The tables of a plan, at any depth. Tables below a sort are sorted, except those below a nested
 * materialization.
 */
function stepsOf(plan, isSorted = false) {
  return Object.entries(plan).flatMap(([name, part]) => {
    if (typeof part !== "object" || part === null) return [];
    const steps = stepsOf(
      part,
      name === "filesort" || (isSorted && name !== "materialized" && name !== "subqueries"),
    );
    return name === "table" ? [stepOf(part, isSorted), ...steps] : steps;
  });
}

function stepOf(table, isSorted) {
  const { table_name: name = "", access_type: access, key, used_key_parts: parts, rows } = table;
  const { r_rows: read, r_loops: loops, attached_condition: condition = "" } = table;
  const isOurs = /^(s|c|g|o|listed|rollcall_\w+)$/.test(name) && table.table_function === undefined;
  const reads = typeof read === "number" ? read * loops : undefined;
  return {
    shown: [name, access, key, parts, condition, `reads ${reads}`, isSorted ? "sorted" : ""].join(
      " ",
    ),
    scans: isOurs && access === "ALL",
    // The access type `index` walks a whole index.
    ...(key !== undefined && { index: key, entered: access === "index" ? [] : parts, reads }),
    ...(isOurs && isSorted && { sorts: rows }),
  };
}

const OUTBOX_LISTS = [
  [{ issuers: ["one", "other"], state: "failed" }, "rollcall_outbox_state", ["state"]],
  [{ state: "failed" }, "rollcall_outbox_state", ["state"]],
  [{ state: "pending" }, "rollcall_outbox_state", ["state"]],
  [{ clientId: "client 1", state: "pending" }, "rollcall_outbox_client", ["client_id"]],
  [{ subjectId: "subject 1" }, "rollcall_outbox_subject", ["subject_id"]],
  [{ sessionId: "sid 1" }, "rollcall_outbox_session", ["session_id"]],
];

const engine = await startMariadbEngine().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("query plans on MariaDB", { skip: error.message }, () => {});
});
if (engine !== undefined)
  testServerPlans(engine, {
    fills,
    explain,
    deviceEntry: ["has_device", "id"],
    outboxLists: OUTBOX_LISTS,
  });
