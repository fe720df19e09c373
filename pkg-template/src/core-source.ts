/**
 * The sources that `initialize(…)` takes.
 *
 * @module
 */

/** A compiled module, where the user's types know of any: those of Node alone do not. */
type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Module } };
}
  ? Module
  : never;

/**
 * Where a module (`rollcall/core.wasm` or `rollcall/memory.wasm`) comes from: compiled, as bytes,
 * as an HTTP response, or as the address to fetch it from. Hosts that forbid compiling at run time,
 * such as Cloudflare Workers, need it compiled.
 */
export type CoreSource = CompiledModule | ArrayBuffer | ArrayBufferView | Response | URL | string;
