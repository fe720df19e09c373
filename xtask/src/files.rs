//! Files and folders: lists, copies only differences, and detects changes since the last run.

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// All files in a folder and its subfolders, as relative paths, sorted. Empty if the folder doesn't
/// exist.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    fn visit(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
        let entries = match fs::read_dir(folder.join(below)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries
                .with_context(|| format!("`{}` cannot be listed", folder.join(below).display()))?,
        };
        for entry in entries {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                visit(folder, &path, found)?;
            } else {
                found.push(path);
            }
        }
        Ok(())
    }

    let mut found = Vec::new();
    visit(folder, Path::new(""), &mut found)?;
    found.sort();
    Ok(found)
}

/// The names of the files and subfolders in a folder, sorted.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("`{}` cannot be listed", folder.display()))?;
    let mut names = entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// Whether a file belongs to an installed npm package.
pub fn is_installed(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "node_modules")
}

/// All files of a folder, with `below` as their parent path.
pub fn read_all(folder: &Path, below: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    list(folder)?
        .into_iter()
        .map(|path| Ok((below.join(&path), read(&folder.join(&path))?)))
        .collect()
}

/// Reads a file as bytes.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

/// Reads a file as a string.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

/// Writes a file and creates its folder. A file that already has these contents isn't touched, so
/// that watchers don't run.
pub fn write(path: &Path, contents: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|present| present == contents) {
        return Ok(());
    }
    let written =
        path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, contents));
    written.with_context(|| format!("`{}` cannot be written", path.display()))
}

/// Makes a file executable. Only needed on Unix.
pub fn make_executable(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("`{}` cannot be made executable", path.display()))?;
    }
    Ok(())
}

/// Removes a folder and its contents, if it exists.
pub fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.with_context(|| format!("`{}` cannot be removed", folder.display())),
    }
}

/// Makes a folder contain exactly the given files. The paths `except`, with the files in them,
/// aren't touched.
pub fn mirror(folder: &Path, files: &[(PathBuf, Vec<u8>)], except: &[&str]) -> Result<()> {
    for (path, contents) in files {
        write(&folder.join(path), contents)?;
    }
    let wanted: BTreeSet<&PathBuf> = files.iter().map(|(path, _)| path).collect();
    for path in list(folder)? {
        let is_excluded = except.iter().any(|other| path.starts_with(other));
        if !wanted.contains(&path) && !is_excluded {
            let stray = folder.join(&path);
            fs::remove_file(&stray)
                .with_context(|| format!("`{}` cannot be removed", stray.display()))?;
        }
    }
    Ok(())
}

/// A hash of a step's inputs, stored next to the step's result.
pub struct Fingerprint {
    hasher: DefaultHasher,
    stored: PathBuf,
}

impl Fingerprint {
    /// Starts a fingerprint with this program itself, because a change of its code may change the
    /// result.
    pub fn new(stored: PathBuf) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        let program = fs::metadata(std::env::current_exe()?)?;
        (program.len(), program.modified()?).hash(&mut hasher);
        Ok(Self { hasher, stored })
    }

    /// Adds a value.
    pub fn add(&mut self, value: impl Hash) {
        value.hash(&mut self.hasher);
    }

    /// Adds the name and contents of a file.
    pub fn add_file(&mut self, path: &Path) -> Result<()> {
        self.add((path, read(path)?));
        Ok(())
    }

    /// Whether it equals the stored one.
    pub fn is_unchanged(&self) -> bool {
        fs::read_to_string(&self.stored).is_ok_and(|known| known == self.number())
    }

    /// Stores it. Call this when the step has succeeded.
    pub fn store(&self) -> Result<()> {
        write(&self.stored, self.number().as_bytes())
    }

    fn number(&self) -> String {
        format!("{:016x}", self.hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, list, mirror, remove_folder, write};
    use anyhow::Result;
    use std::path::PathBuf;

    /// A temporary folder for a test. It is removed when dropped.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Result<Self> {
            let path = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            remove_folder(&path)?;
            Ok(Self(path))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            // A folder that is left in the system's temporary folder does no harm.
            let _ = remove_folder(&self.0);
        }
    }

    #[test]
    fn a_mirror_contains_exactly_the_given_files() -> Result<()> {
        let folder = Folder::new("mirror")?;
        let contents = [
            ("a.js".into(), b"1".to_vec()),
            ("deep/b.js".into(), b"2".to_vec()),
            ("kept/c.js".into(), b"2".to_vec()),
        ];
        mirror(&folder.0, &contents, &[])?;
        mirror(&folder.0, &[("a.js".into(), b"3".to_vec())], &["kept"])?;
        assert_eq!(list(&folder.0)?, [PathBuf::from("a.js"), PathBuf::from("kept/c.js")]);
        assert_eq!(std::fs::read(folder.0.join("a.js"))?, b"3");
        Ok(())
    }

    #[test]
    fn a_file_that_does_not_change_is_not_written() -> Result<()> {
        let folder = Folder::new("write")?;
        let path = folder.0.join("a.js");
        write(&path, b"same")?;
        let written = std::fs::metadata(&path)?.modified()?;
        write(&path, b"same")?;
        assert_eq!(std::fs::metadata(&path)?.modified()?, written);
        Ok(())
    }

    #[test]
    fn a_fingerprint_is_known_until_a_file_changes() -> Result<()> {
        let folder = Folder::new("fingerprint")?;
        let (source, stored) = (folder.0.join("source"), folder.0.join("stored"));
        let fingerprint = |contents: &[u8]| -> Result<Fingerprint> {
            write(&source, contents)?;
            let mut fingerprint = Fingerprint::new(stored.clone())?;
            fingerprint.add_file(&source)?;
            Ok(fingerprint)
        };
        assert!(!fingerprint(b"1")?.is_unchanged());
        fingerprint(b"1")?.store()?;
        assert!(fingerprint(b"1")?.is_unchanged());
        assert!(!fingerprint(b"2")?.is_unchanged());
        Ok(())
    }
}
