//! How an attempt went, which JavaScript tells by a flag.

use serde::Deserialize;

use crate::notification::Outcome;

/// `{ delivered: true, status? }`, or `{ delivered: false, retry, retryAfter?, status?, error }`.
#[derive(Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct OutcomeMembers {
    delivered: bool,
    #[serde(default)]
    retry: Option<bool>,
    /// Seconds.
    #[serde(default)]
    retry_after: Option<f64>,
    #[serde(default)]
    status: Option<f64>,
    #[serde(default)]
    error: Option<String>,
}

impl OutcomeMembers {
    /// The outcome, if it has the members that it needs.
    pub fn outcome(self) -> Option<Outcome> {
        // A status is only for the report: a strange one must not make an answer a failure.
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
