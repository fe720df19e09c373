// The package with explicit loading, for both modules: used too early, then loaded from a source
// that fails, then from a working one.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as http from "rollcall/http";
import * as memory from "rollcall/memory/slim";
import * as rollcall from "rollcall/slim";
import { assert, runSuite } from "./suite.mjs";

/** Loads a module with `initialize`. `use` is a call that needs the module. */
async function load(entry, { initialize }, module, use) {
  const tooEarly = {
    code: "not_configured",
    message: `\`${entry}\` is not loaded yet: await its \`initialize(…)\` first`,
  };
  assert.throws(use, tooEarly);
  await assert.rejects(initialize(new Uint8Array([0])), WebAssembly.CompileError);
  assert.throws(use, tooEarly);

  const bytes = await readFile(fileURLToPath(import.meta.resolve(module)));
  const response = new Response(bytes, { headers: { "content-type": "application/wasm" } });
  await Promise.all([initialize(Promise.resolve(response)), initialize(bytes)]);
  await initialize(bytes);
  use();
}

await load("rollcall/slim", rollcall, "rollcall/core.wasm", () => rollcall.coreVersion());
await load("rollcall/memory/slim", memory, "rollcall/memory.wasm", () => memory.memoryStores());

console.log(JSON.stringify(await runSuite(rollcall, memory, http)));
