//! Files and folders: listing, copying only what differs, and knowing whether anything changed
//! since the last time.

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// All files below a folder, relative to it, sorted. A folder that does not exist holds none.
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

/// Whether a file belongs to an installed npm package.
pub fn is_installed(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "node_modules")
}

/// The bytes of a file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

/// The text of a file.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

/// Writes a file and the folders above it, unless it holds just that already: who watches it is not
/// woken for nothing.
pub fn write(path: &Path, contents: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|present| present == contents) {
        return Ok(());
    }
    let written =
        path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, contents));
    written.with_context(|| format!("`{}` cannot be written", path.display()))
}

/// Lets a file be run as a program. Only Unix asks for that.
pub fn make_executable(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("`{}` cannot be made executable", path.display()))?;
    }
    Ok(())
}

/// Removes a folder with all that is in it; one that does not exist is fine.
pub fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.with_context(|| format!("`{}` cannot be removed", folder.display())),
    }
}

/// Makes a folder hold the given files and no others.
pub fn mirror(folder: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
    for (path, contents) in files {
        write(&folder.join(path), contents)?;
    }
    let wanted: BTreeSet<&PathBuf> = files.iter().map(|(path, _)| path).collect();
    for path in list(folder)? {
        if !wanted.contains(&path) {
            let stray = folder.join(&path);
            fs::remove_file(&stray)
                .with_context(|| format!("`{}` cannot be removed", stray.display()))?;
        }
    }
    Ok(())
}

/// A number for everything that a step's result depends on, remembered beside the result.
pub struct Fingerprint {
    hasher: DefaultHasher,
    remembered: PathBuf,
}

impl Fingerprint {
    /// A fingerprint that starts with this very program: when its code changes, so may what it
    /// makes.
    pub fn new(remembered: PathBuf) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        let program = fs::metadata(std::env::current_exe()?)?;
        (program.len(), program.modified()?).hash(&mut hasher);
        Ok(Self { hasher, remembered })
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

    /// Whether it is the same as when it was last remembered.
    pub fn is_known(&self) -> bool {
        fs::read_to_string(&self.remembered).is_ok_and(|known| known == self.number())
    }

    /// Remembers it. Call this when the step has succeeded.
    pub fn remember(&self) -> Result<()> {
        write(&self.remembered, self.number().as_bytes())
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

    /// A folder of its own for a test, removed with what is in it at the end.
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
            // A folder that stays behind in the system's place for such harms nobody.
            let _ = remove_folder(&self.0);
        }
    }

    #[test]
    fn a_mirror_holds_what_is_given_and_nothing_else() -> Result<()> {
        let folder = Folder::new("mirror")?;
        mirror(&folder.0, &[("a.js".into(), b"1".to_vec()), ("deep/b.js".into(), b"2".to_vec())])?;
        mirror(&folder.0, &[("a.js".into(), b"3".to_vec())])?;
        assert_eq!(list(&folder.0)?, [PathBuf::from("a.js")]);
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
        let (source, remembered) = (folder.0.join("source"), folder.0.join("remembered"));
        let fingerprint = |contents: &[u8]| -> Result<Fingerprint> {
            write(&source, contents)?;
            let mut fingerprint = Fingerprint::new(remembered.clone())?;
            fingerprint.add_file(&source)?;
            Ok(fingerprint)
        };
        assert!(!fingerprint(b"1")?.is_known());
        fingerprint(b"1")?.remember()?;
        assert!(fingerprint(b"1")?.is_known());
        assert!(!fingerprint(b"2")?.is_known());
        Ok(())
    }
}
