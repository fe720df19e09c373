// Declares the tests of the conformance kit, for the memory stores and for the example stores of
// the documentation.
import { memoryStores } from "rollcall/memory";
import { storeCases, testStores } from "rollcall/testing";
import { arrayStores } from "./array-stores.mjs";

const KINDS = { memory: () => memoryStores(), arrays: () => arrayStores() };

export async function declareKit(test) {
  for (const [kind, open] of Object.entries(KINDS)) {
    await testStores((name, run) => test(`${name}, in ${kind}`, run), open);
  }
}

/** For a host without a test runner. */
export async function kitCases() {
  return (await Promise.all(Object.values(KINDS).map(storeCases))).flat();
}
