//! The module that does nothing: what the benchmarks hold the core's start-up against.

use anyhow::Result;

use super::Variant;
use super::module::Module;
use crate::workspace::Workspace;

/// Builds it below the folder of the benchmarks, in every respect as the core is built.
pub fn build(workspace: &Workspace) -> Result<()> {
    let module = Module {
        package: "empty-module",
        cargo_arguments: &[],
        // The core's: the standard library is there already.
        target: Variant::Release.name(),
        name: "empty",
        folder: workspace.target().join("bench/empty-module"),
        change: &|_| Ok(()),
    };
    module.build(workspace)
}
