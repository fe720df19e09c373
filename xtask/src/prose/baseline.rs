//! The recorded number of places for each habit. Counts may only fall.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

use crate::files;

/// Where the counts are recorded.
pub const FILE: &str = "xtask/prose-baseline.json";

/// The command that records a count.
pub const RECORD: &str = "cargo xtask prose --record";

/// A habit and its number of places.
pub type Count = (&'static str, u64);

/// The recorded counts by name.
#[derive(Debug, Default)]
pub struct Baseline {
    counts: Map<String, Value>,
}

/// How a count compares with the recorded one.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    Same,
    Grown,
    Shrunk,
    /// The habit isn't recorded.
    New,
}

impl Baseline {
    /// Reads the recorded counts; empty without a file.
    pub fn read(root: &Path) -> Result<Self> {
        let path = file(root);
        if !path.exists() {
            return Ok(Self::default());
        }
        let counts = serde_json::from_str(&files::read_text(&path)?)
            .with_context(|| format!("`{FILE}` does not hold an object of counts"))?;
        Ok(Self { counts })
    }

    /// The recorded count of a habit.
    pub fn count(&self, habit: &str) -> Option<u64> {
        self.counts.get(habit).and_then(Value::as_u64)
    }

    /// Compares a count with the recorded one.
    pub fn change(&self, habit: &str, found: u64) -> Change {
        match self.count(habit) {
            None => Change::New,
            Some(recorded) if found > recorded => Change::Grown,
            Some(recorded) if found < recorded => Change::Shrunk,
            Some(_) => Change::Same,
        }
    }

    /// The recorded names that aren't habits.
    pub fn unknown(&self, found: &[Count]) -> Vec<&str> {
        let is_known = |name: &str| found.iter().any(|(habit, _)| *habit == name);
        self.counts.keys().map(String::as_str).filter(|name| !is_known(name)).collect()
    }

    /// The baseline with these counts. Fails if one is higher than recorded. A new habit may have
    /// any count.
    pub fn lowered(&self, found: &[Count]) -> Result<Self> {
        let grown: Vec<String> = found
            .iter()
            .filter(|(habit, count)| self.change(habit, *count) == Change::Grown)
            .map(|(habit, count)| {
                format!("`{habit}` {count}, recorded {}", self.count(habit).unwrap_or_default())
            })
            .collect();
        if !grown.is_empty() {
            bail!(
                "a recorded count cannot rise ({}): rewrite the new places, which `cargo xtask prose --places HABIT` lists",
                grown.join("; ")
            );
        }
        let counts =
            found.iter().map(|(habit, count)| ((*habit).to_owned(), (*count).into())).collect();
        Ok(Self { counts })
    }

    /// Writes the counts, one per line.
    pub fn write(&self, root: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.counts)?;
        files::write(&file(root), format!("{text}\n").as_bytes())
    }
}

fn file(root: &Path) -> PathBuf {
    root.join(FILE)
}

#[cfg(test)]
mod tests {
    use super::{Baseline, Change};
    use anyhow::Result;

    fn recorded() -> Result<Baseline> {
        Baseline::default().lowered(&[("told", 5), ("gone", 2)])
    }

    #[test]
    fn a_count_can_be_recorded_when_it_is_lower() -> Result<()> {
        let lower = recorded()?.lowered(&[("told", 3), ("gone", 2)])?;
        assert_eq!((lower.count("told"), lower.count("gone")), (Some(3), Some(2)));
        Ok(())
    }

    #[test]
    fn a_count_cannot_be_recorded_when_it_is_higher() -> Result<()> {
        let error = recorded()?.lowered(&[("told", 3), ("gone", 3)]).unwrap_err().to_string();
        assert!(error.contains("`gone` 3, recorded 2") && !error.contains("told"), "{error}");
        Ok(())
    }

    #[test]
    fn habits_may_be_added_and_dropped() -> Result<()> {
        let counts = [("told", 5), ("stands", 7)];
        assert_eq!(recorded()?.change("stands", 7), Change::New);
        assert_eq!(recorded()?.unknown(&counts), ["gone"]);
        let changed = recorded()?.lowered(&counts)?;
        assert_eq!((changed.count("stands"), changed.count("gone")), (Some(7), None));
        Ok(())
    }

    #[test]
    fn each_count_is_compared_with_the_recorded_one() -> Result<()> {
        let recorded = recorded()?;
        assert_eq!(recorded.change("told", 5), Change::Same);
        assert_eq!(recorded.change("told", 6), Change::Grown);
        assert_eq!(recorded.change("told", 4), Change::Shrunk);
        Ok(())
    }
}
