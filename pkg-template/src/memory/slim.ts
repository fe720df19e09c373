/**
 * Everything in `rollcall/memory`, except that the caller loads the WebAssembly module:
 * `rollcall/memory/slim`.
 *
 * @module
 */

import type { CoreSource } from "../core-source.js";
import load from "../memory_core.js";

export type { CoreSource } from "../core-source.js";
export * from "../memory.js";

/**
 * Loads the module `rollcall/memory.wasm`. Await it before you call `memoryStores`; an earlier call
 * fails with `not_configured`. Once the module is loaded, further calls do nothing. After a failure
 * the next call tries again.
 *
 * @example
 * import { initialize } from "rollcall/memory/slim";
 *
 * await initialize(fetch("/assets/memory.wasm"));
 */
export async function initialize(source: CoreSource | PromiseLike<CoreSource>): Promise<void> {
  await load({ module_or_path: await source });
}
