//! `cargo xtask package`: a release without its last step. It publishes nothing.

use anyhow::{Result, ensure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::build::{self, Variant};
use crate::files;
use crate::process;
use crate::progress::step;
use crate::setup;
use crate::workspace::Workspace;

/// The options of the command.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Builds a copy of the sources in another folder too, and compares the bytes
    #[arg(long)]
    twice: bool,
}

/// Builds, packs and checks the package, and prints what a release would publish.
pub fn package(workspace: &Workspace, options: &Options) -> Result<()> {
    build::build(workspace, Variant::Release)?;
    setup::npm_packages(&workspace.root().join("tests/packaging/tools"))?;
    process::run(&mut workspace.node("tests/packaging/release.mjs"))?;
    if options.twice {
        let copy = workspace.target().join("package/copy");
        step("building a copy in another folder", || build_copy(workspace, &copy))?;
        compare(&workspace.package(), &copy.join("pkg"))?;
        println!("two builds in two folders have the same bytes");
    }
    Ok(())
}

/// Builds the sources in another folder from the start. Their remote, which the package names, is
/// the same.
fn build_copy(workspace: &Workspace, copy: &Path) -> Result<()> {
    files::remove_folder(copy)?;
    let listed = process::read(workspace.git().args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let sources = listed.lines().map(|path| workspace.root().join(path));
    for source in sources.filter(|path| path.is_file()) {
        let path = source.strip_prefix(workspace.root())?;
        files::write(&copy.join(path), &files::read(&source)?)?;
    }
    let mut git = workspace.git();
    process::run(git.args(["init", "--quiet"]).arg(copy))?;
    if let Ok(remote) = process::read(workspace.git().args(["remote", "get-url", "origin"])) {
        let mut git = workspace.git();
        process::run(git.arg("-C").arg(copy).args(["remote", "add", "origin", &remote]))?;
    }
    let mut cargo = workspace.cargo();
    let target = copy.join("target");
    cargo.current_dir(copy).env("CARGO_TARGET_DIR", target).args(["xtask", "build"]);
    process::run(&mut cargo)
}

/// Fails if the folders differ in a name or a byte.
fn compare(first: &Path, second: &Path) -> Result<()> {
    let contents = |folder| -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        Ok(files::read_all(folder, Path::new(""))?.into_iter().collect())
    };
    let (first, second) = (contents(first)?, contents(second)?);
    let differing: Vec<String> = first
        .iter()
        .filter(|(path, bytes)| second.get(*path) != Some(bytes))
        .map(|(path, _)| path)
        .chain(second.keys().filter(|path| !first.contains_key(*path)))
        .map(|path| path.display().to_string())
        .collect();
    ensure!(differing.is_empty(), "two builds differ in {}", differing.join(", "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::compare;
    use crate::files;
    use anyhow::Result;

    #[test]
    fn builds_that_differ_in_a_byte_or_a_file_are_rejected() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-package-{}", std::process::id()));
        let (first, second) = (folder.join("first"), folder.join("second"));
        for build in [&first, &second] {
            files::write(&build.join("deep/a.js"), b"1")?;
        }
        assert!(compare(&first, &second).is_ok());
        files::write(&second.join("deep/a.js"), b"2")?;
        let error = compare(&first, &second).err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.ends_with("a.js")));
        files::write(&second.join("deep/a.js"), b"1")?;
        files::write(&second.join("b.js"), b"1")?;
        assert!(compare(&first, &second).is_err());
        files::remove_folder(&folder)
    }
}
