/**
 * Events of the core, which imports this file by name.
 *
 * @module
 */

import { isThenable } from "../plain-object.js";
import type { SessionEvent } from "../types.js";
import { forLog } from "./errors.js";

/**
 * Calls the host's `onEvent`. An observer must not change what it observes, so what it throws, or
 * what its promise is rejected with, goes to the console.
 */
export function emit(onEvent: (event: SessionEvent) => unknown, event: SessionEvent): void {
  observe("onEvent", () => onEvent(event));
}

/** Calls a function of the caller's whose failure must not change the call that it watches. */
export function observe(name: string, call: () => unknown): void {
  try {
    observed(name, call());
  } catch (error) {
    report(name, error);
  }
}

/** Shows on the console that a promise which such a function returned is rejected. */
export function observed(name: string, returned: unknown): void {
  if (!isThenable(returned)) return;
  Promise.resolve(returned).catch((error) => report(name, error));
}

function report(name: string, error: unknown): void {
  console.error(`rollcall: \`${name}\` threw:`, forLog(error));
}
