/**
 * Everything of `rollcall`, with the loading of the WebAssembly module left to the caller:
 * `rollcall/slim`.
 *
 * @module
 */

import load from "./core.js";

export * from "./index.js";

/** A compiled module, where the user's types know of any: those of Node alone do not. */
type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Module } };
}
  ? Module
  : never;

/**
 * Where the module (`rollcall/core.wasm`) comes from: compiled, as bytes, as an HTTP response, or
 * as the address to fetch it from. Hosts that forbid compiling at run time, such as Cloudflare
 * Workers, need it compiled.
 */
export type CoreSource = CompiledModule | ArrayBuffer | ArrayBufferView | Response | URL | string;

/**
 * Loads the module. Await it before anything else is called; a call that comes earlier fails with
 * `not_configured`. Once it is loaded, further calls do nothing; after a failure the next call
 * tries again.
 */
export async function initialize(source: CoreSource | PromiseLike<CoreSource>): Promise<void> {
  await load({ module_or_path: await source });
}
