/**
 * Everything of `rollcall/memory`, with the loading of its WebAssembly module left to the caller:
 * `rollcall/memory/slim`.
 *
 * @module
 */

import type { CoreSource } from "../core-source.js";
import load from "../memory_core.js";

export type { CoreSource } from "../core-source.js";
export * from "../memory.js";

/**
 * Loads the module `rollcall/memory.wasm`. Await it before `memoryStores` is called; a call that
 * comes earlier fails with `not_configured`. Once it is loaded, further calls do nothing; after a
 * failure the next call tries again.
 */
export async function initialize(source: CoreSource | PromiseLike<CoreSource>): Promise<void> {
  await load({ module_or_path: await source });
}
