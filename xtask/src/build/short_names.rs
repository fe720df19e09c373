//! Short names for the imports and exports that a module shares with its script. The generated
//! names are long, and most end in a hash, which doesn't compress. This saves 2 KB of the module's
//! 133 after gzip, and 1 KB of the script.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::HashMap;

/// The module name that wasm-opt gives to all imports.
const IMPORT_MODULE: &str = "a";

/// The names that wasm-opt replaced in a module.
pub struct ShortNames {
    /// The module, the name and the short name of each import.
    imports: Vec<(String, String, String)>,
    /// The short names of the exports, by their names.
    exports: HashMap<String, String>,
}

impl ShortNames {
    /// Parses the output of `wasm-opt --minify-imports-and-exports-and-modules`.
    pub fn parse(printed: &str) -> Result<Self> {
        const CHANGED: &str = "wasm-opt prints short names in another form";
        let mut printed: Value = serde_json::from_str(printed).context(CHANGED)?;
        let mut list = |name| printed.get_mut(name).map(Value::take).context(CHANGED);
        let (imports, exports) = (list("imports")?, list("exports")?);
        let exports: Vec<(String, String)> = serde_json::from_value(exports).context(CHANGED)?;
        Ok(Self {
            imports: serde_json::from_value(imports).context(CHANGED)?,
            exports: exports.into_iter().collect(),
        })
    }

    /// Applies the short names to the script. Fails if the script has an unexpected form, as a new
    /// version of wasm-bindgen may generate.
    pub fn shorten(&self, script: &str) -> Result<String> {
        let mut shortened = self.shorten_exports(script);
        for (_, name, short) in &self.imports {
            shortened = rename_member(&shortened, name, short)?;
        }
        match self.imports.first() {
            Some((module, ..)) => {
                rename_member(&shortened, &format!("\"{module}\""), IMPORT_MODULE)
            }
            None => Ok(shortened),
        }
    }

    /// The script only reads exports by name from a variable `wasm`.
    fn shorten_exports(&self, script: &str) -> String {
        let mut parts = script.split("wasm.");
        let mut shortened = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let is_in_name =
                |character: char| character.is_ascii_alphanumeric() || character == '_';
            let rest = part.trim_start_matches(is_in_name);
            let name = part.strip_suffix(rest).unwrap_or(part);
            shortened += "wasm.";
            shortened += self.exports.get(name).map_or(name, String::as_str);
            shortened += rest;
        }
        shortened
    }
}

/// Renames a member of the import objects.
fn rename_member(script: &str, name: &str, short: &str) -> Result<String> {
    let member = format!("\n        {name}: ");
    ensure!(
        script.matches(&member).count() == 1,
        "the glue of wasm-bindgen has changed: the member `{name}` was expected in it, once"
    );
    Ok(script.replace(&member, &format!("\n        {short}: ")))
}

#[cfg(test)]
mod tests {
    use super::ShortNames;

    const PRINTED: &str = r#"{
        "imports": [
            ["./core_bg.js", "__wbg_get_2080c49015e35254", "b"],
            ["./core_bg.js", "__wbg_get_d7176cfb76d71114", "c"]
        ],
        "exports": [["memory", "d"], ["run", "e"]]
    }"#;

    const SCRIPT: &str = "\
function run(memory) { return wasm.run(wasm.memory.buffer, wasm.runner); }
    const import0 = {
        __wbg_get_2080c49015e35254: function(arg0) {},
        __wbg_get_d7176cfb76d71114: function() {},
    };
    return {
        \"./core_bg.js\": import0,
    };
";

    #[test]
    fn the_script_has_the_short_names() -> anyhow::Result<()> {
        let expected = "\
function run(memory) { return wasm.e(wasm.d.buffer, wasm.runner); }
    const import0 = {
        b: function(arg0) {},
        c: function() {},
    };
    return {
        a: import0,
    };
";
        assert_eq!(ShortNames::parse(PRINTED)?.shorten(SCRIPT)?, expected);
        Ok(())
    }

    #[test]
    fn a_script_of_another_form_is_rejected() -> anyhow::Result<()> {
        let names = ShortNames::parse(PRINTED)?;
        let other = SCRIPT.replace("__wbg_get_d7176cfb76d71114: ", "__wbg_get_d7176cfb76d71114() ");
        assert!(names.shorten(&other).is_err());
        assert!(names.shorten("").is_err());
        Ok(())
    }

    #[test]
    fn other_output_is_rejected() {
        assert!(ShortNames::parse("").is_err());
        assert!(ShortNames::parse(r#"{ "imports": [] }"#).is_err());
    }
}
