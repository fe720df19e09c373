//! The public address of the repository, from its git remote.

use serde_json::{Map, Value, json};

use crate::workspace::Workspace;

/// A repository on a server, such as `https://example.com/owner/name`.
pub struct Repository {
    address: String,
}

impl Repository {
    /// The repository of the remote `origin`; `None` without such a remote, or if it is a folder.
    pub fn find(workspace: &Workspace) -> Option<Self> {
        let remote = workspace.git().args(["remote", "get-url", "origin"]).output().ok()?;
        let remote = String::from_utf8(remote.stdout).ok()?;
        address(remote.trim()).map(|address| Self { address })
    }

    /// A repository for tests.
    #[cfg(test)]
    pub fn at(address: &str) -> Self {
        Self { address: address.to_owned() }
    }

    /// The address of a file or folder.
    pub fn file(&self, path: &str) -> String {
        format!("{}/blob/HEAD/{path}", self.address)
    }

    /// The members of a package.json that name the repository.
    pub fn members(&self) -> Map<String, Value> {
        let Self { address } = self;
        let members = [
            ("homepage", json!(format!("{address}#readme"))),
            ("repository", json!({ "type": "git", "url": format!("git+{address}.git") })),
            ("bugs", json!({ "url": format!("{address}/issues") })),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// The https address for a remote, without credentials and ports.
fn address(remote: &str) -> Option<String> {
    let (host, path) = match remote.split_once("://") {
        Some(("https" | "http" | "ssh" | "git" | "git+ssh", rest)) => rest.split_once('/')?,
        Some(_) => return None,
        // The short form of ssh: `git@example.com:owner/name.git`. A drive letter has no `@`.
        None => remote.split_once(':').filter(|(host, _)| host.contains('@'))?,
    };
    let host = host.rsplit('@').next()?.split(':').next()?;
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_public = host.contains('.') && !path.is_empty();
    is_public.then(|| format!("https://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::{Repository, address};
    use serde_json::{Value, json};

    #[test]
    fn a_remote_on_a_server_has_an_https_address() {
        for remote in [
            "https://example.com/owner/name.git",
            "https://example.com/owner/name",
            "https://user:secret@example.com/owner/name.git/",
            "ssh://git@example.com:2222/owner/name.git",
            "git@example.com:owner/name.git",
            "git://example.com/owner/name.git",
        ] {
            assert_eq!(address(remote).as_deref(), Some("https://example.com/owner/name"));
        }
    }

    #[test]
    fn a_folder_has_none() {
        for remote in
            ["", "/srv/name", "../name", "C:/name", "file:///srv/name", "https://localhost/name"]
        {
            assert_eq!(address(remote), None, "{remote}");
        }
    }

    #[test]
    fn npm_links_to_the_repository() {
        let repository = Repository::at("https://example.com/owner/name");
        let expected = json!({
            "homepage": "https://example.com/owner/name#readme",
            "repository": { "type": "git", "url": "git+https://example.com/owner/name.git" },
            "bugs": { "url": "https://example.com/owner/name/issues" },
        });
        assert_eq!(Value::Object(repository.members()), expected);
    }
}
