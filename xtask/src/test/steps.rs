//! The steps, in order. Fast checks come first.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crate::build::{self, Variant};
use crate::files;
use crate::modules;
use crate::process;
use crate::prose;
use crate::setup;
use crate::test::report::Outcome;
use crate::workspace::Workspace;

type Check = Box<dyn Fn(&Workspace) -> Result<Outcome>>;

/// A check.
pub struct Step {
    pub name: String,
    /// Whether it checks the built package, so it runs after `BUILD`.
    pub needs_package: bool,
    pub run: Check,
}

/// The name of the step that builds the package.
pub const BUILD: &str = "build";

/// The exit status of a script if a prerequisite is missing on this machine, as in other test
/// harnesses.
const NOT_AVAILABLE: i32 = 77;

/// All steps. With `long`, campaigns run in full: races, kills and random cases.
pub fn all(workspace: &Workspace, long: bool) -> Result<Vec<Step>> {
    let mut steps = vec![
        on_sources("rust/format", |workspace| {
            run_command(workspace.cargo().args(["fmt", "--all", "--check"]))
        }),
        on_sources("prose", |workspace| Ok(outcome(prose::check(workspace)?))),
        on_sources("rust/modules", |workspace| Ok(outcome(modules::check(workspace)?))),
        on_sources("rust/clippy", |workspace| {
            let scope = ["--workspace", "--all-targets", "--all-features"];
            run_command(workspace.cargo().arg("clippy").args(scope).args(["--", "-D", "warnings"]))
        }),
        on_sources("rust/clippy-wasm", |workspace| {
            let scope = ["--package", "rollcall", "--lib", "--no-default-features"];
            // Check each module as it is built: code that only the other module uses is unused in
            // it.
            for features in ["services", "test-panic", "memory"] {
                let mut clippy = workspace.cargo();
                clippy.arg("clippy").args(scope).args(["--features", features]);
                process::run(clippy.args(["--target", setup::TARGET, "--", "-D", "warnings"]))?;
            }
            Ok(Outcome::Passed(String::new()))
        }),
        on_sources("rust/deny", deny),
        on_sources("rust/doc", |workspace| {
            let mut doc = workspace.cargo();
            doc.args(["doc", "--package", "rollcall", "--no-deps", "--document-private-items"]);
            // The boundary is only compiled for WebAssembly.
            doc.args(["--target", setup::TARGET]);
            run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))
        }),
        on_sources("rust/test", move |workspace| {
            let mut cargo = workspace.cargo();
            run_command(with_long_option(&mut cargo, long).args(["test", "--workspace"]))
        }),
        on_sources("js/lint", |workspace| {
            run_command(
                workspace
                    .npm_tool("@biomejs/biome/bin/biome")
                    .args(["check", "--error-on-warnings"]),
            )
        }),
        on_sources(BUILD, |workspace| {
            build::build(workspace, Variant::Release)?;
            build::build(workspace, Variant::TestPanic)?;
            Ok(Outcome::Passed(String::new()))
        }),
        on_package("js/test", move |workspace| {
            setup::npm_packages(&workspace.root().join("tests/hosts"))?;
            setup::npm_packages(&workspace.root().join("tests/packaging/tools"))?;
            compile_better_sqlite3(workspace)?;
            node_tests(workspace, long)
        }),
    ];
    steps.push(on_package("svelte-check", |workspace| {
        // npm finds the TypeScript that svelte-check needs, which isn't that of the root.
        let mut npm = process::npm(&workspace.console());
        run_command(npm.args(["run", "--silent", "check"]))
    }));
    for project in typed_projects(workspace)? {
        steps.push(on_package(&format!("tsc/{}", project.display()), move |workspace| {
            if project == Path::new("benches") {
                setup::npm_packages(&workspace.root().join("benches/peers"))?;
            }
            run_command(workspace.npm_tool("typescript/bin/tsc").arg("--project").arg(&project))
        }));
    }
    for host in
        process::read(&mut workspace.node("tests/hosts/run.mjs"))?.lines().map(str::to_owned)
    {
        steps.push(on_package(&format!("hosts/{host}"), move |workspace| {
            setup::npm_packages(&workspace.root().join("tests/hosts"))?;
            suite_on(workspace, &host)
        }));
    }
    steps.push(on_package("readme", |workspace| {
        let script = workspace.root().join("tests/readme-tables.mjs");
        outcome_of(workspace.node(script).arg(records(workspace)).arg("--check"))
    }));
    Ok(steps)
}

/// Checks licences, sources and versions of crates (`deny.toml`). `.ci/run` installs the program
/// into the target folder. It needs every crate of the lock file, so cargo downloads those that are
/// only for other systems.
fn deny(workspace: &Workspace) -> Result<Outcome> {
    let installed = workspace.target().join("cargo-deny/bin/cargo-deny");
    let program = if installed.exists() { installed } else { "cargo-deny".into() };
    let mut deny = Command::new(program);
    deny.current_dir(workspace.root());
    if process::read_if_installed(Command::new(deny.get_program()).arg("--version"))?.is_none() {
        return Ok(Outcome::Skipped(
            "cargo-deny was not found: install it with `cargo install --locked cargo-deny`".into(),
        ));
    }
    run_command(deny.args(["--workspace", "check", "bans", "licenses", "sources"]))
}

/// The folders whose scripts are type-checked against the built package.
fn typed_projects(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut projects = ["tests/types", "benches", "pkg-template/cli"].map(PathBuf::from).to_vec();
    for path in files::list(&workspace.root().join("examples"))? {
        if path.ends_with("tsconfig.json") && !files::is_installed(&path) {
            projects.extend(path.parent().map(|example| Path::new("examples").join(example)));
        }
    }
    Ok(projects)
}

fn on_sources(name: &str, run: impl Fn(&Workspace) -> Result<Outcome> + 'static) -> Step {
    Step { name: name.to_owned(), needs_package: false, run: Box::new(run) }
}

fn on_package(name: &str, run: impl Fn(&Workspace) -> Result<Outcome> + 'static) -> Step {
    Step { name: name.to_owned(), needs_package: true, run: Box::new(run) }
}

/// A step that runs one command.
fn run_command(command: &mut Command) -> Result<Outcome> {
    process::run(command)?;
    Ok(Outcome::Passed(String::new()))
}

/// Tells the tests whether to run campaigns in full. `tests/long.mjs` and `tests/core/common.rs`
/// read the variable.
fn with_long_option(command: &mut Command, long: bool) -> &mut Command {
    if long { command.env("ROLLCALL_LONG", "1") } else { command }
}

/// The outcome of a check that returns a complaint or nothing.
fn outcome(complaint: Option<String>) -> Outcome {
    complaint.map_or_else(|| Outcome::Passed(String::new()), Outcome::Failed)
}

/// Compiles the one package that comes without its native part. If that isn't possible, its tests
/// are skipped.
fn compile_better_sqlite3(workspace: &Workspace) -> Result<()> {
    let mut script = workspace.node("tests/stores/build-better-sqlite3.mjs");
    match script.status()?.code() {
        Some(0 | NOT_AVAILABLE) => Ok(()),
        _ => bail!("better-sqlite3 could not be compiled"),
    }
}

/// Runs every `*.test.mjs` in `tests/` with Node's test runner. A second reporter writes the counts
/// and the skipped tests.
fn node_tests(workspace: &Workspace, long: bool) -> Result<Outcome> {
    let summary = workspace.work().join("node-tests.json");
    files::write(&summary, b"")?;
    let kit = records(workspace).join("kit");
    files::remove_folder(&kit)?;
    let tests: Vec<PathBuf> = files::list(&workspace.root().join("tests"))?
        .into_iter()
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .filter(|path| !files::is_installed(path))
        .map(|path| workspace.root().join("tests").join(path))
        .collect();
    let mut node = workspace.node("--test");
    // By default Node leaves one core unused. With two cores, files would run one by one.
    let cores = thread::available_parallelism().map_or(2, NonZero::get);
    with_long_option(&mut node, long).env("ROLLCALL_KIT_RECORDS", kit).args([
        &format!("--test-concurrency={}", cores.saturating_sub(1).max(2)),
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
        "--test-reporter=./tests/summary-reporter.mjs",
    ]);
    node.arg(format!("--test-reporter-destination={}", summary.display())).args(tests);
    process::run(&mut node)?;

    let summary: Value =
        serde_json::from_slice(&files::read(&summary)?).context("the tests left no summary")?;
    let passed = summary.get("passed").and_then(Value::as_u64).unwrap_or_default();
    let skipped: Vec<&str> = summary
        .get("skipped")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    Ok(match (passed, skipped.as_slice()) {
        (0, []) => Outcome::Failed("no test ran".to_owned()),
        (_, []) => Outcome::Passed(format!("{passed} tests")),
        _ => Outcome::Skipped(format!(
            "{passed} tests passed, and {} did not run: {}",
            skipped.len(),
            skipped.join("; ")
        )),
    })
}

/// The folder in which the tests of stores and hosts record what passed, for the README.
fn records(workspace: &Workspace) -> PathBuf {
    workspace.work().join("records")
}

/// Runs the behaviour suite on a host, with the packed package.
fn suite_on(workspace: &Workspace, host: &str) -> Result<Outcome> {
    let outcome = outcome_of(workspace.node("tests/hosts/run.mjs").arg(host))?;
    let record = records(workspace).join("hosts").join(format!("{host}.txt"));
    files::write(&record, outcome.text().as_bytes())?;
    Ok(outcome)
}

/// Runs a script that exits with `NOT_AVAILABLE` if a prerequisite is missing. The last line of its
/// output is the text of the outcome.
fn outcome_of(script: &mut Command) -> Result<Outcome> {
    let output = script.output()?;
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let last_line = text.trim_end().lines().next_back().unwrap_or_default().to_owned();
    println!("{}", text.trim_end());
    Ok(match output.status.code() {
        Some(0) => Outcome::Passed(last_line),
        Some(NOT_AVAILABLE) => Outcome::Skipped(last_line),
        _ => Outcome::Failed(last_line),
    })
}
