//! The modules built from the crate, each with its JavaScript glue and types.

use anyhow::Result;
use std::path::{Path, PathBuf};

use super::module::Module;
use super::{Variant, glue};
use crate::files;
use crate::workspace::Workspace;

/// A module of the package, with some of the crate's exports.
pub struct Core {
    /// The base name of its files.
    name: &'static str,
    /// The crate's features.
    features: &'static str,
    /// The name of its folders. Each module has its own, because cargo names a module without
    /// regard to features and would otherwise rebuild both every time.
    folder: &'static str,
    /// The entry point for users who load the module themselves.
    slim_entry: &'static str,
}

/// The memory stores. This module is the same in every variant.
const MEMORY: Core = Core {
    name: "memory_core",
    features: "memory",
    folder: "memory",
    slim_entry: "rollcall/memory/slim",
};

/// The modules of a variant.
pub fn all(variant: Variant) -> [Core; 2] {
    let services = Core {
        name: "core",
        features: variant.features(),
        folder: variant.name(),
        slim_entry: "rollcall/slim",
    };
    [services, MEMORY]
}

impl Core {
    /// The file name of the module.
    pub fn module(&self) -> String {
        format!("{}_bg.wasm", self.name)
    }

    /// The file name of its JavaScript glue.
    pub fn glue(&self) -> String {
        format!("{}.js", self.name)
    }

    /// The file name of the glue's types.
    pub fn glue_types(&self) -> String {
        format!("{}.d.ts", self.name)
    }

    /// The file name of the module as a string, for hosts that can only load JavaScript.
    pub fn inline_module(&self) -> String {
        format!("{}_base64.js", self.name)
    }

    /// The folder with the module, its glue and the glue's types.
    pub fn folder(&self, workspace: &Workspace) -> PathBuf {
        workspace.work().join("core").join(self.folder)
    }

    /// Builds the module.
    pub fn build(&self, workspace: &Workspace) -> Result<()> {
        self.with_module(workspace, |module| module.build(workspace))
    }

    /// The crates that cargo compiles for the module, and how they depend on each other.
    pub fn unit_graph(&self, workspace: &Workspace) -> Result<String> {
        self.with_module(workspace, |module| module.unit_graph(workspace))
    }

    fn with_module<Found>(
        &self,
        workspace: &Workspace,
        use_module: impl Fn(&Module) -> Result<Found>,
    ) -> Result<Found> {
        use_module(&Module {
            package: "rollcall",
            cargo_arguments: &["--no-default-features", "--features", self.features],
            target: self.folder,
            name: self.name,
            folder: self.folder(workspace),
            change: &|folder| self.change_glue(folder),
        })
    }

    fn change_glue(&self, folder: &Path) -> Result<()> {
        change(&folder.join(self.glue()), |script| {
            glue::explain_early_calls(script, self.slim_entry)
        })?;
        change(&folder.join(self.glue()), glue::catch_without_closures)?;
        change(&folder.join(self.glue_types()), glue::remove_host_types)
    }
}

fn change(path: &Path, change: impl Fn(&str) -> Result<String>) -> Result<()> {
    files::write(path, change(&files::read_text(path)?)?.as_bytes())
}
