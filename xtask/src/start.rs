//! `cargo xtask start`: the example identity provider with its console.

use anyhow::Result;
use std::ffi::OsString;

use crate::build::{self, Variant};
use crate::process;
use crate::workspace::Workspace;

const PROGRAM: &str = "examples/identity-provider/server.mjs";

/// Reads the options, which are the program's own: they are checked here so that a slip is reported
/// before the build.
pub fn parse(mut arguments: lexopt::Parser) -> Result<Vec<OsString>> {
    let mut options = Vec::new();
    while let Some(argument) = arguments.next()? {
        let option = match argument {
            lexopt::Arg::Long(name @ ("data" | "fill" | "port")) => format!("--{name}"),
            other => return Err(other.unexpected().into()),
        };
        options.extend([option.into(), arguments.value()?]);
    }
    Ok(options)
}

/// Builds the package and lets the program take over.
pub fn start(workspace: &Workspace, options: &[OsString]) -> Result<()> {
    build::build(workspace, Variant::Release)?;
    process::replace_by(workspace.node(PROGRAM).args(options))
}
