/**
 * The tables as Kysely sees them. Their meaning is told where they are created: `sqlite/schema.ts`.
 *
 * @module
 */

import type { ColumnType, Generated, Selectable } from "kysely";
import type { DeliveryState, LogoutReason, NotificationKind } from "../types.js";

/**
 * A number that comes back as a number, a bigint or a text, as each driver likes. See `toNumber`.
 */
type Integer = ColumnType<number | bigint | string, number, number>;
type NullableInteger = ColumnType<number | bigint | string | null, number | null, number | null>;

export interface Tables {
  rollcall_sessions: SessionsTable;
  rollcall_session_clients: SessionClientsTable;
  rollcall_grants: GrantsTable;
  rollcall_outbox: OutboxTable;
  rollcall_migrations: { version: Integer; applied: Integer };
}

export interface SessionsTable {
  id: Generated<number>;
  key: string;
  scheme: string;
  subject_id: string;
  session_id: string;
  display_name: string | null;
  display_name_folded: string | null;
  issuer: string | null;
  created: Integer;
  renewed: Integer;
  expires: NullableInteger;
  ip_address: string | null;
  user_agent: string | null;
  attributes: string | null;
  ticket: string | null;
}

export interface SessionClientsTable {
  session_id: number;
  ordinal: number;
  client_id: string;
  sid: string | null;
  created: Integer;
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
  status: NullableInteger;
  error: string | null;
  /** On MySQL only. */
  unit: ColumnType<never, string | undefined, never>;
}

export type OutboxRow = Selectable<OutboxTable>;
export type GrantRow = Selectable<GrantsTable>;

/**
 * Drivers return 64-bit integers as numbers, bigints or texts; ours are times and counts, which a
 * number holds exactly.
 */
export function toNumber(value: number | bigint | string): number {
  return typeof value === "number" ? value : Number(value);
}
