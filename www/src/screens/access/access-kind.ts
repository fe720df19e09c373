/**
 * The reasons for a missing connection, grouped by what the user can do.
 *
 * @module
 */

import type { Failure } from "../../api/failure";

/**
 * - `signIn`: the server doesn't know the user.
 * - `forbidden`: it knows the user, but the user has no permissions.
 * - `crossSite`: it refuses requests from this page.
 * - `offline`, `gateway`, `database`, `busy`: it may answer later.
 * - `missing`: the answer doesn't come from the admin API.
 * - `notConfigured`, `broken`: the operator of the server must act.
 */
export type AccessKind =
  | "signIn"
  | "forbidden"
  | "crossSite"
  | "offline"
  | "gateway"
  | "database"
  | "busy"
  | "missing"
  | "notConfigured"
  | "broken";

export function accessKind({ code, status = 0 }: Failure): AccessKind {
  if (code === "cross_site_request") return "crossSite";
  if (code === "offline") return "offline";
  if (status === 401) return "signIn";
  if (status === 403) return "forbidden";
  if (status === 429) return "busy";
  if (code === "not_configured") return "notConfigured";
  // A proxy answers for a server that is down.
  if (code === "no_api") return status >= 502 && status <= 504 ? "gateway" : "missing";
  if (status === 502 || status === 503) return "database";
  return "broken";
}

/** Whether the same call may succeed later. It only reads, so it's repeated automatically. */
export function mayRecover(kind: AccessKind): boolean {
  return kind === "offline" || kind === "gateway" || kind === "database" || kind === "busy";
}
