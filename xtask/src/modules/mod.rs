//! Finds the files of the core that import each other in a cycle.
//!
//! A file imports another one if a `use` or a path in its code names an item of it, also in the
//! arguments of a macro. A `mod` declaration is not an import. Tests don't count: modules called
//! `tests`, and modules, imports, functions and `impl` blocks with `#[cfg(test)]`.
//!
//! The source is read and not compiled. So this does not find items that a macro generates, methods
//! called on a value, or `#[path]`.

mod graph;
mod imports;

use anyhow::Result;

use crate::files;
use crate::workspace::Workspace;

const SOURCES: &str = "src";

/// Checks that no files of the core import each other in a cycle. Returns a complaint if some do.
pub fn check(workspace: &Workspace) -> Result<Option<String>> {
    let folder = workspace.root().join(SOURCES);
    let mut sources = Vec::new();
    for path in files::list(&folder)? {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = files::read_text(&folder.join(&path))?;
            sources.push((path.to_string_lossy().replace('\\', "/"), text));
        }
    }
    complaint(&sources)
}

fn complaint(sources: &[(String, String)]) -> Result<Option<String>> {
    let graph = imports::read(sources)?;
    let cycles = graph.cycles();
    if cycles.is_empty() {
        return Ok(None);
    }
    let mut lines = vec![format!(
        "import cycles in `{SOURCES}/` ({}): move the items below to a file that the others import, \
         or pass them as arguments",
        cycles.len()
    )];
    lines.extend(cycles.iter().map(|cycle| format!("\n{cycle}")));
    Ok(Some(lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::complaint;
    use anyhow::Result;

    /// The imports on cycles, such as `a.rs -> b.rs: Name`.
    fn cyclic(files: &[(&str, &str)]) -> Result<Vec<String>> {
        let owned = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        let complaint = complaint(&owned.collect::<Vec<_>>())?.unwrap_or_default();
        Ok(complaint
            .lines()
            .filter_map(|line| line.strip_prefix("  "))
            .map(str::to_owned)
            .collect())
    }

    #[test]
    fn a_tree_without_a_way_back_passes() -> Result<()> {
        let found = cyclic(&[
            ("lib.rs", "pub mod a; mod b; mod c;"),
            ("a.rs", "mod inner; use crate::b::B; use inner::Inner; use std::fmt;"),
            ("a/inner.rs", "use crate::c; pub struct Inner(c::C); fn f() { self::g(); ::b::x(); }"),
            ("b.rs", "use crate::c::C; pub(in crate::a) struct B(C);"),
            ("c.rs", "pub struct C;"),
        ])?;
        assert!(found.is_empty(), "{found:?}");
        Ok(())
    }

    #[test]
    fn two_files_that_name_each_other_are_a_cycle() -> Result<()> {
        let found = cyclic(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::{self, B, deep::{C as D, *}};"),
            ("b.rs", "use super::a::A; fn f() -> crate::a::Later { crate::a::go() }"),
        ])?;
        assert_eq!(found, ["a.rs -> b.rs: B, b, deep", "b.rs -> a.rs: A, Later, go"]);
        Ok(())
    }

    #[test]
    fn a_parent_and_its_child_can_be_a_cycle() -> Result<()> {
        for parent in ["removal.rs", "removal/mod.rs"] {
            let found = cyclic(&[
                (parent, "mod job; pub use job::Job; pub struct Target;"),
                ("removal/job.rs", "use super::Target; pub struct Job(Target);"),
            ])?;
            let expected = [
                format!("{parent} -> removal/job.rs: Job"),
                format!("removal/job.rs -> {parent}: Target"),
            ];
            assert_eq!(found.len(), 2, "{found:?}");
            assert!(expected.iter().all(|edge| found.contains(edge)), "{found:?}");
        }
        Ok(())
    }

    #[test]
    fn a_re_export_belongs_to_the_file_that_has_it() -> Result<()> {
        let found = cyclic(&[
            ("removal/mod.rs", "mod job; pub use self::job::Job;"),
            ("removal/job.rs", "pub struct Job; use crate::purge::Purge;"),
            ("purge.rs", "use crate::removal::Job; pub struct Purge;"),
        ])?;
        assert_eq!(
            found,
            [
                "purge.rs -> removal/mod.rs: Job",
                "removal/job.rs -> purge.rs: Purge",
                "removal/mod.rs -> removal/job.rs: Job",
            ]
        );
        Ok(())
    }

    #[test]
    fn paths_are_found_in_bodies_macros_and_nested_modules() -> Result<()> {
        let parent = "mod b; mod within { fn f() { super::b::in_module(); } }";
        for (child, name) in [
            ("fn f() { use super::Used; }", "Used"),
            ("fn f() { let x: super::Type = 1; }", "Type"),
            ("fn f<T: super::Bound>() {}", "Bound"),
            ("fn f() { assert!(vec![super::CALLED(1)].is_empty()); }", "CALLED"),
            ("macro_rules! m { () => { $crate::a::IN_MACRO }; }", "IN_MACRO"),
            ("mod c { fn f() { super::super::up(); } }", "up"),
        ] {
            let found = cyclic(&[("a.rs", parent), ("a/b.rs", child)])?;
            let back = format!("a/b.rs -> a.rs: {name}");
            assert_eq!(found, ["a.rs -> a/b.rs: in_module".to_owned(), back], "{child}");
        }
        Ok(())
    }

    #[test]
    fn tests_and_declarations_do_not_count() -> Result<()> {
        let found = cyclic(&[
            ("a.rs", "mod b; mod tests; #[cfg(test)] mod inline { use super::b::B; }"),
            ("a/b.rs", "use super::A; #[cfg(test)] use crate::a::tests::T;"),
            ("a/tests.rs", "use super::b::B;"),
        ])?;
        assert!(found.is_empty(), "{found:?}");
        Ok(())
    }

    #[test]
    fn invalid_source_is_an_error() {
        let error = cyclic(&[("a.rs", "fn {")]).unwrap_err().to_string();
        assert_eq!(error, "`a.rs` is not valid Rust");
    }
}
