/**
 * The module, for `initialize(…)` of `rollcall/slim`, on hosts that import WebAssembly as a
 * compiled module.
 */
declare const module: WebAssembly.Module;
export default module;
