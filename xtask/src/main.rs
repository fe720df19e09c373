//! Builds, starts, tests, measures and packs Rollcall. Run `cargo xtask help` for the commands.

mod bench;
mod build;
mod files;
mod modules;
mod package;
mod process;
mod progress;
mod prose;
mod setup;
mod start;
mod test;
mod workspace;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

use crate::build::Variant;
use crate::workspace::Workspace;

/// Builds, starts, tests and measures Rollcall.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Each command does its own set-up. It needs rustup's cargo and Node 20.19.\n\
                  `cargo xtask help COMMAND` describes the options of a command."
)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
}

/// The command to run.
#[derive(Subcommand)]
enum Task {
    /// Builds the npm package into pkg/
    Build {
        /// Also builds the test variant into target/pkg-test-panic/, with an export that panics
        #[arg(long)]
        test_panic: bool,
    },
    /// Builds, then starts the example identity provider and opens its console
    Start(start::Options),
    /// Runs all checks, or the steps whose names start as given
    Test(test::Options),
    /// Counts the writing habits to drop, next to the recorded counts
    Prose(prose::Options),
    /// Builds, then measures the budgets
    Bench(bench::Options),
    /// Builds, packs and checks the release, without publishing it
    Package(package::Options),
}

fn main() -> ExitCode {
    match perform(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the task and returns whether it succeeded. If not, the task has printed why.
fn perform(arguments: Arguments) -> Result<bool> {
    let Some(task) = arguments.task else {
        Arguments::command().print_help()?;
        return Ok(true);
    };
    let workspace = Workspace::find()?;
    match task {
        Task::Build { test_panic } => {
            build::build(&workspace, Variant::Release)?;
            if test_panic {
                build::build(&workspace, Variant::TestPanic)?;
            }
        }
        Task::Start(options) => start::start(&workspace, &options)?,
        Task::Test(options) => return test::test(&workspace, &options),
        Task::Prose(options) => prose::prose(&workspace, &options)?,
        Task::Bench(options) => bench::bench(&workspace, &options)?,
        Task::Package(options) => package::package(&workspace, &options)?,
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Task};
    use clap::error::ErrorKind;
    use clap::{CommandFactory, Parser};

    fn parsed(line: &str) -> Result<Option<Task>, clap::Error> {
        let arguments = ["cargo xtask"].into_iter().chain(line.split_whitespace());
        Arguments::try_parse_from(arguments).map(|arguments| arguments.task)
    }

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_documented_calls_are_accepted() {
        for line in [
            "",
            "build",
            "build --test-panic",
            "start",
            "start --data a.db --fill 1000 --port 0",
            "start --data=a.db --fill=1000 --port=4700 --no-open",
            "start --browser",
            "start --browser --port 0 --no-open",
            "test",
            "test --no-skips",
            "test --long",
            "test rust/modules prose",
            "test prose --long rust",
            "prose",
            "prose --places HABIT",
            "prose --record",
            "bench",
            "bench peers --small",
            "bench --small --strict stores",
            "package",
            "package --twice",
        ] {
            assert!(parsed(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn help_is_not_a_failure() {
        for line in ["help", "--help", "-h", "help start", "start --help", "bench --help"] {
            let kind = parsed(line).err().map(|error| error.kind());
            assert_eq!(kind, Some(ErrorKind::DisplayHelp), "{line}");
        }
    }

    #[test]
    fn every_command_and_option_is_described() {
        let mut command = Arguments::command();
        command.build();
        for command in command.get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                let name = format!("{} {}", command.get_name(), argument.get_id());
                assert!(argument.get_help().is_some(), "{name}");
            }
        }
    }

    #[test]
    fn a_typo_is_an_error_with_a_suggestion() {
        for (line, suggested) in [
            ("tets", "'test'"),
            ("strat", "'start'"),
            ("test --no-skip", "'--no-skips'"),
            ("start --prot 4600", "'--port'"),
        ] {
            let text = parsed(line).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(text.contains("similar") && text.contains(suggested), "{line}: {text}");
        }
    }

    #[test]
    fn values_are_checked_before_the_build() {
        for line in [
            "start --port 65533",
            "start --port -1",
            "start --fill many",
            "start --fill 100000001",
            "start --data",
            "start extra",
            "start --browser --fill 3",
            "start --browser --data a.db",
            "build extra",
            "prose --places a --record",
            "package extra",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
