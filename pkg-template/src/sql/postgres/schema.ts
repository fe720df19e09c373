/**
 * The schema on PostgreSQL and compatible engines.
 *
 * It is the schema of SQLite (`../sqlite/schema.ts`), which explains each column, except for the
 * differences between the engines:
 *
 * - All times are `bigint`, epoch milliseconds. Strings are compared by bytes (collation `C`),
 *   regardless of the database's collation: in UTF-8 that is the order of code points, so a prefix
 *   is a range.
 * - There is no `seq`: PostgreSQL uses an index for a row comparison, whatever the columns.
 * - The clients of a session are an array, and their `sid`s another one.
 * - The listing of clients keeps ended sessions for a while.
 * - The index of the sessions with a device truncates their ids to minutes: entries with the same
 *   value share storage, which takes a third of the space.
 *
 * A released migration never changes; the next one is appended. Each statement can be run again.
 * Needs PostgreSQL 12.
 *
 * @module
 */

import type { SqlSchema } from "../schema.js";

const MIGRATIONS = `create table if not exists rollcall_migrations (
  version bigint primary key,
  applied bigint not null -- when
)`;

const SESSIONS = `create table if not exists rollcall_sessions (
  id bigint not null,
  renewed bigint not null,
  expires bigint,                         -- null: never
  key bytea not null primary key,         -- 32 bytes, the hash of the cookie value
  scheme text collate "C" not null,
  subject_id text collate "C" not null,
  session_id text collate "C" not null,
  display_name text collate "C",
  display_name_folded text collate "C",   -- in Unicode lower case, computed by the core; matched instead of display_name
  issuer text collate "C",
  ip_address text collate "C",
  user_agent text collate "C",
  attributes text collate "C",            -- a JSON object
  clients text[] collate "C" not null,    -- in the order in which they came
  sids text[] collate "C",                -- what each client knows the session by, where that is its own; null: none has one
  ticket bytea                            -- sealed; see ticket-bytes.ts
)`;

/**
 * Each index begins with the looked-up column and continues with the order of a list, so that a
 * page is a walk along it. The listing index also contains the expiry, so that counting active
 * sessions doesn't read the table.
 */
const SESSION_INDEXES = [
  `create unique index if not exists rollcall_sessions_listing
  on rollcall_sessions (id) include (expires)`,
  `create index if not exists rollcall_sessions_expiry
  on rollcall_sessions (expires, id) where expires is not null`,
  "create index if not exists rollcall_sessions_subject on rollcall_sessions (subject_id, id)",
  "create index if not exists rollcall_sessions_session on rollcall_sessions (session_id, id)",
  `create index if not exists rollcall_sessions_name
  on rollcall_sessions (display_name_folded, id) where display_name_folded is not null`,
  "create index if not exists rollcall_sessions_issuer on rollcall_sessions (issuer, id) where issuer is not null",
  `create index if not exists rollcall_sessions_address
  on rollcall_sessions (ip_address, id) where ip_address is not null`,
  `create index if not exists rollcall_sessions_devices
  on rollcall_sessions ((id >> 36)) where coalesce(ip_address, user_agent) is not null`,
];

const SESSION_CLIENTS = `create table if not exists rollcall_session_clients (
  id bigint not null,          -- rollcall_sessions.id
  client_id bigint not null,   -- hashtextextended(the client id, 0)
  primary key (client_id, id)
)`;

/** See `../ending/ended-listings.ts`. */
const ENDED_SESSIONS = [
  `create table if not exists rollcall_ended_sessions (
  id bigint generated always as identity primary key,
  clients text[] collate "C" not null,   -- of each of the sessions
  ids bigint[] not null,                 -- rollcall_sessions.id of ended sessions
  listed bigint not null                 -- the number of their rows in rollcall_session_clients
)`,
  // Not compressed, because compressing takes longer than writing.
  "alter table rollcall_ended_sessions alter column ids set storage external",
];

const GRANTS = `create table if not exists rollcall_grants (
  key text collate "C" not null primary key,
  type text collate "C" not null,
  subject_id text collate "C",
  session_id text collate "C",
  client_id text collate "C" not null,
  created bigint not null,
  expires bigint,
  consumed bigint,
  description text collate "C",
  data text collate "C" not null
)`;

const GRANT_INDEXES = [
  "create index if not exists rollcall_grants_subject on rollcall_grants (subject_id, client_id, type)",
  "create index if not exists rollcall_grants_session on rollcall_grants (session_id, client_id, type)",
  "create index if not exists rollcall_grants_client on rollcall_grants (client_id, type)",
  "create index if not exists rollcall_grants_type on rollcall_grants (type)",
  "create index if not exists rollcall_grants_expiry on rollcall_grants (expires) where expires is not null",
];

const OUTBOX = `create table if not exists rollcall_outbox (
  id text collate "C" not null primary key,
  kind text collate "C" not null,   -- logout or session_revoked
  client_id text collate "C" not null,
  logout_uri text collate "C",
  subject_id text collate "C",
  session_id text collate "C",   -- the sid that the client knows
  issuer text collate "C",
  reason text collate "C" not null,
  created bigint not null,
  state text collate "C" not null,   -- pending, delivered or failed
  attempts bigint not null,
  due bigint,                    -- while pending: earliest claim time; a claim sets it to the end of its lease
  settled bigint,                -- when it was delivered or given up; null while pending
  status bigint,                 -- of the last attempt
  error text collate "C"         -- of the last attempt
)`;

/**
 * Pending notifications are found by their due time, and are in no other index except the one of
 * ids. That makes recording them twice as fast, and claiming and settling faster too. There are few
 * pending ones, unless clients can't be reached.
 */
const OUTBOX_INDEXES = [
  "create index if not exists rollcall_outbox_due on rollcall_outbox (due, id) where due is not null",
  "create index if not exists rollcall_outbox_subject on rollcall_outbox (subject_id, id) where state <> 'pending'",
  "create index if not exists rollcall_outbox_session on rollcall_outbox (session_id, id) where state <> 'pending'",
  "create index if not exists rollcall_outbox_client on rollcall_outbox (client_id, id) where state <> 'pending'",
  "create index if not exists rollcall_outbox_state on rollcall_outbox (state, id) where state <> 'pending'",
  "create index if not exists rollcall_outbox_settled on rollcall_outbox (state, settled) where settled is not null",
];

/** The tables on PostgreSQL. */
export const postgresSchema: SqlSchema = {
  migrationsTable: MIGRATIONS,
  noteMigration: (version) =>
    `insert into rollcall_migrations (version, applied) values (${version}, extract(epoch from now()) * 1000) on conflict do nothing`,
  isTransactional: true,
  migrations: [
    {
      version: 1,
      statements: [
        SESSIONS,
        ...SESSION_INDEXES,
        SESSION_CLIENTS,
        ...ENDED_SESSIONS,
        GRANTS,
        ...GRANT_INDEXES,
        OUTBOX,
        ...OUTBOX_INDEXES,
      ],
    },
  ],
};
