// @ts-check
/**
 * The operations that are measured. Each peer has some of them.
 *
 * @module
 */

/** @import { PoolConfig } from "pg" */
/** @import { Side } from "../paired.mjs" */

/** @typedef {"10" | "1,000"} Size how many sessions are ended */
/** @typedef {"first page" | "counted page" | "page of a subject"} Page */
/** @typedef {`end ${Size}` | `end ${Size} and notify` | `delete ${Size}`} Ending */
/** @typedef {"check" | Page | Ending} Operation */

/** @typedef {Partial<Record<Operation, Side>>} Operations */

/** How many sessions the subjects have whose sessions are ended. */
export const ENDED = /** @type {const} */ ([
  ["10", 10],
  ["1,000", 1_000],
]);

/**
 * For the pool of every peer. Connections stay open, so that the processor time of their backends
 * can be read for as long as the peer runs.
 *
 * @type {PoolConfig}
 */
export const POOLING = { max: 10, idleTimeoutMillis: 0 };

/**
 * Ends the sessions of a subject, which are stored before.
 *
 * @param {() => Promise<string>} store a new subject with sessions; returns its id
 * @param {(subjectId: string) => Promise<unknown>} end
 * @returns {Side}
 */
export function ending(store, end) {
  /** @type {string[]} */
  const subjects = [];
  return {
    prepare: async (calls) => {
      for (let made = 0; made < calls; made += 1) subjects.push(await store());
    },
    call: async () => {
      const subjectId = subjects.pop();
      if (subjectId === undefined) throw new Error("no subject was prepared");
      await end(subjectId);
    },
  };
}

/**
 * Throws unless a call did what it is measured for.
 *
 * @param {boolean} isRight
 * @param {string} what
 */
export function expect(isRight, what) {
  if (!isRight) throw new Error(`the measured call is wrong: ${what}`);
}
