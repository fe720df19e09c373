// The package in a Worker. `workerd test` calls `test()`.
import * as rollcall from "rollcall";
import { runSuite } from "./suite.mjs";

export default {
  async test() {
    console.log(JSON.stringify(await runSuite(rollcall)));
  },
};
