//! `cargo xtask build`: builds the npm package in `pkg/` from the Rust core and the TypeScript
//! half, and the console.

mod console;
mod core;
mod crates;
mod docs;
mod empty_module;
mod glue;
mod module;
mod package;
mod parts;
mod repository;
mod short_names;
mod sizes;

use anyhow::Result;
use std::path::PathBuf;

use crate::progress::step_if_slow;
use crate::setup;
use crate::workspace::Workspace;
pub use empty_module::build as build_empty_module;

/// The variants of the services module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The published package.
    Release,
    /// With an export that panics, for tests of how a defect in the core affects a host.
    TestPanic,
}

impl Variant {
    /// The folder of the package.
    pub fn package(self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Release => workspace.package(),
            Self::TestPanic => workspace.target().join("pkg-test-panic"),
        }
    }

    /// The name of this variant's folders.
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::TestPanic => "test-panic",
        }
    }

    /// The crate's features.
    fn features(self) -> &'static str {
        match self {
            Self::Release => "services",
            Self::TestPanic => "test-panic",
        }
    }
}

/// Builds the package, skipping steps whose inputs haven't changed.
pub fn build(workspace: &Workspace, variant: Variant) -> Result<()> {
    setup::node()?;
    setup::toolchain(workspace)?;
    setup::npm_packages(workspace.root())?;

    for core in core::all(variant) {
        core.build(workspace)?;
    }
    step_if_slow("compiling the TypeScript and putting the package together", |_| {
        package::build(workspace, variant)
    })?;
    // The page has no use for the export that panics.
    if variant == Variant::Release {
        console::build(workspace)?;
        parts::build(workspace)?;
        sizes::report(workspace)?;
    }
    Ok(())
}
