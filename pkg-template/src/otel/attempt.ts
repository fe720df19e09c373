/**
 * One delivery attempt, as the events of notifications report it.
 *
 * @module
 */
import type { SessionEvent } from "../types.js";
import { numberMember, stringMember } from "./members.js";

/** The outcome: `failed` will be tried again, `given_up` will not. */
export type AttemptOutcome = "delivered" | "failed" | "given_up";

/** The known facts of an attempt. A member that the event lacks is `undefined`. */
export interface Attempt {
  outcome: AttemptOutcome;
  /** The kind of notification: `logout` or `session_revoked`. */
  kind: string;
  ended: Date;
  /** In milliseconds. */
  duration: number | undefined;
  id: string | undefined;
  clientId: string | undefined;
  sessionId: string | undefined;
  /** The number of attempts so far, including this one. */
  attempts: number | undefined;
  /** The HTTP status of the client's answer. */
  status: number | undefined;
  error: string | undefined;
}

const OUTCOMES: ReadonlyMap<string, AttemptOutcome> = new Map([
  ["notification_delivered", "delivered"],
  ["notification_failed", "failed"],
  ["notification_given_up", "given_up"],
]);

/** The attempt that this event reports; `undefined` for other events. */
export function attemptOf(event: SessionEvent): Attempt | undefined {
  const outcome = OUTCOMES.get(event.type);
  if (outcome === undefined) {
    return undefined;
  }
  const duration = numberMember(event, "duration");
  return {
    outcome,
    kind: stringMember(event, "kind") ?? "logout",
    ended: event.at,
    // If the clock was set back in the meantime, the duration is meaningless.
    duration: duration !== undefined && duration >= 0 ? duration : undefined,
    id: stringMember(event, "id"),
    clientId: stringMember(event, "clientId"),
    sessionId: stringMember(event, "sessionId"),
    attempts: numberMember(event, "attempts"),
    status: numberMember(event, "status"),
    error: stringMember(event, "error"),
  };
}
