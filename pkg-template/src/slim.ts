/**
 * Everything in `rollcall`, except that the caller loads the WebAssembly module: `rollcall/slim`.
 *
 * @module
 */

import load from "./core.js";
import type { CoreSource } from "./core-source.js";

export type { CoreSource } from "./core-source.js";
export * from "./index.js";

/**
 * Loads the module `rollcall/core.wasm`. Await it before any other call; an earlier call fails with
 * `not_configured`. Once the module is loaded, further calls do nothing. After a failure the next
 * call tries again.
 *
 * @example
 * import { initialize } from "rollcall/slim";
 *
 * await initialize(fetch("/assets/core.wasm"));
 */
export async function initialize(source: CoreSource | PromiseLike<CoreSource>): Promise<void> {
  await load({ module_or_path: await source });
}
