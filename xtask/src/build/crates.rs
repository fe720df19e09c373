//! The crates whose code is in a module: exactly those that cargo compiles for it, including those
//! of the standard library, without macros and build scripts.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::parts::Part;
use crate::files;
use crate::process;
use crate::workspace::Workspace;

/// The standard library is one part: its own crates share a version and a licence.
const STANDARD_LIBRARY: &str = "rust-std";

/// The crates in a module, from cargo's unit graph.
pub fn parts(workspace: &Workspace, unit_graph: &str) -> Result<Vec<Part>> {
    let graph: Value =
        serde_json::from_str(unit_graph).context("cargo's unit graph is not JSON")?;
    let library = standard_library(workspace)?;
    let mut parts = BTreeSet::new();
    for source in sources(&graph)? {
        if source.starts_with(workspace.root()) {
            continue;
        }
        let folder = source
            .ancestors()
            .skip(1)
            .find(|folder| folder.join("Cargo.toml").exists())
            .with_context(|| format!("`{}` belongs to no crate", source.display()))?;
        let has_own_licence = folder.ends_with("compiler-builtins/compiler-builtins");
        parts.insert(if source.starts_with(&library) && !has_own_licence {
            standard_library_part(workspace)?
        } else {
            part(folder)?
        });
    }
    Ok(parts.into_iter().collect())
}

/// The root files of the crates that the root unit needs at run time.
fn sources(graph: &Value) -> Result<BTreeSet<PathBuf>> {
    const CHANGED: &str = "cargo prints the unit graph in another form";
    let units = graph.get("units").and_then(Value::as_array).context(CHANGED)?;
    let numbers = |value: Option<&Value>| -> Vec<u64> {
        value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_u64).collect()
    };
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut left = numbers(graph.get("roots"));
    ensure!(!left.is_empty(), CHANGED);
    while let Some(index) = left.pop() {
        if !seen.insert(index) {
            continue;
        }
        let unit = units.get(usize::try_from(index)?).context(CHANGED)?;
        // Macros and build scripts run on the machine that builds, which has no target.
        if unit.get("platform").is_none_or(Value::is_null) {
            continue;
        }
        let source = unit.get("target").and_then(|target| target.get("src_path"));
        found.insert(PathBuf::from(source.and_then(Value::as_str).context(CHANGED)?));
        let dependencies = unit.get("dependencies").and_then(Value::as_array).context(CHANGED)?;
        left.extend(dependencies.iter().filter_map(|one| one.get("index")?.as_u64()));
    }
    Ok(found)
}

fn standard_library(workspace: &Workspace) -> Result<PathBuf> {
    let sysroot = process::read(
        Command::new("rustc").args(["--print", "sysroot"]).current_dir(workspace.root()),
    )?;
    Ok(Path::new(&sysroot).join("lib/rustlib/src/rust/library"))
}

fn standard_library_part(workspace: &Workspace) -> Result<Part> {
    let printed = process::read(Command::new("rustc").arg("-V").current_dir(workspace.root()))?;
    let version = printed.split(' ').nth(1).context("rustc prints no version")?.to_owned();
    // The toolchain doesn't come with the file. The text is that of our own licence, whose second
    // line names the owner.
    let text: String = files::read_text(&workspace.root().join("LICENSE-MIT"))?
        .lines()
        .map(|line| match line.starts_with("Copyright") {
            true => "Copyright (c) The Rust Project Contributors\n".to_owned(),
            false => format!("{line}\n"),
        })
        .collect();
    Ok(Part {
        purl: format!("pkg:github/rust-lang/rust@{version}"),
        name: STANDARD_LIBRARY.to_owned(),
        version,
        licence: "MIT OR Apache-2.0".to_owned(),
        text: text.trim().to_owned(),
    })
}

/// A crate, from its manifest and the licence in its folder.
fn part(folder: &Path) -> Result<Part> {
    let manifest = files::read_text(&folder.join("Cargo.toml"))?;
    let member = |name: &str| -> Result<String> {
        manifest
            .lines()
            .find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='))
            .map(|value| value.trim().trim_matches('"').to_owned())
            .with_context(|| format!("`{}` has no {name}", folder.display()))
    };
    let (name, version) = (member("name")?, member("version")?);
    // The old form of `OR`.
    let licence = member("license")?.replace('/', " OR ");
    Ok(Part {
        purl: format!("pkg:cargo/{name}@{version}"),
        text: licence_text(folder, &licence)?,
        name,
        version,
        licence,
    })
}

/// If the user may choose, the MIT licence: it is the shortest.
fn licence_text(folder: &Path, licence: &str) -> Result<String> {
    // Some crates follow REUSE, and `compiler-builtins` has its licence in the folder above.
    let folders = [Some(folder.join("LICENSES")), Some(folder.to_owned()), parent(folder)];
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in folders.into_iter().flatten().filter(|folder| folder.exists()) {
        found = licence_files(&folder)?;
        if !found.is_empty() {
            break;
        }
    }
    let is_mit = |path: &PathBuf| {
        path.file_stem().is_some_and(|name| name == "MIT" || name == "LICENSE-MIT")
    };
    let is_choice = ["MIT OR Apache-2.0", "Apache-2.0 OR MIT"].contains(&licence);
    if let Some(mit) = found.iter().find(|path| is_choice && is_mit(path)) {
        return Ok(files::read_text(mit)?.trim().to_owned());
    }
    ensure!(!found.is_empty(), "`{}` has no licence: don't use this crate", folder.display());
    let texts: Vec<String> = found
        .iter()
        .map(|path| Ok(files::read_text(path)?.trim().to_owned()))
        .collect::<Result<_>>()?;
    Ok(texts.join("\n\n"))
}

fn parent(folder: &Path) -> Option<PathBuf> {
    folder.parent().map(Path::to_owned)
}

/// The files in a folder that are licences. In a folder of licences, that is every file.
fn licence_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_folder_of_licences = folder.ends_with("LICENSES");
    let is_licence = |name: &String| {
        let name = name.to_ascii_uppercase();
        is_folder_of_licences || name.starts_with("LICENSE") || name.starts_with("COPYING")
    };
    let names = files::names(folder)?.into_iter().filter(is_licence);
    Ok(names.map(|name| folder.join(name)).filter(|path| path.is_file()).collect())
}

#[cfg(test)]
mod tests {
    use super::sources;
    use anyhow::Result;
    use serde_json::json;
    use std::path::PathBuf;

    #[test]
    fn macros_and_unused_crates_are_not_in_the_module() -> Result<()> {
        let unit = |path: &str, platform: Option<&str>, dependencies: &[u64]| {
            let indexes: Vec<_> =
                dependencies.iter().map(|index| json!({ "index": index })).collect();
            json!({ "target": { "src_path": path }, "platform": platform, "dependencies": indexes })
        };
        let graph = json!({
            "roots": [0],
            "units": [
                unit("root.rs", Some("wasm"), &[1, 2]),
                unit("library.rs", Some("wasm"), &[0]),
                unit("macro.rs", None, &[3]),
                unit("of-macro.rs", Some("wasm"), &[]),
            ],
        });
        let expected = ["library.rs", "root.rs"].map(PathBuf::from);
        assert_eq!(sources(&graph)?.into_iter().collect::<Vec<_>>(), expected);
        Ok(())
    }

    #[test]
    fn another_form_is_rejected() {
        assert!(sources(&json!({})).is_err());
        assert!(sources(&json!({ "roots": [], "units": [] })).is_err());
    }
}
