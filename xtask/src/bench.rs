//! `cargo xtask bench`: the benchmarks.

use anyhow::Result;
use std::ffi::OsString;

use crate::build::{self, Variant};
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

const PROGRAM: &str = "benches/run.mjs";

/// Builds the package and measures it.
pub fn bench(workspace: &Workspace, options: &[OsString]) -> Result<()> {
    build::build(workspace, Variant::Release)?;
    build::build_empty_module(workspace)?;
    setup::npm_packages(&workspace.root().join("benches/peers"))?;
    process::run(workspace.node(PROGRAM).args(options))
}
