/**
 * Merges newer answers into the list on screen. Rows change in place and never move.
 *
 * @module
 */

import type { Page, Session } from "../../api/types";
import { keyOf } from "./selection.svelte";

/** The difference between the rows on screen and a newer answer to the same query. */
export interface Merged {
  /** The rows on screen, in the same places, with the newer values. */
  rows: readonly Session[];
  /** Rows on screen that are no longer in the list. */
  gone: string[];
  /** Sessions of the newer answer that aren't on screen. */
  added: string[];
}

/** Merges a newer page into the rows on screen. */
export function merged(shown: readonly Session[], page: Page, order: "newest" | "oldest"): Merged {
  const newer = new Map(page.results.map((session) => [keyOf(session), session]));
  const gone: string[] = [];
  const rows = shown.map((session) => {
    const key = keyOf(session);
    const now = newer.get(key);
    if (now === undefined) {
      if (isCovered(session, page, order)) gone.push(key);
      return session;
    }
    newer.delete(key);
    return isSame(session, now) ? session : now;
  });
  return { rows, gone, added: [...newer.keys()] };
}

/**
 * Whether the page would include the session if it still matched. If not, new sessions may have
 * moved it to the next page.
 */
function isCovered({ created }: Session, page: Page, order: "newest" | "oldest"): boolean {
  const last = page.results.at(-1);
  if (!page.hasNextResults || last === undefined) return true;
  const distance = Date.parse(created) - Date.parse(last.created);
  return order === "newest" ? distance > 0 : distance < 0;
}

function isSame(one: Session, other: Session): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
