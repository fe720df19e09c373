/**
 * Makes passes at intervals, for hosts that live long: one pass at a time, again at once while
 * there is more.
 *
 * @module
 */

import { forLog } from "../core/errors.js";
import { observe } from "../core/events.js";
import { invalidArgument } from "../errors.js";
import { checkFunction } from "../options.js";
import { LONGEST_TIMER } from "../timer.js";
import type { Runner, RunnerOptions } from "../types.js";

/** One bounded pass; says whether there is more. */
export type Pass = (signal: AbortSignal) => Promise<{ more: boolean }>;

/** Makes passes until it is stopped. `defaultInterval` is in milliseconds. */
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
        // Between two passes everything else has its turn.
        await new Promise((resolve) => setTimeout(resolve));
      }
    } catch (error) {
      // A pass that was stopped is no failure.
      if (!stopping.signal.aborted) observe("onError", () => onError(error));
    }
  };

  // At a random time: instances that were started together must not all come at once, ever again.
  next(Math.random() * interval);
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await underWay;
    },
  };
}

function checkedInterval(interval: number): number {
  if (typeof interval !== "number" || !(interval >= 0)) {
    throw invalidArgument("`interval` must be milliseconds, 0 or more");
  }
  return Math.min(interval, LONGEST_TIMER);
}

/** Background work keeps no process alive. Where timers are numbers, none does. */
function unref(timer: unknown): void {
  if (
    typeof timer === "object" &&
    timer !== null &&
    "unref" in timer &&
    typeof timer.unref === "function"
  )
    timer.unref();
}
