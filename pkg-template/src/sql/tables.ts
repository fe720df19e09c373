/**
 * The tables as Kysely types. Their meaning is documented where they are created:
 * `sqlite/schema.ts`.
 *
 * @module
 */

import type { ColumnType, RawBuilder, Selectable } from "kysely";
import type { DeliveryState, LogoutReason, NotificationKind } from "../types.js";

/** A number, which drivers return as a number, a bigint or a string. See `toNumber`. */
type Integer = ColumnType<number | bigint | string, number, number>;
type NullableInteger = ColumnType<number | bigint | string | null, number | null, number | null>;

export interface Tables {
  rollcall_sessions: SessionsTable;
  rollcall_session_clients: SessionClientsTable;
  rollcall_grants: GrantsTable;
  rollcall_outbox: OutboxTable;
  rollcall_migrations: { version: Integer; applied: Integer };
}

/** Bytes, passed and returned as hexadecimal digits: `SqlDialect.bytes` and `SqlDialect.hex`. */
type Bytes = ColumnType<never, RawBuilder<never>, RawBuilder<never>>;
/** 64 bits, passed and returned as decimal digits: `SqlDialect.rowId` and `SqlDialect.digits`. */
type RowId = ColumnType<never, RawBuilder<never>, never>;

export interface SessionsTable {
  /** See `row-id.ts`. */
  id: RowId;
  key: Bytes;
  scheme: string;
  subject_id: string;
  session_id: string;
  display_name: string | null;
  display_name_folded: string | null;
  issuer: string | null;
  renewed: Integer;
  expires: NullableInteger;
  ip_address: string | null;
  user_agent: string | null;
  attributes: string | null;
  /** See `RowClients`. */
  clients: ColumnType<never, RawBuilder<string> | string, RawBuilder<string>>;
  /** On PostgreSQL only. */
  sids: ColumnType<never, RawBuilder<string> | undefined, RawBuilder<string>>;
  /** See `ticket-bytes.ts`. */
  ticket: ColumnType<never, RawBuilder<never> | null, RawBuilder<never> | null>;
}

/** The sessions of each client. */
export interface SessionClientsTable {
  client_id: string;
  /** Of the session. */
  id: RowId;
}

export interface GrantsTable {
  key: string;
  type: string;
  subject_id: string | null;
  session_id: string | null;
  client_id: string;
  created: Integer;
  expires: NullableInteger;
  consumed: NullableInteger;
  description: string | null;
  data: string;
}

export interface OutboxTable {
  id: string;
  kind: NotificationKind;
  client_id: string;
  logout_uri: string | null;
  subject_id: string | null;
  session_id: string | null;
  issuer: string | null;
  reason: LogoutReason;
  created: Integer;
  state: DeliveryState;
  attempts: Integer;
  due: NullableInteger;
  settled: NullableInteger;
  status: NullableInteger;
  error: string | null;
}

export type OutboxRow = Selectable<OutboxTable>;
export type GrantRow = Selectable<GrantsTable>;

/**
 * Drivers return 64-bit integers as numbers, bigints or strings. Ours are times and counts, which a
 * number represents exactly.
 */
export function toNumber(value: number | bigint | string): number {
  return typeof value === "number" ? value : Number(value);
}
