/**
 * The sources that `initialize(…)` takes.
 *
 * @module
 */

/**
 * A compiled module, if the user's TypeScript libraries declare one: those for Node alone don't.
 */
type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Module } };
}
  ? Module
  : never;

/**
 * The source of a module (`rollcall/core.wasm` or `rollcall/memory.wasm`): compiled, as bytes, as
 * an HTTP response, or the URL to fetch it from. Hosts that forbid compiling at run time, such as
 * Cloudflare Workers, need it compiled.
 */
export type CoreSource = CompiledModule | ArrayBuffer | ArrayBufferView | Response | URL | string;
