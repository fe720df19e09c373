/**
 * Why there is no connection, as far as the ways out differ.
 *
 * @module
 */

import type { Failure } from "../../api/failure";

/**
 * - `signIn`: the server doesn't know the user.
 * - `forbidden`: it knows the user, who may not do anything here.
 * - `crossSite`: it refuses this page.
 * - `offline`, `gateway`, `database`, `busy`: it may answer later.
 * - `missing`: something else than the admin API answers.
 * - `notConfigured`, `broken`: its owner must do something.
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

/** Whether the same call may succeed later. It only reads, so it is repeated by itself. */
export function mayRecover(kind: AccessKind): boolean {
  return kind === "offline" || kind === "gateway" || kind === "database" || kind === "busy";
}
