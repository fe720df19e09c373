/**
 * A compiled module, for `initialize(…)` of `rollcall/slim` and `rollcall/memory/slim` on hosts
 * that import WebAssembly.
 */
declare const module: WebAssembly.Module;
export default module;
