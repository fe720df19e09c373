/**
 * The routes of the API. `openapi.json` describes the same ones.
 *
 * @module
 */

import type { Route } from "./call.js";
import { listDeliveries, retryDelivery } from "./deliveries.js";
import { followEvents } from "./events.js";
import { showCaller, showHealth, showOpenApi } from "./me.js";
import { endSession, purgeSessions, removeSessions } from "./removal.js";
import { listSessions, querySessions, showSession } from "./sessions.js";
import { statsRoute } from "./stats.js";

/** The routes of one API, because `GET /v1/stats` keeps numbers per API. */
export function routes(): readonly Route[] {
  return [
    get("/v1/me", undefined, showCaller),
    get("/v1/sessions", "read", listSessions),
    { ...post("/v1/sessions/query", "read", querySessions), hasBody: true },
    get("/v1/sessions/:sessionId", "read", showSession),
    {
      method: "DELETE",
      path: "/v1/sessions/:sessionId",
      permission: "remove",
      answer: endSession,
    },
    { ...post("/v1/sessions/remove", "remove", removeSessions), hasBody: true },
    { ...post("/v1/sessions/purge", "purge", purgeSessions), hasBody: true },
    get("/v1/deliveries", "read", listDeliveries),
    post("/v1/deliveries/:id/retry", "remove", retryDelivery),
    get("/v1/events", "read", followEvents),
    get("/v1/stats", "read", statsRoute()),
    get("/v1/openapi.json", "read", showOpenApi),
    get("/v1/health", "read", showHealth),
  ];
}

function get(path: string, permission: Route["permission"], answer: Route["answer"]): Route {
  return { method: "GET", path, permission, answer };
}

function post(path: string, permission: Route["permission"], answer: Route["answer"]): Route {
  return { method: "POST", path, permission, answer };
}
