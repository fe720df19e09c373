//! Pages of sessions. Their rows stay the objects that the store returned, and are shown by
//! `core/rows.ts`.

use serde::Serialize;

use super::handle::Handle;

/// `QueryResult`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageMembers {
    pub results: Handle,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results_token: Option<String>,
    pub has_prev_results: bool,
    pub has_next_results: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_count: Option<u64>,
    /// Left out unless the count is capped.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub total_count_is_capped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_pages: Option<u32>,
    pub current_page: u32,
}

/// `PurgePreview`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewMembers {
    pub count: u64,
    pub sample: Handle,
    pub confirm_token: String,
}
