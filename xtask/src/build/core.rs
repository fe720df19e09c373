//! The modules that the crate is built as, each with the JavaScript around it and its types.

use anyhow::Result;
use std::path::{Path, PathBuf};

use super::module::Module;
use super::{Variant, glue};
use crate::files;
use crate::workspace::Workspace;

/// A module of the package: some of the crate's exports.
pub struct Core {
    /// The stem of its file names.
    name: &'static str,
    /// The crate's features, without the default ones.
    features: &'static str,
    /// The name of its folders. One each: cargo names a module without regard to features, and
    /// would rebuild all of them every time.
    folder: &'static str,
    /// The entry point whose users load the module themselves.
    slim_entry: &'static str,
}

/// The memory stores. Their module is the same in every variant.
const MEMORY: Core = Core {
    name: "memory_core",
    features: "memory",
    folder: "memory",
    slim_entry: "rollcall/memory/slim",
};

/// The modules of a variant's package.
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
    /// The module's file name.
    pub fn module(&self) -> String {
        format!("{}_bg.wasm", self.name)
    }

    /// The file name of the JavaScript around it.
    pub fn glue(&self) -> String {
        format!("{}.js", self.name)
    }

    /// The file name of that JavaScript's types.
    pub fn glue_types(&self) -> String {
        format!("{}.d.ts", self.name)
    }

    /// The file name of the module as a string, for hosts that can load nothing but JavaScript.
    pub fn inline_module(&self) -> String {
        format!("{}_base64.js", self.name)
    }

    /// The folder that holds the module, the glue and its types.
    pub fn folder(&self, workspace: &Workspace) -> PathBuf {
        workspace.work().join("core").join(self.folder)
    }

    /// Builds the module.
    pub fn build(&self, workspace: &Workspace) -> Result<()> {
        let module = Module {
            package: "rollcall",
            cargo_arguments: &["--no-default-features", "--features", self.features],
            target: self.folder,
            name: self.name,
            folder: self.folder(workspace),
            change: &|folder| self.change_glue(folder),
        };
        module.build(workspace)
    }

    fn change_glue(&self, folder: &Path) -> Result<()> {
        change(&folder.join(self.glue()), |script| {
            glue::explain_early_calls(script, self.slim_entry)
        })?;
        change(&folder.join(self.glue()), glue::catch_without_closures)?;
        change(&folder.join(self.glue_types()), glue::free_types_of_host)
    }
}

fn change(path: &Path, change: impl Fn(&str) -> Result<String>) -> Result<()> {
    files::write(path, change(&files::read_text(path)?)?.as_bytes())
}
