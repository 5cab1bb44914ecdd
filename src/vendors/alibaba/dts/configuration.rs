//! The objects and endpoints of a task: generated, or configured by a client.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::state::Initialization;
use super::subject::{Engine, Subject, instance_index};
use crate::world::draw::{Draws, Seed, Stream};

const SOURCE: Stream = Stream::named("dts.source");
const DESTINATION: Stream = Stream::named("dts.destination");

/// The arguments of ConfigureSynchronizationJob, without passwords.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) struct Configuration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) synchronization_job_name: Option<String>,
    pub(crate) structure_initialization: bool,
    pub(crate) data_initialization: bool,
    pub(crate) synchronization_objects: Vec<Schema>,
    pub(crate) source_endpoint: ConfiguredEndpoint,
    pub(crate) destination_endpoint: ConfiguredEndpoint,
    /// Unix s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checkpoint: Option<i64>,
    /// A JSON object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) migration_reserved: Option<String>,
}

impl Configuration {
    pub(crate) fn initialization(&self) -> Initialization {
        Initialization { structure: self.structure_initialization, data: self.data_initialization }
    }
}

/// An endpoint, as a client configures it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) struct ConfiguredEndpoint {
    pub(crate) instance_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instance_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ip: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) port: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) database_name: Option<String>,
}

/// A database that is synchronized: whole, or some of its tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) struct Schema {
    pub(crate) name: Cow<'static, str>,
    /// In the destination.
    pub(crate) new_name: Cow<'static, str>,
    /// Empty for all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) includes: Vec<Table>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) excludes: Vec<Cow<'static, str>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) name: Cow<'static, str>,
    /// In the destination.
    pub(crate) new_name: Cow<'static, str>,
}

impl From<&'static Subject> for Schema {
    fn from(subject: &'static Subject) -> Self {
        let table = |&name: &&'static str| Table { name: name.into(), new_name: name.into() };
        Self {
            name: subject.schema.into(),
            new_name: subject.schema.into(),
            includes: subject.tables.iter().map(table).collect(),
            excludes: vec![],
        }
    }
}

/// `DbObject` of the Dts* operations: JSON with the names as keys (vendor's page on the
/// objects of DTS tasks).
pub(crate) fn db_object(schemas: &[Schema]) -> String {
    let named = |name: &str, all: bool| json!({ "name": name, "all": all });
    let schema = |schema: &Schema| {
        let mut value = named(&schema.new_name, schema.includes.is_empty());
        if !schema.includes.is_empty() {
            let tables = schema.includes.iter();
            let tables: serde_json::Map<String, Value> = tables
                .map(|table| (table.name.to_string(), named(&table.new_name, true)))
                .collect();
            value["Table"] = tables.into();
        }
        (schema.name.to_string(), value)
    };
    let all: serde_json::Map<String, Value> = schemas.iter().map(schema).collect();
    Value::Object(all).to_string()
}

/// Whether the id is that of the source database of a generated task.
pub(crate) fn is_source(seed: Seed, subject: &Subject, index: u64, id: &str) -> bool {
    subject.source.is_instance(seed, SOURCE, index, id)
}

/// Whether the id is that of the destination database of a generated task.
pub(crate) fn is_destination(seed: Seed, subject: &Subject, index: u64, id: &str) -> bool {
    subject.destination.is_instance(seed, DESTINATION, index, id)
}

/// The only generated task that could have these databases: one of them is given.
pub(crate) fn index_of_databases(
    seed: Seed,
    source: Option<&str>,
    destination: Option<&str>,
) -> Option<u64> {
    match (source, destination) {
        (Some(id), _) => instance_index(seed, SOURCE, id),
        (None, id) => instance_index(seed, DESTINATION, id?),
    }
}

/// One endpoint of a task, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Endpoint<'a> {
    pub(crate) engine_name: &'static str,
    pub(crate) instance_type: Option<Cow<'a, str>>,
    pub(crate) instance_id: Option<Cow<'a, str>>,
    pub(crate) ip: Option<Cow<'a, str>>,
    pub(crate) port: Option<Cow<'a, str>>,
    pub(crate) user_name: Option<Cow<'a, str>>,
    pub(crate) database_name: Option<Cow<'a, str>>,
}

impl<'a> Endpoint<'a> {
    /// Only the kind of database that was bought is known.
    pub(crate) fn unconfigured(engine: &Engine) -> Self {
        Self { engine_name: engine.name, ..Self::default() }
    }

    pub(crate) fn configured(engine: &Engine, given: &'a ConfiguredEndpoint) -> Self {
        let text = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        Self {
            engine_name: engine.name,
            instance_type: Some(Cow::Borrowed(&given.instance_type)),
            instance_id: text(&given.instance_id),
            ip: text(&given.ip),
            port: text(&given.port),
            user_name: text(&given.user_name),
            database_name: text(&given.database_name),
        }
    }

    /// The source and the destination of a generated task.
    pub(crate) fn generated(seed: Seed, subject: &Subject, index: u64) -> [Self; 2] {
        [(&subject.source, SOURCE), (&subject.destination, DESTINATION)].map(|(engine, stream)| {
            let mut draws = Draws::new(seed, stream.of(1), index);
            let is_own = engine.self_managed;
            Self {
                engine_name: engine.name,
                instance_type: Some(engine.instance_type.into()),
                instance_id: Some(engine.instance_id(seed, stream, index).into()),
                ip: is_own.then(|| {
                    format!("172.16.{}.{}", draws.below(256), draws.between(2, 254)).into()
                }),
                port: is_own.then_some(engine.port.into()),
                user_name: is_own.then_some("dtstest".into()),
                database_name: None,
            }
        })
    }
}
