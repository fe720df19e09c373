import * as http from "rollcall/http";
import * as rollcall from "rollcall/inline";
import * as memory from "rollcall/memory/inline";
import { runSuite } from "./suite.mjs";

console.log(JSON.stringify(await runSuite(rollcall, memory, http)));
