//! `cargo xtask test`: all checks, step by step, and a summary table.

mod report;
mod steps;

use anyhow::{Result, bail};
use std::time::Instant;

use crate::setup;
use crate::test::report::{Outcome, Row};
use crate::test::steps::Step;
use crate::workspace::Workspace;

/// The options of the command.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Fails if this machine can't run a step, instead of skipping the step
    #[arg(long)]
    no_skips: bool,
    /// Runs campaigns in full: every round of a race, every kill, ten times as many random cases
    #[arg(long)]
    long: bool,
    /// Prefixes of step names, such as `hosts` or `rust/test` [default: all steps]
    #[arg(value_name = "STEP")]
    only: Vec<String>,
}

/// Runs all steps, even if some fail, and returns whether all passed.
pub fn test(workspace: &Workspace, options: &Options) -> Result<bool> {
    setup::node()?;
    setup::toolchain(workspace)?;
    setup::npm_packages(workspace.root())?;

    let mut rows: Vec<Row> = Vec::new();
    let steps = chosen(steps::all(workspace, options.long)?, &options.only)?;
    let total = steps.len();
    for (index, step) in steps.into_iter().enumerate() {
        println!("\n== step {} of {total}: {}", index + 1, step.name);
        let start = Instant::now();
        let is_built = rows.iter().all(|row| row.name != steps::BUILD || row.outcome.is_passed());
        let outcome = if is_built || !step.needs_package {
            (step.run)(workspace).unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")))
        } else {
            Outcome::Skipped("the package was not built".to_owned())
        };
        let outcome = if options.no_skips { outcome.without_skips() } else { outcome };
        if !outcome.is_passed() {
            println!("{}", outcome.text());
        }
        let row = Row { name: step.name, outcome, duration: start.elapsed() };
        println!("== {}", row.end());
        rows.push(row);
    }
    report::print(&rows);
    Ok(rows.iter().all(|row| !row.outcome.is_failed()))
}

/// The selected steps, plus the build if one of them needs the package.
fn chosen(steps: Vec<Step>, only: &[String]) -> Result<Vec<Step>> {
    if only.is_empty() {
        return Ok(steps);
    }
    let is_selected = |step: &Step| only.iter().any(|wanted| step.name.starts_with(wanted));
    if let Some(unknown) =
        only.iter().find(|wanted| !steps.iter().any(|step| step.name.starts_with(*wanted)))
    {
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        bail!("no step starts with `{unknown}`; the steps are {}", names.join(", "));
    }
    let needs_build = steps.iter().any(|step| step.needs_package && is_selected(step));
    Ok(steps
        .into_iter()
        .filter(|step| is_selected(step) || (needs_build && step.name == steps::BUILD))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::chosen;
    use crate::test::report::Outcome;
    use crate::test::steps::{BUILD, Step};
    use anyhow::Result;

    fn names(only: &[&str]) -> Result<Vec<String>> {
        let step = |name: &str, needs_package| Step {
            name: name.to_owned(),
            needs_package,
            run: Box::new(|_| Ok(Outcome::Passed(String::new()))),
        };
        let steps = vec![
            step("rust/test", false),
            step(BUILD, false),
            step("hosts/deno", true),
            step("hosts/bun", true),
        ];
        let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
        Ok(chosen(steps, &only)?.into_iter().map(|step| step.name).collect())
    }

    #[test]
    fn without_a_selection_everything_runs() -> Result<()> {
        assert_eq!(names(&[])?, ["rust/test", BUILD, "hosts/deno", "hosts/bun"]);
        Ok(())
    }

    #[test]
    fn a_selection_includes_the_build_that_it_needs() -> Result<()> {
        assert_eq!(names(&["hosts"])?, [BUILD, "hosts/deno", "hosts/bun"]);
        assert_eq!(names(&["hosts/bun", "rust"])?, ["rust/test", BUILD, "hosts/bun"]);
        assert_eq!(names(&["rust"])?, ["rust/test"]);
        Ok(())
    }

    #[test]
    fn a_selection_without_a_step_is_rejected() {
        assert!(names(&["rust", "hots"]).is_err());
    }
}
