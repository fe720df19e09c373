//! The outcome of an attempt, which is a flag in JavaScript.

use serde::Deserialize;

use crate::notification::Outcome;

/// `{ delivered: true, status? }`, or `{ delivered: false, retry, retryAfter?, status?, error }`.
#[derive(Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct OutcomeMembers {
    delivered: bool,
    #[serde(default)]
    retry: Option<bool>,
    /// In seconds.
    #[serde(default)]
    retry_after: Option<f64>,
    #[serde(default)]
    status: Option<f64>,
    #[serde(default)]
    error: Option<String>,
}

impl OutcomeMembers {
    /// The outcome; `None` if a required member is missing.
    pub fn outcome(self) -> Option<Outcome> {
        // The status is only reported. An odd one doesn't turn a success into a failure.
        let status = self.status.map(|status| status as u16);
        if self.delivered {
            return Some(Outcome::Delivered { status });
        }
        let retry_after = self.retry_after.filter(|seconds| *seconds > 0.0);
        Some(Outcome::Failed {
            retry: self.retry?,
            retry_after: retry_after.map(|seconds| (seconds * 1_000.0) as i64),
            status,
            error: self.error?,
        })
    }
}
