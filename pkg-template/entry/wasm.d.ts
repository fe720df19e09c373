/**
 * A module, for `initialize(…)` of `rollcall/slim` or `rollcall/memory/slim`, on hosts that import
 * WebAssembly as a compiled module.
 */
declare const module: WebAssembly.Module;
export default module;
