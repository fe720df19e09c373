/** The whole suite as one function of the package, for the programs in `project/`. */

import { assert } from "../suite/assert.mjs";
import { suite } from "../suite/behaviour.mjs";
import { runCases } from "../suite/run.mjs";

export { assert, runCases };

/** Runs every case against the package, and those that only this host can try. */
export const runSuite = (lib, casesOfHost = []) =>
  runCases([...suite(lib, assert), ...casesOfHost]);
