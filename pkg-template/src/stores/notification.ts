/**
 * A checked notification, and the checked result of an attempt.
 *
 * @module
 */

import type { LogoutReason, NotificationKind, SettledBefore } from "../types.js";
import { MemberReader } from "./member-reader.js";

/** A notification in the type of the port; absent members are `undefined`. */
export type CheckedNotification = ReturnType<typeof checkedNotification>;

/** The kinds of notifications. */
export const KINDS: readonly NotificationKind[] = ["logout", "session_revoked"];
const STATES = ["delivered", "failed", "pending"] as const;
/** The reasons for a logout. */
export const REASONS: readonly LogoutReason[] = ["terminated", "session_expiration", "user_logout"];

/** @throws {RollcallError} `invalid_argument` for a member that is missing or of the wrong type. */
export function checkedNotification(entry: unknown, what: string) {
  const members = new MemberReader(entry, what);
  return {
    id: members.stored("id"),
    kind: members.raw("kind") == null ? undefined : members.oneOf("kind", KINDS),
    clientId: members.stored("clientId"),
    logoutUri: members.optional("logoutUri", "stored"),
    subjectId: members.optional("subjectId", "stored"),
    sessionId: members.optional("sessionId", "stored"),
    issuer: members.optional("issuer", "stored"),
    reason: members.oneOf("reason", REASONS),
    attempt: members.count("attempt"),
    created: members.time("created"),
    notBefore: members.optional("notBefore", "time"),
  };
}

/** The result of an attempt: the new state of the entry, and when it is due again. */
export type CheckedResult = ReturnType<typeof checkedResult>;

/** @throws {RollcallError} `invalid_argument` for a member that is missing or of the wrong type. */
export function checkedResult(result: unknown) {
  const members = new MemberReader(result, "the result");
  const state = members.oneOf("state", STATES);
  return {
    state,
    due: state === "pending" ? members.time("nextAttempt") : undefined,
    status: members.optional("status", "count"),
    error: state === "delivered" ? undefined : members.string("error"),
  };
}

/** A request to claim notifications. */
export type CheckedClaim = ReturnType<typeof checkedClaim>;

/** @throws {RollcallError} `invalid_argument` for a member that is missing or of the wrong type. */
export function checkedClaim(request: unknown) {
  const members = new MemberReader(request, "the request to claim");
  const now = members.time("now");
  return { now, limit: members.count("limit"), leasedUntil: now + members.count("leaseFor") };
}

/** @throws {RollcallError} `invalid_argument` for a member that is missing or of the wrong type. */
export function checkedSettledBefore(settledBefore: unknown): SettledBefore {
  const members = new MemberReader(settledBefore, "`settledBefore`");
  return { delivered: members.time("delivered"), failed: members.time("failed") };
}
