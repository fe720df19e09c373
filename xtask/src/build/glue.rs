//! One change to the JavaScript that wasm-bindgen writes: a call before the module is loaded says so.
//!
//! With `rollcall/slim` the user loads the module, so a call can come too early. As generated it would fail with "cannot read
//! properties of undefined". Here the variable that holds the module's exports starts as `unloaded` (from
//! `pkg-template/src/unloaded.ts`), whose every member throws an error with a clear sentence.

use anyhow::{Result, bail};

const CHANGES: [(&str, &str, usize); 2] = [
    ("let wasmModule, wasmInstance, wasm;", "let wasmModule, wasmInstance, wasm = unloaded;", 1),
    ("if (wasm !== undefined) return wasm;", "if (wasm !== unloaded) return wasm;", 2),
];

/// Returns the glue with the change made. Fails when the glue has not the expected form: a new version of wasm-bindgen may
/// write another one.
pub fn explain_early_calls(glue: &str) -> Result<String> {
    let mut changed = glue.to_owned();
    for (generated, ours, count) in CHANGES {
        if changed.matches(generated).count() != count {
            bail!("the glue of wasm-bindgen has changed: `{generated}` was expected {count} time(s) in it");
        }
        changed = changed.replace(generated, ours);
    }
    Ok(format!("import {{ unloaded }} from \"./unloaded.js\";\n{changed}"))
}

#[cfg(test)]
mod tests {
    use super::explain_early_calls;

    const GLUE: &str = "let wasmModule, wasmInstance, wasm;\n\
        function a() { if (wasm !== undefined) return wasm; }\n\
        function b() { if (wasm !== undefined) return wasm; }\n";

    #[test]
    fn every_look_at_the_exports_knows_the_unloaded_state() -> anyhow::Result<()> {
        let changed = explain_early_calls(GLUE)?;
        assert!(changed.starts_with("import { unloaded } from \"./unloaded.js\";\n"));
        assert!(changed.contains("wasm = unloaded;"));
        assert_eq!(changed.matches("wasm !== unloaded").count(), 2);
        assert!(!changed.contains("wasm !== undefined"));
        Ok(())
    }

    #[test]
    fn an_unknown_form_is_refused() {
        assert!(explain_early_calls(&GLUE.replacen("if (wasm !== undefined)", "if (wasm)", 1)).is_err());
        assert!(explain_early_calls("").is_err());
    }
}
