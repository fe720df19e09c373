//! Builds a crate as a WebAssembly module: cargo compiles it, wasm-bindgen writes the JavaScript
//! glue, and wasm-opt makes it smaller.

use anyhow::{Context, Result, bail, ensure};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

use super::short_names::ShortNames;
use crate::files::{self, Fingerprint};
use crate::process;
use crate::progress::{step, step_if_slow};
use crate::setup::TARGET;
use crate::workspace::Workspace;

/// The WebAssembly proposals that the module uses. Node 20, Safari 16.4 and all other hosts support
/// them. Don't use `--all-features`: wasm-opt would then write types that Node 20 rejects.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-exception-handling",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The export of the function table. It makes wasm-opt keep every function in the table, 38 of
/// which only describe closures to wasm-bindgen. The script uses it only for an abort hook that no
/// code here sets.
const FUNCTION_TABLE: &str = "__wbindgen_export";

/// A module to build.
pub struct Module<'a> {
    /// The crate's name.
    pub package: &'static str,
    /// Cargo's arguments for this crate.
    pub cargo_arguments: &'a [&'a str],
    /// The name of its target folder.
    pub target: &'static str,
    /// The base name of its files: `NAME_bg.wasm`, `NAME.js` and `NAME.d.ts`.
    pub name: &'static str,
    /// The output folder.
    pub folder: PathBuf,
    /// Changes the files in that folder before the module is optimized.
    pub change: &'a dyn Fn(&Path) -> Result<()>,
}

impl Module<'_> {
    /// Builds the module unless nothing has changed.
    pub fn build(&self, workspace: &Workspace) -> Result<()> {
        let compiled = self.compile(workspace)?;
        let mut fingerprint = Fingerprint::new(self.folder.with_extension("fingerprint"))?;
        fingerprint.add_file(&compiled)?;
        fingerprint.add_file(&workspace.root().join("node_modules/binaryen/package.json"))?;
        if fingerprint.is_unchanged() && self.folder.exists() {
            return Ok(());
        }

        files::remove_folder(&self.folder)?;
        step(&format!("writing the JavaScript around the module {}", self.name), || {
            self.bind(&compiled)?;
            (self.change)(&self.folder)
        })?;
        let module = self.folder.join(format!("{}_bg.wasm", self.name));
        let names = step(&format!("making the module {} smaller", self.name), || {
            optimize(workspace, &module)
        })?;
        let path = self.folder.join(format!("{}.js", self.name));
        let script = files::read_text(&path)?;
        ensure!(
            script.matches(FUNCTION_TABLE).count() == 1
                && script.contains(&format!("if (idx) wasm.{FUNCTION_TABLE}.get(idx)();")),
            "the glue of wasm-bindgen has changed: `{FUNCTION_TABLE}` has another use in it"
        );
        files::write(&path, names.shorten(&script)?.as_bytes())?;
        reject_machine_paths(workspace, &module)?;
        fingerprint.store()
    }

    /// Compiles with unwinding: a defect then rejects one promise with an error and runs
    /// destructors. With `abort` the promise would stay pending forever. This needs a standard
    /// library that unwinds, so it is rebuilt from its sources, which the stable compiler only does
    /// with `RUSTC_BOOTSTRAP`.
    fn compile(&self, workspace: &Workspace) -> Result<PathBuf> {
        let mut cargo = self.cargo(workspace)?;
        let what = format!("compiling the module {} (Rust to WebAssembly)", self.name);
        step_if_slow(&what, |step| process::run_cargo(&mut cargo, step))?;
        let file = format!("{}.wasm", self.package.replace('-', "_"));
        Ok(self.target(workspace).join(TARGET).join("release").join(file))
    }

    /// The crates that this compiles, as JSON. Cargo only prints them with `RUSTC_BOOTSTRAP`.
    pub fn unit_graph(&self, workspace: &Workspace) -> Result<String> {
        process::read(self.cargo(workspace)?.args(["--unit-graph", "-Zunstable-options"]))
    }

    fn target(&self, workspace: &Workspace) -> PathBuf {
        workspace.target().join("wasm").join(self.target)
    }

    fn cargo(&self, workspace: &Workspace) -> Result<Command> {
        let mut cargo = workspace.cargo();
        cargo
            // Only one crate type: with two, cargo skips link-time optimization, and the module is
            // a fifth larger.
            .args([
                "rustc",
                "--release",
                "--package",
                self.package,
                "--lib",
                "--crate-type",
                "cdylib",
            ])
            .args(self.cargo_arguments)
            .args([
                "-Zbuild-std=std,panic_unwind",
                "-Zbuild-std-features=panic-unwind,optimize_for_size",
            ])
            .args(["--target", TARGET, "--target-dir"])
            .arg(self.target(workspace))
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_ENCODED_RUSTFLAGS", rust_flags(workspace)?);
        Ok(cargo)
    }

    fn bind(&self, compiled: &Path) -> Result<()> {
        Bindgen::new()
            .input_path(compiled)
            .out_name(self.name)
            .web(true)?
            .typescript(true)
            // With a default path in the glue, bundlers would ship the module a second time next to
            // the inline entry.
            .omit_default_module_path(true)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(&self.folder)
            .context("wasm-bindgen failed")
    }
}

/// The compiler flags in cargo's encoding. Panics keep their message but lose their location, and
/// `{:?}` writes nothing, which saves 5 KB of 118 after gzip. SHA-256 is compiled as a loop instead
/// of unrolled, which is smaller. Panic messages name source files. Their folders are replaced, so
/// that the module doesn't depend on the machine that builds it.
fn rust_flags(workspace: &Workspace) -> Result<OsString> {
    let sysroot = process::read(
        Command::new("rustc").args(["--print", "sysroot"]).current_dir(workspace.root()),
    )?;
    let mut replaced = vec![
        (workspace.root().to_owned(), "rollcall"),
        (Path::new(&sysroot).join("lib/rustlib/src/rust"), "rust"),
    ];
    let registries = cargo_home()?.join("registry/src");
    if registries.exists() {
        for registry in std::fs::read_dir(registries)? {
            replaced.push((registry?.path(), "crates"));
        }
    }

    let mut flags =
        OsString::from("-Cpanic=unwind\u{1f}-Zlocation-detail=none\u{1f}-Zfmt-debug=none");
    flags.push("\u{1f}--cfg=sha2_backend_soft=\"compact\"");
    for (folder, name) in replaced {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
        flags.push(name);
    }
    Ok(flags)
}

fn cargo_home() -> Result<PathBuf> {
    match env::var_os("CARGO_HOME") {
        Some(home) => Ok(home.into()),
        None => Ok(env::home_dir()
            .context("the home folder is not known: set CARGO_HOME")?
            .join(".cargo")),
    }
}

/// Makes the module smaller. Its imports and exports get short names, which its script must use.
///
/// Functions with one caller are only inlined if they are small: a long function takes more bytes
/// for its locals than two short ones and compresses less. The first KB of memory is unused, except
/// for the end of the stack, which only an imminent overflow reaches.
fn optimize(workspace: &Workspace, module: &Path) -> Result<ShortNames> {
    let mut wasm_opt = workspace.npm_tool("binaryen/bin/wasm-opt");
    wasm_opt
        .arg(format!("--remove-exports={FUNCTION_TABLE}"))
        .args(["--low-memory-unused", "--one-caller-inline-max-function-size=30"])
        // Effects are computed once, so this must come before the passes that use them.
        .args(["--generate-global-effects", "-Oz"])
        .args(["--strip-target-features", "--minify-imports-and-exports-and-modules"])
        .args(FEATURES)
        .arg(module)
        .arg("--output")
        .arg(module);
    ShortNames::parse(&process::read(&mut wasm_opt)?)
}

/// Fails if the module still contains a path of this machine.
fn reject_machine_paths(workspace: &Workspace, module: &Path) -> Result<()> {
    let bytes = files::read(module)?;
    for folder in [Some(workspace.root().to_owned()), Some(cargo_home()?), env::home_dir()]
        .into_iter()
        .flatten()
    {
        let folder = folder.to_string_lossy();
        if folder.len() > 1 && bytes.windows(folder.len()).any(|window| window == folder.as_bytes())
        {
            bail!(
                "the module contains the path `{folder}` of this machine: replace this folder in `rust_flags`"
            );
        }
    }
    Ok(())
}
