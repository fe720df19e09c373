//! Reads the items that a Rust file imports from other files of its crate.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use syn::buffer::{Cursor, TokenBuffer};
use syn::visit::{self, Visit};
use syn::{Attribute, Meta, UseTree};

use crate::modules::graph::Graph;

/// The path of a module from the crate root; empty for the root.
type ModulePath = Vec<String>;

/// The file of each module. An inline module has the file of its parent.
type Modules = BTreeMap<ModulePath, String>;

/// Reads the imports of a crate's files, given as paths in `src/` and contents.
pub fn read(files: &[(String, String)]) -> Result<Graph> {
    let mut parsed = Vec::new();
    let mut modules = Modules::new();
    for (path, text) in files {
        let module = module_path(path);
        if module.iter().any(|name| name == "tests") {
            continue;
        }
        let file = syn::parse_file(text).with_context(|| format!("`{path}` is not valid Rust"))?;
        add_modules(&mut modules, &module, path, &file.items);
        parsed.push((path, module, file));
    }
    let mut graph = Graph::default();
    for (path, module, file) in parsed {
        Imports { modules: &modules, graph: &mut graph, path, module }.visit_file(&file);
    }
    Ok(graph)
}

/// The module of a file: `a/b.rs` and `a/b/mod.rs` are `a::b`.
fn module_path(path: &str) -> ModulePath {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// Adds a module and the inline modules in its file.
fn add_modules(modules: &mut Modules, module: &[String], path: &str, items: &[syn::Item]) {
    modules.insert(module.to_vec(), path.to_owned());
    for item in items {
        if let syn::Item::Mod(inner) = item
            && let Some((_, items)) = &inner.content
            && !is_for_tests(&inner.attrs)
        {
            let inner = [module, &[inner.ident.to_string()]].concat();
            add_modules(modules, &inner, path, items);
        }
    }
}

/// Whether an item is only compiled for tests: `#[cfg(test)]`.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            list.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
        }
        _ => false,
    })
}

/// Collects the imports of one file.
struct Imports<'a> {
    modules: &'a Modules,
    graph: &'a mut Graph,
    /// The path of the file.
    path: &'a str,
    /// The current module.
    module: ModulePath,
}

impl Imports<'_> {
    /// Adds the item that a path names if the path starts in this crate: with `crate`, `self`,
    /// `super` or a child of the current module. The item belongs to the file of the deepest module
    /// on the path, even if that module only re-exports it.
    fn add(&mut self, path: &[String]) {
        let Some((first, after_first)) = path.split_first() else { return };
        let (mut module, rest) = match first.as_str() {
            "crate" => (ModulePath::new(), after_first),
            "self" => (self.module.clone(), after_first),
            "super" => (self.module.clone(), path),
            name if self.modules.contains_key(&child(&self.module, name)) => {
                (self.module.clone(), path)
            }
            _ => return,
        };
        let mut name = None;
        for segment in rest {
            if segment == "super" {
                module.pop();
            } else if self.modules.contains_key(&child(&module, segment)) {
                module.push(segment.clone());
            } else {
                name = Some(segment);
                break;
            }
        }
        if let Some(file) = self.modules.get(&module) {
            let name = name.or(module.last()).map_or("crate", String::as_str);
            self.graph.add(self.path, file, name);
        }
    }

    fn add_use(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |name: String| [prefix, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.add_use(&with(path.ident.to_string()), &path.tree),
            UseTree::Name(item) if item.ident == "self" => self.add(prefix),
            UseTree::Rename(item) if item.ident == "self" => self.add(prefix),
            UseTree::Name(item) => self.add(&with(item.ident.to_string())),
            UseTree::Rename(item) => self.add(&with(item.ident.to_string())),
            UseTree::Glob(_) => self.add(&with("*".to_owned())),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.add_use(prefix, tree));
            }
        }
    }

    /// Adds the paths in the tokens of a macro call.
    fn add_tokens(&mut self, mut tokens: Cursor<'_>) {
        while !tokens.eof() {
            if let Some((path, rest)) = path_at(tokens) {
                if path.len() > 1 {
                    self.add(&path);
                }
                tokens = rest;
            } else if let Some((inside, _, _, rest)) = tokens.any_group() {
                self.add_tokens(inside);
                tokens = rest;
            } else if let Some((_, rest)) = tokens.token_tree() {
                tokens = rest;
            } else {
                return;
            }
        }
    }
}

fn child(module: &[String], name: &str) -> ModulePath {
    [module, &[name.to_owned()]].concat()
}

/// The path that starts at the next token, and the remaining tokens.
fn path_at(tokens: Cursor<'_>) -> Option<(Vec<String>, Cursor<'_>)> {
    let (first, mut rest) = tokens.ident()?;
    let mut path = vec![first.to_string()];
    while let Some((name, after)) = segment_at(rest) {
        path.push(name);
        rest = after;
    }
    Some((path, rest))
}

/// The name after `::`, if the next two tokens are that.
fn segment_at(tokens: Cursor<'_>) -> Option<(String, Cursor<'_>)> {
    let (name, rest) = after_colon(after_colon(tokens)?)?.ident()?;
    Some((name.to_string(), rest))
}

fn after_colon(tokens: Cursor<'_>) -> Option<Cursor<'_>> {
    let (punctuation, rest) = tokens.punct()?;
    (punctuation.as_char() == ':').then_some(rest)
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            self.module.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_for_tests(&item.attrs) && item.leading_colon.is_none() {
            self.add_use(&[], &item.tree);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let names: Vec<String> =
                path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.add(&names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        visit::visit_macro(self, call);
        self.add_tokens(TokenBuffer::new2(call.tokens.clone()).begin());
    }

    /// `pub(in crate::x)` doesn't import anything.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}
