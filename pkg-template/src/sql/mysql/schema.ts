/**
 * The schema on MySQL and MariaDB.
 *
 * It is the schema of SQLite (`../sqlite/schema.ts`), which explains each column, except for the
 * differences between the engines:
 *
 * - Strings have a collation that compares code points only, so that case and blanks count and a
 *   prefix is a range. Indexed strings have a maximum length, because an index entry holds at most
 *   3,072 bytes.
 * - There is no `seq`: the engine appends the id to every index.
 * - `has_device` replaces a partial index.
 * - `rollcall_admissions` has rows to lock. Each row locks the admissions of some of the subjects.
 *
 * A definition commits by itself, so each table is created with its indexes. A released migration
 * never changes; the next one is appended. Each statement can be run again.
 *
 * @module
 */

import type { SqlSchema } from "../schema.js";
import { type Collation, MARIADB_COLLATION, MYSQL_COLLATION } from "./collation.js";

const tableOptions = (collation: Collation) =>
  `engine = InnoDB default charset = utf8mb4 collate = ${collation}`;

const MIGRATIONS = `create table if not exists rollcall_migrations (
  version bigint not null primary key,
  applied bigint not null -- when
)`;

const SESSIONS = `create table if not exists rollcall_sessions (
  id bigint not null primary key,
  \`key\` binary(32) not null,            -- the hash of the cookie's value
  scheme varchar(255) not null,
  subject_id varchar(255) not null,
  session_id varchar(255) not null,
  display_name varchar(500),
  display_name_folded varchar(500),      -- in Unicode lower case, computed by the core; matched instead of display_name
  issuer varchar(500),
  renewed bigint not null,
  expires bigint,                        -- null: never
  ip_address varchar(255),
  user_agent text,
  attributes mediumtext,                 -- a JSON object
  clients mediumtext not null,           -- a JSON list
  ticket mediumblob,                     -- sealed; see ticket-bytes.ts
  has_device tinyint generated always as
    (if(ip_address is null and user_agent is null, null, 1)) virtual,
  unique index rollcall_sessions_key (\`key\`),
  index rollcall_sessions_listing (id, expires),
  index rollcall_sessions_expiry (expires, id),
  index rollcall_sessions_subject (subject_id, id),
  index rollcall_sessions_session (session_id, id),
  index rollcall_sessions_name (display_name_folded, id),
  index rollcall_sessions_issuer (issuer, id),
  index rollcall_sessions_address (ip_address, id),
  index rollcall_sessions_devices (has_device, id)
)`;

const SESSION_CLIENTS = `create table if not exists rollcall_session_clients (
  client_id varchar(255) not null,
  id bigint not null,   -- rollcall_sessions.id
  primary key (client_id, id)
)`;

const GRANTS = `create table if not exists rollcall_grants (
  \`key\` varchar(255) not null primary key,
  type varchar(100) not null,
  subject_id varchar(255),
  session_id varchar(255),
  client_id varchar(255) not null,
  created bigint not null,
  expires bigint,
  consumed bigint,
  description text,
  data mediumtext not null,
  index rollcall_grants_subject (subject_id, client_id, type),
  index rollcall_grants_session (session_id, client_id, type),
  index rollcall_grants_client (client_id, type),
  index rollcall_grants_type (type),
  index rollcall_grants_expiry (expires)
)`;

const OUTBOX = `create table if not exists rollcall_outbox (
  id varchar(500) not null primary key,
  kind varchar(50) not null,   -- logout or session_revoked
  client_id varchar(255) not null,
  logout_uri text,
  subject_id varchar(255),
  session_id varchar(255),   -- the sid that the client knows
  issuer varchar(500),
  reason varchar(50) not null,
  created bigint not null,
  state varchar(20) not null,   -- pending, delivered or failed
  attempts int not null,
  due bigint,                -- while pending: earliest claim time; a claim sets it to the end of its lease
  settled bigint,            -- when it was delivered or given up; null while pending
  status int,                -- of the last attempt
  error text,                -- of the last attempt
  index rollcall_outbox_due (due, id),
  index rollcall_outbox_subject (subject_id, id),
  index rollcall_outbox_session (session_id, id),
  index rollcall_outbox_client (client_id, id),
  index rollcall_outbox_state (state, id),
  index rollcall_outbox_settled (state, settled)
)`;

const ADMISSIONS = `create table if not exists rollcall_admissions (
  slot smallint not null primary key
)`;

function schemaWith(collation: Collation): SqlSchema {
  const whole = (table: string) => `${table} ${tableOptions(collation)}`;
  return {
    migrationsTable: whole(MIGRATIONS),
    noteMigration: (version) =>
      `insert into rollcall_migrations (version, applied) values (${version}, unix_timestamp() * 1000) on duplicate key update version = version`,
    isTransactional: false,
    migrations: [
      {
        version: 1,
        statements: [SESSIONS, SESSION_CLIENTS, GRANTS, OUTBOX, ADMISSIONS].map(whole),
      },
    ],
  };
}

/** The tables on MySQL. */
export const mysqlSchema = schemaWith(MYSQL_COLLATION);

/** The tables on MariaDB. */
export const mariadbSchema = schemaWith(MARIADB_COLLATION);
