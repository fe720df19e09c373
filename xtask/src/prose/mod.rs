//! `cargo xtask prose`: counts the writing habits that Rollcall drops. The step `prose` of `cargo
//! xtask test` compares the counts with the recorded ones.
//!
//! It only reads tracked files. It can't find phrases that continue in the next string, code line
//! or table row, or habits without a pattern in [`habits`].

mod baseline;
mod habits;
mod text;

use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use crate::process;
use crate::prose::baseline::{Baseline, Change, Count};
use crate::prose::habits::{Finder, HABITS, Habit};
use crate::prose::text::Parts;
use crate::workspace::Workspace;

const ENDINGS: [&str; 11] =
    [".rs", ".ts", ".js", ".mjs", ".cjs", ".svelte", ".md", ".css", ".html", ".toml", ".sh"];

/// A script without a file ending.
const CI: &str = ".ci/run";

/// This file quotes the habits.
const TABLE_OF_HABITS: &str = "xtask/src/prose/habits.rs";

/// The most places of a habit that a failure shows, unless the changed files have more.
const PLACES_SHOWN: usize = 20;

/// The options of the command.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Lists every place of one habit
    #[arg(long, value_name = "HABIT", conflicts_with = "record")]
    places: Option<String>,
    /// Records the counts; none may rise
    #[arg(long)]
    record: bool,
}

/// Counts, lists or records.
pub fn prose(workspace: &Workspace, options: &Options) -> Result<()> {
    let survey = Survey::of_tracked_files(workspace)?;
    let baseline = Baseline::read(workspace.root())?;
    if options.record {
        baseline.lowered(&survey.counts())?.write(workspace.root())?;
        println!("recorded in {}", baseline::FILE);
        return Ok(());
    }
    match &options.places {
        Some(name) => print_places(&survey, name),
        None => {
            print_counts(&survey.counts(), &baseline);
            Ok(())
        }
    }
}

/// Compares the counts with the recorded ones. Returns a complaint if they differ.
pub fn check(workspace: &Workspace) -> Result<Option<String>> {
    let survey = Survey::of_tracked_files(workspace)?;
    let baseline = Baseline::read(workspace.root())?;
    Ok(complaint(&survey, &baseline, &changed_files(workspace)?))
}

/// An occurrence of a habit.
struct Place {
    path: String,
    line: usize,
    text: String,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.text)
    }
}

/// The places of all habits.
struct Survey {
    found: Vec<(&'static Habit, Vec<Place>)>,
}

impl Survey {
    fn of_tracked_files(workspace: &Workspace) -> Result<Self> {
        let mut files = Vec::new();
        for path in git(workspace, &["ls-files", "-z"])?.into_iter().filter(|path| is_read(path)) {
            if let Some(text) = read_if_present(&workspace.root().join(&path))? {
                files.push((path, text));
            }
        }
        Self::of(&files)
    }

    /// Finds the places in files, given as paths and contents.
    fn of(files: &[(String, String)]) -> Result<Self> {
        let mut finders = Vec::new();
        for habit in HABITS {
            finders.push((habit, Finder::new(habit)?, Vec::new()));
        }
        for (path, text) in files {
            let parts = text::split(path, text);
            let lines: Vec<&str> = text.lines().collect();
            for (habit, finder, places) in &mut finders {
                places.extend(lines_with(habit, finder, &parts).into_iter().map(|line| {
                    let text = line.checked_sub(1).and_then(|index| lines.get(index));
                    let text = text.map_or("", |text| text.trim()).to_owned();
                    Place { path: path.clone(), line, text }
                }));
            }
        }
        Ok(Self { found: finders.into_iter().map(|(habit, _, places)| (habit, places)).collect() })
    }

    fn counts(&self) -> Vec<Count> {
        self.found.iter().map(|(habit, places)| (habit.name, places.len() as u64)).collect()
    }
}

/// The sorted numbers of the lines in which a habit occurs.
fn lines_with(habit: &Habit, finder: &Finder, parts: &Parts) -> Vec<usize> {
    if habit.name == habits::LINE_TOO_LONG {
        return parts.too_long.clone();
    }
    let prose = finder.in_prose(parts.prose.content());
    let rest = finder.in_code(parts.rest.content());
    let prose = prose.into_iter().map(|offset| parts.prose.line_at(offset));
    let rest = rest.into_iter().map(|offset| parts.rest.line_at(offset));
    let mut lines: Vec<usize> = prose.chain(rest).collect();
    lines.sort_unstable();
    lines
}

fn is_read(path: &str) -> bool {
    path != TABLE_OF_HABITS && (path == CI || ENDINGS.iter().any(|ending| path.ends_with(ending)))
}

/// The contents of a tracked file; `None` if it was deleted.
fn read_if_present(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => Ok(Some(text.with_context(|| format!("`{}` cannot be read", path.display()))?)),
    }
}

/// The files that differ from the last commit.
fn changed_files(workspace: &Workspace) -> Result<BTreeSet<String>> {
    Ok(git(workspace, &["diff", "--name-only", "-z", "HEAD"])?.into_iter().collect())
}

/// The paths in git's output, relative to the root.
fn git(workspace: &Workspace, arguments: &[&str]) -> Result<Vec<String>> {
    let printed = process::read(workspace.git().args(arguments))?;
    Ok(printed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

/// Reports the differences from the recorded counts and the places to rewrite. `None` if there are
/// no differences.
fn complaint(survey: &Survey, baseline: &Baseline, changed: &BTreeSet<String>) -> Option<String> {
    let mut grown = Vec::new();
    let mut details = Vec::new();
    let mut outdated: Vec<String> =
        baseline.unknown(&survey.counts()).into_iter().map(|name| format!("`{name}`")).collect();
    for (habit, places) in &survey.found {
        let found = places.len() as u64;
        match baseline.change(habit.name, found) {
            Change::Same => {}
            Change::Shrunk | Change::New => outdated.push(format!("`{}`", habit.name)),
            Change::Grown => {
                let recorded = baseline.count(habit.name).unwrap_or_default();
                grown.push(format!("`{}` {found}, recorded {recorded}", habit.name));
                details.push(detail(habit, places, changed));
            }
        }
    }
    let mut lines = Vec::new();
    if !grown.is_empty() {
        lines.push(format!("rewrite these: {}", grown.join("; ")));
    }
    if !outdated.is_empty() {
        let record = baseline::RECORD;
        lines.push(format!("record the counts with `{record}`: {}", outdated.join(", ")));
    }
    lines.extend(details);
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The advice about a habit and its places: those in changed files, or else the first ones.
fn detail(habit: &Habit, places: &[Place], changed: &BTreeSet<String>) -> String {
    let mut shown: Vec<&Place> =
        places.iter().filter(|place| changed.contains(&place.path)).collect();
    if shown.is_empty() {
        shown = places.iter().take(PLACES_SHOWN).collect();
    }
    let mut lines = vec![format!("\n`{}`: {}", habit.name, habit.advice)];
    lines.extend(shown.iter().map(|place| format!("  {place}")));
    if shown.len() < places.len() {
        lines.push(format!("  all: `cargo xtask prose --places {}`", habit.name));
    }
    lines.join("\n")
}

fn print_counts(counts: &[Count], baseline: &Baseline) {
    let width = counts.iter().map(|(habit, _)| habit.len()).max().unwrap_or_default();
    println!("{:width$}  found  recorded", "");
    for (habit, found) in counts {
        let recorded = baseline.count(habit).map_or("-".to_owned(), |count| count.to_string());
        println!("{habit:width$}  {found:5}  {recorded:>8}");
    }
}

fn print_places(survey: &Survey, name: &str) -> Result<()> {
    let Some((habit, places)) = survey.found.iter().find(|(habit, _)| habit.name == name) else {
        let names: Vec<&str> = HABITS.iter().map(|habit| habit.name).collect();
        bail!("no habit is called `{name}`; the habits are {}", names.join(", "));
    };
    println!("{}", habit.advice);
    for (was, better) in habit.examples {
        println!("  not \"{was}\", but \"{better}\"");
    }
    for place in places {
        println!("{place}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Baseline, HABITS, PLACES_SHOWN, Survey, complaint, is_read};
    use anyhow::{Context, Result};
    use std::collections::BTreeSet;

    /// The habit used in these tests.
    const HABIT: &str = "for-ever";

    /// A phrase with the habit. This file is searched too, so it isn't written out here.
    fn phrase() -> Result<&'static str> {
        let habit = HABITS.iter().find(|habit| habit.name == HABIT).context("no such habit")?;
        habit.examples.first().map(|(was, _)| *was).context("no example")
    }

    fn survey(files: &[(&str, &str)]) -> Result<Survey> {
        let owned = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Survey::of(&owned.collect::<Vec<_>>())
    }

    fn places(survey: &Survey) -> Vec<String> {
        let found = survey.found.iter().filter(|(habit, _)| habit.name == HABIT);
        found.flat_map(|(_, places)| places.iter().map(ToString::to_string)).collect()
    }

    /// The complaint about `after` if the counts of `before` are recorded.
    fn complaint_about(
        before: &[(&str, &str)],
        after: &[(&str, &str)],
        changed: &[&str],
    ) -> Result<Option<String>> {
        let baseline = Baseline::default().lowered(&survey(before)?.counts())?;
        let changed: BTreeSet<String> = changed.iter().map(|&path| path.to_owned()).collect();
        Ok(complaint(&survey(after)?, &baseline, &changed))
    }

    #[test]
    fn a_phrase_on_two_comment_lines_is_found_at_its_start() -> Result<()> {
        let broken = format!("/// {}\n", phrase()?.replace(" ever", "\n    /// ever"));
        let found = places(&survey(&[("a.rs", &format!("fn f();\n{broken}"))])?);
        assert_eq!(found, ["a.rs:2: /// 0 waits for"]);
        Ok(())
    }

    #[test]
    fn strings_and_code_fences_are_searched_for_patterns_that_cannot_be_code() -> Result<()> {
        let phrase = phrase()?;
        let found = places(&survey(&[
            ("a.ts", &format!("const a = \"{phrase}\";")),
            ("a.md", &format!("```js\n// {phrase}\n```")),
        ])?);
        assert_eq!(found.len(), 2, "{found:?}");
        Ok(())
    }

    #[test]
    fn the_recorded_counts_pass() -> Result<()> {
        let files = [("a.md", phrase()?)];
        assert_eq!(complaint_about(&files, &files, &["a.md"])?, None);
        Ok(())
    }

    #[test]
    fn a_higher_count_is_reported_with_the_places_in_changed_files() -> Result<()> {
        let (old, new) = (("old.md", phrase()?), ("new.md", phrase()?));
        let complaint = complaint_about(&[old], &[old, new], &["new.md"])?.unwrap_or_default();
        assert!(complaint.starts_with("rewrite these: `for-ever` 2, recorded 1"), "{complaint}");
        assert!(complaint.contains("new.md:1: ") && !complaint.contains("old.md"), "{complaint}");
        Ok(())
    }

    #[test]
    fn without_changed_files_the_first_places_are_reported() -> Result<()> {
        let many = format!("- {}\n", phrase()?).repeat(PLACES_SHOWN + 5);
        let complaint = complaint_about(&[], &[("a.md", &many)], &[])?.unwrap_or_default();
        assert_eq!(complaint.matches("a.md:").count(), PLACES_SHOWN, "{complaint}");
        assert!(complaint.ends_with("all: `cargo xtask prose --places for-ever`"), "{complaint}");
        Ok(())
    }

    #[test]
    fn a_lower_count_must_be_recorded() -> Result<()> {
        let complaint = complaint_about(&[("a.md", phrase()?)], &[], &[])?.unwrap_or_default();
        assert_eq!(complaint, "record the counts with `cargo xtask prose --record`: `for-ever`");
        Ok(())
    }

    #[test]
    fn the_table_of_habits_and_lock_files_are_not_read() {
        for path in ["README.md", ".ci/run", "xtask/src/prose/mod.rs", "www/console.css"] {
            assert!(is_read(path), "{path}");
        }
        for path in ["xtask/src/prose/habits.rs", "Cargo.lock", "package-lock.json", "LICENSE-MIT"]
        {
            assert!(!is_read(path), "{path}");
        }
    }
}
