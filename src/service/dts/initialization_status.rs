//! DescribeInitializationStatus: the tables of an instance's forward task, and how far each
//! is copied.
//!
//! Fields as in the model of alibabacloud-dts20200101 5.11.7; all numbers are texts. Each of
//! the lists is paged alike, and nothing says how long they are (inferred).

use serde::Serialize;

use super::asked::{self, unknown};
use super::change::looked;
use super::figures::{TableFigures, error_message, incremental, tables};
use super::job::{Job, job};
use super::page;
use super::subject::REDIS;
use super::task::Direction;
use super::verdict::{Success, legacy, render};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::Refusal;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'j> {
    data_initialization_details: Vec<Data<'j>>,
    /// Discontinued.
    data_synchronization_details: Vec<Incremental<'j>>,
    request_id: String,
    structure_initialization_details: Vec<Structure<'j>>,
    success: Success,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Data<'j> {
    #[serde(rename = "DestinationOwnerDBName")]
    destination: &'j str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'j str>,
    finish_row_num: String,
    #[serde(rename = "SourceOwnerDBName")]
    source: &'j str,
    status: &'static str,
    table_name: &'j str,
    total_row_num: String,
    /// `0.0` in the sample; taken for seconds (inferred).
    used_time: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Incremental<'j> {
    #[serde(rename = "DestinationOwnerDBName")]
    destination: &'j str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'j str>,
    #[serde(rename = "SourceOwnerDBName")]
    source: &'j str,
    status: &'static str,
    table_name: &'j str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Structure<'j> {
    constraints: Vec<Constraint<'j>>,
    #[serde(rename = "DestinationOwnerDBName")]
    destination: &'j str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_definition: Option<String>,
    object_name: &'j str,
    object_type: &'static str,
    #[serde(rename = "SourceOwnerDBName")]
    source: &'j str,
    status: &'static str,
}

/// `ObjectType` is fixed (doc comment).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Constraint<'j> {
    #[serde(rename = "DestinationOwnerDBName")]
    destination: &'j str,
    object_definition: &'static str,
    object_name: &'static str,
    object_type: &'static str,
    #[serde(rename = "SourceOwnerDBName")]
    source: &'j str,
    status: &'static str,
}

/// Rows a second that are copied.
const PACE: u64 = 20_000;
const PAGE: &str = "PageNum";

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    legacy(call, details(call))
}

fn details(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = super::read(call);
    let view = super::view_as_of(&as_of);
    let quirks = &view.plan.quirks;
    let arguments = call.arguments();
    let id = asked::id(arguments)?;
    let number = page::number(quirks, arguments, PAGE)?;
    let size = page::size(quirks, arguments, 100, 30)?;
    let member = asked::member(call, &view, id)?;
    let job = job(&view, member, Direction::Forward).ok_or_else(|| unknown(call, &view, id))?;

    let tables = tables(view.plan, &job);
    let asked = page::Asked { parameter: PAGE, number, size };
    let shown = asked.of(quirks, tables.len() as u64)?;
    let page = || shown.rows().filter_map(|k| tables.get(usize::try_from(k).ok()?));
    let wanted = job.initialization;
    let going_on = incremental(&job);
    let failure = error_message(view.plan, &job).filter(|_| going_on == "Failed");
    let answer = Answer {
        data_initialization_details: page().filter(|_| wanted.data).map(data).collect(),
        data_synchronization_details: page()
            .map(|table| Incremental {
                destination: table.new_schema,
                error_message: failure.as_deref(),
                source: table.schema,
                status: going_on,
                table_name: &table.name,
            })
            .collect(),
        request_id: call.exchange().alibaba_id(),
        structure_initialization_details: page()
            .filter(|_| wanted.structure)
            .map(|table| structure(&job, table))
            .collect(),
        success: Success::new(view.plan, true),
    };
    Ok(render(call, "", &answer)?.changing(looked([&job])))
}

fn data<'j>(table: &'j TableFigures<'_>) -> Data<'j> {
    let tenths = table.copied * 10 / PACE;
    Data {
        destination: table.new_schema,
        error_message: table.error_message.as_deref().filter(|_| table.data == "Failed"),
        finish_row_num: table.copied.to_string(),
        source: table.schema,
        status: table.data,
        table_name: &table.name,
        total_row_num: table.rows.to_string(),
        used_time: format!("{}.{}", tenths / 10, tenths % 10),
    }
}

/// Redis has neither tables nor constraints; what is shown of others is made up.
fn structure<'j>(job: &Job<'_>, table: &'j TableFigures<'_>) -> Structure<'j> {
    let relational = job.source.engine_name != REDIS.name;
    let definition =
        || format!("CREATE TABLE `{}` (`id` bigint NOT NULL, PRIMARY KEY (`id`))", table.name);
    let constraint = Constraint {
        destination: table.new_schema,
        object_definition: "PRIMARY KEY (`id`)",
        object_name: "PRIMARY",
        object_type: "Table",
        source: table.schema,
        status: table.structure,
    };
    Structure {
        constraints: if relational { vec![constraint] } else { vec![] },
        destination: table.new_schema,
        error_message: table.error_message.as_deref().filter(|_| table.structure == "Failed"),
        object_definition: relational.then(definition),
        object_name: &table.name,
        object_type: "Table",
        source: table.schema,
        status: table.structure,
    }
}
