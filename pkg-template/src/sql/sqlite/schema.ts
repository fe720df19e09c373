/**
 * The schema on SQLite and compatible engines: libSQL and Turso, better-sqlite3, node:sqlite.
 *
 * All times are integers, epoch milliseconds. Strings are compared by bytes (BINARY), which in
 * UTF-8 is the order of code points. Needs SQLite 3.41.
 *
 * A released migration never changes; the next one is appended. Each statement can be run again: a
 * process that was killed, or two at once, leave nothing half done.
 *
 * @module
 */

import type { SqlSchema } from "../schema.js";

const MIGRATIONS = `create table if not exists rollcall_migrations (
  version integer primary key,
  applied integer not null -- when
) strict`;

/**
 * The sessions.
 *
 * `id` is the creation time followed by a number (`../row-id.ts`): it is the order of a list and
 * the position in it, and rows are stored in that order. `seq` is the same number under a name that
 * isn't the rowid, so that an index can be searched by expiry and id together, and an index of all
 * sessions can be walked. It takes no space in the table.
 *
 * `clients` is a JSON list of `[client id, sid]` in the order in which they were added; `sid` is
 * the client's own id of the session, or null if it has none.
 *
 * `ticket` comes last: it is long, and the columns before it can be read without it.
 */
const SESSIONS = `create table if not exists rollcall_sessions (
  id integer primary key,
  seq integer generated always as (id) virtual,
  key blob not null,          -- 32 bytes, the hash of the cookie value
  scheme text not null,
  subject_id text not null,
  session_id text not null,
  display_name text,
  display_name_folded text,   -- in Unicode lower case, computed by the core; matched instead of display_name
  issuer text,
  renewed integer not null,
  expires integer,            -- null: never
  ip_address text,
  user_agent text,
  attributes text,            -- a JSON object
  clients text not null,
  ticket blob                 -- sealed; see ticket-bytes.ts
) strict`;

/**
 * Each index begins with the column of a filter and continues with the id, which SQLite appends to
 * every index, so that a page is a walk along it.
 *
 * The listing index also contains the columns for most filters without their own index (state,
 * expires, a part of the name): a walk that skips many sessions stays in this narrow index and only
 * reads the matching rows.
 */
const SESSION_INDEXES = [
  "create unique index if not exists rollcall_sessions_key on rollcall_sessions (key)",
  `create index if not exists rollcall_sessions_listing
  on rollcall_sessions (seq, expires, display_name_folded)`,
  `create index if not exists rollcall_sessions_expiry
  on rollcall_sessions (expires, seq) where expires is not null`,
  "create index if not exists rollcall_sessions_subject on rollcall_sessions (subject_id)",
  "create index if not exists rollcall_sessions_session on rollcall_sessions (session_id)",
  `create index if not exists rollcall_sessions_name
  on rollcall_sessions (display_name_folded) where display_name_folded is not null`,
  "create index if not exists rollcall_sessions_issuer on rollcall_sessions (issuer) where issuer is not null",
  `create index if not exists rollcall_sessions_address
  on rollcall_sessions (ip_address) where ip_address is not null`,
  `create index if not exists rollcall_sessions_devices
  on rollcall_sessions (seq) where coalesce(ip_address, user_agent) is not null`,
];

/** The sessions of each client, in their order. */
const SESSION_CLIENTS = `create table if not exists rollcall_session_clients (
  client_id text not null,
  id integer not null,   -- rollcall_sessions.id
  primary key (client_id, id)
) strict, without rowid`;

/** Tokens, codes and consents. */
const GRANTS = `create table if not exists rollcall_grants (
  key text not null primary key,
  type text not null,
  subject_id text,
  session_id text,
  client_id text not null,
  created integer not null,
  expires integer,
  consumed integer,
  description text,
  data text not null
) strict`;

const GRANT_INDEXES = [
  "create index if not exists rollcall_grants_subject on rollcall_grants (subject_id, client_id, type)",
  "create index if not exists rollcall_grants_session on rollcall_grants (session_id, client_id, type)",
  "create index if not exists rollcall_grants_client on rollcall_grants (client_id, type)",
  "create index if not exists rollcall_grants_type on rollcall_grants (type)",
  "create index if not exists rollcall_grants_expiry on rollcall_grants (expires) where expires is not null",
];

/** Logout notifications, and the state of their delivery. */
const OUTBOX = `create table if not exists rollcall_outbox (
  id text not null primary key,
  kind text not null,        -- logout or session_revoked
  client_id text not null,
  logout_uri text,
  subject_id text,
  session_id text,           -- the sid that the client knows
  issuer text,
  reason text not null,
  created integer not null,
  state text not null,       -- pending, delivered or failed
  attempts integer not null,
  due integer,               -- while pending: earliest claim time; a claim sets it to the end of its lease
  settled integer,           -- when it was delivered or given up; null while pending
  status integer,            -- of the last attempt
  error text                 -- of the last attempt
) strict`;

const OUTBOX_INDEXES = [
  "create index if not exists rollcall_outbox_due on rollcall_outbox (due, id) where due is not null",
  "create index if not exists rollcall_outbox_subject on rollcall_outbox (subject_id, id) where subject_id is not null",
  "create index if not exists rollcall_outbox_session on rollcall_outbox (session_id, id) where session_id is not null",
  "create index if not exists rollcall_outbox_client on rollcall_outbox (client_id, id)",
  "create index if not exists rollcall_outbox_state on rollcall_outbox (state, id)",
  "create index if not exists rollcall_outbox_settled on rollcall_outbox (state, settled) where settled is not null",
];

/** The tables on SQLite. */
export const sqliteSchema: SqlSchema = {
  migrationsTable: MIGRATIONS,
  noteMigration: (version) =>
    `insert into rollcall_migrations (version, applied) values (${version}, unixepoch() * 1000) on conflict do nothing`,
  isTransactional: true,
  migrations: [
    {
      version: 1,
      statements: [
        SESSIONS,
        ...SESSION_INDEXES,
        SESSION_CLIENTS,
        GRANTS,
        ...GRANT_INDEXES,
        OUTBOX,
        ...OUTBOX_INDEXES,
      ],
    },
  ],
};
