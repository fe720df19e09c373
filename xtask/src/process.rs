//! Runs other programs, with errors that name the program and its exit status.

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

/// Runs a command in this program's terminal. An exit status other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| not_started(command))?;
    if !status.success() {
        bail!("`{}` failed: {status}", line(command));
    }
    Ok(())
}

/// Runs cargo and forwards its output to a step. The first line announces the step: if nothing has
/// changed, cargo only prints `Finished`.
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

/// Replaces this process with a program, so that signals reach the program. It doesn't return on
/// success. Where the system can't do this, the program runs as a child.
pub fn replace_process(command: &mut Command) -> Result<()> {
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(command))
        .with_context(|| not_started(command));
    #[cfg(not(unix))]
    return run(command);
}

/// Runs a command and returns its standard output as a string, without trailing white space. Its
/// standard error goes to the terminal.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| not_started(command))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", line(command), output.status);
    }
    text(command, output)
}

/// Runs a command and returns its output; `None` if the program isn't installed.
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
        .with_context(|| format!("`{}` did not write UTF-8", line(command)))?;
    Ok(text.trim_end().to_owned())
}

fn not_started(command: &Command) -> String {
    format!("`{}` cannot be started", line(command))
}

/// The command as typed in a shell, with only the program's file name.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
