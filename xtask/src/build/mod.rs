//! `cargo xtask build`: builds the npm package in `pkg/` from the Rust core and the TypeScript
//! half, and the console.

mod console;
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
    }
    report(workspace, variant)
}

/// Bytes, raw and after `gzip -9`.
#[derive(Default)]
struct Size {
    raw: usize,
    compressed: usize,
}

impl Size {
    /// Adds a file.
    fn add(&mut self, contents: &[u8]) -> Result<()> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(contents)?;
        self.raw += contents.len();
        self.compressed += gzip.finish()?.len();
        Ok(())
    }
}

/// Prints the package's folder and the sizes of its modules, its command and its console's first
/// load, raw and compressed.
fn report(workspace: &Workspace, variant: Variant) -> Result<()> {
    let package = variant.package(workspace);
    let place = package.strip_prefix(workspace.root()).unwrap_or(&package);
    let print = |name: &str, size: &Size| {
        let (raw, compressed) = (kilobytes(size.raw), kilobytes(size.compressed));
        println!("{}: {name} is {raw:.1} KB, {compressed:.1} KB after gzip -9", place.display());
    };
    let modules = core::all(variant).into_iter().map(|core| core.module());
    for name in modules.chain([package::COMMAND.to_owned()]) {
        let mut size = Size::default();
        size.add(&files::read(&package.join(&name))?)?;
        print(&name, &size);
    }
    if variant == Variant::Release {
        print("console/ at first load", &console::first_load(workspace)?);
    }
    Ok(())
}

fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}
