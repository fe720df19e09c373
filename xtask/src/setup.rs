//! Installs the prerequisites of a build: parts of the toolchain and npm packages.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use std::path::Path;
use std::process::Command;

use crate::files;
use crate::process;
use crate::progress::step;
use crate::workspace::Workspace;

/// The target that the core is compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Installs missing parts of the pinned toolchain: the wasm target and the components named in
/// `rust-toolchain.toml`.
pub fn toolchain(workspace: &Workspace) -> Result<()> {
    let sysroot = process::read(
        Command::new("rustc").args(["--print", "sysroot"]).current_dir(workspace.root()),
    )?;
    let programs = Path::new(&sysroot).join("bin");
    let library = Path::new(&sysroot).join("lib/rustlib");
    let program = |name: &str| programs.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));

    let parts = [
        ("component", "rust-src", library.join("src/rust/library/std/Cargo.toml")),
        ("component", "rustfmt", program("rustfmt")),
        ("component", "clippy", program("cargo-clippy")),
        ("target", TARGET, library.join(TARGET).join("lib")),
    ];
    for (kind, name, proof) in parts {
        if !proof.exists() {
            add_to_toolchain(workspace, kind, name)?;
        }
    }
    Ok(())
}

fn add_to_toolchain(workspace: &Workspace, kind: &str, name: &str) -> Result<()> {
    let mut rustup = Command::new("rustup");
    if process::read_if_installed(rustup.arg("--version"))?.is_none() {
        bail!(
            "the Rust toolchain lacks the {kind} `{name}`, and rustup, which would add it, was not found: install Rust with rustup"
        );
    }
    step(&format!("adding the {kind} `{name}` to the Rust toolchain"), || {
        process::run(Command::new("rustup").args([kind, "add", name]).current_dir(workspace.root()))
    })
}

/// Checks that Node.js is installed and recent enough.
pub fn node() -> Result<()> {
    let Some(version) = process::read_if_installed(Command::new("node").arg("--version"))? else {
        bail!(
            "Node.js was not found: install Node 20.19 or later, with npm, and put `node` on the PATH"
        );
    };
    if !builds(&version) {
        bail!(
            "Node.js {version} can't build the console: install Node 20.19, 22.12 or 24 or later (the package itself runs on 20.3)"
        );
    }
    Ok(())
}

/// Whether this version of Node.js, such as `v20.19.0`, can build everything. Vite and its Svelte
/// plugin support the same versions (their `engines`).
fn builds(version: &str) -> bool {
    let mut numbers =
        version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    match numbers.next().zip(numbers.next()) {
        Some((20, minor)) => minor >= 19,
        Some((22, minor)) => minor >= 12,
        Some((major, _)) => major >= 24,
        None => false,
    }
}

/// Installs the npm packages of a folder as locked, unless they are installed. Install scripts
/// don't run, so no foreign code runs during the installation. No package needs them.
pub fn npm_packages(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let locked = packages(&lock)?;
    let installed = folder.join("node_modules/.package-lock.json");
    if installed.exists() {
        let installed = packages(&installed)?;
        // Those of a workspace are in a folder of its own, which may have been removed.
        let are_there = installed.keys().all(|path| folder.join(path).exists());
        if are_there && is_installed(&locked, &installed) {
            return Ok(());
        }
    }
    if process::read_if_installed(process::npm(folder).arg("--version"))?.is_none() {
        bail!("npm was not found: it comes with Node.js; put `npm` on the PATH");
    }
    step(&format!("installing the npm packages of {}", folder.display()), || {
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        process::run(process::npm(folder).args(arguments))
    })
}

fn packages(lock: &Path) -> Result<Map<String, Value>> {
    let value: Value = serde_json::from_str(&files::read_text(lock)?)
        .with_context(|| format!("`{}` is not JSON", lock.display()))?;
    match value.get("packages") {
        Some(Value::Object(packages)) => Ok(packages.clone()),
        _ => bail!("`{}` lists no packages: update npm", lock.display()),
    }
}

/// Whether every locked package is installed in its version. Optional packages may be missing,
/// because they are for other systems.
fn is_installed(locked: &Map<String, Value>, installed: &Map<String, Value>) -> bool {
    let version = |package: &Value| package.get("version").cloned();
    let is_optional = |package: &Value| {
        ["optional", "devOptional"].iter().any(|mark| package.get(*mark).is_some())
    };
    let own_package = "";
    locked.iter().filter(|(path, _)| *path != own_package).all(|(path, package)| {
        match installed.get(path) {
            Some(present) => version(present) == version(package),
            None => is_optional(package),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{builds, is_installed};
    use anyhow::{Context, Result};
    use serde_json::{Map, Value, json};

    fn map(packages: Value) -> Result<Map<String, Value>> {
        packages.as_object().cloned().context("not an object")
    }

    #[test]
    fn versions_of_node_that_vite_supports_are_accepted() {
        for version in ["v20.19.0", "v20.20.2", "v22.12.0", "v22.21.1", "v24.0.0", "v26.1.0"] {
            assert!(builds(version), "{version}");
        }
        for version in ["v18.20.8", "v20.3.0", "v20.18.3", "v21.7.3", "v22.11.0", "v23.11.1", ""] {
            assert!(!builds(version), "{version}");
        }
    }

    #[test]
    fn locked_packages_must_be_installed_in_their_versions() -> Result<()> {
        let locked = map(json!({ "": {}, "node_modules/kysely": { "version": "0.28.8" } }))?;
        assert!(is_installed(
            &locked,
            &map(json!({ "node_modules/kysely": { "version": "0.28.8" } }))?
        ));
        assert!(!is_installed(
            &locked,
            &map(json!({ "node_modules/kysely": { "version": "0.28.7" } }))?
        ));
        assert!(!is_installed(&locked, &Map::new()));
        Ok(())
    }

    #[test]
    fn only_optional_packages_may_be_missing() -> Result<()> {
        let locked = map(json!({ "node_modules/bun": { "version": "1.4.4", "optional": true } }))?;
        assert!(is_installed(&locked, &Map::new()));
        assert!(!is_installed(
            &locked,
            &map(json!({ "node_modules/bun": { "version": "1.4.3" } }))?
        ));
        Ok(())
    }
}
