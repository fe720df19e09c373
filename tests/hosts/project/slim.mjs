// The package with the loading left to the user: too early first, then from a source that fails,
// then well.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as rollcall from "rollcall/slim";
import { assert, runSuite } from "./suite.mjs";

assert.throws(() => rollcall.coreVersion(), { code: "not_configured", message: /initialize/ });
await assert.rejects(rollcall.initialize(new Uint8Array([0])), WebAssembly.CompileError);
assert.throws(() => rollcall.coreVersion(), { code: "not_configured" });

const bytes = await readFile(fileURLToPath(import.meta.resolve("rollcall/core.wasm")));
const response = new Response(bytes, { headers: { "content-type": "application/wasm" } });
await Promise.all([rollcall.initialize(Promise.resolve(response)), rollcall.initialize(bytes)]);
await rollcall.initialize(bytes);

console.log(JSON.stringify(await runSuite(rollcall)));
