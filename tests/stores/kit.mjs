// The conformance kit, with as many random cases as a campaign runs.
import fc from "fast-check";
import { RANDOM_CASES } from "../long.mjs";

if (RANDOM_CASES !== undefined) fc.configureGlobal({ numRuns: RANDOM_CASES });

export { storeCases, testStores } from "../../pkg/testing.js";
