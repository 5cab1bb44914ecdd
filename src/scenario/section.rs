//! Sections: the parts of the file that vendors, services and faults add to the base.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::base::File;
use super::document::Document;
use super::problem::{DocumentPath, Problem};
use super::salvage::Salvaged;
use super::structure;

/// A key of the file whose meaning another room knows.
#[derive(Clone, Copy)]
pub(crate) struct Section {
    /// Where it stands: `["drs"]`, `["gateway", "huawei"]`.
    pub(crate) path: &'static [&'static str],
    schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Section {
    pub(crate) const fn new<T: JsonSchema>(path: &'static [&'static str]) -> Self {
        Self { path, schema: |generator| generator.subschema_for::<T>() }
    }

    pub(crate) fn place(&self) -> DocumentPath {
        self.path.iter().fold(DocumentPath::root(), |place, key| place.key(*key))
    }
}

/// The JSON Schema (draft 2020-12) of scenario files that have these sections.
pub(crate) fn schema(sections: &[Section]) -> Value {
    let mut generator = SchemaGenerator::default();
    let mut root = generator.root_schema_for::<File>().to_value();
    // The tables of the base are inlined below, so they are generated here, too.
    generator.subschema_for::<File>();
    let added: Vec<(&[&str], Value)> = sections
        .iter()
        .map(|section| (section.path, (section.schema)(&mut generator).to_value()))
        .collect();
    let mut definitions = generator.take_definitions(true);
    definitions.shift_remove("File");
    for (path, schema) in added {
        let Some((key, tables)) = path.split_last() else { continue };
        let table = match tables {
            [] => Some(&mut root),
            [table, ..] => definition_of(&root, table).and_then(|name| definitions.get_mut(&name)),
        };
        if let Some(properties) = table.and_then(|table| table.get_mut("properties")) {
            properties[*key] = schema;
        }
    }
    root["$defs"] = json!(definitions);
    root
}

/// The name of the definition that a property of the root refers to.
fn definition_of(root: &Value, property: &str) -> Option<String> {
    let reference = root["properties"][property]["$ref"].as_str()?;
    reference.strip_prefix("#/$defs/").map(str::to_owned)
}

/// A file with the right structure, its sections apart from the base.
pub(crate) struct Parts {
    pub(crate) base: File,
    /// Without the keys of the base, and of the sections that were taken.
    rest: toml::Table,
}

impl Parts {
    /// Takes the section out of the file; a section that is not there is read as an empty table.
    ///
    /// # Errors
    /// Problems that the schema cannot express, at the section's place.
    pub(crate) fn take<T: DeserializeOwned + Default>(
        &mut self,
        section: &Section,
    ) -> Result<T, Problem> {
        let Some((key, tables)) = section.path.split_last() else { return Ok(T::default()) };
        let mut table = Some(&mut self.rest);
        for name in tables {
            table =
                table.and_then(|table| table.get_mut(*name)).and_then(toml::Value::as_table_mut);
        }
        match table.and_then(|table| table.remove(*key)) {
            None => Ok(T::default()),
            Some(value) => T::deserialize(value)
                .map_err(|error| Problem::value(section.place(), error.message().to_owned())),
        }
    }
}

/// A file that was read, whatever is wrong with it.
pub(crate) struct ReadFile {
    /// For the report.
    pub(crate) document: Document,
    /// None if there is too little to plan. If there are problems, the values that have them count
    /// as left out, so that the meaning of the rest can be checked, too.
    pub(crate) parts: Option<Parts>,
    /// Those of syntax and structure.
    problems: Vec<Problem>,
    salvaged: Option<Salvaged>,
}

impl ReadFile {
    /// All problems, given those in the meaning of the parts. A problem that may be a consequence
    /// of one in the structure is left out.
    pub(crate) fn problems_with(&self, meaning: Vec<Problem>) -> Vec<Problem> {
        let is_consequence =
            |problem: &Problem| self.salvaged.as_ref().is_some_and(|it| it.may_explain(problem));
        let meaning = meaning.into_iter().filter(|problem| !is_consequence(problem));
        self.problems.iter().cloned().chain(meaning).collect()
    }
}

/// Reads the file called `name`, with `KEY=VALUE` overrides laid over it.
///
/// # Errors
/// An override that cannot be applied.
pub(crate) fn read(
    name: &str,
    text: &str,
    overrides: &[String],
    sections: &[Section],
) -> Result<ReadFile, String> {
    let (mut document, mut problems) = Document::parse(name, text);
    for assignment in overrides {
        document.set(assignment)?;
    }
    let schema = schema(sections);
    problems.extend(structure::check(&document, &schema));
    let salvaged = match problems.is_empty() {
        true => None,
        false => Salvaged::of(&document, &problems, &schema),
    };
    let sound = match problems.is_empty() {
        true => Some(&document),
        false => salvaged.as_ref().map(|salvaged| &salvaged.document),
    };
    let parts = sound.and_then(|sound| match parts(sound, sections) {
        Ok(parts) => Some(parts),
        Err(problem) => {
            problems.extend(problem);
            None
        }
    });
    Ok(ReadFile { document, parts, problems, salvaged })
}

/// # Errors
/// A problem that the schema cannot express; none if the document is no table.
fn parts(document: &Document, sections: &[Section]) -> Result<Parts, Option<Problem>> {
    let toml::Value::Table(mut base) = document.to_value() else { return Err(None) };
    let mut rest = toml::Table::new();
    for section in sections {
        move_section(&mut base, &mut rest, section.path);
    }
    // The structure is right by now; what serde still finds has no better place than the top.
    let base = File::deserialize(toml::Value::Table(base))
        .map_err(|error| Problem::value(DocumentPath::root(), error.message().to_owned()))?;
    Ok(Parts { base, rest })
}

fn move_section(from: &mut toml::Table, to: &mut toml::Table, path: &[&str]) {
    match path {
        [] => {}
        [key] => {
            if let Some(value) = from.remove(*key) {
                to.insert((*key).to_owned(), value);
            }
        }
        [table, path @ ..] => {
            let Some(toml::Value::Table(from)) = from.get_mut(*table) else { return };
            let to = to.entry(*table).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(to) = to {
                move_section(from, to, path);
            }
        }
    }
}
