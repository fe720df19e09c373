// The session tables in the layout from before the first release, as far as the stores can detect
// it.

const COLUMNS = [
  "scheme",
  "subject_id",
  "session_id",
  "display_name",
  "display_name_folded",
  "issuer",
  "ip_address",
  "user_agent",
  "attributes",
  "ticket",
];

/** The statements that create it, by dialect. */
export const OLD_LAYOUT = {
  sqlite: [
    `create table rollcall_sessions (id integer primary key autoincrement, seq integer generated always as (id) virtual, key text not null,
      ${COLUMNS.map((name) => `${name} text`).join(", ")}, created integer not null, renewed integer not null, expires integer) strict`,
    `create table rollcall_session_clients (session_id integer not null, ordinal integer not null, client_id text not null, sid text,
      created integer not null, primary key (session_id, ordinal)) strict, without rowid`,
  ],
  postgres: [
    `create table rollcall_sessions (id bigint generated always as identity primary key, key text collate "C" not null,
      ${COLUMNS.map((name) => `${name} text collate "C"`).join(", ")}, created bigint not null, renewed bigint not null, expires bigint)`,
    `create table rollcall_session_clients (session_id bigint not null, ordinal bigint generated always as identity, client_id text collate "C" not null,
      sid text collate "C", created bigint not null, primary key (session_id, client_id))`,
  ],
  mariadb: [
    `create table rollcall_sessions (id bigint not null auto_increment primary key, \`key\` varchar(255) not null,
      ${COLUMNS.map((name) => `${name} varchar(255)`).join(", ")}, created bigint not null, renewed bigint not null, expires bigint,
      index rollcall_sessions_listing (created, id, expires, renewed))`,
    `create table rollcall_session_clients (session_id bigint not null, ordinal int not null, client_id varchar(255) not null, sid varchar(255),
      created bigint not null, primary key (session_id, client_id))`,
  ],
};
