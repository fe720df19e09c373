//! `cargo xtask start`: the example identity provider with its console.

use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::PathBuf;

use crate::build::{self, Variant};
use crate::process;
use crate::workspace::Workspace;

const PROGRAM: &str = "examples/identity-provider/server.mjs";

/// Serves the console alone.
const CONSOLE_PROGRAM: &str = "examples/identity-provider/console-only.mjs";

/// The program's options. They are checked here too, so that typos are reported before the build.
#[derive(Debug, Default, clap::Args)]
pub struct Options {
    /// The SQLite file with the sessions [default: .rollcall/sessions.db in the project]
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Adds N made-up sessions first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=100_000_000))]
    fill: Option<u32>,
    /// Starts only the console, with made-up sessions in the browser
    #[arg(long, conflicts_with_all = ["data", "fill"])]
    browser: bool,
    /// Doesn't open the console in the browser
    #[arg(long)]
    no_open: bool,
    /// The first of four ports; 0 for any free ones [default: 4600, or the next free ones]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=65_532))]
    port: Option<u16>,
}

impl Options {
    fn program(&self) -> &'static str {
        if self.browser { CONSOLE_PROGRAM } else { PROGRAM }
    }

    /// The command line of the program. It runs in the root, so `--data` is made absolute first.
    fn arguments(&self) -> Result<Vec<OsString>> {
        let mut arguments: Vec<OsString> = Vec::new();
        if let Some(data) = &self.data {
            let path = std::path::absolute(data)
                .with_context(|| format!("`{}` is not a path", data.display()))?;
            arguments.extend(["--data".into(), path.into()]);
        }
        for (name, number) in [("--fill", self.fill), ("--port", self.port.map(u32::from))] {
            if let Some(number) = number {
                arguments.extend([name.into(), number.to_string().into()]);
            }
        }
        if self.no_open {
            arguments.push("--no-open".into());
        }
        Ok(arguments)
    }
}

/// Builds the package, then replaces this process with the program.
pub fn start(workspace: &Workspace, options: &Options) -> Result<()> {
    let arguments = options.arguments()?;
    build::build(workspace, Variant::Release)?;
    process::replace_process(workspace.node(options.program()).args(arguments))
}

#[cfg(test)]
mod tests {
    use super::Options;
    use anyhow::Result;
    use std::ffi::OsString;

    #[test]
    fn the_program_gets_the_options_and_an_absolute_path() -> Result<()> {
        assert!(Options::default().arguments()?.is_empty());
        let options = Options {
            data: Some("a.db".into()),
            fill: Some(3),
            port: Some(0),
            no_open: true,
            ..Options::default()
        };
        let here: OsString = std::env::current_dir()?.join("a.db").into();
        let numbers = ["--fill", "3", "--port", "0", "--no-open"].map(OsString::from);
        let expected: Vec<OsString> = ["--data".into(), here].into_iter().chain(numbers).collect();
        assert_eq!(options.arguments()?, expected);
        Ok(())
    }
}
