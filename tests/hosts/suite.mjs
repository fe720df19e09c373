/** The whole suite as one function of the package, for the programs in `project/`. */

import { assert } from "../suite/assert.mjs";
import { suite } from "../suite/behaviour.mjs";
import { runCases } from "../suite/run.mjs";

export { assert, runCases };

/**
 * Runs every case on the package, and the cases of this host.
 *
 * @param lib the entry point with the services
 * @param memory the entry point with the memory stores
 * @param http the entry point with the admin API
 * @param casesOfHost more cases
 */
export const runSuite = (lib, { memoryStores }, http, casesOfHost = []) =>
  runCases([...suite({ ...lib, memoryStores, http }, assert), ...casesOfHost]);
