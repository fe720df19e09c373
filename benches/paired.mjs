// @ts-check
/**
 * Measures the ratio of the times of two calls.
 *
 * The load of the machine varies. Both calls are therefore measured alternately, in many short
 * rounds, so that load slows both. Each round gives one ratio, and the result is the median, which
 * a few disturbed rounds don't change. The measured time is the processor time of this process,
 * which excludes other processes, or wall time if another process does the work.
 *
 * @module
 */

import { median, medianSorted, quantileSorted } from "simple-statistics";

/**
 * The minimum time of one side of a round, in ms. It's long compared with the resolution of the
 * clock and a context switch.
 */
const BATCH_TIME = 10;
/** The minimum time of all rounds, in ms. `MIN_ROUNDS` can take longer. */
const TOTAL_TIME = 15_000;
const MIN_ROUNDS = 100;
/** In ms. Long enough for V8 to optimize the code. */
const WARM_UP_TIME = 4_000;

/**
 * The call to measure. `prepare` runs before it, outside the measured time.
 *
 * @typedef {(() => Promise<unknown>) | { prepare: (calls: number) => Promise<void>, call: () =>
 * Promise<unknown> }} Side
 */

/**
 * Options of a measurement.
 *
 * @typedef {object} Manner
 * @property {"processor" | "wall"} [clock] default: the processor time of this process
 * @property {number} [effort] the share of the usual time and rounds, default 1
 */

/**
 * A ratio and its uncertainty.
 *
 * @typedef {object} Ratio
 * @property {number} median
 * @property {[low: number, high: number]} interval of the median, with 95 % confidence
 * @property {[low: number, high: number]} quartiles half of the rounds lie between these
 * @property {number} subject milliseconds of one call, the median
 * @property {number} baseline milliseconds of one call, the median
 */

/**
 * Measures `subject` over `baseline`. Each must do the same work in every call, or cycle through
 * the same work items.
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
    // The order is random, so neither side always runs second.
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
 * Makes a ratio from times that were measured elsewhere, one pair for each round.
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
 * Runs both for a while, and returns the shortest time of a call.
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
 * The mean time of a call, in milliseconds.
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

/** Collects garbage, so that the garbage of one side isn't collected in the time of the other. */
function clearYoungObjects() {
  if (globalThis.gc === undefined)
    throw new Error("the garbage collector can't be called: run node with --expose-gc");
  // Not a full collection, because that also discards type feedback and optimized code.
  globalThis.gc({ type: "minor" });
}

/**
 * The 95 % confidence interval of the median: two order statistics, whose ranks come from the
 * normal approximation of the binomial distribution.
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
