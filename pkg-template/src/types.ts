/**
 * The public shapes of Rollcall: what a host injects, what it asks for and what it gets back.
 *
 * Times are `Date` in results; arguments also take ISO 8601 strings and epoch milliseconds. The ports (the interfaces that a
 * store implements) use epoch milliseconds throughout, so that a row needs no conversion on its way through the core.
 *
 * @module
 */

// ---------------------------------------------------------------------------------------------------- the host

/** What the host injects. Every member is a plain object of functions, or one function; each may be asynchronous or not. */
export interface Host {
  /** Where the sessions are kept. */
  sessions: SessionStore;
  /** Where tokens and consents are kept. Without it, removals revoke none and say so. */
  grants?: GrantStore;
  /** Makes notifications durable: what could not be delivered at once stays pending. */
  outbox?: LogoutOutbox;
  /** Looks up a client's registration. Without it nobody can be notified. */
  clients?: (clientId: string) => MaybePromise<Client | undefined>;
  /** The subject identifier that a client knows, where it is pairwise (OpenID Connect Core 1.0, section 8). */
  subjectFor?: (subjectId: string, clientId: string) => MaybePromise<string>;
  /** Sends one logout notification, once. `rollcall/logout` has the one for OpenID Connect Back-Channel Logout. */
  sendLogout?: (notification: LogoutMessage, options: { signal?: AbortSignal }) => MaybePromise<LogoutOutcome>;
  /** Removes, revokes and records in one transaction, where the stores share one. */
  atomic?: AtomicRemoval;
  /** Called with everything that happens, for audit and metrics. What it throws goes to `console.error` and changes nothing. */
  onEvent?: (event: SessionEvent) => void;
  /** The clock, in epoch milliseconds. Default: `Date.now`. */
  now?: () => number;
  /** How long one call of an injected function may take, in milliseconds, before it fails. Default 30,000; 0 waits for ever. */
  callbackTimeout?: number;
}

/** A value, or a promise of it. */
export type MaybePromise<T> = T | PromiseLike<T>;

// ------------------------------------------------------------------------------------------- the session store

/**
 * Where sessions are kept. Rows carry epoch milliseconds. A method that fails throws or rejects; the call then fails with
 * `store_failed` and the thrown value as its `cause`.
 */
export interface SessionStore {
  /** What this store cannot do. Without it the store is taken to do everything. */
  capabilities?: StoreCapabilities;
  /** Adds a session. A key that is there already is an error, and the stored row stays as it is. */
  create(session: StoredSession): MaybePromise<void>;
  /** The session with this key, expired or not. */
  get(key: string): MaybePromise<StoredSession | undefined>;
  /**
   * Changes the members that are present in `change` and leaves the others; a member that is `null` is cleared. Never creates
   * a row: `false` means that there is none with this key. `key`, `created` and `clients` are never in a change.
   */
  update(key: string, change: StoredSessionChange): MaybePromise<boolean>;
  /**
   * Adds a client, atomically, once for each `clientId`: one that is there already keeps its place and takes over a
   * `sessionId` that differs. `false` means that there is no session with this key.
   */
  addClient(key: string, client: ClientSession): MaybePromise<boolean>;
  /** One page of the sessions that match, in the order asked for, by position and not by offset. */
  list(request: StoreListRequest): MaybePromise<StorePage>;
  /** How many sessions match. With `upTo` it may stop counting there and return `upTo`. */
  count?(filter: StoreFilter, upTo?: number): MaybePromise<number>;
  /** Removes these sessions and returns the keys that this very call removed: of two calls at once only one gets a key. */
  remove(keys: string[]): MaybePromise<string[]>;
}

/** A session as it is stored. Times are epoch milliseconds. */
export interface StoredSession {
  /** 32 random bytes, hex. A secret: whoever has it is signed in. It is in no result, token, log line or error. */
  key: string;
  /** The authentication scheme, as in the reference: the name of the cookie or method that this session belongs to. */
  scheme: string;
  subjectId: string;
  sessionId: string;
  displayName?: string;
  /** `displayName` in Unicode lower case, made by the core. A store matches names against this and never folds itself. */
  displayNameFolded?: string;
  /** The issuer that signed the subject in. */
  issuer?: string;
  created: number;
  renewed: number;
  /** Without it the session never expires. */
  expires?: number;
  /** The clients that took part in this session, in the order in which they came. */
  clients: ClientSession[];
  ipAddress?: string;
  userAgent?: string;
  attributes?: Record<string, string>;
  /** Sealed by the core; text. */
  ticket?: string;
}

/** A change of a stored session: what is absent stays, `null` clears. */
export type StoredSessionChange = {
  [Name in Exclude<keyof StoredSession, "key" | "created" | "clients">]?: StoredSession[Name] | null;
};

/** A client that took part in a session. */
export interface ClientSession {
  clientId: string;
  /** The `sid` that this client knows the session by, where the provider gives each client its own. */
  sessionId?: string;
}

/** What a store can do, where that is less than everything. */
export interface StoreCapabilities {
  /** The filters that it serves. A query with another one fails with `unsupported_filter`. */
  filters?: readonly StoreFilterName[];
}

/** A filter by name. A text filter without a suffix is `equals`; a plain `displayName` in a query is `displayName.contains`. */
export type StoreFilterName =
  | "subjectId"
  | "subjectId.startsWith"
  | "subjectId.contains"
  | "sessionId"
  | "sessionId.startsWith"
  | "sessionId.contains"
  | "displayName"
  | "displayName.startsWith"
  | "displayName.contains"
  | "search"
  | "clientId"
  | "issuer"
  | "ipAddress"
  | "created"
  | "renewed"
  | "expires"
  | "state";

/** The normalized filter that a store gets. All members are ANDed; none means every session. */
export interface StoreFilter {
  /** Compared by code unit, with regard to case. */
  subjectId?: StoreText;
  /** Compared by code unit, with regard to case. */
  sessionId?: StoreText;
  /** Folded already: compared with `displayNameFolded` by code unit. A session without a name never matches. */
  displayName?: StoreText;
  /** Subject id equals `id`, or session id equals `id`, or the folded display name contains `name`. */
  search?: { id: string; name: string };
  /** Sessions that this client took part in. */
  clientId?: string;
  issuer?: string;
  ipAddress?: string;
  created?: StoreTimeRange;
  renewed?: StoreTimeRange;
  /** A session that never expires matches no range. */
  expires?: StoreTimeRange;
  /** Not expired at this instant: no `expires`, or `expires` > the value. */
  activeAt?: number;
  /** Expired at this instant: `expires` <= the value. */
  expiredAt?: number;
}

/** How a text must match. `%`, `_` and the like are ordinary characters. */
export type StoreText = { equals: string } | { startsWith: string } | { contains: string };

/** A half-open range of epoch milliseconds: `after` <= time < `before`. */
export interface StoreTimeRange {
  after?: number;
  before?: number;
}

/** A request for one page. */
export interface StoreListRequest {
  filter: StoreFilter;
  /** Only rows strictly behind this position in the order asked for. */
  after?: Position;
  /** Only rows strictly ahead of this position: the `limit` rows nearest to it, still in the order asked for. */
  before?: Position;
  /**
   * `newest` and `oldest` go by creation time and then by a tie-break of the store that is not the key; `expiry` goes by
   * expiry time, soonest first, and leaves out what never expires.
   */
  order: "newest" | "oldest" | "expiry";
  /** 1 or more. Without `after` and `before` the first `limit` rows; with `fromEnd` the last ones, in the order asked for. */
  limit: number;
  /** The last `limit` rows instead of the first. Never together with `after` or `before`. */
  fromEnd?: boolean;
}

/** One page of rows, with one position a row. */
export interface StorePage {
  sessions: StoredSession[];
  positions: Position[];
}

/**
 * The place of a row in the order, in the store's own words: short, not secret, never the key. It must keep its meaning when
 * its row is removed, and must not change while the row lives (but for the order `expiry`).
 */
export type Position = string;

// --------------------------------------------------------------------------------------------------- grants

/** Where tokens and consents are kept. */
export interface GrantStore {
  /** Adds a grant, or replaces the one with the same key. */
  store(grant: PersistedGrant): MaybePromise<void>;
  get(key: string): MaybePromise<PersistedGrant | undefined>;
  /** All grants that match. An empty filter is refused with an error. */
  list(filter: GrantFilter): MaybePromise<PersistedGrant[]>;
  /** How many match, by kind. Without it a dry run counts what `list` returns. */
  count?(filter: GrantFilter): MaybePromise<GrantCounts>;
  /** Removes all that match and says how many, by kind. An empty filter is refused with an error. */
  remove(filter: GrantFilter): MaybePromise<GrantCounts>;
}

/** A token, code or consent, in the shape of the reference. A consent (`user_consent`) has no `sessionId`. */
export interface PersistedGrant {
  key: string;
  /** `refresh_token`, `reference_token`, `authorization_code`, `ciba`, `user_consent`, or a type of the host's own. */
  type: string;
  subjectId?: string;
  sessionId?: string;
  clientId: string;
  created: Date;
  expires?: Date;
  consumed?: Date;
  description?: string;
  data: string;
}

/** Members are ANDed; lists are ORed within. A filter with no member, or only empty ones, is refused. */
export interface GrantFilter {
  subjectId?: string;
  sessionId?: string;
  clientIds?: string[];
  types?: string[];
}

/**
 * Numbers of grants: tokens (`refresh_token`, `reference_token`, `authorization_code`, `ciba`), consents (`user_consent`) and
 * all other types.
 */
export interface GrantCounts {
  tokens: number;
  consents: number;
  other: number;
}

// ------------------------------------------------------------------------------------------ logout notifications

/** A client's registration, as far as logout needs it. The names follow OpenID Connect dynamic registration. */
export interface Client {
  clientId: string;
  /** Default true. */
  enabled?: boolean;
  backChannelLogoutUri?: string;
  /** Default false (OpenID Connect Back-Channel Logout 1.0, section 2.2). */
  backChannelLogoutSessionRequired?: boolean;
  /** Default RS256. `none` is never accepted. */
  idTokenSignedResponseAlg?: string;
  idTokenEncryptedResponseAlg?: string;
  /** Default A128CBC-HS256 where `idTokenEncryptedResponseAlg` is set. */
  idTokenEncryptedResponseEnc?: string;
  /** The client's own keys, for encryption: a JWK set. */
  jwks?: { keys: object[] };
  jwksUri?: string;
  coordinateLifetimeWithUserSession?: boolean;
}

/** Why a session ended, as told to clients (the claim `logout_reason`). */
export type LogoutReason = "terminated" | "session_expiration" | "user_logout";

/** One notification that is due to one client, as an outbox keeps it. */
export interface LogoutNotification {
  id: string;
  clientId: string;
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
  /** Not to be claimed before this instant: whoever recorded it makes the first attempt. Epoch milliseconds. */
  notBefore?: number;
}

/** A notification on its way to the client: with the claims of its logout token, fresh for this attempt. */
export interface LogoutMessage extends LogoutNotification {
  client: Client;
  claims: LogoutTokenClaims;
}

/** The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.4). Times are NumericDate, in seconds. */
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

/** How one attempt went. `retryAfter` is in seconds. */
export type LogoutOutcome =
  | { delivered: true; status?: number }
  | { delivered: false; retry: boolean; retryAfter?: number; status?: number; error: string };

/** Durable notifications. */
export interface LogoutOutbox {
  /** Records notifications. One whose id is there already, settled or not, changes nothing. */
  add(entries: LogoutNotification[]): MaybePromise<void>;
  /** Takes up to `limit` notifications that are due and leases them: nobody else gets them before `now + leaseFor`. */
  claim(request: { now: number; limit: number; leaseFor: number }): MaybePromise<LogoutNotification[]>;
  /**
   * Records how an attempt went, and counts it. A late result for what was delivered, and an id that is
   * not there, are ignored.
   */
  settle(id: string, result: OutboxResult): MaybePromise<void>;
  /** Entries that match, in the order of their ids, behind the id `after`. */
  list(filter: OutboxFilter, after?: string, limit?: number): MaybePromise<Delivery[]>;
  /** Makes an entry that failed due at `now` again. `false`: no such entry, or not failed. */
  retry(id: string, now: number): MaybePromise<boolean>;
}

/** The result of one attempt, as an outbox records it. `nextAttempt` is in epoch milliseconds. */
export type OutboxResult =
  | { state: "delivered"; status?: number }
  | { state: "failed"; error: string; status?: number }
  | { nextAttempt: number; error: string; status?: number };

/** Members are ANDed. */
export interface OutboxFilter {
  state?: DeliveryState;
  subjectId?: string;
  sessionId?: string;
  clientId?: string;
}

/** `pending` is recorded and will be tried (again); `failed` was given up; `skipped` was never due. */
export type DeliveryState = "delivered" | "pending" | "failed" | "skipped";

/** What became of one notification. */
export interface Delivery {
  id: string;
  clientId: string;
  subjectId?: string;
  sessionId?: string;
  state: DeliveryState;
  attempts: number;
  /** The HTTP status of the last attempt. */
  status?: number;
  /** What went wrong at the last attempt, or why it was skipped. */
  error?: string;
  nextAttempt?: Date;
}

/**
 * One transaction: removes the sessions that are still there, removes the grants that match any of the filters, and records
 * each notification of which this call removed at least one session (or that names no session). All of it or nothing.
 */
export type AtomicRemoval = (plan: AtomicRemovalPlan) => MaybePromise<AtomicRemovalResult>;

/** What one transaction is to do. */
export interface AtomicRemovalPlan {
  sessionKeys: string[];
  grants: GrantFilter[];
  notifications: { sessionKeys: string[]; entry: LogoutNotification }[];
}

/** What the transaction did: the keys that it removed, and the grants. A notification's id is in `recorded` if it was added. */
export interface AtomicRemovalResult extends GrantCounts {
  removed: string[];
  recorded: string[];
}

/** Something that happened. `type` says what; the other members depend on it. Never holds a session key. */
export type SessionEvent = { type: string; at: Date } & Record<string, unknown>;

// ------------------------------------------------------------------------------------------------- querying

/** Which sessions to list. All filters are ANDed; a blank string is no filter. */
export interface SessionQuery {
  /** A plain string must be equal. */
  subjectId?: TextFilter;
  /** A plain string must be equal. */
  sessionId?: TextFilter;
  /** A plain string must be contained. Without regard to case, in every form. */
  displayName?: TextFilter;
  /** Matches a subject id or session id that is equal, or a display name that contains it. */
  search?: string;
  clientId?: string;
  issuer?: string;
  ipAddress?: string;
  created?: TimeRange;
  renewed?: TimeRange;
  /** A session that never expires matches no range. */
  expires?: TimeRange;
  /** Default `any`. A session is expired when `expires` <= now. */
  state?: "active" | "expired" | "any";
  /** Default `newest`. */
  order?: "newest" | "oldest";
  /** Default `exact`. `capped` counts to 10,000; `none` leaves the totals out. */
  count?: "exact" | "capped" | "none";
  /** The page's size: default 25 (also for 0), at most 1,000 (more is cut). */
  countRequested?: number;
  /** From an earlier page of the same filter and order: the next page, or with `requestPriorResults` the one before. */
  resultsToken?: string;
  requestPriorResults?: boolean;
  /** Opens each session's ticket. Needs the keys given to the service's constructor. */
  includeTicket?: boolean;
}

/** How a text must match; `%`, `_` and the like are ordinary characters. */
export type TextFilter = string | { equals: string } | { startsWith: string } | { contains: string };

/** A half-open range: `after` <= time < `before`. */
export interface TimeRange {
  after?: Date | string | number;
  before?: Date | string | number;
}

/** One page of sessions. */
export interface QueryResult {
  results: UserSession[];
  /** For the next page or the one before. Absent when there is no session to hold on to. */
  resultsToken?: string;
  hasPrevResults: boolean;
  hasNextResults: boolean;
  totalCount?: number;
  /** True when `totalCount` stopped at 10,000 and there are more. */
  totalCountIsCapped?: boolean;
  totalPages?: number;
  currentPage?: number;
}

/** A session as an administrator sees it: without its key. */
export interface UserSession {
  subjectId: string;
  sessionId: string;
  displayName?: string;
  issuer?: string;
  created: Date;
  renewed: Date;
  expires?: Date;
  clientIds: string[];
  ipAddress?: string;
  userAgent?: string;
  attributes?: Record<string, string>;
  /** With `includeTicket`; absent when the ticket cannot be opened. */
  authenticationTicket?: unknown;
}

// ------------------------------------------------------------------------------------------------- removing

/** Whose sessions to end, and what goes with them. `subjectId`, `sessionId` or both are required. */
export interface RemoveSessionsContext {
  subjectId?: string;
  sessionId?: string;
  /** Limits the grants and the notifications, never the sessions. An empty list is an error. */
  clientIds?: string[];
  /** Spares these: "sign out everywhere else". */
  exceptSessionIds?: string[];
  /** Default true. */
  removeServerSideSession?: boolean;
  /** Default true. Set explicitly, the service it needs must be injected. */
  sendBackchannelLogoutNotification?: boolean;
  /** Default true: refresh tokens, reference tokens, authorization codes, CIBA requests. */
  revokeTokens?: boolean;
  /** Default true. Consents belong to a subject: a call that names a session leaves them. */
  revokeConsents?: boolean;
  /** Checks, reads and reports the same, and changes nothing. */
  dryRun?: boolean;
  /** Why, for the event log. */
  reason?: string;
  /** Who asked for it, for the event log. */
  actor?: string;
}

/** What a removal did. */
export interface RemovalReport {
  sessionsRemoved: number;
  tokensRevoked: number;
  consentsRevoked: number;
  /** Grants of other types than tokens and consents: both flags together mean every type. */
  otherGrantsRevoked: number;
  notifications: { delivered: number; pending: number; failed: number; skipped: number };
  /** The first 1,000; the counts are complete. */
  deliveries: Delivery[];
  /** What the caller should know: what was left and why. */
  notes: string[];
  dryRun: boolean;
}

/** For every call. */
export interface CallOptions {
  /** Ends the call early with `aborted`. What was done by then stays done; repeating the call completes it. */
  signal?: AbortSignal;
  onProgress?: (done: { sessions: number; notifications: number }) => void;
}

// --------------------------------------------------------------------------------------------------- tickets

/** A sign-in to be stored. */
export interface NewSession {
  subjectId: string;
  /** Default: 16 random bytes, hex. */
  sessionId?: string;
  displayName?: string;
  issuer?: string;
  /** Default `default`. */
  scheme?: string;
  /** Absent: the session never expires. */
  expires?: Date | string | number;
  clients?: (string | ClientSession)[];
  ipAddress?: string;
  userAgent?: string;
  attributes?: Record<string, string>;
  /** Whatever the host wants back; JSON. Sealed before it reaches the store. */
  ticket?: unknown;
}

/**
 * What changes at a renewal: what is absent stays, `null` clears. Another subject or session id ends the session and begins a
 * new one.
 */
export type SessionChange = Partial<Pick<NewSession, "subjectId" | "sessionId" | "scheme" | "ticket">> & {
  [Name in "displayName" | "issuer" | "expires" | "ipAddress" | "userAgent" | "attributes"]?: NewSession[Name] | null;
};

/** A stored session with its ticket opened. */
export type TicketSession = Omit<StoredSession, "ticket" | "displayNameFolded"> & { ticket?: unknown };

/** 256-bit keys by key id; strings are base64url. `current` seals, every key opens. */
export interface TicketKeys {
  current: string;
  keys: Record<string, Uint8Array | string>;
}
