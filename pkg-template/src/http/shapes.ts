/**
 * The schemas of responses and bodies. `openapi.json` is generated from them. At run time the core
 * checks bodies. The end of this file asserts that the schemas match the core's types.
 *
 * @module
 */

import * as v from "valibot";
import type {
  Delivery as CoreDelivery,
  DeliveryList as CoreDeliveryList,
  PurgePreview as CorePurgePreview,
  PurgeReport as CorePurgeReport,
  PurgeRequest as CorePurgeRequest,
  RemovalReport as CoreRemovalReport,
  SessionCount as CoreSessionCount,
  SessionQuery as CoreSessionQuery,
  SessionEvent,
  UserSession,
} from "../types.js";

import { MAX_ID, MAX_IDS, MAX_NAME } from "./limits.js";
import { REASON, stored } from "./parameters.js";
import { type ProblemCode, STATUS_OF } from "./problem.js";

// Responses. Their objects are open, because a later version may add members.

const instant = v.pipe(v.string(), v.isoTimestamp(), v.description("RFC 3339, in UTC."));
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.string();
const flag = v.boolean();

/** A count that may have stopped at a limit. */
export const COUNT = v.object({
  count: whole,
  capped: v.exactOptional(
    v.pipe(v.literal(true), v.description("Counting stopped at `count`. There are more.")),
  ),
});

/** A session. */
export const SESSION = v.object({
  subjectId: text,
  sessionId: text,
  displayName: v.exactOptional(text),
  issuer: v.exactOptional(text),
  created: instant,
  renewed: instant,
  expires: v.exactOptional(v.pipe(instant, v.description("Absent if the session never expires."))),
  clientIds: v.array(text),
  ipAddress: v.exactOptional(text),
  userAgent: v.exactOptional(text),
  attributes: v.exactOptional(v.record(text, text)),
  unreadable: v.exactOptional(
    v.pipe(
      v.array(
        v.picklist([
          "subjectId",
          "sessionId",
          "displayName",
          "issuer",
          "created",
          "renewed",
          "expires",
          "clientIds",
          "ipAddress",
          "userAgent",
          "attributes",
          "authenticationTicket",
          "unreadable",
        ]),
      ),
      v.description("Members that the store can't read because the row is damaged."),
    ),
  ),
  own: v.exactOptional(v.pipe(v.literal(true), v.description("This is the caller's session."))),
});

/** A page of sessions. */
export const PAGE = v.object({
  results: v.array(SESSION),
  resultsToken: v.exactOptional(text),
  hasPrevResults: flag,
  hasNextResults: flag,
  totalCount: v.exactOptional(whole),
  totalCountIsCapped: v.exactOptional(flag),
  totalPages: v.exactOptional(whole),
  currentPage: v.exactOptional(whole),
});

/** The state of one notification. */
export const DELIVERY = v.object({
  id: text,
  kind: v.exactOptional(v.picklist(["logout", "session_revoked"])),
  clientId: text,
  subjectId: v.exactOptional(text),
  sessionId: v.exactOptional(text),
  issuer: v.exactOptional(text),
  state: v.picklist(["delivered", "pending", "failed", "skipped"]),
  attempts: whole,
  status: v.exactOptional(whole),
  error: v.exactOptional(text),
  nextAttempt: v.exactOptional(instant),
});

/** A page of notifications. */
export const DELIVERIES = v.object({
  deliveries: v.array(DELIVERY),
  after: v.exactOptional(text),
});

const REPORT_MEMBERS = {
  sessionsRemoved: whole,
  tokensRevoked: whole,
  consentsRevoked: whole,
  otherGrantsRevoked: whole,
  notifications: v.object({ delivered: whole, pending: whole, failed: whole, skipped: whole }),
  deliveries: v.pipe(v.array(DELIVERY), v.description("The first 1,000 notifications.")),
  notes: v.pipe(v.array(text), v.description("Data that was kept, and the reasons.")),
  dryRun: flag,
};

/** The report of a removal. */
export const REMOVAL_REPORT = v.object(REPORT_MEMBERS);

/** The report of one call of a purge. */
export const PURGE_REPORT = v.object({
  ...REPORT_MEMBERS,
  more: v.pipe(flag, v.description("Sessions remain. Call again with `confirmToken`.")),
  failed: v.pipe(whole, v.description("The number of sessions that couldn't be ended.")),
  confirmToken: v.exactOptional(text),
});

/** The preview of a purge. */
export const PURGE_PREVIEW = v.object({
  count: whole,
  sample: v.pipe(v.array(SESSION), v.description("The newest sessions, at most 100.")),
  confirmToken: text,
  notes: v.exactOptional(v.array(text)),
});

/** The response to a retry. */
export const RETRIED = v.object({ retried: flag });

const permission = v.picklist(["read", "remove", "purge"]);

/** The caller, its permissions, and the features of the API. */
export const ME = v.object({
  actor: text,
  subjectId: v.exactOptional(text),
  sessionId: v.exactOptional(text),
  displayName: v.exactOptional(text),
  permissions: v.array(permission),
  issuers: v.exactOptional(v.array(text)),
  capabilities: v.object({
    filters: v.union([v.literal("all"), v.array(text)]),
    count: flag,
    deliveries: flag,
    events: flag,
    stats: flag,
  }),
  limits: v.object({ countRequested: whole, purge: whole }),
  requireReason: flag,
  stepUp: v.exactOptional(v.object({ maxAge: whole, for: v.array(permission) })),
  version: text,
});

/** The counts for a dashboard. */
export const STATS = v.object({
  at: instant,
  active: COUNT,
  expired: COUNT,
  expiringWithinHour: COUNT,
  created: v.pipe(
    v.array(v.object({ from: instant, to: instant, ...COUNT.entries })),
    v.description("Counts by hour, each up to 1,000. Removed sessions aren't counted."),
  ),
  clients: v.exactOptional(v.array(v.object({ clientId: text, active: COUNT }))),
  deliveries: v.exactOptional(v.object({ pending: COUNT, failed: COUNT })),
});

/** The response if the API and its store work. */
export const HEALTH = v.object({ status: v.literal("ok"), store: v.literal("ok"), version: text });

/** A refusal (RFC 9457). */
export const PROBLEM = v.object({
  type: text,
  title: text,
  status: whole,
  code: v.picklist(Object.keys(STATUS_OF) as [ProblemCode, ...ProblemCode[]]),
  detail: text,
  parameter: v.exactOptional(v.pipe(text, v.description("The invalid parameter or member."))),
  signIn: v.exactOptional(v.pipe(text, v.description("The URL where a user signs in."))),
});

// Bodies. The core refuses unknown members.

const id = stored(MAX_ID);
const issuer = stored(MAX_NAME);
const issuers = v.union([
  issuer,
  v.pipe(v.array(issuer), v.minLength(1), v.maxLength(100), v.description("Matches any of these.")),
]);
/** An instant. `openapi.mjs` adds its limits. */
export const BOUND = v.union([text, v.number()]);
const range = v.strictObject({
  after: v.exactOptional(BOUND),
  before: v.exactOptional(BOUND),
});

/** The filters of a query. `text` makes the schema of a string with a maximum length. */
function filterMembers<
  Text extends v.GenericSchema<string>,
  Range extends v.GenericSchema<v.InferOutput<typeof range>>,
>(text: (most: number) => Text, times: Range) {
  const textFilter = (most: number, description: string) =>
    v.exactOptional(
      v.pipe(
        v.union([
          text(most),
          v.strictObject({ equals: text(most) }),
          v.strictObject({ startsWith: text(most) }),
          v.strictObject({ contains: text(most) }),
        ]),
        v.description(description),
      ),
    );
  return {
    subjectId: textFilter(MAX_ID, "A string must match exactly."),
    sessionId: textFilter(MAX_ID, "A string must match exactly."),
    displayName: textFilter(MAX_NAME, "Ignores case. A string matches a part of the name."),
    search: v.exactOptional(
      v.pipe(
        text(MAX_NAME),
        v.description("Matches a whole subject id, a whole session id, or a part of the name."),
      ),
    ),
    clientId: v.exactOptional(text(MAX_ID)),
    issuer: v.exactOptional(
      v.union([
        text(MAX_NAME),
        v.pipe(
          v.array(issuer),
          v.minLength(1),
          v.maxLength(100),
          v.description("Matches any of these."),
        ),
      ]),
    ),
    ipAddress: v.exactOptional(text(MAX_ID)),
    created: v.exactOptional(times),
    renewed: v.exactOptional(times),
    expires: v.exactOptional(times),
    state: v.exactOptional(v.picklist(["active", "expired", "any"])),
  };
}

/** `POST /v1/sessions/query`. */
export const SESSION_QUERY = v.strictObject({
  ...filterMembers(() => text, range),
  order: v.exactOptional(v.picklist(["newest", "oldest"])),
  count: v.exactOptional(
    v.pipe(v.picklist(["exact", "capped", "none"]), v.description("Default: `capped`.")),
  ),
  countRequested: v.exactOptional(
    v.pipe(whole, v.description("Default: 25, also for 0. Larger values are reduced to 1,000.")),
  ),
  resultsToken: v.exactOptional(v.string()),
  requestPriorResults: v.exactOptional(flag),
});

const SCOPE_MEMBERS = {
  clientIds: v.exactOptional(
    v.pipe(
      v.array(id),
      v.minLength(1),
      v.maxLength(MAX_IDS),
      v.description("Limits the grants and the notifications, but not the sessions."),
    ),
  ),
  exceptSessionIds: v.exactOptional(
    v.pipe(v.array(id), v.maxLength(MAX_IDS), v.description("Sessions to exclude.")),
  ),
  removeServerSideSession: v.exactOptional(v.pipe(flag, v.description("Default: true."))),
  sendBackchannelLogoutNotification: v.exactOptional(v.pipe(flag, v.description("Default: true."))),
  revokeTokens: v.exactOptional(v.pipe(flag, v.description("Default: true."))),
  revokeConsents: v.exactOptional(v.pipe(flag, v.description("Default: true."))),
  dryRun: v.exactOptional(
    v.pipe(flag, v.description("Returns the same report and changes nothing.")),
  ),
  reason: v.exactOptional(v.pipe(REASON, v.description("The reason. Events contain it."))),
  includeOwn: v.exactOptional(
    v.pipe(flag, v.description("Ends the caller's session too. Default: false.")),
  ),
};
const REMOVAL_MEMBERS = { ...SCOPE_MEMBERS, issuer: v.exactOptional(issuers) };

/** `POST /v1/sessions/remove`. */
export const REMOVAL = v.union([
  v.strictObject({ subjectId: id, sessionId: v.exactOptional(id), ...REMOVAL_MEMBERS }),
  v.strictObject({ subjectId: v.exactOptional(id), sessionId: id, ...REMOVAL_MEMBERS }),
  v.strictObject({
    sessions: v.pipe(
      v.array(v.strictObject({ subjectId: id, sessionId: id })),
      v.minLength(1),
      v.maxLength(500),
    ),
    ...REMOVAL_MEMBERS,
  }),
]);

const PURGE_MEMBERS = {
  confirmToken: v.exactOptional(
    v.pipe(text, v.description("The token of the preview or of the previous call.")),
  ),
  limit: v.exactOptional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.description("Default: 10,000. Larger values are reduced to it."),
    ),
  ),
  ...SCOPE_MEMBERS,
};

/** `POST /v1/sessions/purge`. Refuses blank strings and `{}`, which would filter nothing. */
export const PURGE = v.union([
  v.strictObject({
    filter: v.pipe(
      v.strictObject({
        ...filterMembers(stored, v.pipe(range, v.minEntries(1))),
        state: v.exactOptional(v.picklist(["active", "expired"])),
      }),
      v.minEntries(1),
    ),
    everything: v.exactOptional(v.literal(false)),
    ...PURGE_MEMBERS,
  }),
  v.strictObject({
    filter: v.strictObject({}),
    everything: v.pipe(v.literal(true), v.description("Confirms a purge of all sessions.")),
    ...PURGE_MEMBERS,
  }),
]);

/**
 * A session as returned by the API: a `UserSession` without its ticket.
 *
 * @interface
 */
export type Session = v.InferOutput<typeof SESSION>;
/**
 * A page of sessions.
 *
 * @interface
 */
export type Page = v.InferOutput<typeof PAGE>;
/**
 * The response of `GET /v1/me`.
 *
 * @interface
 */
export type Me = v.InferOutput<typeof ME>;
/**
 * The response of `GET /v1/stats`.
 *
 * @interface
 */
export type Stats = v.InferOutput<typeof STATS>;
/**
 * A refusal (RFC 9457).
 *
 * @interface
 */
export type ProblemDocument = v.InferOutput<typeof PROBLEM>;
/**
 * A delivery, as `GET /v1/deliveries` and reports have it.
 *
 * @interface
 */
export type DeliveryData = v.InferOutput<typeof DELIVERY>;
/**
 * The answer of `GET /v1/deliveries`.
 *
 * @interface
 */
export type DeliveriesData = v.InferOutput<typeof DELIVERIES>;
/**
 * The report of a removal.
 *
 * @interface
 */
export type RemovalReportData = v.InferOutput<typeof REMOVAL_REPORT>;
/**
 * The report of one call of a purge.
 *
 * @interface
 */
export type PurgeReportData = v.InferOutput<typeof PURGE_REPORT>;
/**
 * The preview of a purge.
 *
 * @interface
 */
export type PurgePreviewData = v.InferOutput<typeof PURGE_PREVIEW>;
/** The body of `POST /v1/sessions/query`: a `SessionQuery` as JSON, without `includeTicket`. */
export type SessionQueryBody = v.InferInput<typeof SESSION_QUERY>;
/**
 * The body of `POST /v1/sessions/remove`: a `RemoveSessionsContext` as JSON, without `actor` and
 * with `includeOwn`.
 */
export type RemovalBody = v.InferInput<typeof REMOVAL>;
/**
 * The body of `POST /v1/sessions/purge`: a `PurgeRequest` as JSON, without `actor` and with
 * `includeOwn`.
 */
export type PurgeBody = v.InferInput<typeof PURGE>;
/** The data of an event of `GET /v1/events`: a `SessionEvent` as JSON. */
export type EventData = Json<SessionEvent>;

/** A value of the core in its JSON form. */
type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Entry)[]
    ? Json<Entry>[]
    : T extends object
      ? { [Name in keyof T]: Json<T[Name]> }
      : T;

/** A value of the core in a body, which can omit members. JSON has no `undefined`. */
type Body<T> = T extends Date
  ? never
  : T extends readonly (infer Entry)[]
    ? Body<Entry>[]
    : T extends object
      ? { [Name in keyof T]: Body<Exclude<T[Name], undefined>> }
      : T;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : A) : B;
type Holds<Is extends true> = Is;

/** Fails to compile if a schema doesn't match the core's type. */
export type SchemasAreTheTypes = [
  Holds<Same<Omit<Session, "own">, Json<Omit<UserSession, "authenticationTicket">>>>,
  Holds<Same<v.InferOutput<typeof COUNT>, CoreSessionCount>>,
  Holds<Same<v.InferOutput<typeof DELIVERY>, Json<CoreDelivery>>>,
  Holds<Same<v.InferOutput<typeof DELIVERIES>, Json<CoreDeliveryList>>>,
  Holds<Same<v.InferOutput<typeof REMOVAL_REPORT>, Json<CoreRemovalReport>>>,
  Holds<Same<v.InferOutput<typeof PURGE_REPORT>, Json<CorePurgeReport>>>,
  Holds<
    Same<
      Omit<v.InferOutput<typeof PURGE_PREVIEW>, "sample" | "notes">,
      Omit<CorePurgePreview, "sample">
    >
  >,
  Holds<Same<v.InferOutput<typeof SESSION_QUERY>, Body<Omit<CoreSessionQuery, "includeTicket">>>>,
  Holds<
    Same<keyof v.InferOutput<typeof PURGE>, Exclude<keyof CorePurgeRequest, "actor"> | "includeOwn">
  >,
];
