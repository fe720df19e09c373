// The package in a page: unbundled with the import map of the page, or bundled.
import * as rollcall from "rollcall";
import * as http from "rollcall/http";
import * as memory from "rollcall/memory";
import { runSuite } from "./suite.mjs";

globalThis.result = await runSuite(rollcall, memory, http);
