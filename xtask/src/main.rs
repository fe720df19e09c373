//! Builds, starts, tests and measures Rollcall.
fn main() {}
