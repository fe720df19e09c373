// The conformance kit, with as many random cases as a campaign runs.
import fc from "fast-check";
import { testStores as declareTests } from "../../pkg/testing.js";
import { RANDOM_CASES } from "../long.mjs";
import { recorded } from "./kit-record.mjs";

if (RANDOM_CASES !== undefined) fc.configureGlobal({ numRuns: RANDOM_CASES });

export { storeCases } from "../../pkg/testing.js";

/**
 * Declares the tests of the kit, and records for the README how many pass.
 *
 * @param {(name: string, run: () => Promise<void>) => unknown} define
 * @param {import("../../pkg/testing.js").OpenStores} open
 * @param {string} store what they run on
 */
export function testStores(define, open, store) {
  return declareTests((name, run) => define(name, recorded(store, run)), open);
}
