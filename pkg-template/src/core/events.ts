/**
 * Events of the core, which imports this file by name.
 *
 * @module
 */

import { isThenable } from "../plain-object.js";
import type { SessionEvent } from "../types.js";

/**
 * Calls the host's `onEvent`. An observer must not change what it observes, so what it throws, or
 * what its promise is rejected with, goes to the console.
 */
export function emit(onEvent: (event: SessionEvent) => unknown, event: SessionEvent): void {
  const report = (error: unknown) => console.error("rollcall: `onEvent` threw:", error);
  try {
    const returned = onEvent(event);
    if (isThenable(returned)) Promise.resolve(returned).catch(report);
  } catch (error) {
    report(error);
  }
}
