/**
 * The rows on screen whose sessions have ended. They stay until the page is read again.
 *
 * @module
 */

import { SvelteMap } from "svelte/reactivity";
import type { EventData } from "../../api/types";

/** How a session on screen ended. `gone`: the list lacks it, and no event says why. */
export interface Ended {
  kind: "ended" | "expired" | "gone";
  /** Epoch milliseconds. */
  at: number;
  actor?: string | undefined;
  reason?: string | undefined;
}

export class EndedRows {
  readonly #ended = new SvelteMap<string, Ended>();

  get(key: string): Ended | undefined {
    return this.#ended.get(key);
  }

  /** Marks a row. The first mark has the details, unless it only says that the list lacks it. */
  mark(key: string, ended: Ended): void {
    const known = this.#ended.get(key);
    if (known === undefined || known.kind === "gone") this.#ended.set(key, ended);
  }

  clear(): void {
    this.#ended.clear();
  }
}

/** The mark of an event that ended a session. */
export function endedBy(event: EventData & { type: "session_removed" | "session_expired" }): Ended {
  const at = Date.parse(event.at);
  if (event.type === "session_expired") return { kind: "expired", at };
  return { kind: "ended", at, actor: event.actor, reason: event.reason };
}
