/**
 * The notifications that a step records: the input and output of its statements.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import { jsonChunks } from "../../stores/chunks.js";
import type { CheckedNotices } from "../../stores/ending.js";
import type { LogoutNotification, NotificationKind } from "../../types.js";
import type { SqlDialect } from "../dialect.js";

/** The notifications of a step as the values of its statements. */
export type NoticeValues = {
  /**
   * JSON lists of `[client id, scope, kind, logout URI]`, by number. A client without ways has no
   * scope.
   */
  clients: { [number: string]: string };
  reason: string;
  created: number;
  due: number;
  returned: number;
};

/** The parts that the statements need. */
export interface NoticeParts {
  bySubject: boolean;
  bySession: boolean;
  /** Whether unlisted clients are notified by session. */
  others: boolean;
}

function partsOf({ clients, others }: CheckedNotices): NoticeParts {
  const isDue = (wanted: "subject" | "session") =>
    clients.some(({ by, ways }) => by === wanted && ways.length > 0);
  return { bySubject: isDue("subject"), bySession: others || isDue("session"), others };
}

/** A name that identifies the parts. */
export function nameOf({ bySubject, bySession, others }: NoticeParts): string {
  return [bySubject && "by subject", bySession && "by session", others && "others"]
    .filter(Boolean)
    .join(" and ");
}

/** The parts and values of the statements; `undefined` if there is nothing to record. */
export function planNotices(
  notices: CheckedNotices | undefined,
): { parts: NoticeParts; values: NoticeValues } | undefined {
  if (notices === undefined) return undefined;
  const parts = partsOf(notices);
  if (!parts.bySubject && !parts.bySession) return undefined;
  const { clients, reason, created, notBefore, returned } = notices;
  const rows = clients.flatMap(({ clientId, by, ways }) =>
    ways.length === 0
      ? [[clientId, null, null, null]]
      : ways.map(({ kind, logoutUri }) => [clientId, by, kind, logoutUri ?? null]),
  );
  const lists = rows.length === 0 ? [rows] : jsonChunks(rows, rows.length);
  const values = {
    clients: Object.fromEntries(lists.map((list, number) => [number, JSON.stringify(list)])),
    reason,
    created,
    due: notBefore ?? created,
    returned,
  };
  return { parts, values };
}

/** The clients of `NoticeValues` as a query. */
export function wantedClients(
  dialect: SqlDialect,
  { clients }: Pick<NoticeValues, "clients">,
): RawBuilder<unknown> {
  const names = ["client_id", "scope", "kind", "logout_uri"];
  const columns = names.map(
    (name, index) => sql`${dialect.rowColumn("item", index, "text")} as ${sql.ref(name)}`,
  );
  const lists = Object.values(clients).map(
    (json) => sql`select ${sql.join(columns)} from ${dialect.rows(json, names.length)} as item`,
  );
  return sql.join(lists, sql` union all `);
}

/** The id of a notification, from the id of a session's row. For PostgreSQL and SQLite. */
export function noticeId(
  scope: "subject" | "session",
  id: RawBuilder<unknown>,
  clientId: RawBuilder<unknown>,
): RawBuilder<string> {
  return sql`case wanted.kind when 'session_revoked' then 'event:' else '' end || ${sql.lit(`${scope}:`)} || ${id} || ':' || ${clientId}`;
}

/** A recorded notification, as the statements return it. */
export interface RecordedRow {
  id: string;
  kind: NotificationKind;
  client_id: string;
  logout_uri: string | null;
  subject_id: string;
  session_id: string | null;
  issuer: string | null;
}

/** Converts it to the type of the port. */
export function toNotification(row: RecordedRow, notices: CheckedNotices): LogoutNotification {
  const { reason, created, notBefore } = notices;
  const notification: LogoutNotification = {
    id: row.id,
    clientId: row.client_id,
    subjectId: row.subject_id,
    reason,
    attempt: 0,
    created,
  };
  if (row.kind !== "logout") notification.kind = row.kind;
  if (row.logout_uri !== null) notification.logoutUri = row.logout_uri;
  if (row.session_id !== null) notification.sessionId = row.session_id;
  if (row.issuer !== null) notification.issuer = row.issuer;
  if (notBefore !== undefined) notification.notBefore = notBefore;
  return notification;
}
