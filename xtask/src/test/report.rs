//! The table at the end of a test run.

use std::time::Duration;

use crate::progress::time;

/// The outcome of a step.
pub enum Outcome {
    /// The step passed. The string says what ran, if the name of the step isn't enough.
    Passed(String),
    /// The step failed, for this reason.
    Failed(String),
    /// This machine can't run the step, for this reason.
    Skipped(String),
}

impl Outcome {
    pub fn is_passed(&self) -> bool {
        matches!(self, Self::Passed(_))
    }

    pub fn is_failed(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    /// The details of the outcome.
    pub fn text(&self) -> &str {
        let (Self::Passed(text) | Self::Failed(text) | Self::Skipped(text)) = self;
        text
    }

    /// Turns a skip into a failure, for machines that must run everything.
    pub fn without_skips(self) -> Self {
        match self {
            Self::Skipped(reason) => Self::Failed(reason),
            outcome => outcome,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Passed(_) => "passed",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
        }
    }
}

/// A step that has run.
pub struct Row {
    pub name: String,
    pub outcome: Outcome,
    pub duration: Duration,
}

impl Row {
    /// The line printed at the end of the step.
    pub fn end(&self) -> String {
        format!("{} {} in {}", self.name, self.outcome.word(), time(self.duration))
    }
}

/// Prints one line per step and a last line with the totals and the duration.
pub fn print(rows: &[Row]) {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    println!();
    for row in rows {
        let first_line = row.outcome.text().lines().next().unwrap_or_default();
        let line = format!(
            "{:width$}  {:7}  {:>12}  {first_line}",
            row.name,
            row.outcome.word(),
            time(row.duration)
        );
        println!("{}", line.trim_end());
    }
    let count = |word: &str| rows.iter().filter(|row| row.outcome.word() == word).count();
    println!(
        "\n{} passed, {} failed, {} skipped in {}",
        count("passed"),
        count("failed"),
        count("skipped"),
        time(rows.iter().map(|row| row.duration).sum())
    );
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Row};
    use std::time::Duration;

    #[test]
    fn a_step_ends_with_its_outcome_and_its_time() {
        let duration = Duration::from_millis(3_210);
        let row = |outcome| Row { name: "rust/test".to_owned(), outcome, duration }.end();
        assert_eq!(row(Outcome::Passed("9 tests".to_owned())), "rust/test passed in 3.2 s");
        assert_eq!(row(Outcome::Failed("why".to_owned())), "rust/test failed in 3.2 s");
    }
}
