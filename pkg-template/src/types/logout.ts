/**
 * Notifications of clients about ended sessions, and the port that stores them until they are
 * delivered.
 *
 * @module
 */

import type { MaybePromise } from "./maybe-promise.js";

/**
 * The part of a client's registration that logout uses. The names follow OpenID Connect dynamic
 * registration.
 *
 * @example
 * const client: Client = {
 *   clientId: "shop",
 *   backChannelLogoutUri: "https://shop.example/logout",
 *   backChannelLogoutBy: "subject",
 * };
 */
export interface Client {
  clientId: string;
  /** Default true. */
  enabled?: boolean | undefined;
  backChannelLogoutUri?: string | undefined;
  /** Default false (OpenID Connect Back-Channel Logout 1.0, section 2.2). */
  backChannelLogoutSessionRequired?: boolean | undefined;
  /**
   * How the client is notified if all sessions of a subject end. Default `session`: once per
   * session, by `sub` and `sid`.
   *
   * With `subject`, it gets one token with only `sub` for each step, which ends up to 1,000
   * sessions. Such a token means all sessions of the subject (OpenID Connect Back-Channel Logout
   * 1.0, sections 2.4 and 2.7), but some relying parties, such as mod_auth_openidc, answer 200 to
   * it and end nothing. The client is still notified by `sub` and `sid` if it has
   * `backChannelLogoutSessionRequired` (section 2.2), or if sessions are excluded, which a token
   * with only `sub` would end too.
   */
  backChannelLogoutBy?: "subject" | "session" | undefined;
  /**
   * The `typ` of the client's logout tokens. Default `logout+jwt`, the explicit type of OpenID
   * Connect Back-Channel Logout 1.0 (sections 2.4 and 4.1).
   *
   * Set `JWT` for a relying party that rejects `logout+jwt`, such as early versions of Spring
   * Security 6.2. Section 2.4 recommends the type but doesn't require it, and the checks of section
   * 2.6 don't include it. Security Event Tokens keep their own type.
   */
  logoutTokenType?: "logout+jwt" | "JWT" | undefined;
  /** Default RS256. `none` is never accepted. */
  idTokenSignedResponseAlg?: string | undefined;
  idTokenEncryptedResponseAlg?: string | undefined;
  /** Default A128CBC-HS256 if `idTokenEncryptedResponseAlg` is set. */
  idTokenEncryptedResponseEnc?: string | undefined;
  /** The client's own keys for encryption, as a JWK set. */
  jwks?: { keys: object[] } | undefined;
  jwksUri?: string | undefined;
  /**
   * The address to which Security Event Tokens are pushed (RFC 8935). If it is set, the client is
   * notified of ended sessions by CAEP as well.
   */
  securityEventUri?: string | undefined;
  /** The value of the header `Authorization` of these pushes, such as `Bearer …`. Default: none. */
  securityEventAuthorization?: string | undefined;
  coordinateLifetimeWithUserSession?: boolean | undefined;
}

/** The reason that a session ended, as clients are given it (the claim `logout_reason`). */
export type LogoutReason = "terminated" | "session_expiration" | "user_logout";

/**
 * How a client is notified: with a logout token (OpenID Connect Back-Channel Logout 1.0), or with a
 * Security Event Token and the event `session-revoked` (RFC 8417 and OpenID CAEP 1.0, section 3.1).
 */
export type NotificationKind = "logout" | "session_revoked";

/** One due notification for one client, as an outbox stores it. */
export interface LogoutNotification {
  id: string;
  /** Absent means `logout`. */
  kind?: NotificationKind;
  clientId: string;
  /**
   * The address registered when the notification was recorded. Absent if the registration could not
   * be read: then it is sent in every way that the client has registered by then.
   */
  logoutUri?: string;
  /** The subject as the host knows it; `subjectFor` is applied when the notification is sent. */
  subjectId?: string;
  /** The `sid` that the client knows. Absent: all sessions of the subject ended. */
  sessionId?: string;
  /** The issuer at sign-in. */
  issuer?: string;
  reason: LogoutReason;
  /** The number of earlier attempts. */
  attempt: number;
  /** When it was recorded (epoch milliseconds). */
  created: number;
  /**
   * Earliest claim time (epoch milliseconds). Until then, the instance that recorded it makes the
   * first attempt.
   */
  notBefore?: number;
}

/**
 * A notification to send, with the claims of its token, which are new for each attempt. `kind`
 * determines the claims.
 */
export type LogoutMessage = LogoutTokenMessage | SecurityEventMessage;

/** The client is notified with a logout token. */
export interface LogoutTokenMessage extends LogoutNotification {
  kind?: "logout";
  client: Client;
  claims: LogoutTokenClaims;
}

/** The client is notified with a Security Event Token. */
export interface SecurityEventMessage extends LogoutNotification {
  kind: "session_revoked";
  client: Client;
  claims: SecurityEventClaims;
}

/**
 * The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.4). Times are
 * NumericDate, in seconds.
 */
export interface LogoutTokenClaims {
  /** Absent if the session has no issuer: the sender adds its own. */
  iss?: string;
  aud: string;
  iat: number;
  exp: number;
  jti: string;
  events: { "http://schemas.openid.net/event/backchannel-logout": Record<string, never> };
  sub?: string;
  sid?: string;
  logout_reason: LogoutReason;
}

/**
 * The claims of a Security Event Token (RFC 8417) with the event `session-revoked` (OpenID CAEP
 * 1.0, section 3.1). It has neither `sub` nor `exp` (OpenID Shared Signals Framework 1.0, section
 * 4.1). Times are in seconds.
 */
export interface SecurityEventClaims {
  /** Absent if the session has no issuer: the sender adds its own, also in `sub_id`. */
  iss?: string;
  aud: string;
  iat: number;
  jti: string;
  /**
   * The same for each attempt of a notification. The sender of this package adds one if it is
   * absent.
   */
  txn?: string;
  /** The session of the user, or only the user if all of the user's sessions ended. */
  sub_id: EventUser | EventSession | { format: "complex"; session: EventSession; user: EventUser };
  events: {
    "https://schemas.openid.net/secevent/caep/event-type/session-revoked": SessionRevokedEvent;
  };
}

/** A user as an RFC 9493 subject identifier. */
export interface EventUser {
  format: "iss_sub";
  iss?: string;
  /** The subject as the client knows it. */
  sub: string;
}

/** A session as an RFC 9493 subject identifier. */
export interface EventSession {
  format: "opaque";
  /** The `sid` that the client knows. */
  id: string;
}

/** The event that a session was revoked (OpenID CAEP 1.0, sections 2 and 3.1). */
export interface SessionRevokedEvent {
  /** When the notification was recorded, in seconds. */
  event_timestamp: number;
  /**
   * `terminated` becomes `admin`, `user_logout` becomes `user` and `session_expiration` becomes
   * `system`.
   */
  initiating_entity: "admin" | "user" | "system";
  reason_admin: { en: LogoutReason };
}

/** The outcome of one attempt. `retryAfter` is in seconds. */
export type LogoutOutcome =
  | { delivered: true; status?: number | undefined }
  | {
      delivered: false;
      retry: boolean;
      retryAfter?: number | undefined;
      status?: number | undefined;
      error: string;
    };

/** Stores notifications durably. */
export interface LogoutOutbox {
  /**
   * Records notifications. If the id exists already, settled or not, nothing changes. If two
   * entries of one call have the same id, the first one counts.
   */
  add(entries: LogoutNotification[]): MaybePromise<void>;
  /**
   * Takes up to `limit` due notifications, the longest due first, and leases them: no other caller
   * gets them before `now + leaseFor`. It takes fewer only if there are no more, or if others claim
   * some at the same time. `attempt` counts the recorded results; `notBefore` may be left out.
   */
  claim(request: {
    now: number;
    limit: number;
    leaseFor: number;
  }): MaybePromise<LogoutNotification[]>;
  /**
   * Records the outcome of an attempt that ended at `now` (epoch milliseconds), and counts the
   * attempt. A late result for a delivered notification, and an unknown id, are ignored.
   */
  settle(id: string, result: OutboxResult, now: number): MaybePromise<void>;
  /**
   * Entries that match, in the order of their ids (by code unit), after the id `after`, which need
   * not exist.
   */
  list(filter: OutboxFilter, after?: string, limit?: number): MaybePromise<Delivery[]>;
  /**
   * Makes a failed entry due again at `now`; its attempts stay counted. Returns `false` if there is
   * no such entry or it hasn't failed.
   */
  retry(id: string, now: number): MaybePromise<boolean>;
  /**
   * Removes up to `limit` entries that were settled before these instants. Pending entries are
   * kept, whether leased or not, including those that were given up and are pending again.
   *
   * Returns how many this call removed. That is fewer than `limit` only if there are no more, or if
   * other calls remove some at the same time. Without this function settled entries are kept.
   */
  prune?(settledBefore: SettledBefore, limit: number): MaybePromise<number>;
}

/**
 * Which settled entries an outbox may remove: those settled before these instants (epoch
 * milliseconds), by the `now` of the call that settled them.
 */
export interface SettledBefore {
  /** For delivered entries. */
  delivered: number;
  /** For entries that were given up. */
  failed: number;
}

/** The result of one attempt, as an outbox records it. `nextAttempt` is in epoch milliseconds. */
export type OutboxResult =
  | { state: "delivered"; status?: number }
  | { state: "failed"; error: string; status?: number }
  | { state: "pending"; nextAttempt: number; error: string; status?: number };

/** Members are ANDed, and strings compared by code unit. Without members it matches every entry. */
export interface OutboxFilter {
  /** Only the entry with this id. */
  id?: string | undefined;
  state?: DeliveryState | undefined;
  subjectId?: string | undefined;
  sessionId?: string | undefined;
  clientId?: string | undefined;
  /** One of these issuers; at least one. An entry without an issuer never matches. */
  issuers?: readonly string[] | undefined;
}

/**
 * `pending` is recorded and will be tried (again); `failed` was given up; `skipped` was never due.
 */
export type DeliveryState = "delivered" | "pending" | "failed" | "skipped";

/** The state of one notification. */
export interface Delivery {
  /** The id of the notification; for a skipped client `skipped:<client id>`, once per call. */
  id: string;
  /** How the client was notified. Absent means `logout`. */
  kind?: NotificationKind;
  clientId: string;
  subjectId?: string;
  sessionId?: string;
  /** The issuer of the notification. */
  issuer?: string;
  state: DeliveryState;
  attempts: number;
  /** The HTTP status of the last attempt, if there was one. */
  status?: number;
  /** Why the last attempt failed, or why the client was skipped. */
  error?: string;
  /** When a pending notification is due: at first its `notBefore`, or else `created`. */
  nextAttempt?: Date;
}
