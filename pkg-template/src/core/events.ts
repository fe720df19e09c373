/**
 * Events of the core, which imports this file by name.
 *
 * @module
 */

import type { SessionEvent } from "../types.js";

/**
 * Calls the host's `onEvent`. An observer must not change what it observes, so what it throws goes
 * to the console.
 */
export function emit(onEvent: (event: SessionEvent) => void, event: SessionEvent): void {
  try {
    onEvent(event);
  } catch (error) {
    console.error("rollcall: `onEvent` threw:", error);
  }
}
