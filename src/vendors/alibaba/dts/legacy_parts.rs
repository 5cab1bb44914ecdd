//! The parts that several answers of the legacy operations have, as on the wire: all numbers are
//! texts.

use serde::Serialize;

use super::configuration::{self, Schema};
use super::progress::{Precheck, PrecheckItem, Stage};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LegacySchema<'j> {
    table_includes: Vec<LegacyTable<'j>>,
    table_excludes: Vec<LegacyTable<'j>>,
    schema_name: &'j str,
    new_schema_name: &'j str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LegacyTable<'j> {
    table_name: &'j str,
}

impl<'j> From<&'j Schema> for LegacySchema<'j> {
    fn from(schema: &'j Schema) -> Self {
        let includes = schema.includes.iter().map(|table| LegacyTable { table_name: &table.name });
        Self {
            table_includes: includes.collect(),
            table_excludes: schema
                .excludes
                .iter()
                .map(|table_name| LegacyTable { table_name })
                .collect(),
            schema_name: &schema.name,
            new_schema_name: &schema.new_name,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LegacyStage {
    status: &'static str,
    progress: String,
    percent: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

impl From<Stage> for LegacyStage {
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
pub(crate) struct LegacyPrecheck {
    /// `Success` or `Failed` by the page's table (its sample has `Finished`); absent before
    /// the end (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    percent: String,
    detail: Vec<LegacyCheck>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LegacyCheck {
    check_status: &'static str,
    item_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair_method: Option<&'static str>,
}

/// `Success` or `Failed`.
pub(crate) fn success_or_failed(passed: bool) -> &'static str {
    if passed { "Success" } else { "Failed" }
}

impl From<Precheck> for LegacyPrecheck {
    fn from(precheck: Precheck) -> Self {
        let check = |item: PrecheckItem| LegacyCheck {
            check_status: success_or_failed(item.fault.is_none()),
            item_name: item.name,
            error_message: item.fault.as_ref().map(|fault| fault.message),
            repair_method: item.fault.map(|fault| fault.repair),
        };
        Self {
            status: precheck.passed.map(success_or_failed),
            percent: precheck.percent.to_string(),
            detail: precheck.items.into_iter().map(check).collect(),
        }
    }
}

/// In the sample the endpoints are instances, and have no address, port and account.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LegacyEndpoint<'j> {
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

impl<'j> From<&'j configuration::Endpoint<'j>> for LegacyEndpoint<'j> {
    fn from(endpoint: &'j configuration::Endpoint<'j>) -> Self {
        Self {
            instance_id: endpoint.instance_id.as_deref(),
            instance_type: endpoint.instance_type.as_deref(),
            engine_name: endpoint.engine_name,
            ip: endpoint.ip.as_deref(),
            port: endpoint.port.as_deref(),
            user_name: endpoint.user_name.as_deref(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) struct LegacyPerformance {
    rps: String,
    flow: String,
}

impl From<(u64, String)> for LegacyPerformance {
    fn from((records, flow): (u64, String)) -> Self {
        Self { rps: records.to_string(), flow }
    }
}
