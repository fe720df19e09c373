// MariaDB dies in the middle of a removal.
import { Kysely, MysqlDialect, sql } from "kysely";
import mysql from "mysql2";
import { migrate, sqlStores } from "../../pkg/sql.js";
import { startMariadb } from "../servers/mariadb.mjs";
import { CLIENTS, SESSIONS, STEPS, testKilled } from "./killed.mjs";
import { emptyTables, OPTIONS } from "./mariadb-engine.mjs";
import { KEY_OF_NAME, rowIdAt } from "./names.mjs";

await testKilled("MariaDB", {
  // Committed data is written, though not flushed to the disk: a killed server loses none of it.
  start: () => startMariadb({ settings: { "innodb-flush-log-at-trx-commit": "2" } }),
  connect: async (url, kyselyOptions) => {
    const kysely = new Kysely({
      ...kyselyOptions,
      dialect: new MysqlDialect({ pool: mysql.createPool(url) }),
    });
    await migrate(kysely, OPTIONS);
    await emptyTables((statement) => sql.raw(statement).execute(kysely));
    return { kysely, stores: sqlStores(kysely, OPTIONS) };
  },
  fills: [
    sql`insert into rollcall_sessions (id, ${sql.ref("key")}, scheme, subject_id, session_id, renewed, clients)
      select ${sql.raw(rowIdAt("seq", "seq"))}, ${sql.raw(KEY_OF_NAME.mariadb("concat('key ', seq)"))}, 'default',
        concat('subject ', seq % 2), concat('sid ', seq), seq, ${sql.lit(JSON.stringify(CLIENTS.map((client) => [client, null])))}
      from ${sql.raw(`seq_1_to_${2 * SESSIONS}`)}`,
    ...CLIENTS.map(
      (client) => sql`insert into rollcall_session_clients (client_id, id)
        select ${sql.lit(client)}, id from rollcall_sessions`,
    ),
    sql`insert into rollcall_grants (${sql.ref("key")}, type, subject_id, session_id, client_id, created, data)
      select concat('grant of ', session_id), 'refresh_token', subject_id, session_id, 'shop', renewed, '' from rollcall_sessions`,
  ],
  moments: [
    ["the sessions of the first step are picked", /^select cast\(`s`\.`id` as char\)/, 1],
    [
      "the sessions of the second step are locked",
      /force index \(`PRIMARY`\) where .* for update/s,
      2,
    ],
    [
      "notifications of the third step are recorded, before the commit",
      /^insert into rollcall_outbox/,
      3,
    ],
    [
      "tokens of the fourth step are revoked, before the commit",
      /^delete from `rollcall_grants`/,
      4,
    ],
    [
      "sessions of the first step are deleted, before the commit",
      /^delete s from rollcall_sessions/,
      1,
    ],
    ["the third step is committed", /^commit/, 3],
    ["the last step is committed", /^commit/, STEPS],
    ["notifications are claimed", /^update `rollcall_outbox`/, 1, true],
  ],
});
