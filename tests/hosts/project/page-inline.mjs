import * as rollcall from "rollcall/inline";
import * as memory from "rollcall/memory/inline";
import { runSuite } from "./suite.mjs";

runSuite(rollcall, memory).then((result) => {
  globalThis.result = result;
});
