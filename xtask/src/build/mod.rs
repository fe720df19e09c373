//! `cargo xtask build`: from the Rust core and the TypeScript half to the npm package in `pkg/`.

mod core;
mod glue;
mod package;

use anyhow::Result;
use std::path::PathBuf;

use crate::files;
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// What the core is built as.
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

    /// What cargo is told for it.
    fn cargo_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Release => &[],
            Self::TestPanic => &["--features", "test-panic"],
        }
    }
}

/// Builds the package, doing again only what something changed for.
pub fn build(workspace: &Workspace, variant: Variant) -> Result<()> {
    setup::node()?;
    setup::toolchain(workspace)?;
    setup::npm_packages(workspace.root())?;

    let core = core::build(workspace, variant)?;
    package::build(workspace, variant, &core)?;
    report(workspace, variant)
}

/// Prints where the package is and what the module weighs, as it is and as a server would compress it.
fn report(workspace: &Workspace, variant: Variant) -> Result<()> {
    let package = variant.package(workspace);
    let module = package.join(core::MODULE);
    let bytes = files::read(&module)?.len();
    let gzip = "const { readFileSync } = require('node:fs'); const { gzipSync } = require('node:zlib');
        process.stdout.write(String(gzipSync(readFileSync(process.argv[1]), { level: 9 }).length));";
    let compressed: usize = process::read(process::node(workspace, "--eval").arg(gzip).arg(&module))?.parse()?;

    let place = package.strip_prefix(workspace.root()).unwrap_or(&package);
    println!(
        "{}: {} is {:.1} KB, {:.1} KB after gzip -9",
        place.display(),
        core::MODULE,
        kilobytes(bytes),
        kilobytes(compressed)
    );
    Ok(())
}

fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}
