/**
 * Events for the host's audit log and metrics.
 *
 * @module
 */

import type { RollcallErrorCode } from "../errors.js";
import type { LogoutReason, NotificationKind } from "./logout.js";

/**
 * Something that happened, as `onEvent` receives it. `type` says what, and with it which members
 * there are. No event holds a session key. A later version may add types and members.
 *
 * @example
 * ```ts
 * const onEvent = (event: SessionEvent) => {
 *   if (event.type === "session_removed") audit.write(event.at, event.subjectId, event.actor);
 * };
 * ```
 */
export type SessionEvent =
  | SessionCreatedEvent
  | SessionRenewedEvent
  | SessionRemovedEvent
  | SessionExpiredEvent
  | SessionRemovalFailedEvent
  | SessionUnreadableEvent
  | ClientUnreadableEvent
  | PruningFailedEvent
  | SessionDeniedEvent
  | AdminDeniedEvent
  | TicketUnreadableEvent
  | NotificationDeliveredEvent
  | NotificationFailedEvent
  | NotificationGivenUpEvent;

/** The types of events. */
export type SessionEventType = SessionEvent["type"];

/** The members that events about one session share. */
interface AboutSession {
  /** When it happened. */
  at: Date;
  subjectId: string;
  sessionId: string;
  /** The issuer under which the session began. Absent: it has none. */
  issuer?: string;
}

/** A sign-in was stored. */
export interface SessionCreatedEvent extends AboutSession {
  type: "session_created";
}

/** A session was renewed on the sign-in path. */
export interface SessionRenewedEvent extends AboutSession {
  type: "session_renewed";
}

/** A session was ended. */
export interface SessionRemovedEvent extends AboutSession {
  type: "session_removed";
  /** Why, as clients are notified. */
  logoutReason: LogoutReason;
  /** Why, in the words of the caller. */
  reason?: string;
  /** The person or program that ended it, in the words of the caller. */
  actor?: string;
}

/** A session was ended because it had expired. */
export interface SessionExpiredEvent extends AboutSession {
  type: "session_expired";
}

/** A session could not be ended by an expiry pass or a purge, which went on with the others. */
export interface SessionRemovalFailedEvent extends AboutSession {
  type: "session_removal_failed";
  code: RollcallErrorCode;
  /** The message of the error. */
  error: string;
}

/**
 * A listing met a session of which not everything could be read. It was listed without the members
 * that could not be read, or left out if those were its ids or times. An id that could not be read
 * is empty.
 */
export interface SessionUnreadableEvent extends AboutSession {
  type: "session_unreadable";
  code: RollcallErrorCode;
  /** The message of the error. */
  error: string;
}

/**
 * A client's registration could not be read. Its sessions end all the same. If the registry of
 * clients is down, there is one such event in a call, with the first of the clients.
 */
export interface ClientUnreadableEvent {
  type: "client_unreadable";
  at: Date;
  clientId: string;
  /** Absent: it is about no session. */
  subjectId?: undefined;
  issuer?: undefined;
  code: RollcallErrorCode;
  /** The message of the error. */
  error: string;
}

/** A store failed to remove entries that are no longer needed. The next pass tries again. */
export interface PruningFailedEvent {
  type: "pruning_failed";
  at: Date;
  /** The store, by its name in the host. */
  store: "outbox" | "grants" | "sessions";
  /** Absent: it is about no session. */
  subjectId?: undefined;
  issuer?: undefined;
  code: RollcallErrorCode;
  /** The message of the error. */
  error: string;
}

/** A sign-in was refused because the subject has as many sessions as it may have. */
export interface SessionDeniedEvent {
  type: "session_denied";
  at: Date;
  subjectId: string;
  /** The issuer at which the subject tried to sign in. */
  issuer?: string;
}

/** An admin API refused a request, which changed nothing. */
export interface AdminDeniedEvent extends AdminDenial {
  type: "admin_denied";
  at: Date;
  /** Absent: it is about no session. */
  subjectId?: undefined;
  issuer?: undefined;
}

/** A request that an admin API refused. It never has the parameters of the request. */
export interface AdminDenial {
  /** The person or program that asked, if it is known. */
  actor?: string | undefined;
  /** The permission that the route needs, if it needs one. */
  permission?: AdminPermission | undefined;
  /** The method and path of the route, such as `DELETE /v1/sessions/{sessionId}`. */
  route: string;
}

/**
 * A permission of an actor in an admin API: to list, to end sessions of a subject or one, and to
 * end all that a filter matches. None of them implies another.
 */
export type AdminPermission = "read" | "remove" | "purge";

/** A ticket did not open. */
export interface TicketUnreadableEvent extends AboutSession {
  type: "ticket_unreadable";
}

/** The members that events about one attempt to notify a client share. */
interface AboutAttempt {
  /** When the attempt ended. */
  at: Date;
  /** The id of the notification. */
  id: string;
  kind: NotificationKind;
  clientId: string;
  subjectId?: string;
  /** The `sid` in the token. */
  sessionId?: string;
  /** The issuer of the sessions that ended. */
  issuer?: string;
  /** How many attempts were made, with this one. */
  attempts: number;
  /** How long this one took, in milliseconds. */
  duration: number;
  /** The HTTP status of the answer. */
  status?: number;
}

/** A client took a notification. */
export interface NotificationDeliveredEvent extends AboutAttempt {
  type: "notification_delivered";
}

/** An attempt failed, and another will be made. */
export interface NotificationFailedEvent extends AboutAttempt {
  type: "notification_failed";
  /** The reason of the failure. */
  error: string;
  /** When the next attempt is due. */
  nextAttempt: Date;
}

/** An attempt failed, and no other will be made. */
export interface NotificationGivenUpEvent extends AboutAttempt {
  type: "notification_given_up";
  /** The reason of the failure. */
  error: string;
}
