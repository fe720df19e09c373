import { describe, test } from "node:test";
import { memoryStores } from "../../pkg/entry/node.js";
import { STORE_CASES } from "./cases/index.mjs";

for (const [store, cases] of Object.entries(STORE_CASES)) {
  describe(`${store} in memory`, () => {
    for (const { name, run } of cases) {
      test(name, () => run(async () => memoryStores()));
    }
  });
}
