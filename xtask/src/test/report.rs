//! The table at the end of a test run.

use std::time::Duration;

/// What became of a step.
pub enum Outcome {
    /// All is well; the text says what ran, where there is more to say than the name of the step.
    Passed(String),
    /// Something is wrong.
    Failed(String),
    /// This machine cannot run it, and why.
    Skipped(String),
}

impl Outcome {
    pub fn is_passed(&self) -> bool {
        matches!(self, Self::Passed(_))
    }

    pub fn is_failed(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    /// What there is to say about it.
    pub fn text(&self) -> &str {
        let (Self::Passed(text) | Self::Failed(text) | Self::Skipped(text)) = self;
        text
    }

    /// For machines that must be able to run everything: what was skipped failed.
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

/// Prints one line a step and, as the very last line, how many passed, failed and were skipped.
pub fn print(rows: &[Row]) {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    println!();
    for row in rows {
        let first_line = row.outcome.text().lines().next().unwrap_or_default();
        let line = format!(
            "{:width$}  {:7}  {:6.1} s  {first_line}",
            row.name,
            row.outcome.word(),
            row.duration.as_secs_f64()
        );
        println!("{}", line.trim_end());
    }
    let count = |word: &str| rows.iter().filter(|row| row.outcome.word() == word).count();
    println!(
        "\n{} passed, {} failed, {} skipped",
        count("passed"),
        count("failed"),
        count("skipped")
    );
}
