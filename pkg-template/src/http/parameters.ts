/**
 * The schemas of URL parameters. Requests are parsed with them, and `openapi.json` is generated
 * from them.
 *
 * @module
 */

import * as v from "valibot";
import { listed } from "../options.js";
import type { ApiContext } from "./call.js";
import { MAX_ID, MAX_NAME, MAX_PAGE_SIZE, MAX_REASON } from "./limits.js";
import { invalidParameter } from "./problem.js";

/** One of these words. */
function word<const Words extends readonly string[]>(words: Words) {
  return v.picklist(words, `must be one of ${listed(words)}`);
}

function described<Schema extends v.GenericSchema<string, unknown>>(schema: Schema, text: string) {
  return v.exactOptional(v.pipe(schema, v.description(text)));
}

/** A whole number from `least` to `most`, in decimal digits. */
function whole(least: number, most: number) {
  const range = `must be a whole number from ${least} to ${most.toLocaleString("en-US")}`;
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, range),
    v.transform(Number),
    v.minValue(least, range),
    v.maxValue(most, range),
  );
}

/** A string that stores can hold. It isn't blank and has at most `most` characters. */
export function stored(most: number) {
  return bounded(most, /^[\s\x85]*[^\s\x85\0][^\0]*$/, "must not be blank, and have no NUL");
}

/** The reason of a removal. */
export const REASON = bounded(MAX_REASON, /^[^\0]*$/, "must have no NUL");

function bounded(most: number, pattern: RegExp, message: string) {
  return v.pipe(
    v.string(),
    v.regex(pattern, message),
    // JSON Schema and the stores count code points; `v.maxLength` counts code units.
    v.metadata({ maxLength: most }),
    v.check(
      (text) => text.length <= most || [...text].length <= most,
      `must have at most ${most} characters`,
    ),
  );
}

const id = stored(MAX_ID);
const issuer = stored(MAX_NAME);

/** An RFC 3339 time or epoch milliseconds. */
export const INSTANT = v.pipe(
  v.string(),
  v.regex(
    /^(?:-?\d{1,16}|\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?)$/,
    "must be an RFC 3339 time, such as `2026-11-30T12:00:00Z`, or epoch milliseconds",
  ),
  v.transform((time) => (/^-?\d+$/.test(time) ? Number(time) : time)),
);

const yes = v.pipe(
  word(["true", "false"]),
  v.transform((text) => text === "true"),
);

const SUBJECT = "The subject id.";
const ISSUER = "The issuer under which the session began.";

/** `GET /v1/sessions`. Blank strings are ignored. */
export const SESSION_QUERY = v.strictObject({
  subjectId: described(v.string(), `${SUBJECT} Must match exactly.`),
  "subjectId.startsWith": described(v.string(), "The beginning of the subject id."),
  "subjectId.contains": described(v.string(), "A part of the subject id."),
  sessionId: described(v.string(), "The session id. Must match exactly."),
  "sessionId.startsWith": described(v.string(), "The beginning of the session id."),
  "sessionId.contains": described(v.string(), "A part of the session id."),
  displayName: described(v.string(), "A part of the name, ignoring case."),
  "displayName.equals": described(v.string(), "The whole name, ignoring case."),
  "displayName.startsWith": described(v.string(), "The beginning of the name, ignoring case."),
  search: described(
    v.string(),
    "A whole subject id, a whole session id, or a part of the name, ignoring case.",
  ),
  clientId: described(v.string(), "A client that took part in the session."),
  issuer: described(v.string(), ISSUER),
  ipAddress: described(v.string(), "The IP address. Must match exactly."),
  "created.after": described(INSTANT, "The session began at this time or later."),
  "created.before": described(INSTANT, "The session began before this time."),
  "renewed.after": described(INSTANT, "The session was last renewed at this time or later."),
  "renewed.before": described(INSTANT, "The session was last renewed before this time."),
  "expires.after": described(INSTANT, "The session expires at this time or later."),
  "expires.before": described(INSTANT, "The session expires before this time."),
  state: described(word(["active", "expired", "any"]), "Default: `any`."),
  order: described(word(["newest", "oldest"]), "The order by creation time. Default: `newest`."),
  count: described(
    word(["exact", "capped", "none"]),
    "Whether to count the matching sessions. Default: `capped`, which stops at 10,000.",
  ),
  countRequested: described(
    whole(0, 999_999_999),
    "The page size. Default: 25, also for 0. Larger values are reduced to 1,000.",
  ),
  resultsToken: described(v.string(), "The `resultsToken` of another page of the same query."),
  requestPriorResults: described(
    yes,
    "Returns the page before that one instead of the one after it.",
  ),
});

/** `GET /v1/sessions/{sessionId}`. */
export const SHOW_QUERY = v.strictObject({ subjectId: described(id, SUBJECT) });

/** `DELETE /v1/sessions/{sessionId}`. */
export const END_QUERY = v.strictObject({
  subjectId: described(id, SUBJECT),
  issuer: described(issuer, ISSUER),
  reason: described(REASON, "The reason. Events contain it."),
});

/** `GET /v1/deliveries`. */
export const DELIVERIES_QUERY = v.strictObject({
  state: described(word(["pending", "failed", "delivered"]), "The state of the notification."),
  subjectId: described(id, SUBJECT),
  sessionId: described(id, "The session id that the client uses."),
  clientId: described(id, "The client id."),
  after: described(id, "Only notifications whose id comes after this one."),
  limit: described(whole(1, MAX_PAGE_SIZE), "The page size. Default: 100."),
});

const eventType = v.pipe(
  v.string(),
  v.regex(/^\w{1,100}$/, "must be one event type: repeat the parameter for several"),
);

/** `GET /v1/events`. `types` may be repeated. */
export const EVENTS_QUERY = v.strictObject({
  types: v.exactOptional(
    v.pipe(v.array(eventType), v.description("Only events of these types. May be repeated.")),
  ),
  lastEventId: described(v.string(), "The id of the last event that you received."),
});

/** `GET /v1/stats`. */
export const STATS_QUERY = v.strictObject({
  hours: described(
    whole(1, 168),
    "The number of hours for which sign-ins are counted. Default: 24.",
  ),
});

/** A route without parameters. */
export const NO_QUERY = v.strictObject({});

const ABORT_EARLY = { abortEarly: true } as const;

/**
 * Reads the id in a path.
 *
 * @throws {Problem} `invalid_argument` if stores can't contain this id
 */
export function pathId(c: ApiContext, name: "id" | "sessionId"): string {
  const parsed = v.safeParse(id, c.req.param(name), ABORT_EARLY);
  if (parsed.success) return parsed.output;
  throw invalidParameter(name, `\`${name}\` ${parsed.issues[0].message}`);
}

type Parameters = v.StrictObjectSchema<
  Record<string, v.ExactOptionalSchema<v.GenericSchema, undefined>>,
  undefined
>;

/**
 * Parses the parameters of a URL.
 *
 * @throws {Problem} `invalid_argument` for a parameter that is unknown, repeated or malformed
 */
export function parse<Schema extends Parameters>(
  schema: Schema,
  search: URLSearchParams,
): v.InferOutput<Schema> {
  const found: Record<string, unknown> = {};
  for (const name of new Set(search.keys())) {
    const schemaOfName = Object.hasOwn(schema.entries, name) ? schema.entries[name] : undefined;
    if (schemaOfName === undefined) throw unknownParameter(schema, name);
    const [value, ...more] = search.getAll(name);
    const isList = schemaOfName.wrapped.type === "array";
    if (more.length > 0 && !isList) throw invalidParameter(name, `pass \`${name}\` once`);
    const parsed = v.safeParse(schemaOfName, isList ? [value, ...more] : value, ABORT_EARLY);
    if (!parsed.success) {
      throw invalidParameter(name, `\`${name}\` ${parsed.issues[0].message}`);
    }
    found[name] = parsed.output;
  }
  // The cast is safe, because every parameter is optional.
  return found as v.InferOutput<Schema>;
}

function unknownParameter(schema: Parameters, name: string) {
  const names = Object.keys(schema.entries);
  const known = names.length === 0 ? "there are none" : `the parameters are ${listed(names)}`;
  return invalidParameter(name, `unknown parameter \`${name}\`; ${known}`);
}
