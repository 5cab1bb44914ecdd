//! The parts that several legacy answers have, as on the wire: all numbers are texts.

use serde::Serialize;

use super::configuration::{self, Schema};
use super::figures::{self, Precheck, Stage};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SchemaShape<'j> {
    table_includes: Vec<TableShape<'j>>,
    table_excludes: Vec<TableShape<'j>>,
    schema_name: &'j str,
    new_schema_name: &'j str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TableShape<'j> {
    table_name: &'j str,
}

impl<'j> From<&'j Schema> for SchemaShape<'j> {
    fn from(schema: &'j Schema) -> Self {
        let includes = schema.includes.iter().map(|table| TableShape { table_name: &table.name });
        Self {
            table_includes: includes.collect(),
            table_excludes: schema
                .excludes
                .iter()
                .map(|table_name| TableShape { table_name })
                .collect(),
            schema_name: &schema.name,
            new_schema_name: &schema.new_name,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StageShape {
    pub status: &'static str,
    pub progress: String,
    pub percent: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

impl From<Stage> for StageShape {
    fn from(stage: Stage) -> Self {
        Self {
            status: stage.status,
            progress: stage.done.to_string(),
            percent: stage.percent.to_string(),
            error_message: stage.error_message,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrecheckShape {
    /// `Success` or `Failed` by the page's table (its sample has `Finished`); absent before
    /// the end (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    percent: String,
    detail: Vec<Check>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Check {
    check_status: &'static str,
    item_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair_method: Option<&'static str>,
}

pub fn passed(passed: bool) -> &'static str {
    if passed { "Success" } else { "Failed" }
}

impl From<Precheck> for PrecheckShape {
    fn from(precheck: Precheck) -> Self {
        let check = |item: figures::Item| Check {
            check_status: passed(item.fault.is_none()),
            item_name: item.name,
            error_message: item.fault.as_ref().map(|fault| fault.message),
            repair_method: item.fault.map(|fault| fault.repair),
        };
        Self {
            status: precheck.passed.map(passed),
            percent: precheck.percent.to_string(),
            detail: precheck.items.into_iter().map(check).collect(),
        }
    }
}

/// The sample's endpoints are instances and have no address, port and account.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EndpointShape<'j> {
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_type: Option<&'j str>,
    engine_name: &'static str,
    #[serde(rename = "IP", skip_serializing_if = "Option::is_none")]
    ip: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'j str>,
}

impl<'j> From<&'j configuration::Endpoint<'j>> for EndpointShape<'j> {
    fn from(end: &'j configuration::Endpoint<'j>) -> Self {
        Self {
            instance_id: end.instance_id.as_deref(),
            instance_type: end.instance_type.as_deref(),
            engine_name: end.engine_name,
            ip: end.ip.as_deref(),
            port: end.port.as_deref(),
            user_name: end.user_name.as_deref(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub struct PerformanceShape {
    rps: String,
    flow: String,
}

impl From<(u64, String)> for PerformanceShape {
    fn from((records, flow): (u64, String)) -> Self {
        Self { rps: records.to_string(), flow }
    }
}
