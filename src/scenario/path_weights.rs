//! Weights of the paths of a life-cycle: a table with one key for each path.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Map, Value, json};

use crate::world::lifecycle::State;
use crate::world::lifecycle_table::{LifecycleTable, PathRow};
use crate::world::sampler::MAX_WEIGHT_SUM;

/// A state type that has one life-cycle, whose paths a scenario can weigh.
pub(crate) trait WeighedLifecycle: State {
    /// The name of the definition in the JSON Schema.
    const SCHEMA_NAME: &'static str;
    const TABLE: &'static LifecycleTable<Self>;
}

/// The key of the weight of the paths that are left out.
const OTHERS: &str = "others";

/// A weight for each path of the table, in its order. A path that is left out has the weight
/// `others`, or else its default.
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
        let is_known =
            |key: &str| key == OTHERS || S::TABLE.paths.iter().any(|path| path.key == key);
        if let Some(key) = given.keys().find(|key| !is_known(key)) {
            return Err(D::Error::custom(format!("unknown key {key:?}")));
        }
        let others = given.get(OTHERS).copied();
        let weight =
            |path: &PathRow<S>| given.get(path.key).copied().or(others).unwrap_or(path.weight);
        let weights = S::TABLE.paths.iter().map(weight).collect();
        Ok(Self { weights, lifecycle: std::marker::PhantomData })
    }
}

impl<S: WeighedLifecycle> JsonSchema for PathWeights<S> {
    fn schema_name() -> Cow<'static, str> {
        S::SCHEMA_NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        let weight = |about: &str| {
            let mut property = json!({
                "type": "integer",
                "format": "uint64",
                "minimum": 0,
                "maximum": MAX_WEIGHT_SUM,
            });
            if !about.is_empty() {
                property["description"] = about.into();
            }
            property
        };
        for path in S::TABLE.paths {
            let default = format!("Default {}.", path.weight);
            let mut property = weight(format!("{} {default}", path.about).trim());
            property["default"] = path.weight.into();
            properties.insert(path.key.into(), property);
        }
        properties.insert(
            OTHERS.into(),
            weight("The weight of each key that is left out. Default: each has its own default."),
        );
        json_schema!({
            "type": "object",
            "description": "Weights. A key that is left out has the weight `others`, or else its default.",
            "properties": Value::Object(properties),
            "additionalProperties": false,
        })
    }
}
