//! Builds, starts, tests and measures Rollcall: `cargo xtask help` says how.

mod bench;
mod build;
mod files;
mod modules;
mod process;
mod prose;
mod setup;
mod start;
mod test;
mod workspace;

use anyhow::Result;
use lexopt::prelude::*;
use std::ffi::OsString;
use std::process::ExitCode;

use crate::build::Variant;
use crate::workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  build [--test-panic]
        Builds the npm package into pkg/. With --test-panic also the variant for tests, whose core exports a
        function that panics, into target/pkg-test-panic/.
  start [--data FILE] [--fill N] [--port N]
        Builds, then starts the example identity provider with its console.
  test [--no-skips] [--long] [STEP...]
        Checks everything, or the steps whose names begin so (`cargo xtask test hosts`). What this machine cannot run is
        named as skipped; with --no-skips it counts as failed. --long runs the campaigns whole: 1,000 rounds of each race,
        a kill at every step, ten times as many random cases.
  prose [--places HABIT | --record]
        Counts the writing habits to drop, beside the recorded counts. --places lists every place of
        one habit. --record records the counts; none may rise.
  bench [ARGUMENT...]
        Builds, then runs the benchmarks; they get the arguments.
  help
        Prints this.

Each command does the set-up that it needs: on the machine only rustup's cargo and Node 20 or later are expected.";

/// What the command line asks for.
enum Task {
    Build(Vec<Variant>),
    Start(Vec<OsString>),
    Test(test::Options),
    Prose(prose::Options),
    Bench(Vec<OsString>),
    Help,
}

fn main() -> ExitCode {
    match parse(lexopt::Parser::from_env()).and_then(perform) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: lexopt::Parser) -> Result<Task> {
    let Some(first) = arguments.next()? else { return Ok(Task::Help) };
    match first {
        Short('h') | Long("help") => Ok(Task::Help),
        Value(command) if command == "help" => Ok(Task::Help),
        Value(command) if command == "build" => parse_build(arguments),
        Value(command) if command == "start" => Ok(Task::Start(start::parse(arguments)?)),
        Value(command) if command == "test" => Ok(Task::Test(test::parse(arguments)?)),
        Value(command) if command == "prose" => Ok(Task::Prose(prose::parse(arguments)?)),
        Value(command) if command == "bench" => Ok(Task::Bench(arguments.raw_args()?.collect())),
        other => Err(other.unexpected().into()),
    }
}

fn parse_build(mut arguments: lexopt::Parser) -> Result<Task> {
    let mut variants = vec![Variant::Release];
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Task::Help),
            Long("test-panic") => variants.push(Variant::TestPanic),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Task::Build(variants))
}

/// Does it, and returns whether all is well. What is not has been reported by then.
fn perform(task: Task) -> Result<bool> {
    if let Task::Help = task {
        println!("{USAGE}");
        return Ok(true);
    }
    let workspace = Workspace::find()?;
    match task {
        Task::Build(variants) => {
            variants.into_iter().try_for_each(|variant| build::build(&workspace, variant))?
        }
        Task::Start(options) => start::start(&workspace, &options)?,
        Task::Test(options) => return test::test(&workspace, &options),
        Task::Prose(options) => prose::prose(&workspace, &options)?,
        Task::Bench(options) => bench::bench(&workspace, &options)?,
        Task::Help => {}
    }
    Ok(true)
}
