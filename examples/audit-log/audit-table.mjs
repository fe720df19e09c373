// @ts-check
/**
 * The table of the audit log: one row for each event.
 *
 * @module
 */

/** @import { Kysely } from "kysely" */
/** @import { SessionEvent, SessionEventType } from "rollcall" */

/**
 * A row. Columns that an event doesn't have are `null`.
 *
 * @typedef {object} AuditRow
 * @property {string} writer a random id of the process that wrote it, new at each start
 * @property {number} number counts the events of the writer from 1. A gap means lost events
 * @property {string} at the time of the event, RFC 3339 in UTC
 * @property {string} type
 * @property {string | null} actor the person or program that asked for it
 * @property {string | null} subject_id
 * @property {string | null} session_id
 * @property {string | null} client_id
 * @property {string | null} reason
 * @property {Outcome} outcome
 * @property {string} detail the other members of the event, as a JSON object
 */

/**
 * The members of an event that have a column.
 *
 * @typedef {object} Columns
 * @property {SessionEventType} type
 * @property {Date} at
 * @property {string} [actor]
 * @property {string} [subjectId]
 * @property {string} [sessionId]
 * @property {string} [clientId]
 * @property {string} [reason]
 */

/** @typedef {"success" | "failure" | "denied" | "unknown"} Outcome */

/** @typedef {Kysely<{ audit: AuditRow }>} AuditDatabase */

/** @type {Readonly<Record<SessionEventType, Outcome>>} */
const OUTCOMES = {
  session_created: "success",
  session_renewed: "success",
  session_removed: "success",
  session_expired: "success",
  session_removal_failed: "failure",
  session_unreadable: "failure",
  session_denied: "denied",
  admin_denied: "denied",
  ticket_unreadable: "failure",
  client_unreadable: "failure",
  pruning_failed: "failure",
  notification_delivered: "success",
  notification_failed: "failure",
  notification_given_up: "failure",
};

/**
 * Creates the table if it doesn't exist, on SQLite or PostgreSQL.
 *
 * @param {AuditDatabase} database
 */
export async function createAuditTable(database) {
  await database.schema
    .createTable("audit")
    .ifNotExists()
    .addColumn("writer", "text", (column) => column.notNull())
    .addColumn("number", "bigint", (column) => column.notNull())
    .addColumn("at", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("actor", "text")
    .addColumn("subject_id", "text")
    .addColumn("session_id", "text")
    .addColumn("client_id", "text")
    .addColumn("reason", "text")
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("detail", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("audit_key", ["writer", "number"])
    .execute();
  await database.schema.createIndex("audit_at").ifNotExists().on("audit").column("at").execute();
}

/**
 * Writes rows in one statement. Existing rows stay unchanged: a write that failed may have reached
 * the database, and is repeated.
 *
 * @param {AuditDatabase} database
 * @returns {(rows: readonly AuditRow[]) => Promise<void>}
 */
export function auditTable(database) {
  return async (rows) => {
    await database
      .insertInto("audit")
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  };
}

/**
 * @param {SessionEvent} event It contains no cookie value, session key or token, so the row
 *   doesn't.
 * @param {Pick<AuditRow, "writer" | "number">} key
 * @returns {AuditRow}
 */
export function auditRow(event, key) {
  // Members without a column are stored in `detail`, including those of later Rollcall versions.
  /** @type {Columns} */
  const columns = event;
  const { type, at, actor, subjectId, sessionId, clientId, reason, ...detail } = columns;
  return {
    ...key,
    at: at.toISOString(),
    type,
    actor: column(actor),
    subject_id: column(subjectId),
    session_id: column(sessionId),
    client_id: column(clientId),
    reason: column(reason),
    outcome: OUTCOMES[type] ?? "unknown",
    detail: JSON.stringify(detail),
  };
}

/**
 * Replaces NUL, which PostgreSQL can't store. A row that the table always refuses would block all
 * later ones.
 *
 * @param {string | undefined} value
 * @returns {string | null}
 */
function column(value) {
  return value?.replaceAll("\0", "\uFFFD") ?? null;
}
