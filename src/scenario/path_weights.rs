//! Weights of the paths of a life-cycle: a table with one key for each path.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Map, Value, json};

use crate::world::lifecycle::State;
use crate::world::lifecycle_table::LifecycleTable;
use crate::world::sampler::MAX_WEIGHT_SUM;

/// A state type that has one life-cycle, whose paths a scenario can weigh.
pub(crate) trait WeighedLifecycle: State {
    /// The name of the definition in the JSON Schema.
    const SCHEMA_NAME: &'static str;
    const TABLE: &'static LifecycleTable<Self>;
}

/// A weight for each path of the table, in its order. Keys left out are 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathWeights<S> {
    weights: Vec<u64>,
    lifecycle: std::marker::PhantomData<S>,
}

impl<S: WeighedLifecycle> PathWeights<S> {
    /// The weights of the file; the defaults of the table if the file gives none.
    pub(crate) fn or_default(given: Option<&Self>) -> Vec<u64> {
        given.map_or_else(|| S::TABLE.weights(), |given| given.weights.clone())
    }
}

impl<'de, S: WeighedLifecycle> Deserialize<'de> for PathWeights<S> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let given: std::collections::BTreeMap<String, u64> = Deserialize::deserialize(from)?;
        let is_known = |key: &str| S::TABLE.paths.iter().any(|path| path.key == key);
        if let Some(key) = given.keys().find(|key| !is_known(key)) {
            return Err(D::Error::custom(format!("unknown key {key:?}")));
        }
        let weight = |key| given.get(key).copied().unwrap_or(0);
        let weights = S::TABLE.paths.iter().map(|path| weight(path.key)).collect();
        Ok(Self { weights, lifecycle: std::marker::PhantomData })
    }
}

impl<S: WeighedLifecycle> JsonSchema for PathWeights<S> {
    fn schema_name() -> Cow<'static, str> {
        S::SCHEMA_NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        for path in S::TABLE.paths {
            let mut property = json!({
                "type": "integer",
                "format": "uint64",
                "minimum": 0,
                "maximum": MAX_WEIGHT_SUM,
                "default": 0,
            });
            if !path.about.is_empty() {
                property["description"] = path.about.into();
            }
            properties.insert(path.key.into(), property);
        }
        json_schema!({
            "type": "object",
            "description": "Weights. Left out: 0 if any is given, else the usual.",
            "properties": Value::Object(properties),
            "additionalProperties": false,
        })
    }
}
