import { test } from "node:test";
import { Unavailable } from "../servers/server.mjs";
import { startMariadbEngine } from "./mariadb-engine.mjs";
import { testServerPlans } from "./server-plans.mjs";

const fills = (rows) => [
  `insert into rollcall_sessions (\`key\`, scheme, subject_id, session_id, display_name_folded, issuer, created, renewed, expires, ip_address)
  select concat('key ', seq), 'default', concat('subject ', seq % 50), concat('sid ', seq), concat('name ', seq % 1000),
    concat('https://id', seq % 5, '.example.com'), 1000 + seq div 7, 1000 + seq, if(seq % 10 > 0, 3000 + seq, null),
    concat('192.0.2.', seq % 200) from seq_1_to_${rows}`,
  `insert into rollcall_session_clients (session_id, ordinal, client_id, created)
  select id, seq, concat('client ', (id + seq) % 20), created from rollcall_sessions, seq_0_to_1`,
  `insert into rollcall_grants (\`key\`, type, subject_id, session_id, client_id, created, data)
  select concat('grant of ', \`key\`), concat('type ', id % 60), subject_id, session_id, concat('client ', id % 200), created, ''
  from rollcall_sessions`,
  `insert into rollcall_outbox (id, kind, client_id, subject_id, session_id, reason, created, state, attempts, due)
  select \`key\`, 'logout', concat('client ', id % 200), subject_id, session_id, 'terminated', created, if(id % 50 = 0, 'failed', 'pending'), 0,
    if(id % 50 > 0, created, null) from rollcall_sessions`,
  "analyze table rollcall_sessions, rollcall_session_clients, rollcall_grants, rollcall_outbox",
];

async function explain(query, sql, parameters) {
  const rows = await query(`explain ${sql}`, parameters);
  return rows.map((row) => {
    const { select_type: kind, table, type, key, rows, Extra } = row;
    const isOurs = kind !== "INSERT" && /^(s|c|rollcall_\w+)$/.test(table ?? "");
    return {
      shown: JSON.stringify(row),
      scans: isOurs && type === "ALL",
      ...(key !== null && { index: key }),
      ...(isOurs && Extra?.includes("filesort") && { sorts: Number(rows) }),
      isDone: Extra?.includes("after reading const tables") ?? false,
    };
  });
}

const engine = await startMariadbEngine().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("query plans on MariaDB", { skip: error.message }, () => {});
});
if (engine !== undefined) testServerPlans(engine, { fills, explain });
