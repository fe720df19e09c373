/**
 * The effects of failed batches.
 *
 * @module
 */

import type { Failure } from "../../api/failure";

/**
 * - `none`: the server refused it.
 * - `some`: it failed halfway; the same call completes it.
 * - `unknown`: its answer is lost.
 */
export type Effect = "none" | "some" | "unknown";

/** The effect of a batch that ended with this failure. */
export function effectOf({ code, status }: Failure): Effect {
  // The API didn't answer, so the batch may still be running.
  if (code === "offline" || code === "no_api" || status === undefined) return "unknown";
  if (code === "not_configured") return "none";
  return status < 500 ? "none" : "some";
}
