//! The documentation in the package. Links to files that aren't in the package lead to the
//! repository, or become plain text if it has no public address.

use anyhow::{Context, Result};
use regex::{Captures, Regex};
use std::path::{Component, Path, PathBuf};

use super::repository::Repository;
use crate::files;
use crate::workspace::Workspace;

/// The folder, in the workspace and in the package.
const FOLDER: &str = "docs";

/// The pages at the root that the package has too.
const PAGES: [&str; 2] = ["CHANGELOG.md", "SECURITY.md"];

/// Other files that pages link to. The package has a README of its own.
const OTHER_FILES: [&str; 3] = ["README.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// All files of the documentation, as they are in the package.
pub fn files(
    workspace: &Workspace,
    repository: Option<&Repository>,
) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let link = Regex::new(r"\[([^\]]+)\]\(([^)\s]+)\)")?;
    let mut paths: Vec<PathBuf> = files::list(&workspace.root().join(FOLDER))?
        .into_iter()
        .map(|path| Path::new(FOLDER).join(path))
        .collect();
    paths.extend(PAGES.map(PathBuf::from));
    paths
        .into_iter()
        .map(|path| {
            let contents = files::read(&workspace.root().join(&path))?;
            if path.extension().is_none_or(|ending| ending != "md") {
                return Ok((path, contents));
            }
            let text = String::from_utf8(contents)
                .with_context(|| format!("`{}` is not UTF-8", path.display()))?;
            let text = link.replace_all(&text, |found: &Captures| {
                let [text, target] =
                    [1, 2].map(|index| found.get(index).map_or("", |m| m.as_str()));
                replacement(&path, text, target, repository)
                    .unwrap_or_else(|| found.get(0).map_or("", |m| m.as_str()).to_owned())
            });
            Ok((path, text.into_owned().into_bytes()))
        })
        .collect()
}

/// The replacement of a link on a page; `None` if the link works in the package.
fn replacement(
    page: &Path,
    text: &str,
    target: &str,
    repository: Option<&Repository>,
) -> Option<String> {
    if target.starts_with('#') || target.contains(':') {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = resolve(page, path)?;
    if path.starts_with(FOLDER) || is_in_package(&path) {
        return None;
    }
    let path = path.to_string_lossy().replace('\\', "/");
    let separator = if heading.is_empty() { "" } else { "#" };
    Some(match repository {
        Some(repository) => {
            format!("[{text}]({}{separator}{heading})", repository.file(&path))
        }
        None => format!("{text} (`{path}` in the repository)"),
    })
}

fn is_in_package(path: &Path) -> bool {
    PAGES.iter().chain(&OTHER_FILES).any(|name| path == Path::new(name))
}

/// The path in the workspace; `None` if it is outside.
fn resolve(page: &Path, path: &str) -> Option<PathBuf> {
    let mut resolved = page.parent()?.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                if !resolved.pop() {
                    return None;
                }
            }
            Component::Normal(name) => resolved.push(name),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(resolved)
}

#[cfg(test)]
mod tests {
    use super::{Repository, replacement};
    use std::path::Path;

    const PAGE: &str = "docs/guides/console.md";

    fn replaced(target: &str) -> Option<String> {
        replacement(Path::new(PAGE), "text", target, None)
    }

    #[test]
    fn links_within_the_package_stay() {
        for target in [
            "admin-api.md",
            "./admin-api.md#routes",
            "../README.md",
            "../../README.md#stores",
            "../../CHANGELOG.md",
            "#top",
            "https://example.com/examples",
            "../../../outside.md",
        ] {
            assert_eq!(replaced(target), None, "{target}");
        }
    }

    #[test]
    fn other_links_lead_to_the_repository() {
        let repository = Repository::at("https://example.com/owner/name");
        let target = "../../examples/admin-api/README.md#run";
        assert_eq!(
            replacement(Path::new(PAGE), "text", target, Some(&repository)).as_deref(),
            Some(
                "[text](https://example.com/owner/name/blob/HEAD/examples/admin-api/README.md#run)"
            )
        );
    }

    #[test]
    fn without_a_repository_other_links_become_plain_text() {
        assert_eq!(
            replaced("../../examples/admin-api/README.md#run").as_deref(),
            Some("text (`examples/admin-api/README.md` in the repository)")
        );
    }
}
