import * as http from "rollcall/http";
import * as rollcall from "rollcall/inline";
import * as memory from "rollcall/memory/inline";
import { runSuite } from "./suite.mjs";

runSuite(rollcall, memory, http).then((result) => {
  globalThis.result = result;
});
