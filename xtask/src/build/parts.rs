//! The code of others in the package: a software bill of materials (CycloneDX 1.6), and the
//! licences.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Variant, console, core, crates, package};
use crate::files;
use crate::workspace::Workspace;

/// The bill of materials in the package.
pub const BILL: &str = "sbom.cdx.json";

/// The licences in the package.
pub const LICENCES: &str = "THIRD-PARTY-LICENSES";

/// A package or crate of which the package contains code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    pub name: String,
    pub version: String,
    /// The package URL, which identifies it everywhere.
    pub purl: String,
    /// The SPDX expression of its licence.
    pub licence: String,
    /// The text of its licence.
    pub text: String,
}

/// Every part, with the files of the package that contain it.
type Bill = BTreeMap<Part, BTreeSet<String>>;

/// Writes both files into the package, whose console must be built.
pub fn build(workspace: &Workspace) -> Result<()> {
    let mut bill = Bill::new();
    let mut add = |file: String, parts: Vec<Part>| {
        for part in parts {
            bill.entry(part).or_default().insert(file.clone());
        }
    };
    for core in core::all(Variant::Release) {
        let parts = crates::parts(workspace, &core.unit_graph(workspace)?)?;
        add(core.inline_module(), parts.clone());
        // Its browser mode runs the modules.
        add(format!("{}/", console::FOLDER), parts.clone());
        add(core.module(), parts);
    }
    for (file, list) in package::bundles(workspace, Variant::Release) {
        add(file.to_owned(), npm_parts(&list)?);
    }
    add(format!("{}/", console::FOLDER), npm_parts(&console::parts(workspace))?);

    let folder = Variant::Release.package(workspace);
    let mut document = serde_json::to_string_pretty(&document(workspace.version(), &bill))?;
    document.push('\n');
    files::write(&folder.join(BILL), document.as_bytes())?;
    files::write(&folder.join(LICENCES), licences(&bill).as_bytes())
}

/// The npm packages in a list that Vite or `pkg-template/bundle/parts.mjs` wrote.
fn npm_parts(list: &Path) -> Result<Vec<Part>> {
    let listed: Value = serde_json::from_slice(&files::read(list)?)
        .with_context(|| format!("`{}` is not JSON", list.display()))?;
    let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
    listed
        .iter()
        .map(|one| {
            let member = |name: &str| -> Result<String> {
                let value = one.get(name).and_then(Value::as_str);
                value.map(str::to_owned).with_context(|| {
                    format!("`{}` has a package without `{name}`: {one}", list.display())
                })
            };
            let (name, version) = (member("name")?, member("version")?);
            let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
            let text = member("text")?;
            // svelte-toolbelt names its licence only in the text.
            let licence = match member("identifier") {
                Err(_) if text.starts_with("MIT License\n") => "MIT".to_owned(),
                identifier => identifier?,
            };
            Ok(Part { name, version, purl, licence, text })
        })
        .collect()
}

/// The bill without a time and a serial number, so that it only changes with the parts.
fn document(version: &str, bill: &Bill) -> Value {
    let own = format!("pkg:npm/rollcall@{version}");
    let components: Vec<Value> = bill.iter().map(|(part, files)| component(part, files)).collect();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": own,
                "name": "rollcall",
                "version": version,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
                "purl": own,
            },
        },
        "components": components,
        "dependencies": [
            { "ref": own, "dependsOn": bill.keys().map(|part| &part.purl).collect::<Vec<_>>() },
        ],
    })
}

fn component(part: &Part, files: &BTreeSet<String>) -> Value {
    let properties: Vec<Value> =
        files.iter().map(|file| json!({ "name": "rollcall:file", "value": file })).collect();
    json!({
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "licenses": [{ "expression": part.licence }],
        "purl": part.purl,
        "properties": properties,
    })
}

/// The text of every licence, once, below the parts that have it.
fn licences(bill: &Bill) -> String {
    let mut holders: BTreeMap<&str, Vec<&Part>> = BTreeMap::new();
    for part in bill.keys() {
        holders.entry(&part.text).or_default().push(part);
    }
    let mut holders: Vec<_> = holders.into_iter().collect();
    holders.sort_by_key(|(_, parts)| parts.first().map(|part| &part.name));
    let line = "-".repeat(80);
    let mut written = format!(
        "The files of this package contain code of the following projects. {BILL} says which file\n\
         contains which.\n"
    );
    for (text, parts) in holders {
        let names: Vec<String> = parts
            .iter()
            .map(|part| format!("{} {} ({})", part.name, part.version, part.licence))
            .collect();
        written += &format!("\n{line}\n{}\n{line}\n\n{text}\n", names.join("\n"));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::{Bill, Part, document, licences};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    fn bill() -> Bill {
        let part = |name: &str, text: &str| Part {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            purl: format!("pkg:npm/{name}@1.0.0"),
            licence: "MIT".to_owned(),
            text: text.to_owned(),
        };
        let files = BTreeSet::from(["a.js".to_owned()]);
        [part("b", "Same"), part("a", "Same"), part("c", "Other")]
            .into_iter()
            .map(|part| (part, files.clone()))
            .collect()
    }

    #[test]
    fn a_licence_is_written_once() {
        let text = licences(&bill());
        assert_eq!(text.matches("Same").count(), 1);
        assert!(text.contains("a 1.0.0 (MIT)\nb 1.0.0 (MIT)\n"));
    }

    #[test]
    fn each_part_names_its_files() {
        let document = document("2.0.0", &bill());
        let component = document.pointer("/components/0");
        assert_eq!(
            component.and_then(|one| one.get("properties")),
            Some(&json!([{ "name": "rollcall:file", "value": "a.js" }]))
        );
        let names = document.pointer("/dependencies/0/dependsOn").and_then(Value::as_array);
        assert_eq!(names.map(Vec::len), Some(3));
    }
}
