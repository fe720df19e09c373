//! An empty module, which the benchmarks compare the core's start-up with.

use anyhow::Result;

use super::Variant;
use super::module::Module;
use crate::workspace::Workspace;

/// Builds it for the benchmarks, with the same settings as the core.
pub fn build(workspace: &Workspace) -> Result<()> {
    let module = Module {
        package: "empty-module",
        cargo_arguments: &[],
        // Shared with the core, whose standard library is already built.
        target: Variant::Release.name(),
        name: "empty",
        folder: workspace.target().join("bench/empty-module"),
        change: &|_| Ok(()),
    };
    module.build(workspace)
}
