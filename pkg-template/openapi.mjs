/**
 * Makes `openapi.json` from the schemas and the routes of `rollcall/http`. `cargo xtask build` runs
 * it on the compiled TypeScript:
 *
 *     node pkg-template/openapi.mjs FOLDER VERSION
 *
 * It writes `openapi.json` and `http/openapi-document.js` into the folder.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";

const [folder = "pkg", version = "0.0.0"] = process.argv.slice(2);

/** @param {string} name */
const load = (name) => import(pathToFileURL(path.resolve(folder, "http", name)).href);
const [shapes, parameters, limits, { routes }, { STATUS_OF }] = await Promise.all(
  ["shapes.js", "parameters.js", "limits.js", "routes.js", "problem.js"].map(load),
);

/** The schemas that have a name in the document. */
const NAMED = {
  Session: shapes.SESSION,
  Page: shapes.PAGE,
  Delivery: shapes.DELIVERY,
  DeliveryPage: shapes.DELIVERIES,
  RemovalReport: shapes.REMOVAL_REPORT,
  PurgeReport: shapes.PURGE_REPORT,
  PurgePreview: shapes.PURGE_PREVIEW,
  Retried: shapes.RETRIED,
  Me: shapes.ME,
  Count: shapes.COUNT,
  Stats: shapes.STATS,
  Health: shapes.HEALTH,
  Problem: shapes.PROBLEM,
  SessionQuery: shapes.SESSION_QUERY,
  Removal: shapes.REMOVAL,
  Purge: shapes.PURGE,
};

const TAGS = {
  sessions: "Lists sessions and ends them.",
  deliveries: "The notifications of clients that sessions have ended.",
  events: "A live stream of events.",
  api: "The caller, and the API itself.",
};

/** The operation of each route. `problems` are the codes beyond those that every route has. */
const DOCUMENTED = {
  "GET /v1/me": {
    id: "showCaller",
    tag: "api",
    summary: "Show the caller",
    description: "The caller, its permissions, and the features of the API.",
    answer: "Me",
  },
  "GET /v1/sessions": {
    id: "listSessions",
    tag: "sessions",
    summary: "List sessions",
    description:
      "One page of the sessions that match all filters. URLs are logged in many places. Use `POST /v1/sessions/query` to keep names and ids out of them.",
    query: parameters.SESSION_QUERY,
    answer: "Page",
    link: "`first`, `next` and `prev` (RFC 8288), relative to this URL.",
    problems: ["invalid_results_token", "results_token_mismatch", "unsupported_filter"],
  },
  "POST /v1/sessions/query": {
    id: "querySessions",
    tag: "sessions",
    summary: "Query sessions",
    description: "One page of the sessions that match all filters.",
    body: "SessionQuery",
    answer: "Page",
    problems: ["invalid_results_token", "results_token_mismatch", "unsupported_filter"],
  },
  "GET /v1/sessions/:sessionId": {
    id: "showSession",
    tag: "sessions",
    summary: "Show a session",
    description: "The newest session with this id.",
    query: parameters.SHOW_QUERY,
    answer: "Session",
    problems: ["session_not_found", "session_ambiguous", "unsupported_filter"],
  },
  "DELETE /v1/sessions/:sessionId": {
    id: "endSession",
    tag: "sessions",
    summary: "End a session",
    description:
      "Ends the session, revokes its tokens and notifies its clients. If there is no such session, the report has zeros. Repeating the call is safe.",
    query: parameters.END_QUERY,
    answer: "RemovalReport",
    problems: ["session_ambiguous", "reason_required", "unsupported_filter", "sender_failed"],
  },
  "POST /v1/sessions/remove": {
    id: "removeSessions",
    tag: "sessions",
    summary: "End sessions",
    description:
      "Ends the sessions of a subject, one session, or a list of up to 500 sessions. The caller's session stays active unless it is listed or `includeOwn` is set. Repeating the call completes it; a call that only notifies sends notifications again.",
    body: "Removal",
    answer: "RemovalReport",
    problems: ["empty_target", "reason_required", "unsupported_filter", "sender_failed"],
  },
  "POST /v1/sessions/purge": {
    id: "purgeSessions",
    tag: "sessions",
    summary: "End every session that matches",
    description:
      "Without `confirmToken` the call is a preview and changes nothing. With the token of the preview it ends up to `limit` sessions. While the report has `more`, call again with the report's token.",
    body: "Purge",
    answer: ["PurgePreview", "PurgeReport"],
    problems: [
      "empty_target",
      "reason_required",
      "confirm_token_stale",
      "unsupported_filter",
      "sender_failed",
    ],
  },
  "GET /v1/deliveries": {
    id: "listDeliveries",
    tag: "deliveries",
    summary: "List notifications",
    description: "Notifications in the order of their ids.",
    query: parameters.DELIVERIES_QUERY,
    answer: "DeliveryPage",
    link: "`next` (RFC 8288), relative to this URL.",
    problems: [],
  },
  "POST /v1/deliveries/:id/retry": {
    id: "retryDelivery",
    tag: "deliveries",
    summary: "Retry a notification",
    description:
      "Makes a failed notification due at once. `retried` is false if there is no such notification.",
    answer: "Retried",
    problems: [],
  },
  "GET /v1/events": {
    id: "followEvents",
    tag: "events",
    summary: "Follow events",
    description:
      "Server-Sent Events. The first is `hello` with the time. `reset` means that events were missed: list the sessions again. The data of the others is the event as JSON. To receive the events since the last one, pass its id in the header `Last-Event-ID` or in `lastEventId`.",
    query: parameters.EVENTS_QUERY,
    stream: true,
    problems: [],
  },
  "GET /v1/stats": {
    id: "showStats",
    tag: "sessions",
    summary: "Count sessions",
    description:
      "Counts for a dashboard, at most 15 seconds old. Counts stop at 10,000, and counts of an hour at 1,000.",
    query: parameters.STATS_QUERY,
    answer: "Stats",
    problems: ["unsupported_filter"],
  },
  "GET /v1/openapi.json": {
    id: "showOpenApi",
    tag: "api",
    summary: "Show this document",
    description: "The OpenAPI document of the API.",
    document: true,
    problems: [],
  },
  "GET /v1/health": {
    id: "showHealth",
    tag: "api",
    summary: "Check that the store answers",
    description: "Reads one session. 503 if the store fails.",
    answer: "Health",
    problems: [],
  },
};

/** The problems of every route. */
const ALWAYS = [
  "invalid_argument",
  "not_signed_in",
  "step_up_required",
  "forbidden",
  "cross_site_request",
  "url_too_long",
  "too_many_requests",
  "internal",
  "not_configured",
  "store_failed",
  "aborted",
];
const WITH_BODY = ["invalid_json", "body_too_large", "not_json"];

const SETTINGS = /** @type {const} */ ({
  target: "draft-2020-12",
  typeMode: "input",
  ignoreActions: ["check"],
  overrideSchema: (/** @type {any} */ { valibotSchema }) =>
    valibotSchema === shapes.BOUND ? INSTANT : undefined,
});

/** An instant, as the core accepts it. Numbers that look like seconds are excluded. */
const INSTANT = {
  anyOf: [
    { type: "string", format: "date-time" },
    { type: "string", format: "date" },
    { type: "number", minimum: 100_000_000_000, maximum: 8_640_000_000_000_000 },
    { type: "number", minimum: -8_640_000_000_000_000, maximum: 0 },
  ],
  description: "RFC 3339, a date, or epoch milliseconds.",
};

/**
 * The JSON Schema of a parameter. Its parser reads numbers from strings, so the type is corrected.
 *
 * @param {any} schema of valibot
 * @param {any} found the JSON Schema that was made from it
 */
function asParameter(schema, found) {
  const parts = partsOf(schema);
  if (parts.includes(parameters.INSTANT)) {
    const whole = (/** @type {any} */ form) =>
      form.type === "number" ? { ...form, type: "integer" } : form;
    return { anyOf: INSTANT.anyOf.map(whole) };
  }
  const bound = (/** @type {string} */ type) => parts.find((part) => part.type === type);
  const [least, most] = [bound("min_value"), bound("max_value")];
  if (least === undefined || most === undefined) return found;
  return { type: "integer", minimum: least.requirement, maximum: most.requirement };
}

/**
 * The schema and its actions, without wrappers.
 *
 * @param {any} schema
 * @returns {any[]}
 */
function partsOf({ wrapped, pipe, ...schema }) {
  if (wrapped !== undefined) return partsOf(wrapped);
  if (pipe === undefined) return [schema];
  return pipe.flatMap((/** @type {any} */ part) => [part, ...(part.pipe ? partsOf(part) : [])]);
}

/**
 * The JSON Schema of a schema, with references to named schemas.
 *
 * @param {any} schema
 * @param {string} [own] its name
 */
function schemaOf(schema, own) {
  const definitions = Object.fromEntries(Object.entries(NAMED).filter(([name]) => name !== own));
  const { $schema, $defs, ...found } = toJsonSchema(schema, { ...SETTINGS, definitions });
  return withReferences(found);
}

/** @param {any} value */
function withReferences(value) {
  if (Array.isArray(value)) return value.map(withReferences);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => {
    if (name === "$ref") {
      return [name, String(member).replace("#/$defs/", "#/components/schemas/")];
    }
    // Some regex engines don't support `\0`.
    if (name === "pattern") return [name, String(member).replaceAll("\\0", "\\u0000")];
    return [name, withReferences(member)];
  });
  return Object.fromEntries(entries);
}

/** @param {string} name */
const reference = (name) => ({ $ref: `#/components/schemas/${name}` });

/** @param {any} route */
function parametersOf(route, { query }) {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    description: name === "id" ? "The id of the notification." : "The session id.",
    schema: schemaOf(parameters.stored(limits.MAX_ID)),
  }));
  const { properties = {} } = query ? schemaOf(query) : {};
  const inQuery = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    description,
    schema: asParameter(query.entries[name], schema),
    ...(schema.type === "array" && { style: "form", explode: true }),
  }));
  return [...inPath, ...inQuery];
}

/** @param {readonly string[]} codes */
function problemsOf(codes) {
  const byStatus = new Map();
  for (const code of codes) {
    const status = String(STATUS_OF[code]);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].sort().map(([status, found]) => [
      status,
      {
        description: found.map((/** @type {string} */ code) => `\`${code}\``).join(", "),
        headers: headersOf(status),
        content: { "application/problem+json": { schema: reference("Problem") } },
      },
    ]),
  );
}

/** @param {string} status */
function headersOf(status) {
  if (status === "401") {
    return {
      "WWW-Authenticate": { description: "RFC 6750, RFC 9470.", schema: { type: "string" } },
    };
  }
  if (status === "429" || status === "503") {
    return { "Retry-After": { description: "In seconds.", schema: { type: "integer" } } };
  }
  return undefined;
}

function successOf({ answer, link, stream, document }) {
  const headers = link && { Link: { description: link, schema: { type: "string" } } };
  const json = (/** @type {object} */ schema) => ({ "application/json": { schema } });
  const content = stream
    ? { "text/event-stream": { schema: reference("StreamedEvent") } }
    : document
      ? json({ type: "object" })
      : json(Array.isArray(answer) ? { anyOf: answer.map(reference) } : reference(answer));
  return { description: "Done.", headers, content };
}

function operationOf(route) {
  const name = `${route.method} ${route.path}`;
  const documented = DOCUMENTED[name];
  if (documented === undefined) throw new Error(`\`${name}\` is not documented: add it`);
  const { id, tag, summary, description, body, problems = [] } = documented;
  const codes = [...ALWAYS, ...(route.hasBody ? WITH_BODY : []), ...problems];
  const needs =
    route.permission === undefined ? "any actor" : `the permission \`${route.permission}\``;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: `${description} Needs ${needs}.`,
    "x-permission": route.permission,
    parameters: parametersOf(route, documented),
    requestBody: body && {
      required: true,
      content: { "application/json": { schema: reference(body) } },
    },
    responses: { 200: successOf(documented), ...problemsOf(codes) },
  };
}

/** An event of the stream, field by field. */
const EVENT = [
  "StreamedEvent",
  {
    type: "object",
    description: "One event of the stream (HTML standard, section 9.2).",
    properties: {
      id: { type: "string" },
      event: { type: "string", description: "`hello`, `reset`, or the type of the event." },
      data: { type: "string", contentMediaType: "application/json" },
    },
    required: ["event", "data"],
  },
];

const paths = {};
const known = routes();
for (const route of known) {
  const template = route.path.replaceAll(/:(\w+)/g, "{$1}");
  paths[template] = { ...paths[template], [route.method.toLowerCase()]: operationOf(route) };
}
const forgotten = Object.keys(DOCUMENTED).filter(
  (name) => !known.some(({ method, path: at }) => name === `${method} ${at}`),
);
if (forgotten.length > 0) throw new Error(`there is no route \`${forgotten[0]}\`: remove it`);

const document = {
  openapi: "3.1.1",
  info: {
    title: "Rollcall admin API",
    version,
    description:
      "Lists the sessions of users, and ends them everywhere. Every call needs an actor with the permission that the operation names. Errors are problem documents (RFC 9457).",
    license: { name: "MIT OR Apache-2.0", identifier: "MIT OR Apache-2.0" },
  },
  servers: [{ url: "..", description: "The mount point, beside this document." }],
  security: [{ bearer: [] }, { cookie: [] }],
  tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  paths,
  components: {
    securitySchemes: {
      bearer: { type: "http", scheme: "bearer", description: "An access token, or a secret." },
      cookie: {
        type: "apiKey",
        in: "cookie",
        name: "__Host-session",
        description: "The session cookie of the provider, on the same origin.",
      },
    },
    schemas: Object.fromEntries([
      ...Object.entries(NAMED).map(([name, schema]) => [name, schemaOf(schema, name)]),
      EVENT,
    ]),
  },
};

const text = JSON.stringify(document);
await writeFile(path.join(folder, "openapi.json"), `${JSON.stringify(document, undefined, 2)}\n`);
await writeFile(
  path.join(folder, "http/openapi-document.js"),
  `export const OPENAPI = ${JSON.stringify(text)};\n`,
);
