//! A graph of files, and the cycles in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The names of items that one file imports from another.
type Names = BTreeSet<String>;

/// The names that each file imports from other files.
#[derive(Debug, Default)]
pub struct Graph {
    edges: BTreeMap<String, BTreeMap<String, Names>>,
}

impl Graph {
    /// Adds a name that `from` imports from `to`. Ignores imports within a file.
    pub fn add(&mut self, from: &str, to: &str, name: &str) {
        if from != to {
            let targets = self.edges.entry(from.to_owned()).or_default();
            targets.entry(to.to_owned()).or_default().insert(name.to_owned());
        }
    }

    /// The largest groups of two or more files that reach each other (strongly connected
    /// components).
    pub fn cycles(&self) -> Vec<Cycle<'_>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.edges.keys().map(|file| (file.as_str(), self.reached_from(file))).collect();
        let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|all| all.contains(to));
        let mut cycles = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for file in self.edges.keys().map(String::as_str) {
            if seen.contains(file) || !reaches(file, file) {
                continue;
            }
            let files: BTreeSet<&str> = reached
                .keys()
                .copied()
                .filter(|&other| reaches(file, other) && reaches(other, file))
                .collect();
            seen.extend(&files);
            cycles.push(Cycle { graph: self, files });
        }
        cycles
    }

    /// The files that a file imports from, directly or indirectly.
    fn reached_from(&self, file: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![file];
        while let Some(file) = open.pop() {
            for target in self.edges.get(file).into_iter().flat_map(BTreeMap::keys) {
                if reached.insert(target.as_str()) {
                    open.push(target);
                }
            }
        }
        reached
    }
}

/// Files that import each other in a cycle.
#[derive(Debug)]
pub struct Cycle<'a> {
    graph: &'a Graph,
    files: BTreeSet<&'a str>,
}

impl Cycle<'_> {
    /// The imports within the cycle as source file, target file and names.
    fn edges(&self) -> impl Iterator<Item = (&str, &str, &Names)> {
        self.files.iter().flat_map(move |&from| {
            let targets = self.graph.edges.get(from).into_iter().flatten();
            targets
                .filter(|(to, _)| self.files.contains(to.as_str()))
                .map(move |(to, names)| (from, to.as_str(), names))
        })
    }
}

impl fmt::Display for Cycle<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} files:", self.files.len())?;
        for (from, to, names) in self.edges() {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            write!(formatter, "\n  {from} -> {to}: {}", names.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;

    fn cycles(edges: &[(&str, &str)]) -> Vec<Vec<String>> {
        let mut graph = Graph::default();
        for (from, to) in edges {
            graph.add(from, to, "Name");
        }
        let files = |files: &std::collections::BTreeSet<&str>| {
            files.iter().map(|&file| file.to_owned()).collect()
        };
        graph.cycles().iter().map(|cycle| files(&cycle.files)).collect()
    }

    #[test]
    fn an_acyclic_graph_has_no_cycle() {
        assert!(cycles(&[("a", "b"), ("a", "c"), ("b", "c"), ("c", "c")]).is_empty());
    }

    #[test]
    fn files_on_several_cycles_are_one_group() {
        assert_eq!(
            cycles(&[("a", "b"), ("b", "a"), ("b", "c"), ("c", "b"), ("d", "a")]),
            [["a", "b", "c"]]
        );
    }

    #[test]
    fn separate_cycles_are_separate_groups() {
        let edges = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "c")];
        assert_eq!(cycles(&edges), [["a", "b"], ["c", "d"]]);
    }
}
