// @ts-check
/**
 * How many times as much one thing takes as another.
 *
 * The machine may be busy, and busy in waves. So both are measured side by side, in many short
 * rounds: whatever slows a round down slows both. Each round gives one ratio, and the median of all
 * is the result; a round that was torn apart is one of many. What is measured is the processor time
 * of this process, in which time that others have the processor does not count; or, where another
 * process does the work, the time on the clock.
 *
 * @module
 */

import { median, medianSorted, quantileSorted } from "simple-statistics";

/**
 * How much one side of a round takes, unless one call takes more, in ms: much beside the clock and
 * a switch between processes.
 */
const BATCH_TIME = 10;
/** How long all rounds take, unless `MIN_ROUNDS` takes longer, in ms. */
const TOTAL_TIME = 15_000;
const MIN_ROUNDS = 100;
/** Until the code is compiled for good, in ms. */
const WARM_UP_TIME = 4_000;

/**
 * What is measured: a call, or a call that something must be made ready for, which does not count.
 *
 * @typedef {(() => Promise<unknown>) | { prepare: (calls: number) => Promise<void>, call: () =>
 * Promise<unknown> }} Side
 */

/**
 * How it is measured.
 *
 * @typedef {object} Manner
 * @property {"processor" | "wall"} [clock] default: the processor time of this process
 * @property {number} [effort] the share of the usual time and rounds, default 1
 */

/**
 * A ratio, and how sure it is.
 *
 * @typedef {object} Ratio
 * @property {number} median
 * @property {[low: number, high: number]} interval of the median, with 95 % confidence
 * @property {[low: number, high: number]} quartiles half of the rounds lie between these
 * @property {number} subject milliseconds of one call, the median
 * @property {number} baseline milliseconds of one call, the median
 */

/**
 * Measures `subject` over `baseline`. Each must do the same work in every call, or take turns over
 * the same works.
 *
 * @param {Side} subject
 * @param {Side} baseline
 * @param {Manner} manner
 * @returns {Promise<Ratio>}
 */
export async function pairedRatio(subject, baseline, { clock = "processor", effort = 1 } = {}) {
  const read = CLOCKS[clock];
  const fastest = await warmUp(subject, baseline, read, WARM_UP_TIME * effort);
  const calls = Math.max(1, Math.round(BATCH_TIME / fastest));
  /** @type {[subject: number, baseline: number][]} */
  const rounds = [];
  const end = performance.now() + TOTAL_TIME * effort;
  while (rounds.length < MIN_ROUNDS * effort || performance.now() < end) {
    // In random order, so that neither always follows the other.
    if (Math.random() < 0.5) {
      const time = await timeOfCall(subject, calls, read);
      rounds.push([time, await timeOfCall(baseline, calls, read)]);
    } else {
      const time = await timeOfCall(baseline, calls, read);
      rounds.push([await timeOfCall(subject, calls, read), time]);
    }
  }
  return summarize(rounds);
}

/**
 * The same from times that were measured elsewhere: one pair a round.
 *
 * @param {[subject: number, baseline: number][]} rounds milliseconds
 * @returns {Ratio}
 */
export function summarize(rounds) {
  const ratios = rounds.map(([subject, baseline]) => subject / baseline).sort(ascending);
  return {
    median: medianSorted(ratios),
    interval: medianInterval(ratios),
    quartiles: [quantileSorted(ratios, 0.25), quantileSorted(ratios, 0.75)],
    subject: median(rounds.map(([subject]) => subject)),
    baseline: median(rounds.map(([, baseline]) => baseline)),
  };
}

/**
 * Lets both run for a while, and returns the shortest time that a call took.
 *
 * @param {Side} subject
 * @param {Side} baseline
 * @param {() => number} read
 * @param {number} time
 */
async function warmUp(subject, baseline, read, time) {
  const end = performance.now() + time;
  let fastest = Number.POSITIVE_INFINITY;
  do {
    fastest = Math.min(
      fastest,
      await timeOfCall(subject, 1, read),
      await timeOfCall(baseline, 1, read),
    );
  } while (performance.now() < end);
  return fastest;
}

/** Milliseconds. */
const CLOCKS = {
  processor: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  wall: () => performance.now(),
};

/**
 * The time of one of many calls, in milliseconds.
 *
 * @param {Side} side
 * @param {number} calls
 * @param {() => number} read the clock
 */
async function timeOfCall(side, calls, read) {
  const { prepare, call } = typeof side === "function" ? { prepare: undefined, call: side } : side;
  await prepare?.(calls);
  clearYoungObjects();
  const start = read();
  for (let made = 0; made < calls; made += 1) await call();
  return (read() - start) / calls;
}

/** What one side leaves behind is not to be cleared away in the time of the other. */
function clearYoungObjects() {
  if (globalThis.gc === undefined)
    throw new Error("the garbage collector cannot be called: run node with --expose-gc");
  // Not a full collection: it would also throw away what the engine has learnt about the code.
  globalThis.gc({ type: "minor" });
}

/**
 * The order statistics between which the median lies with 95 % confidence: their ranks are those of
 * the binomial distribution, in its normal approximation.
 *
 * @param {number[]} sorted
 * @returns {[low: number, high: number]}
 */
function medianInterval(sorted) {
  const reach = (1.96 * Math.sqrt(sorted.length)) / 2;
  const at = (/** @type {number} */ rank) =>
    sorted[Math.min(Math.max(Math.round(rank), 0), sorted.length - 1)] ?? Number.NaN;
  return [at(sorted.length / 2 - reach), at(sorted.length / 2 + reach)];
}

/**
 * @param {number} first
 * @param {number} second
 */
function ascending(first, second) {
  return first - second;
}
