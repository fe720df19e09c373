/**
 * The checks that every call passes before its route answers it. This is the security of the API.
 *
 * @module
 */

import { observe } from "../core/events.js";
import { isPlainObject } from "../plain-object.js";
import { type BodyFault, jsonBody } from "../request-body.js";
import { CLOCK_TOLERANCE } from "../signed-tokens.js";
import { type Actor, checkedActor, type Permission } from "./actor.js";
import type { ApiContext, Members, Route } from "./call.js";
import { isCrossSite } from "./cross-site.js";
import type { Settings } from "./options.js";
import { NO_QUERY, parse } from "./parameters.js";
import { internal, invalidParameter, Problem } from "./problem.js";

type Check = (c: ApiContext, route: Route, settings: Settings) => void | Promise<void>;

/** In seconds: a year. */
const LONGEST_WAIT = 31_536_000;

/** In characters. */
const MAX_URL = 8_192;

/**
 * The checks of a route, in order; the first that fails determines the answer. The length of the
 * URL, the route and its method have already been checked.
 */
const CHECKS: readonly Check[] = [
  refuseCrossSite, // 403 cross_site_request
  authorize, // 401 not_signed_in, 403 forbidden
  limit, // 429 too_many_requests
  requireRecentSignIn, // 401 step_up_required
  readBody, // 415 not_json, 413 body_too_large, 400 invalid_json
];

/**
 * Runs the checks of a route.
 *
 * @throws {Problem} the problem of the first check that fails
 */
export async function check(c: ApiContext, route: Route, settings: Settings): Promise<void> {
  for (const next of CHECKS) {
    await called(() => next(c, route, settings));
  }
}

/**
 * The URL of a request.
 *
 * @throws {Problem} `url_too_long`
 */
export function checkedUrl({ url }: Request): URL {
  if (url.length > MAX_URL) {
    throw new Problem("url_too_long", `a URL has at most ${MAX_URL} characters`);
  }
  return new URL(url);
}

function refuseCrossSite(c: ApiContext, _route: Route, { origin }: Settings): void {
  if (!isCrossSite(c.req.raw, origin)) return;
  const { headers } = c.req.raw;
  const isUnknown = !headers.has("sec-fetch-site") && !headers.has("origin");
  throw new Problem(
    "cross_site_request",
    isUnknown
      ? "a request with a cookie needs the header `Origin`: send it, or a bearer token and no cookie"
      : "this request comes from a page of another site: call the API from its own origin, or with a bearer token and no cookie",
  );
}

async function authorize(c: ApiContext, route: Route, settings: Settings): Promise<void> {
  c.set("actor", await authorized(c.req.raw, route, settings));
}

/**
 * The actor, if it may make the call.
 *
 * @throws {Problem} `not_signed_in` or `forbidden`
 */
export async function authorized(
  request: Request,
  { permission }: Pick<Route, "permission">,
  settings: Settings,
): Promise<Actor> {
  const found: unknown = await settings.authorize(request, permission);
  if (found === "forbidden") throw forbidden(permission);
  const actor = found === false ? undefined : actorOrReport(found, settings);
  if (actor === undefined) throw notSignedIn(request, settings);
  const { permissions, issuers } = actor;
  const isPermitted = permission === undefined || permissions.includes(permission);
  // With an empty list of issuers, the actor may see no session at all.
  if (!isPermitted || issuers?.length === 0) throw forbidden(permission, actor);
  return actor;
}

/** A malformed actor is treated as none: the caller gets 401, and `onError` the host's mistake. */
function actorOrReport(value: unknown, settings: Settings): Actor | undefined {
  try {
    return checkedActor(value);
  } catch (error) {
    observe("onError", () => settings.onError(error));
    return undefined;
  }
}

function notSignedIn(request: Request, settings: Settings): Problem {
  // RFC 6750, section 3.1: without credentials, the challenge has no error code.
  const challenge = request.headers.has("authorization")
    ? 'Bearer error="invalid_token"'
    : "Bearer";
  return new Problem("not_signed_in", "sign in, or send a valid access token", {
    members: signInOf(settings),
    headers: { "www-authenticate": challenge },
  });
}

function signInOf(settings: Settings): { signIn?: string } {
  return settings.signIn === undefined ? {} : { signIn: settings.signIn };
}

function forbidden(permission: Permission | undefined, actor?: Actor): Problem {
  const detail =
    permission === undefined
      ? "you may not make this call"
      : `this call needs the permission \`${permission}\``;
  return new Problem("forbidden", detail, { actor });
}

async function limit(c: ApiContext, { permission }: Route, settings: Settings): Promise<void> {
  const seconds = await settings.limit?.(c.var.actor, permission);
  if (seconds === undefined || !(seconds > 0)) return;
  const wait = Math.min(Math.ceil(seconds), LONGEST_WAIT);
  throw new Problem("too_many_requests", `call again in ${wait} s`, {
    headers: { "retry-after": String(wait) },
  });
}

/** OAuth 2.0 Step Up Authentication Challenge, RFC 9470, section 3. */
function requireRecentSignIn(c: ApiContext, route: Route, settings: Settings): void {
  const { stepUp } = settings;
  const { permission } = route;
  if (stepUp === undefined || permission === undefined || !stepUp.for.includes(permission)) return;
  const { actor } = c.var;
  const age = (Date.now() - (actor.authTime?.getTime() ?? Number.NEGATIVE_INFINITY)) / 1_000;
  // A sign-in in the future has a wrong unit or clock, and would count as recent forever.
  if (age <= stepUp.maxAge && age >= -CLOCK_TOLERANCE) return;
  throw new Problem(
    "step_up_required",
    `sign in again: this call needs a sign-in that is at most ${stepUp.maxAge} s old`,
    {
      members: signInOf(settings),
      headers: {
        "www-authenticate": `Bearer error="insufficient_user_authentication", error_description="a more recent sign-in is required", max_age=${stepUp.maxAge}`,
      },
    },
  );
}

async function readBody(c: ApiContext, { hasBody }: Route, settings: Settings): Promise<void> {
  if (!hasBody) return;
  // Rejects parameters such as `dryRun` in the URL.
  parse(NO_QUERY, c.env.url.searchParams);
  const body = await jsonBody(c.req.raw, settings.maxBody, (fault) => problemOf(fault, settings));
  if (!isPlainObject(body)) {
    throw new Problem("invalid_argument", "the body must be a JSON object");
  }
  refuseNull(body);
  c.set("body", body as Members);
}

/** The filter of a purge contains ranges; no body is nested more deeply. */
const LEVELS = 3;

/**
 * A program that has lost an id writes `null`. If that counted as absent, the call would end more
 * than intended.
 */
function refuseNull(members: object, levels = LEVELS): void {
  for (const [name, value] of Object.entries(members)) {
    if (value === null) {
      throw invalidParameter(name, `\`${name}\` must not be null: leave it out`);
    }
    if (isPlainObject(value) && levels > 1) refuseNull(value, levels - 1);
  }
}

function problemOf(fault: BodyFault, { maxBody }: Settings): Problem {
  switch (fault) {
    case "not_json":
      return new Problem("not_json", "send the body as `application/json`");
    case "too_large":
      return new Problem("body_too_large", `a body has at most ${maxBody} bytes`);
    case "broken_off":
      return new Problem("invalid_json", "the body ended early");
    case "invalid_json":
      return new Problem("invalid_json", "the body must be JSON, in UTF-8");
  }
}

/**
 * Calls a check. Any error that isn't a problem is a failure of the host's functions, not of the
 * caller.
 */
async function called(check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (thrown) {
    throw thrown instanceof Problem ? thrown : internal(thrown);
  }
}
