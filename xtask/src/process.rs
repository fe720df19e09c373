//! Runs other programs, with errors that say which one failed and how.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::progress::Step;

/// npm, in a folder.
pub fn npm(folder: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(folder);
    command
}

/// Runs a command with the terminal of this program. An exit status other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| not_started(command))?;
    if !status.success() {
        bail!("`{}` failed: {status}", line(command));
    }
    Ok(())
}

/// Runs cargo and forwards its lines to a step, which is announced by the first one: cargo prints
/// none but `Finished` if nothing has changed.
pub fn run_cargo(cargo: &mut Command, step: &Step) -> Result<()> {
    if std::io::stderr().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = cargo.stderr(Stdio::piped()).spawn().with_context(|| not_started(cargo))?;
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            if !(line.contains("Finished") && line.contains("` profile [")) {
                step.forward(&line);
            }
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` failed: {status}", line(cargo));
    }
    Ok(())
}

/// Lets a program take the place of this one, so that it is the one that signals reach. It does not
/// come back where the system can do that; elsewhere it runs as usual.
pub fn replace_by(command: &mut Command) -> Result<()> {
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(command))
        .with_context(|| not_started(command));
    #[cfg(not(unix))]
    return run(command);
}

/// Runs a command and returns what it wrote, as text without the last line break. What it complains
/// about goes to the terminal.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| not_started(command))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", line(command), output.status);
    }
    text(command, output)
}

/// What a program says about itself, or `None` where it is not installed.
pub fn read_if_installed(command: &mut Command) -> Result<Option<String>> {
    match command.output() {
        Ok(output) if output.status.success() => text(command, output).map(Some),
        Ok(output) => bail!("`{}` failed: {}", line(command), output.status),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| not_started(command)),
    }
}

fn text(command: &Command, output: Output) -> Result<String> {
    let text = String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` wrote no text", line(command)))?;
    Ok(text.trim_end().to_owned())
}

fn not_started(command: &Command) -> String {
    format!("`{}` cannot be started", line(command))
}

/// The command as one would type it, with the program's name only.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
