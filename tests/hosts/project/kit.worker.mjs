// The conformance kit in a Worker, which has no test runner. `workerd test` calls `test()`.
import { kitCases } from "./kit.mjs";
import { runCases } from "./suite.mjs";

export default {
  async test() {
    console.log(JSON.stringify(await runCases(await kitCases())));
  },
};
