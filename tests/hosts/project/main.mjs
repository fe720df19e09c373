// The package with its main entry. Runs on Node, Deno and Bun.
import * as rollcall from "rollcall";
import * as http from "rollcall/http";
import * as memory from "rollcall/memory";
import { runSuite } from "./suite.mjs";

console.log(JSON.stringify(await runSuite(rollcall, memory, http)));
