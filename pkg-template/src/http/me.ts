/**
 * The routes about the caller and the API itself.
 *
 * @module
 */

import type { ApiContext } from "./call.js";
import { MAX_PAGE_SIZE, MAX_PURGE } from "./limits.js";
import type { Settings } from "./options.js";
import { NO_QUERY, parse } from "./parameters.js";
import { jsonResponse, response } from "./response.js";
import type { Me } from "./shapes.js";
import { VERSION } from "./version.js";

/** `GET /v1/me`. */
export function showCaller(c: ApiContext, settings: Settings): Response {
  parse(NO_QUERY, c.env.url.searchParams);
  const { actor, subjectId, sessionId, displayName, permissions, issuers } = c.var.actor;
  const { filters, count } = settings.management.capabilities();
  const me: Me = {
    actor,
    ...(subjectId !== undefined && { subjectId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(displayName !== undefined && { displayName }),
    permissions: [...permissions],
    ...(issuers !== undefined && { issuers: [...issuers] }),
    capabilities: {
      filters,
      count,
      deliveries: settings.delivery !== undefined,
      events: settings.events !== undefined,
      stats: count,
    },
    limits: { countRequested: MAX_PAGE_SIZE, purge: MAX_PURGE },
    requireReason: settings.requireReason,
    ...(settings.stepUp !== undefined && {
      stepUp: { maxAge: settings.stepUp.maxAge, for: [...settings.stepUp.for] },
    }),
    version: VERSION,
  };
  return jsonResponse(me);
}

/** `GET /v1/health`. */
export async function showHealth(c: ApiContext, { management }: Settings): Promise<Response> {
  parse(NO_QUERY, c.env.url.searchParams);
  const { signal } = c.req.raw;
  await management.querySessions({ count: "none", countRequested: 1 }, { signal });
  return jsonResponse({ status: "ok", store: "ok", version: VERSION });
}

/** `GET /v1/openapi.json`. The document is only loaded on request. */
export async function showOpenApi(c: ApiContext): Promise<Response> {
  parse(NO_QUERY, c.env.url.searchParams);
  const { OPENAPI } = await import("./openapi-document.js");
  return response(OPENAPI, { "content-type": "application/json" });
}
