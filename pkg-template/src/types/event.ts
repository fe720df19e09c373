/**
 * Events for the host's audit log and metrics.
 *
 * @module
 */

import type { RollcallErrorCode } from "../errors.js";
import type { LogoutReason, NotificationKind } from "./logout.js";

/**
 * An event, as `onEvent` receives it. `type` identifies the event and its members. No event
 * contains a session key. Later versions may add types and members.
 *
 * @example
 * const onEvent = (event: SessionEvent) => {
 *   if (event.type === "session_removed") {
 *     console.log(event.at, event.subjectId, event.actor);
 *   }
 * };
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
  /** The time of the event. */
  at: Date;
  subjectId: string;
  sessionId: string;
  /** The issuer under which the session began. Absent if it has none. */
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
  /** The reason that clients are given. */
  logoutReason: LogoutReason;
  /** The reason that the caller gave. */
  reason?: string;
  /** The person or program that ended it, as the caller named it. */
  actor?: string;
}

/** A session was ended because it had expired. */
export interface SessionExpiredEvent extends AboutSession {
  type: "session_expired";
}

/** An expiry pass or a purge could not end a session, and continued with the others. */
export interface SessionRemovalFailedEvent extends AboutSession {
  type: "session_removal_failed";
  code: RollcallErrorCode;
  /** The message of the error. */
  error: string;
}

/**
 * A listing found a session that it could not read completely. The session was listed without its
 * unreadable members, or left out if its ids or times were among them. An unreadable id is empty
 * here.
 */
export interface SessionUnreadableEvent extends AboutSession {
  type: "session_unreadable";
  code: RollcallErrorCode;
  /** The message of the error. */
  error: string;
}

/**
 * A client's registration could not be read. Its sessions end anyway. If the client registry is
 * down, there is one such event per call, with the first client.
 */
export interface ClientUnreadableEvent {
  type: "client_unreadable";
  at: Date;
  clientId: string;
  /** Absent: the event isn't about a session. */
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
  /** Absent: the event isn't about a session. */
  subjectId?: undefined;
  issuer?: undefined;
  code: RollcallErrorCode;
  /** The message of the error. */
  error: string;
}

/** A sign-in was refused because the subject has reached its session limit. */
export interface SessionDeniedEvent {
  type: "session_denied";
  at: Date;
  subjectId: string;
  /** The issuer under which the subject tried to sign in. */
  issuer?: string;
}

/** An admin API refused a request, which changed nothing. */
export interface AdminDeniedEvent extends AdminDenial {
  type: "admin_denied";
  at: Date;
  /** Absent: the event isn't about a session. */
  subjectId?: undefined;
  issuer?: undefined;
}

/** A request that an admin API refused, without its parameters. */
export interface AdminDenial {
  /** The person or program that sent it, if known. */
  actor?: string | undefined;
  /** The permission that the route requires, if any. */
  permission?: AdminPermission | undefined;
  /** The method and path of the route, such as `DELETE /v1/sessions/{sessionId}`. */
  route: string;
}

/**
 * A permission in an admin API: to list sessions, to end sessions of a subject or a single one, and
 * to end all sessions that a filter matches. None of them implies another.
 */
export type AdminPermission = "read" | "remove" | "purge";

/** A ticket could not be opened. */
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
  /** The number of attempts so far, including this one. */
  attempts: number;
  /** The duration of this attempt, in milliseconds. */
  duration: number;
  /** The HTTP status of the answer. */
  status?: number;
}

/** A client accepted a notification. */
export interface NotificationDeliveredEvent extends AboutAttempt {
  type: "notification_delivered";
}

/** An attempt failed and will be repeated. */
export interface NotificationFailedEvent extends AboutAttempt {
  type: "notification_failed";
  /** The reason for the failure. */
  error: string;
  /** The time of the next attempt. */
  nextAttempt: Date;
}

/** An attempt failed and won't be repeated. */
export interface NotificationGivenUpEvent extends AboutAttempt {
  type: "notification_given_up";
  /** The reason for the failure. */
  error: string;
}
