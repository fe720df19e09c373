/**
 * Runs passes at intervals, for long-running hosts: one pass at a time, and the next one
 * immediately while there is more.
 *
 * @module
 */

import { forLog } from "../core/errors.js";
import { observe } from "../core/events.js";
import { invalidArgument } from "../errors.js";
import { checkFunction } from "../options.js";
import { LONGEST_TIMER } from "../timer.js";
import type { Runner, RunnerOptions } from "../types.js";
import { asyncDispose } from "./disposal.js";

/** One bounded pass; returns whether there is more. */
export type Pass = (signal: AbortSignal) => Promise<{ more: boolean }>;

/** Runs passes until it is stopped. `defaultInterval` is in milliseconds. */
export function startRunner(
  pass: Pass,
  options: Partial<RunnerOptions>,
  defaultInterval: number,
): Runner {
  const interval = checkedInterval(options.interval ?? defaultInterval);
  checkFunction(options.onError, "onError");
  const onError =
    options.onError ?? ((error) => console.error("rollcall: a pass failed:", forLog(error)));
  const stopping = new AbortController();
  let underWay: Promise<void> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout>;

  const next = (delay: number) => {
    timer = setTimeout(() => {
      underWay = passes().then(() => {
        if (!stopping.signal.aborted) next(interval);
      });
    }, delay);
    unref(timer);
  };

  const passes = async () => {
    try {
      while (!stopping.signal.aborted && (await pass(stopping.signal)).more) {
        // Yields to the event loop between two passes.
        await new Promise((resolve) => setTimeout(resolve));
      }
    } catch (error) {
      // A pass that was stopped has not failed.
      if (!stopping.signal.aborted) observe("onError", () => onError(error));
    }
  };

  // Random, so that instances that started together don't stay in step.
  next(Math.random() * interval);
  const stop = async () => {
    stopping.abort();
    clearTimeout(timer);
    await underWay;
  };
  return { stop, [asyncDispose]: stop };
}

function checkedInterval(interval: number): number {
  if (typeof interval !== "number" || !(interval >= 0)) {
    throw invalidArgument("`interval` must be milliseconds, 0 or more");
  }
  return Math.min(interval, LONGEST_TIMER);
}

/** Background work must not keep the process running. Where timers are numbers, they don't. */
function unref(timer: unknown): void {
  if (
    typeof timer === "object" &&
    timer !== null &&
    "unref" in timer &&
    typeof timer.unref === "function"
  )
    timer.unref();
}
