//! Builds the console with Vite into the package, which must be built: the browser mode of the
//! console runs the package's modules.

use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Variant;
use super::sizes::Size;
use crate::files::{self, Fingerprint};
use crate::process;
use crate::progress::step;
use crate::workspace::Workspace;

/// The console's folder in the package.
pub const FOLDER: &str = "console";

/// The folder of Vite's own files.
const NOT_PUBLISHED: &str = ".vite";

/// The page, by its path in the sources and in the output.
const PAGE: &str = "index.html";

/// Builds the console unless nothing has changed, and puts it into the package.
pub fn build(workspace: &Workspace) -> Result<()> {
    let built = workspace.work().join(FOLDER);
    let mut fingerprint = Fingerprint::new(built.with_extension("fingerprint"))?;
    for path in sources(workspace)? {
        fingerprint.add_file(&path)?;
    }
    if !(fingerprint.is_unchanged() && built.exists()) {
        step("building the console", || bundle(workspace, &built))?;
        fingerprint.store()?;
    }

    let mut published = files::read_all(&built, Path::new(""))?;
    published.retain(|(path, _)| !path.starts_with(NOT_PUBLISHED));
    files::mirror(&Variant::Release.package(workspace).join(FOLDER), &published, &[])
}

/// The files that the console is built from.
fn sources(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let console = workspace.console();
    let mut sources: Vec<PathBuf> = files::list(&console)?
        .into_iter()
        .filter(|path| !files::is_installed(path) && !path.starts_with("dist"))
        .map(|path| console.join(path))
        .collect();

    let package = Variant::Release.package(workspace);
    let modules = files::list(&package)?.into_iter().filter(|path| {
        let is_code = path.extension().is_some_and(|ending| ending == "js" || ending == "wasm");
        is_code && !path.starts_with(FOLDER) && !path.starts_with("bin")
    });
    sources.extend(modules.map(|path| package.join(path)));
    sources.push(workspace.root().join("package-lock.json"));
    Ok(sources)
}

fn bundle(workspace: &Workspace, built: &Path) -> Result<()> {
    let mut vite = workspace.npm_tool("vite/bin/vite.js");
    vite.arg("build").arg(workspace.console()).arg("--outDir").arg(built);
    process::run(vite.args(["--emptyOutDir", "--manifest", "--logLevel", "warn"]))
}

/// The list of the npm packages in the console, with their licences.
pub fn parts(workspace: &Workspace) -> PathBuf {
    workspace.work().join(FOLDER).join(NOT_PUBLISHED).join("license.json")
}

/// The size of the scripts and style sheets that the page loads before it shows anything.
pub fn first_load(workspace: &Workspace) -> Result<Size> {
    let built = workspace.work().join(FOLDER);
    let manifest = built.join(NOT_PUBLISHED).join("manifest.json");
    let manifest: Value = serde_json::from_slice(&files::read(&manifest)?)
        .with_context(|| format!("`{}` is not JSON", manifest.display()))?;
    let mut size = Size::default();
    for file in files_at_once(&manifest)? {
        size.add(&files::read(&built.join(file))?)?;
    }
    Ok(size)
}

/// The page's script, the scripts that it imports statically, and their style sheets.
fn files_at_once(manifest: &Value) -> Result<BTreeSet<&str>> {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut left = vec![PAGE];
    while let Some(name) = left.pop() {
        if !seen.insert(name) {
            continue;
        }
        let chunk =
            manifest.get(name).with_context(|| format!("Vite's manifest has no chunk `{name}`"))?;
        found.extend(chunk.get("file").and_then(Value::as_str));
        found.extend(strings(chunk, "css"));
        left.extend(strings(chunk, "imports"));
    }
    Ok(found)
}

fn strings<'chunk>(chunk: &'chunk Value, member: &str) -> impl Iterator<Item = &'chunk str> {
    chunk.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::files_at_once;
    use anyhow::Result;
    use serde_json::json;

    #[test]
    fn the_first_load_has_static_imports_and_no_others() -> Result<()> {
        let manifest = json!({
            "index.html": {
                "file": "index.js", "css": ["index.css"], "imports": ["_a.js"],
                "dynamicImports": ["src/late.ts"],
            },
            "_a.js": { "file": "a.js", "imports": ["_b.js", "index.html"] },
            "_b.js": { "file": "b.js", "css": ["b.css"] },
            "src/late.ts": { "file": "late.js", "css": ["late.css"] },
        });
        let found: Vec<&str> = files_at_once(&manifest)?.into_iter().collect();
        assert_eq!(found, ["a.js", "b.css", "b.js", "index.css", "index.js"]);
        Ok(())
    }

    #[test]
    fn a_manifest_without_the_page_is_rejected() {
        assert!(files_at_once(&json!({ "src/late.ts": { "file": "late.js" } })).is_err());
        assert!(files_at_once(&json!({ "index.html": { "imports": ["_lost.js"] } })).is_err());
    }
}
