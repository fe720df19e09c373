// @ts-check
/**
 * MariaDB, filled with made-up sessions. There is one server for each number of sessions. Its files
 * stay under `target/bench/` until the schema or the sessions change.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Kysely, MysqlDialect } from "kysely";
import mysql from "mysql2";
import { migrate, migrationSql, sqlStores } from "../../pkg/sql.js";
import { startMariadb } from "../../tests/servers/mariadb.mjs";
import { makeSession } from "../sessions.mjs";
import { rowOf } from "./rows.mjs";

/** @type {{ dialect: "mariadb" }} */
const OPTIONS = { dialect: "mariadb" };

const FOLDER = new URL("../../target/bench/", import.meta.url);

/** Sessions in one statement. */
const BATCH = 1_000;

// By default the server uses the character set of the database, which may lack letters.
const TEXT = "text character set utf8mb4";
const INSERT_SESSIONS = `
  insert into rollcall_sessions (id, \`key\`, scheme, subject_id, session_id, display_name, display_name_folded, issuer, renewed,
    expires, ip_address, user_agent, attributes, clients, ticket)
  select id, unhex(\`key\`), scheme, subject_id, session_id, display_name, display_name_folded, issuer, renewed,
    expires, ip_address, user_agent, attributes, clients, unhex(ticket)
  from json_table(?, '$[*]' columns (
    id bigint path '$.id', \`key\` ${TEXT} path '$.key', scheme ${TEXT} path '$.scheme', subject_id ${TEXT} path '$.subjectId',
    session_id ${TEXT} path '$.sessionId', display_name ${TEXT} path '$.displayName',
    display_name_folded ${TEXT} path '$.displayNameFolded', issuer ${TEXT} path '$.issuer',
    renewed bigint path '$.renewed', expires bigint path '$.expires', ip_address ${TEXT} path '$.ipAddress',
    user_agent ${TEXT} path '$.userAgent', attributes ${TEXT} path '$.attributes', clients ${TEXT} path '$.clients',
    ticket ${TEXT} path '$.ticket')) as session`;
const INSERT_CLIENTS = `
  insert into rollcall_session_clients (client_id, id)
  select client.client_id, session.id
  from json_table(?, '$[*]' columns (id bigint path '$.id', clients ${TEXT} path '$.clients')) as session
  straight_join json_table(session.clients, '$[*]' columns (client_id ${TEXT} path '$[0]')) as client`;

/**
 * Opens the stores of a server with this many sessions.
 *
 * @param {number} total
 */
export async function filledMariadb(total) {
  const folder = fileURLToPath(keptFolder(total));
  const server = await startMariadb({ folder, settings: { "innodb-buffer-pool-size": "1G" } });
  const kysely = open(server.url);
  // Written after all sessions are stored.
  const marker = `${folder}/filled`;
  if (!existsSync(marker)) {
    await fill(server.url, kysely, total);
    writeFileSync(marker, "");
  }
  const close = async () => {
    await kysely.destroy();
    await server.stop();
  };
  return { stores: sqlStores(kysely, OPTIONS), close };
}

/** @param {string} url */
function open(url) {
  // The types of mysql2 don't match those of Kysely.
  const pool = /** @type {import("kysely").MysqlPool} */ (
    /** @type {unknown} */ (mysql.createPool(url))
  );
  return new Kysely({ dialect: new MysqlDialect({ pool }) });
}

/**
 * The folder for these sessions. Removes the folders of earlier versions, and an incomplete one.
 *
 * @param {number} total
 */
function keptFolder(total) {
  mkdirSync(FOLDER, { recursive: true });
  const sources = ["../sessions.mjs", "rows.mjs", "mariadb.mjs"].map((name) =>
    readFileSync(new URL(name, import.meta.url)),
  );
  const hash = createHash("sha256").update(migrationSql(OPTIONS));
  for (const source of sources) hash.update(source);
  const name = `mariadb-${total}-${hash.digest("hex").slice(0, 12)}`;
  for (const found of readdirSync(FOLDER).filter((found) =>
    found.startsWith(`mariadb-${total}-`),
  )) {
    if (found !== name || !existsSync(new URL(`${name}/filled`, FOLDER)))
      rmSync(new URL(found, FOLDER), { recursive: true });
  }
  return new URL(name, FOLDER);
}

/**
 * @param {string} url
 * @param {Kysely<unknown>} kysely
 * @param {number} total
 */
async function fill(url, kysely, total) {
  console.error(
    `filling MariaDB with ${total.toLocaleString("en")} sessions; later runs reuse them`,
  );
  await migrate(kysely, OPTIONS);
  const connection = await mysql.createConnection(url).promise();
  for (let start = 0; start < total; start += BATCH) {
    const sessions = Array.from({ length: Math.min(BATCH, total - start) }, (_, index) =>
      makeSession(start + index, total),
    );
    const values = [
      JSON.stringify(sessions.map((session, index) => rowOf(session, start + index))),
    ];
    await connection.query(INSERT_SESSIONS, values);
    await connection.query(INSERT_CLIENTS, values);
  }
  await connection.query("analyze table rollcall_sessions, rollcall_session_clients");
  await connection.end();
}
