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
 * The checks of a route, in order; the first that fails is the answer. The length of the URL, the
 * route and its method were checked before.
 */
const CHECKS: readonly Check[] = [
  refuseCrossSite, // 403 cross_site_request
  authorize, // 401 not_signed_in, 403 forbidden
  limit, // 429 too_many_requests
  requireRecentSignIn, // 401 step_up_required
  readBody, // 415 not_json, 413 body_too_large, 400 invalid_json
];

/**
 * Makes the checks of a route.
 *
 * @throws {Problem} that of the first check that fails
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
      : "a page of another site made this request: call the API from its own origin, or with a bearer token and no cookie",
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
  // No session is of no issuer's.
  if (!isPermitted || issuers?.length === 0) throw forbidden(permission, actor);
  return actor;
}

/** A wrong actor is none: the caller gets 401, and `onError` the mistake of the host. */
function actorOrReport(value: unknown, settings: Settings): Actor | undefined {
  try {
    return checkedActor(value);
  } catch (error) {
    observe("onError", () => settings.onError(error));
    return undefined;
  }
}

function notSignedIn(request: Request, settings: Settings): Problem {
  // RFC 6750, section 3.1: a caller that has sent no credentials gets no error code.
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
  // A sign-in in the future has a wrong unit or a wrong clock, and would be recent forever.
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
  // Such as `dryRun` in the wrong place.
  parse(NO_QUERY, c.env.url.searchParams);
  const body = await jsonBody(c.req.raw, settings.maxBody, (fault) => problemOf(fault, settings));
  if (!isPlainObject(body)) {
    throw new Problem("invalid_argument", "the body must be a JSON object");
  }
  refuseNull(body);
  c.set("body", body as Members);
}

/** The filter in a purge has ranges in it, and nothing has more levels. */
const LEVELS = 3;

/**
 * A program that has lost an id writes `null`, and would end more than it means if that were no
 * target.
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
      return new Problem("invalid_json", "the body broke off");
    case "invalid_json":
      return new Problem("invalid_json", "the body must be JSON, in UTF-8");
  }
}

/**
 * Calls a check. What isn't a problem by then is a failure of the host's functions, and the caller
 * has no part in it.
 */
async function called(check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (thrown) {
    throw thrown instanceof Problem ? thrown : internal(thrown);
  }
}
