/**
 * The admin API over HTTP: one handler that lists sessions, ends them and shows the state of
 * notifications. The guide is `docs/guides/admin-api.md`.
 *
 * @example
 * const api = adminApi({
 *   management: new SessionManagement(host),
 *   authorize: bearerTokens({ issuer, audience, keys: issuerKeySet }),
 * });
 * const response = await api(new Request("https://id.example.com/admin/v1/sessions"));
 *
 * @module
 */

import { Hono } from "hono/tiny";
import { observe } from "./core/events.js";
import type { ApiContext, ApiEnvironment, CallContext, Route } from "./http/call.js";
import { check, checkedUrl } from "./http/checks.js";
import { type AdminApiOptions, checkedOptions, type Settings } from "./http/options.js";
import { DENIALS, internal, Problem, problemOfCall } from "./http/problem.js";
import { routes } from "./http/routes.js";
import { checkRequest } from "./web-request.js";

export type { Actor, Authorize, Permission, RedactedField } from "./http/actor.js";
export { type BearerTokensOptions, bearerTokens } from "./http/bearer-tokens.js";
export type { CallContext } from "./http/call.js";
export {
  type EventFeed,
  type EventSource,
  eventFeed,
  type FeedItem,
  type Subscription,
} from "./http/event-feed.js";
export type { AdminApiOptions, AdminManagement, StepUp } from "./http/options.js";
export type { ProblemCode } from "./http/problem.js";
export type {
  DeliveriesData,
  DeliveryData,
  EventData,
  Me,
  Page,
  ProblemDocument,
  PurgeBody,
  PurgePreviewData,
  PurgeReportData,
  RemovalBody,
  RemovalReportData,
  Session,
  SessionQueryBody,
  Stats,
} from "./http/shapes.js";
export { type StaticSecretOptions, staticSecret } from "./http/static-secret.js";

/**
 * Answers one request. A failure is an answer too, and goes to `onError` unless the caller caused
 * it. It only rejects with `invalid_argument`, if its argument is not a `Request`.
 *
 * @param context `waitUntil`: receives work that continues after the answer. On Cloudflare Workers
 * pass the context of the request, so that a removal is completed even if its caller disconnects.
 */
export type AdminApi = (request: Request, context?: CallContext) => Promise<Response>;

/**
 * Makes the handler of the admin API. Mount it under any path: its own routes begin with `/v1/`.
 *
 * Every call needs `authorize`, and nothing is readable without it. The caller can be a page of the
 * same origin with a cookie, or any client with a bearer token. There are no CORS headers.
 *
 * @throws {RollcallError} `invalid_argument` if an option is missing, unknown or malformed
 * @example
 * const api = adminApi({
 *   management,
 *   delivery,
 *   authorize,
 *   requireReason: true,
 *   stepUp: { maxAge: 300, for: ["remove", "purge"] },
 * });
 * const response = await api(new Request("https://id.example.com/v1/me"));
 */
export function adminApi(options: AdminApiOptions): AdminApi {
  const settings = checkedOptions(options);
  const app = new Hono<ApiEnvironment>({ getPath: (_, call) => call?.env?.path ?? "/" });
  const known = routes();
  for (const route of known) {
    app.on(route.method, route.path, (c) => answer(c, route, settings));
  }
  app.notFound(() => noSuchRoute().response());
  app.onError((error, c) => refuse(error, c.req.raw, settings));

  return async (request, context = {}) => {
    checkRequest(request, "the admin API", "api");
    try {
      const url = checkedUrl(request);
      const path = routePath(url, settings.basePath);
      checkRoute(known, request.method, path, settings);
      return await app.fetch(request, { context, url, path });
    } catch (thrown) {
      return refuse(thrown, request, settings);
    }
  };
}

async function answer(c: ApiContext, route: Route, settings: Settings): Promise<Response> {
  try {
    await check(c, route, settings);
    return await route.answer(c, settings);
  } catch (thrown) {
    const problem = problemOfCall(thrown);
    if (DENIALS.has(problem.code)) reportDenied(problem, c, route, settings);
    throw problem;
  }
}

/** Reports a call that was refused because of its caller, without the call's parameters. */
function reportDenied(problem: Problem, c: ApiContext, route: Route, settings: Settings): void {
  const { actor } = c.var.actor ?? problem.actor ?? {};
  const { permission, method, path } = route;
  settings.management.reportDenied({
    ...(actor !== undefined && { actor }),
    ...(permission !== undefined && { permission }),
    route: `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`,
  });
}

function refuse(thrown: unknown, request: Request, { onError }: Settings): Response {
  const problem = thrown instanceof Problem ? thrown : internal(thrown);
  // A disconnected caller is not a failure, and the answer is not read.
  const hasLeft = problem.code === "aborted" && request.signal.aborted;
  if (problem.status >= 500 && !hasLeft)
    observe("onError", () => onError(problem.cause ?? problem));
  return problem.response();
}

/** The path below the mount point; empty if the request is outside of it. */
function routePath({ pathname }: URL, basePath: string | undefined): string {
  const begin = basePath ?? pathname.slice(0, Math.max(pathname.indexOf("/v1/"), 0));
  if (!pathname.startsWith(`${begin}/v1/`)) return "/";
  // Hono's router ignores a trailing slash.
  return pathname.slice(begin.length) + (pathname.endsWith("/") ? "/" : "");
}

/** @throws {Problem} `no_such_route` or `method_not_allowed` */
function checkRoute(
  known: readonly Route[],
  method: string,
  path: string,
  { basePath }: Settings,
): void {
  // OpenAPI 3.1, section 4.8.8: a path without parameters is matched before paths with parameters.
  const literal = known.filter((route) => route.path === path);
  const found = literal.length > 0 ? literal : known.filter((route) => matches(route.path, path));
  const methods = found.map((route) => route.method);
  if (methods.length === 0) {
    throw path === "/" && basePath !== undefined ? noSuchRoute(NOT_MOUNTED) : noSuchRoute();
  }
  if (methods.some((known) => known === method)) return;
  const allow = [...new Set(methods)].sort().join(", ");
  throw new Problem("method_not_allowed", `use ${allow}`, { headers: { allow } });
}

const NOT_MOUNTED =
  "this path isn't under `basePath`: leave that out if the framework strips the mount point";

function noSuchRoute(detail = "there is no such route: see `/v1/openapi.json`"): Problem {
  return new Problem("no_such_route", detail);
}

/** Whether the path matches the route's pattern. */
function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => {
      const found = given[index];
      return part.startsWith(":") ? found !== "" : found === part;
    })
  );
}
