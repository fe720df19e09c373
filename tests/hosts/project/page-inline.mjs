import * as rollcall from "rollcall/inline";
import { runSuite } from "./suite.mjs";

runSuite(rollcall).then((result) => {
  globalThis.result = result;
});
