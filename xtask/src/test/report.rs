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

/// Prints one line a step and, as the very last line, how many passed, failed and were skipped, and
/// how long they took in all.
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

/// A duration in seconds, or from a minute on in minutes and seconds.
fn time(duration: Duration) -> String {
    let tenths = (duration.as_millis() + 50) / 100;
    match tenths / 600 {
        0 => format!("{}.{} s", tenths / 10, tenths % 10),
        minutes => format!("{minutes} min {:2} s", tenths % 600 / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::time;
    use std::time::Duration;

    #[test]
    fn times_have_minutes_from_a_minute_on() {
        for (milliseconds, text) in [
            (0, "0.0 s"),
            (49, "0.0 s"),
            (50, "0.1 s"),
            (59_949, "59.9 s"),
            (59_950, "1 min  0 s"),
            (754_321, "12 min 34 s"),
            (3_600_000, "60 min  0 s"),
        ] {
            assert_eq!(time(Duration::from_millis(milliseconds)), text);
        }
    }
}
