create table if not exists rollcall_migrations (
  version integer primary key,
  applied integer not null -- when
) strict;

create table if not exists rollcall_sessions (
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
) strict;

create unique index if not exists rollcall_sessions_key on rollcall_sessions (key);

create index if not exists rollcall_sessions_listing
  on rollcall_sessions (seq, expires, display_name_folded);

create index if not exists rollcall_sessions_expiry
  on rollcall_sessions (expires, seq) where expires is not null;

create index if not exists rollcall_sessions_subject on rollcall_sessions (subject_id);

create index if not exists rollcall_sessions_session on rollcall_sessions (session_id);

create index if not exists rollcall_sessions_name
  on rollcall_sessions (display_name_folded) where display_name_folded is not null;

create index if not exists rollcall_sessions_issuer on rollcall_sessions (issuer) where issuer is not null;

create index if not exists rollcall_sessions_address
  on rollcall_sessions (ip_address) where ip_address is not null;

create index if not exists rollcall_sessions_devices
  on rollcall_sessions (seq) where coalesce(ip_address, user_agent) is not null;

create table if not exists rollcall_session_clients (
  client_id text not null,
  id integer not null,   -- rollcall_sessions.id
  primary key (client_id, id)
) strict, without rowid;

create table if not exists rollcall_grants (
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
) strict;

create index if not exists rollcall_grants_subject on rollcall_grants (subject_id, client_id, type);

create index if not exists rollcall_grants_session on rollcall_grants (session_id, client_id, type);

create index if not exists rollcall_grants_client on rollcall_grants (client_id, type);

create index if not exists rollcall_grants_type on rollcall_grants (type);

create index if not exists rollcall_grants_expiry on rollcall_grants (expires) where expires is not null;

create table if not exists rollcall_outbox (
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
) strict;

create index if not exists rollcall_outbox_due on rollcall_outbox (due, id) where due is not null;

create index if not exists rollcall_outbox_subject on rollcall_outbox (subject_id, id) where subject_id is not null;

create index if not exists rollcall_outbox_session on rollcall_outbox (session_id, id) where session_id is not null;

create index if not exists rollcall_outbox_client on rollcall_outbox (client_id, id);

create index if not exists rollcall_outbox_state on rollcall_outbox (state, id);

create index if not exists rollcall_outbox_settled on rollcall_outbox (state, settled) where settled is not null;

insert into rollcall_migrations (version, applied) values (1, unixepoch() * 1000) on conflict do nothing;

