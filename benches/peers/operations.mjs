// @ts-check
/**
 * The measured operations. Each peer has some of them.
 *
 * @module
 */

/** @import { PoolConfig } from "pg" */
/** @import { Side } from "../paired.mjs" */

/** @typedef {"10" | "1,000"} Size the number of ended sessions */
/** @typedef {"first page" | "counted page" | "page of a subject"} Page */
/** @typedef {`end ${Size}` | `end ${Size} and notify` | `delete ${Size}`} Ending */
/** @typedef {"check" | Page | Ending} Operation */

/** @typedef {Partial<Record<Operation, Side>>} Operations */

/** The numbers of sessions of the subjects whose sessions are ended. */
export const ENDED = /** @type {const} */ ([
  ["10", 10],
  ["1,000", 1_000],
]);

/**
 * The options of every peer's pool. Connections stay open, so that the processor time of their
 * backends can be read until the peer stops.
 *
 * @type {PoolConfig}
 */
export const POOLING = { max: 10, idleTimeoutMillis: 0 };

/**
 * A side that ends the sessions of a subject. `prepare` stores them.
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
 * Throws if a measured call had a wrong result.
 *
 * @param {boolean} isRight
 * @param {string} what
 */
export function expect(isRight, what) {
  if (!isRight) throw new Error(`the measured call had a wrong result: ${what}`);
}
