//! `cargo xtask bench`: the benchmarks.

use anyhow::Result;

use crate::build::{self, Variant};
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

const PROGRAM: &str = "benches/run.mjs";

/// The program's options.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Measures with fewer sessions, for a quick try
    #[arg(long)]
    small: bool,
    /// Fails if a budget is missed
    #[arg(long)]
    strict: bool,
    /// The rows to measure, such as `peers` or `stores` [default: all of them]
    #[arg(value_name = "ROW")]
    rows: Vec<String>,
}

/// Builds the package and measures it.
pub fn bench(workspace: &Workspace, options: &Options) -> Result<()> {
    build::build(workspace, Variant::Release)?;
    build::build_empty_module(workspace)?;
    setup::npm_packages(&workspace.root().join("benches/peers"))?;
    let flags = [("--small", options.small), ("--strict", options.strict)];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag);
    process::run(workspace.node(PROGRAM).args(flags).args(&options.rows))
}
