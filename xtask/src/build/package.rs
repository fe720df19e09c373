//! Assembles the package in one folder: compiled TypeScript, entry points, modules, README and
//! licenses, with the documentation.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

use super::repository::Repository;
use super::{Variant, console, core, docs, parts};
use crate::files::{self, Fingerprint};
use crate::process;
use crate::workspace::Workspace;

/// The bundled command line in the package.
pub const COMMAND: &str = "bin/rollcall.js";

/// `rollcall/logout` for pages without a bundler.
const LOGOUT: &str = "entry/logout-browser.js";

/// Assembles the package from the template and the modules, which must be built.
pub fn build(workspace: &Workspace, variant: Variant) -> Result<()> {
    let compiled = compile_typescript(workspace, variant)?;
    let template = workspace.package_template();

    let mut package = files::read_all(&compiled, Path::new(""))?;
    package.extend(files::read_all(&template.join("entry"), Path::new("entry"))?);
    for core in core::all(variant) {
        let folder = core.folder(workspace);
        for name in [core.glue(), core.glue_types(), core.module()] {
            let contents = files::read(&folder.join(&name))?;
            package.push((name.into(), contents));
        }
        let inline_module = inline_module(&folder.join(core.module()))?;
        package.push((core.inline_module().into(), inline_module));
    }
    let repository = Repository::find(workspace);
    package.push(("package.json".into(), manifest(workspace, repository.as_ref())?));
    package.extend(docs::files(workspace, repository.as_ref())?);
    package.push(("README.md".into(), files::read(&template.join("README.md"))?));
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        package.push((name.into(), files::read(&workspace.root().join(name))?));
    }
    // These are made later, from the package.
    let later = [console::FOLDER, parts::BILL, parts::LICENCES];
    files::mirror(&variant.package(workspace), &package, &later)?;
    // npm does this when it installs the package. In a clone, `npx rollcall` runs the file
    // directly.
    files::make_executable(&variant.package(workspace).join(COMMAND))
}

/// Compiles the TypeScript half against the types of these modules and returns the output folder.
fn compile_typescript(workspace: &Workspace, variant: Variant) -> Result<PathBuf> {
    let template = workspace.package_template();
    let sources = template.join("src");
    let compiled = workspace.work().join("typescript").join(variant.name());

    let mut fingerprint = Fingerprint::new(
        workspace.work().join("typescript").join(format!("{}.fingerprint", variant.name())),
    )?;
    for path in files::list(&sources)? {
        fingerprint.add_file(&sources.join(path))?;
    }
    fingerprint.add_file(&template.join("tsconfig.json"))?;
    fingerprint.add_file(&template.join("openapi.mjs"))?;
    for folder in ["cli", "bundle"].map(|name| template.join(name)) {
        for path in files::list(&folder)? {
            fingerprint.add_file(&folder.join(path))?;
        }
    }
    let mut roots = vec![sources.clone()];
    for core in core::all(variant) {
        let folder = core.folder(workspace);
        fingerprint.add_file(&folder.join(core.glue_types()))?;
        roots.push(folder);
    }
    fingerprint.add_file(&workspace.root().join("package-lock.json"))?;
    if fingerprint.is_unchanged() && compiled.exists() {
        return Ok(compiled);
    }

    files::remove_folder(&compiled)?;
    let settings = workspace.work().join("typescript").join(format!("{}.json", variant.name()));
    let own_settings = json!({
        "extends": template.join("tsconfig.json"),
        "compilerOptions": { "rootDir": sources, "rootDirs": roots, "outDir": compiled },
        "include": [sources],
    });
    files::write(&settings, own_settings.to_string().as_bytes())?;
    process::run(workspace.npm_tool("typescript/bin/tsc").arg("--project").arg(&settings))?;
    fill_in_version(workspace, &compiled.join("http/version.js"))?;
    write_openapi(workspace, &compiled)?;
    bundle(workspace, variant, &compiled)?;
    fingerprint.store()?;
    Ok(compiled)
}

/// Replaces the version `0.0.0` in this file with the version of the core.
fn fill_in_version(workspace: &Workspace, path: &Path) -> Result<()> {
    let source = String::from_utf8(files::read(path)?)?;
    let filled = source.replace("\"0.0.0\"", &format!("\"{}\"", workspace.version()));
    ensure!(filled != source, "`{}` has no version to fill in", path.display());
    files::write(path, filled.as_bytes())
}

/// Generates `openapi.json` from the schemas in the compiled TypeScript.
fn write_openapi(workspace: &Workspace, compiled: &Path) -> Result<()> {
    let script = workspace.package_template().join("openapi.mjs");
    process::run(workspace.node(script).arg(compiled).arg(workspace.version()))
}

/// The bundled files of the package, each with the list of the npm packages in it.
pub fn bundles(workspace: &Workspace, variant: Variant) -> [(&'static str, PathBuf); 2] {
    [(COMMAND, "command.json"), (LOGOUT, "logout.json")]
        .map(|(file, list)| (file, workspace.work().join("parts").join(variant.name()).join(list)))
}

/// Bundles the command line and the sender for browsers.
fn bundle(workspace: &Workspace, variant: Variant, compiled: &Path) -> Result<()> {
    let scripts = workspace.package_template().join("bundle");
    let [(_, command), (_, logout)] = bundles(workspace, variant);
    let mut node = workspace.node(scripts.join("command.mjs"));
    process::run(node.arg(compiled).arg(workspace.version()).arg(command))?;
    process::run(workspace.node(scripts.join("logout.mjs")).arg(compiled).arg(logout))
}

fn inline_module(module: &Path) -> Result<Vec<u8>> {
    let text = STANDARD.encode(files::read(module)?);
    Ok(format!("export default \"{text}\";\n").into_bytes())
}

/// The template's package.json with the version of the core and the address of the repository.
fn manifest(workspace: &Workspace, repository: Option<&Repository>) -> Result<Vec<u8>> {
    let path = workspace.package_template().join("package.json");
    let mut manifest: Value = serde_json::from_slice(&files::read(&path)?)
        .with_context(|| format!("`{}` is not JSON", path.display()))?;
    let version = manifest
        .get_mut("version")
        .with_context(|| format!("`{}` has no version to fill in", path.display()))?;
    *version = workspace.version().into();
    if let (Some(manifest), Some(repository)) = (manifest.as_object_mut(), repository) {
        manifest.extend(repository.members());
    }
    let mut text = serde_json::to_string_pretty(&manifest)?;
    text.push('\n');
    Ok(text.into_bytes())
}
