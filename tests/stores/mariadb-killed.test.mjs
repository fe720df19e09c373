// MariaDB dies in the middle of a removal.
import { Kysely, MysqlDialect, sql } from "kysely";
import mysql from "mysql2";
import { migrate, sqlStores } from "../../pkg/sql.js";
import { startMariadb } from "../servers/mariadb.mjs";
import { CLIENTS, PAGES, SESSIONS, testKilled } from "./killed.mjs";
import { emptyTables, OPTIONS } from "./mariadb-engine.mjs";
import { KEY_OF_NAME, rowIdAt } from "./names.mjs";

await testKilled("MariaDB", {
  // What is committed is written, though not flushed to the disk: a server that is killed loses
  // none of it.
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
    ["the first page is read", /^select cast\(`s`/, 1],
    [
      "sessions of the first page are locked",
      /^select lower\(hex\(`key`\)\) as `key` from `rollcall_sessions`/,
      1,
    ],
    [
      "sessions of the first page are deleted, before the commit",
      /^delete from `rollcall_sessions`/,
      1,
    ],
    ["the third page is committed", /^commit/, 3],
    [
      "tokens are revoked on the fourth page, before the commit",
      /^delete from `rollcall_grants`/,
      4,
    ],
    [
      "the notifications are recorded on the last page, before the commit",
      /^insert into `rollcall_outbox`/,
      1,
    ],
    ["the last page is committed, and clients are being told", /^commit/, PAGES, true],
  ],
});
