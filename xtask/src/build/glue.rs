//! Three changes to the script and the types that wasm-bindgen generates.
//!
//! With `rollcall/slim` and `rollcall/memory/slim` the user loads the module, so a call can come
//! too early. The generated script would fail with "cannot read properties of undefined". Therefore
//! the variable for the module's exports starts as `unloaded` (from
//! `pkg-template/src/unloaded.ts`), whose members throw an error that names the entry point.
//!
//! The generated types depend on the browser's types (`RequestInfo`, `WebAssembly`) and on
//! `Symbol.dispose`, but only for functions that users of the package don't call. Without them,
//! users who compile for Node don't get errors from missing browser types.
//!
//! An import that may throw creates a closure and an arguments list on each call, which takes
//! longer than most imports. A plain `try` and `catch` replaces them.

use anyhow::{Context, Result, bail, ensure};

/// The replacements in the script, and how often each must match.
const SCRIPT_CHANGES: [(&str, &str, usize); 2] = [
    ("let wasmModule, wasmInstance, wasm;", "let wasmModule, wasmInstance, wasm = unloaded;", 1),
    ("if (wasm !== undefined) return wasm;", "if (wasm !== unloaded) return wasm;", 2),
];

/// The start of the types of the loading functions, which come last.
const LOADER_TYPES: &str = "export type InitInput =";

const PLAIN_LOADER_TYPES: &str = "\
/** Loads the module at once, from bytes or compiled. */
export function initSync(options: { module: unknown }): void;

/** Loads the module, from bytes, compiled, an HTTP response or an address. */
export default function load(options: { module_or_path: unknown }): Promise<void>;
";

/// Makes the first change to the script. Users load the module through `slim_entry`. Fails if the
/// script has an unexpected form, as a new version of wasm-bindgen may generate.
pub fn explain_early_calls(script: &str, slim_entry: &str) -> Result<String> {
    let mut changed = script.to_owned();
    for (generated, ours, count) in SCRIPT_CHANGES {
        if changed.matches(generated).count() != count {
            bail!(
                "the glue of wasm-bindgen has changed: `{generated}` was expected {count} time(s) in it"
            );
        }
        changed = changed.replace(generated, ours);
    }
    Ok(format!(
        "import {{ unloadedModule }} from \"./unloaded.js\";\n\
        const unloaded = unloadedModule(\"{slim_entry}\");\n{changed}"
    ))
}

/// The start and end of an import that may throw: before its arguments and after its body.
const WRAPPED: (&str, &str) =
    ("function() { return wrapError(function (", "\n        }, arguments); },");

/// The function that wrapped imports call.
const WRAPPER: &str = "\
function wrapError(f, args) {
    try {
        return f.apply(this, args);
    } catch (e) {
        if (e instanceof WebAssembly.Exception) throw e;
        throw new WebAssembly.Exception(__wbindgen_jstag_polyfill, [e], { traceStack: true });
    }
}
";

/// Converts a caught value. `instanceof` runs foreign code if the value is a proxy, and an
/// exception of another module must not unwind this one.
const CAUGHT: &str = "\
function asException(e) {
    try {
        const isOurs = (tag) => e.is(tag);
        if (e instanceof WebAssembly.Exception && [__wbindgen_jstag_polyfill, __wbindgen_wrapped_jstag].some(isOurs)) return e;
    } catch {
        // It can't be one of ours.
    }
    return new WebAssembly.Exception(__wbindgen_jstag_polyfill, [e], { traceStack: true });
}
";

/// Makes the third change to the script. Fails if the script has an unexpected form, as a new
/// version of wasm-bindgen may generate.
pub fn catch_without_closures(script: &str) -> Result<String> {
    const CHANGED: &str = "the glue of wasm-bindgen has changed:";
    let (begin, end) = WRAPPED;
    ensure!(script.matches(WRAPPER).count() == 1, "{CHANGED} `wrapError` was expected in it, once");
    let script = script.replace(WRAPPER, CAUGHT);
    let mut parts = script.split(begin);
    let mut changed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let import = part.split_once(") {").zip(part.split_once(end));
        let ((arguments, _), (wrapped, rest)) =
            import.with_context(|| format!("{CHANGED} an import has another form"))?;
        let body = wrapped.get(arguments.len() + ") {".len()..).unwrap_or_default();
        changed += &format!("function({arguments}) {{ try {{{body}\n        }} ");
        changed += "catch (e) { throw asException(e); } },";
        changed += rest;
    }
    ensure!(changed.contains("asException(e); }"), "{CHANGED} no import is wrapped");
    ensure!(!changed.contains("wrapError"), "{CHANGED} an import has another form");
    Ok(changed)
}

/// Makes the second change to the types.
pub fn remove_host_types(types: &str) -> Result<String> {
    let (services, _) = types.split_once(LOADER_TYPES).with_context(|| {
        format!("the types of wasm-bindgen have changed: `{LOADER_TYPES}` was expected in them")
    })?;
    let lines: Vec<&str> =
        services.lines().filter(|line| line.trim() != "[Symbol.dispose](): void;").collect();
    Ok(format!("{}\n{PLAIN_LOADER_TYPES}", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::{CAUGHT, WRAPPER, catch_without_closures, explain_early_calls, remove_host_types};

    const SCRIPT: &str = "let wasmModule, wasmInstance, wasm;\n\
        function a() { if (wasm !== undefined) return wasm; }\n\
        function b() { if (wasm !== undefined) return wasm; }\n";

    #[test]
    fn every_check_of_the_exports_uses_the_unloaded_state() -> anyhow::Result<()> {
        let changed = explain_early_calls(SCRIPT, "rollcall/slim")?;
        assert!(changed.starts_with("import { unloadedModule } from \"./unloaded.js\";\n"));
        assert!(changed.contains("const unloaded = unloadedModule(\"rollcall/slim\");\n"));
        assert!(changed.contains("wasm = unloaded;"));
        assert_eq!(changed.matches("wasm !== unloaded").count(), 2);
        assert!(!changed.contains("wasm !== undefined"));
        Ok(())
    }

    #[test]
    fn an_unknown_script_is_rejected() {
        assert!(
            explain_early_calls(
                &SCRIPT.replacen("if (wasm !== undefined)", "if (wasm)", 1),
                "rollcall/slim"
            )
            .is_err()
        );
        assert!(explain_early_calls("", "rollcall/slim").is_err());
    }

    #[test]
    fn the_types_keep_the_services_and_drop_host_types() -> anyhow::Result<()> {
        let types = "export class Service {\n    free(): void;\n    [Symbol.dispose](): void;\n    call(): string;\n}\n\n\
            export type InitInput = RequestInfo | URL;\nexport function initSync(module: SyncInitInput): InitOutput;\n";
        let changed = remove_host_types(types)?;
        assert!(
            changed
                .starts_with("export class Service {\n    free(): void;\n    call(): string;\n}\n")
        );
        assert!(changed.contains("export function initSync(options: { module: unknown }): void;"));
        assert!(!changed.contains("RequestInfo") && !changed.contains("InitOutput"));
        Ok(())
    }

    #[test]
    fn unknown_types_are_rejected() {
        assert!(remove_host_types("export function coreVersion(): string;\n").is_err());
    }

    const IMPORTS: &str = "\
        __wbg_get: function() { return wrapError(function (arg0, arg1) {
            const ret = arg0[arg1 >>> 0];
            return ret;
        }, arguments); },
        __wbg_init: function(arg0) {
            return arg0;
        },
        __wbg_now: function() { return wrapError(function () {
            return Date.now();
        }, arguments); },
";

    #[test]
    fn imports_catch_without_a_closure() -> anyhow::Result<()> {
        let changed = catch_without_closures(&format!("{IMPORTS}{WRAPPER}"))?;
        let expected = "\
        __wbg_get: function(arg0, arg1) { try {
            const ret = arg0[arg1 >>> 0];
            return ret;
        } catch (e) { throw asException(e); } },
        __wbg_init: function(arg0) {
            return arg0;
        },
        __wbg_now: function() { try {
            return Date.now();
        } catch (e) { throw asException(e); } },
";
        assert_eq!(changed, format!("{expected}{CAUGHT}"));
        Ok(())
    }

    #[test]
    fn imports_of_another_form_are_rejected() {
        let other_wrapper = WRAPPER.replace("traceStack: true", "traceStack: false");
        let arrow = IMPORTS.replacen("wrapError(function () {", "wrapError(() => {", 1);
        for script in [
            String::new(),
            WRAPPER.to_owned(),
            IMPORTS.to_owned(),
            format!("{IMPORTS}{other_wrapper}"),
            format!("{arrow}{WRAPPER}"),
            format!("{IMPORTS}{WRAPPER}{WRAPPER}"),
        ] {
            assert!(catch_without_closures(&script).is_err(), "{script}");
        }
    }
}
