/**
 * The form in which a purge survives a reload.
 *
 * @module
 */

import type { EndOptions } from "../ending/removal-body";
import type { SavedProgress } from "./purge-progress.svelte";

export interface SavedPurge {
  options: EndOptions;
  progress: SavedProgress;
  /** Continues the purge. The server accepts it for 15 minutes. */
  token: string | undefined;
  /** Whether only a new preview shows the sessions that are left. */
  needsPreview: boolean;
}

/** The purge in a value from storage; `undefined` if it's absent or damaged. */
export function savedPurge(value: unknown): SavedPurge | undefined {
  return isSavedPurge(value) ? value : undefined;
}

function isSavedPurge(value: unknown): value is SavedPurge {
  const { options, progress } = Object(value);
  const { count, totals } = Object(progress);
  const { clientIds, reason } = Object(options);
  return (
    Number.isSafeInteger(count) &&
    Array.isArray(Object(totals).deliveries) &&
    Array.isArray(clientIds) &&
    typeof reason === "string"
  );
}
