/**
 * Observers: `onEvent`, `onProgress` and similar callbacks. The core imports this file by name.
 *
 * @module
 */

import { isThenable } from "../plain-object.js";
import { forLog } from "./errors.js";
import type { SessionIds } from "./rows.js";

/** Calls an observer as a method of its owner. */
export function notify(
  name: string,
  owner: unknown,
  observer: (value: unknown) => unknown,
  value: unknown,
): void {
  observe(name, () => Reflect.apply(observer, owner, [value]));
}

/**
 * Calls an observer with an event for each of these sessions. Each event and its time are new
 * objects: the observer may keep or change them.
 */
export function notifyEach(
  name: string,
  owner: unknown,
  observer: (value: unknown) => unknown,
  event: { at: Date },
  sessions: readonly SessionIds[],
): void {
  for (const session of sessions) {
    notify(name, owner, observer, { ...event, at: new Date(event.at), ...session });
  }
}

/**
 * Calls an observer. It must not affect the call that it observes, so an error that it throws or
 * rejects with goes to the console.
 */
export function observe(name: string, call: () => unknown): void {
  try {
    const returned = call();
    if (isThenable(returned)) Promise.resolve(returned).catch((error) => report(name, error));
  } catch (error) {
    report(name, error);
  }
}

function report(name: string, error: unknown): void {
  console.error(`rollcall: \`${name}\` threw:`, forLog(error));
}
