import * as rollcall from "rollcall/inline";
import { runSuite } from "./suite.mjs";

console.log(JSON.stringify(await runSuite(rollcall)));
