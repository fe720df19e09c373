//! The paths and commands of the workspace.

use anyhow::{Context, Result};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;

/// The checkout that this program was built from.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
    version: String,
}

impl Workspace {
    /// Asks cargo for the workspace, because its target folder depends on the user's settings.
    pub fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask is not inside a workspace")?
            .join("Cargo.toml");
        let mut cargo = cargo();
        cargo
            .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
            .arg(&manifest);
        let metadata: Value = serde_json::from_str(&process::read(&mut cargo)?)
            .context("cargo's metadata is not JSON")?;

        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let package = metadata.get("packages").and_then(Value::as_array).and_then(|packages| {
            packages
                .iter()
                .find(|package| package.get("name").is_some_and(|name| name == "rollcall"))
        });
        Ok(Self {
            root: text(metadata.get("workspace_root"))
                .context("cargo names no workspace root")?
                .into(),
            target: text(metadata.get("target_directory"))
                .context("cargo names no target folder")?
                .into(),
            version: text(package.and_then(|package| package.get("version")))
                .context("the package `rollcall` has no version")?,
        })
    }

    /// The root of the checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The folder for intermediate results and fingerprints.
    pub fn work(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// The sources of the npm package.
    pub fn package_template(&self) -> PathBuf {
        self.root.join("pkg-template")
    }

    /// The sources of the console.
    pub fn console(&self) -> PathBuf {
        self.root.join("www")
    }

    /// The built npm package.
    pub fn package(&self) -> PathBuf {
        self.root.join("pkg")
    }

    /// The version of the core and of the npm package.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// A cargo command in the root.
    pub fn cargo(&self) -> Command {
        self.in_root(cargo())
    }

    /// A command that runs a script with Node.js in the root.
    pub fn node(&self, script: impl AsRef<OsStr>) -> Command {
        let mut command = self.in_root(Command::new("node"));
        command.arg(script);
        command
    }

    /// The command of an npm package in the root, by the path of its script. This works the same on
    /// every system, without a shell.
    pub fn npm_tool(&self, script: &str) -> Command {
        self.node(self.root.join("node_modules").join(script))
    }

    /// A git command in the root.
    pub fn git(&self) -> Command {
        self.in_root(Command::new("git"))
    }

    fn in_root(&self, mut command: Command) -> Command {
        command.current_dir(&self.root);
        command
    }
}

/// Under `cargo run`, the variable `CARGO` is the cargo of the pinned toolchain.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
