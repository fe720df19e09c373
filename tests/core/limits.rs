//! The limits that the HTTP API documents are those of the core.

use rollcall::purge::DEFAULT_LIMIT;
use rollcall::query::MAX_PAGE_SIZE;
use rollcall::strings::{MAX_IDS, max_length};

#[test]
fn the_http_api_has_the_same_limits() {
    let source = include_str!("../../pkg-template/src/http/limits.ts");
    let constants = source.lines().filter_map(|line| line.strip_prefix("export const "));
    let limits: Vec<(&str, usize)> = constants
        .map(|constant| {
            let (name, limit) = constant.trim_end_matches(';').split_once(" = ").unwrap();
            (name, limit.replace('_', "").parse().unwrap())
        })
        .collect();
    assert_eq!(
        limits,
        [
            ("MAX_PAGE_SIZE", MAX_PAGE_SIZE),
            ("MAX_PURGE", DEFAULT_LIMIT),
            ("MAX_IDS", MAX_IDS),
            ("MAX_ID", max_length("subjectId")),
            ("MAX_NAME", max_length("displayName")),
            ("MAX_REASON", max_length("reason")),
        ]
    );
}
