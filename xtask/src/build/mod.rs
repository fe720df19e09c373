//! `cargo xtask build`: from the Rust core and the TypeScript half to the npm package in `pkg/`.

mod core;
mod empty_module;
mod glue;
mod module;
mod package;
mod short_names;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::PathBuf;

use crate::files;
use crate::progress::step_if_slow;
use crate::setup;
use crate::workspace::Workspace;
pub use empty_module::build as build_empty_module;

/// What the services are built as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// What is published.
    Release,
    /// With an export that panics, for the tests that show what a bug in the core does to a host.
    TestPanic,
}

impl Variant {
    /// The package's folder.
    pub fn package(self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Release => workspace.package(),
            Self::TestPanic => workspace.target().join("pkg-test-panic"),
        }
    }

    /// A short word for this variant, in names of folders.
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::TestPanic => "test-panic",
        }
    }

    /// The crate's features for it.
    fn features(self) -> &'static str {
        match self {
            Self::Release => "services",
            Self::TestPanic => "test-panic",
        }
    }
}

/// Builds the package, doing again only what something changed for.
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
    report(workspace, variant)
}

/// Prints the package's folder and the size of each module and of the command, as it is and as a
/// server would compress it.
fn report(workspace: &Workspace, variant: Variant) -> Result<()> {
    let package = variant.package(workspace);
    let place = package.strip_prefix(workspace.root()).unwrap_or(&package);
    let modules = core::all(variant).into_iter().map(|core| core.module());
    for name in modules.chain([package::COMMAND.to_owned()]) {
        let module = files::read(&package.join(&name))?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&module)?;
        let (size, compressed) = (kilobytes(module.len()), kilobytes(gzip.finish()?.len()));
        println!("{}: {name} is {size:.1} KB, {compressed:.1} KB after gzip -9", place.display());
    }
    Ok(())
}

fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}
