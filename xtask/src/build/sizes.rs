//! The sizes of everything that a user loads from the package, and a budget for each.

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::Write;

use super::{Variant, console, core, package};
use crate::files;
use crate::process;
use crate::workspace::Workspace;

/// The budgets in bytes after `gzip -9`, by the names of the rows.
const BUDGETS: &str = "xtask/sizes.json";

/// Bytes, raw and after `gzip -9`.
#[derive(Default)]
pub struct Size {
    raw: usize,
    compressed: usize,
}

impl Size {
    /// Adds a file.
    pub fn add(&mut self, contents: &[u8]) -> Result<()> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(contents)?;
        self.raw += contents.len();
        self.compressed += gzip.finish()?.len();
        Ok(())
    }

    fn of(contents: &[u8]) -> Result<Self> {
        let mut size = Self::default();
        size.add(contents)?;
        Ok(size)
    }
}

/// Prints the size of each entry, as a bundler makes it, of the modules, the command and the
/// console's first load. Fails if one is over its budget.
pub fn report(workspace: &Workspace) -> Result<()> {
    let sizes = measure(workspace)?;
    let budgets = files::read_text(&workspace.root().join(BUDGETS))?;
    let budgets: Map<String, Value> =
        serde_json::from_str(&budgets).with_context(|| format!("`{BUDGETS}` is not JSON"))?;
    println!("{:<34} {:>10} {:>10} {:>10}", "KB", "raw", "gzip -9", "budget");
    for (name, size) in &sizes {
        let budget = budgets.get(name).and_then(Value::as_f64).unwrap_or_default();
        let [raw, compressed] = [size.raw, size.compressed].map(kilobytes);
        println!("{name:<34} {raw:>10.1} {compressed:>10.1} {:>10.1}", budget / 1000.0);
    }
    check(&sizes, &budgets)
}

fn check(sizes: &BTreeMap<String, Size>, budgets: &Map<String, Value>) -> Result<()> {
    for (name, size) in sizes {
        let budget = budgets
            .get(name)
            .and_then(Value::as_u64)
            .with_context(|| format!("`{BUDGETS}` has no budget for `{name}`: add one"))?;
        ensure!(
            size.compressed as u64 <= budget,
            "`{name}` has {} bytes after gzip, and its budget in `{BUDGETS}` is {budget}: import less, \
             or load code when it is used, with `import()`",
            size.compressed
        );
    }
    let unknown = budgets.keys().find(|name| !sizes.contains_key(*name));
    ensure!(unknown.is_none(), "`{BUDGETS}` has a budget for `{unknown:?}`, which doesn't exist");
    Ok(())
}

fn measure(workspace: &Workspace) -> Result<BTreeMap<String, Size>> {
    let package = Variant::Release.package(workspace);
    let bundles = workspace.work().join("entries");
    files::remove_folder(&bundles)?;
    let script = workspace.package_template().join("bundle/entries.mjs");
    process::run(workspace.node(script).arg(&package).arg(&bundles))?;
    let mut sizes = BTreeMap::new();
    for (path, contents) in files::read_all(&bundles, "".as_ref())? {
        let path = path.to_string_lossy().replace('\\', "/");
        sizes.insert(path.trim_end_matches(".js").to_owned(), Size::of(&contents)?);
    }
    let modules = core::all(Variant::Release).map(|core| core.module());
    for name in modules.into_iter().chain([package::COMMAND.to_owned()]) {
        let size = Size::of(&files::read(&package.join(&name))?)?;
        sizes.insert(name, size);
    }
    sizes.insert("console/ at first load".to_owned(), console::first_load(workspace)?);
    Ok(sizes)
}

fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::{Size, check};
    use serde_json::{Map, Value, json};
    use std::collections::BTreeMap;

    fn is_accepted(budgets: Value) -> bool {
        let size = Size { raw: 30, compressed: 10 };
        let budgets: Map<String, Value> = serde_json::from_value(budgets).unwrap_or_default();
        check(&BTreeMap::from([("rollcall".to_owned(), size)]), &budgets).is_ok()
    }

    #[test]
    fn every_row_has_a_budget_that_it_keeps() {
        assert!(is_accepted(json!({ "rollcall": 10 })));
        assert!(!is_accepted(json!({ "rollcall": 9 })));
        assert!(!is_accepted(json!({})));
        assert!(!is_accepted(json!({ "rollcall": 10, "rollcall/gone": 10 })));
    }
}
