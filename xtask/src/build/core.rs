//! The core: the module, the JavaScript around it and its types.

use anyhow::Result;
use std::path::{Path, PathBuf};

use super::module::Module;
use super::{Variant, glue};
use crate::files;
use crate::workspace::Workspace;

const NAME: &str = "core";

/// The module's file name.
pub const MODULE: &str = "core_bg.wasm";
/// The file name of the JavaScript around it.
pub const GLUE: &str = "core.js";
/// The file name of that JavaScript's types.
pub const GLUE_TYPES: &str = "core.d.ts";

/// Builds the core and returns the folder that holds the module, the glue and its types.
pub fn build(workspace: &Workspace, variant: Variant) -> Result<PathBuf> {
    let module = Module {
        package: "rollcall",
        cargo_arguments: variant.cargo_arguments(),
        // One folder a variant: cargo names a module without regard to features, and would build
        // both anew at every turn.
        target: variant.name(),
        name: NAME,
        folder: workspace.work().join("core").join(variant.name()),
        change: change_glue,
    };
    module.build(workspace)?;
    Ok(module.folder)
}

fn change_glue(folder: &Path) -> Result<()> {
    change(&folder.join(GLUE), glue::explain_early_calls)?;
    change(&folder.join(GLUE), glue::catch_without_closures)?;
    change(&folder.join(GLUE_TYPES), glue::free_types_of_host)
}

fn change(path: &Path, change: impl Fn(&str) -> Result<String>) -> Result<()> {
    files::write(path, change(&files::read_text(path)?)?.as_bytes())
}
