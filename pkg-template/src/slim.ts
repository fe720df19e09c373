/**
 * Everything of `rollcall`, with the loading of the WebAssembly module left to the caller:
 * `rollcall/slim`.
 *
 * @module
 */

import load from "./core.js";
import type { CoreSource } from "./core-source.js";

export type { CoreSource } from "./core-source.js";
export * from "./index.js";

/**
 * Loads the module `rollcall/core.wasm`. Await it before anything else is called; a call that comes
 * earlier fails with `not_configured`. Once it is loaded, further calls do nothing; after a failure
 * the next call tries again.
 */
export async function initialize(source: CoreSource | PromiseLike<CoreSource>): Promise<void> {
  await load({ module_or_path: await source });
}
