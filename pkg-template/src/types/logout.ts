/**
 * What clients are told when sessions end, and the port to where that is kept until it is
 * delivered.
 *
 * @module
 */

import type { MaybePromise } from "./maybe-promise.js";

/**
 * A client's registration, as far as logout needs it. The names follow OpenID Connect dynamic
 * registration.
 */
export interface Client {
  clientId: string;
  /** Default true. */
  enabled?: boolean | undefined;
  backChannelLogoutUri?: string | undefined;
  /** Default false (OpenID Connect Back-Channel Logout 1.0, section 2.2). */
  backChannelLogoutSessionRequired?: boolean | undefined;
  /**
   * How the client is notified when all sessions of a subject end. Default `session`: of each of
   * them, by `sub` and `sid`.
   *
   * `subject` asks for one token with only `sub` for each step, which ends up to 1,000 sessions. It
   * means all sessions of the subject (OpenID Connect Back-Channel Logout 1.0, sections 2.4 and
   * 2.7), but some relying parties, mod_auth_openidc among them, answer 200 to it and end nothing.
   * The client is still notified by `sub` and `sid` if it has `backChannelLogoutSessionRequired`
   * (section 2.2), or if sessions are excluded: a token with only `sub` would end those too.
   */
  backChannelLogoutBy?: "subject" | "session" | undefined;
  /**
   * The `typ` of the client's logout tokens. Default `logout+jwt`, the explicit type of OpenID
   * Connect Back-Channel Logout 1.0 (sections 2.4 and 4.1).
   *
   * Set `JWT` for a relying party that refuses `logout+jwt`, as Spring Security 6.2 did at first.
   * Section 2.4 recommends that type but doesn't require it, and the checks of section 2.6 leave it
   * out. Security Event Tokens keep theirs.
   */
  logoutTokenType?: "logout+jwt" | "JWT" | undefined;
  /** Default RS256. `none` is never accepted. */
  idTokenSignedResponseAlg?: string | undefined;
  idTokenEncryptedResponseAlg?: string | undefined;
  /** Default A128CBC-HS256 where `idTokenEncryptedResponseAlg` is set. */
  idTokenEncryptedResponseEnc?: string | undefined;
  /** The client's own keys, for encryption: a JWK set. */
  jwks?: { keys: object[] } | undefined;
  jwksUri?: string | undefined;
  /**
   * Where the client takes Security Event Tokens by push (RFC 8935): it is then told of ended
   * sessions by CAEP, too.
   */
  securityEventUri?: string | undefined;
  /** The value of the header `Authorization` of these pushes, such as `Bearer …`. Default: none. */
  securityEventAuthorization?: string | undefined;
  coordinateLifetimeWithUserSession?: boolean | undefined;
}

/** Why a session ended, as told to clients (the claim `logout_reason`). */
export type LogoutReason = "terminated" | "session_expiration" | "user_logout";

/**
 * How a client is told: by a logout token (OpenID Connect Back-Channel Logout 1.0), or by a
 * Security Event Token with the event `session-revoked` (RFC 8417 and OpenID CAEP 1.0, section
 * 3.1).
 */
export type NotificationKind = "logout" | "session_revoked";

/** One notification that is due to one client, as an outbox keeps it. */
export interface LogoutNotification {
  id: string;
  /** Absent means `logout`. */
  kind?: NotificationKind;
  clientId: string;
  /**
   * Where, as registered when it was recorded. Absent where the registration could not be read: it
   * goes every way there is.
   */
  logoutUri?: string;
  /** The subject as the host knows it; `subjectFor` is applied when the notification is sent. */
  subjectId?: string;
  /** The `sid` that the client knows. Absent: all of the subject's sessions ended. */
  sessionId?: string;
  /** The issuer at sign-in. */
  issuer?: string;
  reason: LogoutReason;
  /** How many attempts were made before. */
  attempt: number;
  /** When it was recorded. Epoch milliseconds. */
  created: number;
  /**
   * Not to be claimed before this instant: whoever recorded it makes the first attempt. Epoch
   * milliseconds.
   */
  notBefore?: number;
}

/**
 * A notification on its way to the client: with the claims of its token, fresh for this attempt.
 * `kind` tells which claims.
 */
export type LogoutMessage = LogoutTokenMessage | SecurityEventMessage;

/** The client is told by a logout token. */
export interface LogoutTokenMessage extends LogoutNotification {
  kind?: "logout";
  client: Client;
  claims: LogoutTokenClaims;
}

/** The client is told by a Security Event Token. */
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
  /** Absent where the session does not know its issuer: the sender fills in its own. */
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
 * 1.0, section 3.1). There is neither `sub` nor `exp` (OpenID Shared Signals Framework 1.0, section
 * 4.1). Times are in seconds.
 */
export interface SecurityEventClaims {
  /**
   * Absent where the session does not know its issuer: the sender fills in its own, also in
   * `sub_id`.
   */
  iss?: string;
  aud: string;
  iat: number;
  jti: string;
  /**
   * The same for each attempt at one notification: the sender of this package makes one where there
   * is none.
   */
  txn?: string;
  /** The session of the user, or the user alone: all of the user's sessions ended. */
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

/** That a session was revoked (OpenID CAEP 1.0, sections 2 and 3.1). */
export interface SessionRevokedEvent {
  /** When the notification was recorded, in seconds. */
  event_timestamp: number;
  /** `terminated` is an `admin`, `user_logout` the `user` and `session_expiration` the `system`. */
  initiating_entity: "admin" | "user" | "system";
  reason_admin: { en: LogoutReason };
}

/** How one attempt went. `retryAfter` is in seconds. */
export type LogoutOutcome =
  | { delivered: true; status?: number | undefined }
  | {
      delivered: false;
      retry: boolean;
      retryAfter?: number | undefined;
      status?: number | undefined;
      error: string;
    };

/** Durable notifications. */
export interface LogoutOutbox {
  /**
   * Records notifications. One whose id is there already, settled or not, changes nothing; of two
   * with one id in one call the first counts.
   */
  add(entries: LogoutNotification[]): MaybePromise<void>;
  /**
   * Takes up to `limit` notifications that are due, the longest due first, and leases them: nobody
   * else gets them before `now + leaseFor`. It takes fewer only where there are no more, or where
   * others claim at the same moment. `attempt` counts the results that were recorded; `notBefore`
   * may be left out.
   */
  claim(request: {
    now: number;
    limit: number;
    leaseFor: number;
  }): MaybePromise<LogoutNotification[]>;
  /**
   * Records how an attempt went that ended at `now` (epoch milliseconds), and counts it. A late
   * result for what was delivered, and an id that is not there, are ignored.
   */
  settle(id: string, result: OutboxResult, now: number): MaybePromise<void>;
  /**
   * Entries that match, in the order of their ids (by code unit), behind the id `after`, which need
   * not be there.
   */
  list(filter: OutboxFilter, after?: string, limit?: number): MaybePromise<Delivery[]>;
  /**
   * Makes an entry that failed due at `now` again; its attempts stay counted. `false`: no such
   * entry, or not failed.
   */
  retry(id: string, now: number): MaybePromise<boolean>;
  /**
   * Removes up to `limit` entries that were settled before these instants. A pending entry stays,
   * whether it is leased or not, and so does one that was given up and is pending again.
   *
   * Returns how many this very call removed. That is fewer than `limit` only if there are no more,
   * or if other calls remove them at the same moment. Without it settled entries stay.
   */
  prune?(settledBefore: SettledBefore, limit: number): MaybePromise<number>;
}

/**
 * The entries that an outbox may remove: those that were settled before these instants (epoch
 * milliseconds), by the `now` of the call that settled them.
 */
export interface SettledBefore {
  /** For entries that were delivered. */
  delivered: number;
  /** For entries that were given up. */
  failed: number;
}

/** The result of one attempt, as an outbox records it. `nextAttempt` is in epoch milliseconds. */
export type OutboxResult =
  | { state: "delivered"; status?: number }
  | { state: "failed"; error: string; status?: number }
  | { state: "pending"; nextAttempt: number; error: string; status?: number };

/** Members are ANDed, and texts compared by code unit. None means every entry. */
export interface OutboxFilter {
  /** That one entry. */
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

/** What became of one notification. */
export interface Delivery {
  /** That of the notification; for a skipped client `skipped:<client id>`, once per call. */
  id: string;
  /** How the client was told. Absent means `logout`. */
  kind?: NotificationKind;
  clientId: string;
  subjectId?: string;
  sessionId?: string;
  /** That of the notification. */
  issuer?: string;
  state: DeliveryState;
  attempts: number;
  /** The HTTP status of the last attempt, if that had one. */
  status?: number;
  /** What went wrong at the last attempt, or why it was skipped. */
  error?: string;
  /** When a pending one is due: at first its `notBefore`, or else `created`. */
  nextAttempt?: Date;
}
