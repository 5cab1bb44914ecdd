//! DescribeInitializationStatus: the tables of an instance's forward task, and the progress of
//! copying each.
//!
//! Fields as in the model of alibabacloud-dts20200101 5.11.7; all numbers are texts. All
//! lists have the same page, and nothing says how long they are (inferred).

use serde::Serialize;

use super::event::polled;
use super::job::{Job, forward_job};
use super::page::{self, PAGE_NUM, PageQuery};
use super::progress::{TableProgress, error_message, incremental, tables};
use super::response::{Success, render};
use super::subject::REDIS;
use super::{DtsCall, DtsResult, job_arguments};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeInitializationStatusResponse<'j> {
    data_initialization_details: Vec<DataDetail<'j>>,
    /// Discontinued.
    data_synchronization_details: Vec<IncrementalDetail<'j>>,
    request_id: String,
    structure_initialization_details: Vec<StructureDetail<'j>>,
    success: Success,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DataDetail<'j> {
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
struct IncrementalDetail<'j> {
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
struct StructureDetail<'j> {
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

/// Rows that are copied in a second.
const ROWS_PER_SECOND: u64 = 20_000;
const MAX_PAGE_SIZE: u64 = 100;
const DEFAULT_PAGE_SIZE: u64 = 30;

pub(crate) fn describe_initialization_status(call: &DtsCall<'_>) -> DtsResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let quirks = &view.plan.quirks;
    let arguments = call.arguments();
    let id = job_arguments::job_id(arguments)?;
    let number = page::number(quirks, arguments, PAGE_NUM)?;
    let size = page::size(quirks, arguments, MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE)?;
    let member = job_arguments::member(call, &view, id)?;
    let job = forward_job(&view, member);

    let tables = tables(view.plan, &job);
    let page = PageQuery { parameter: PAGE_NUM, number, size };
    let page = page.of(quirks, tables.len() as u64)?;
    let on_page = || page.rows().map(|row| &tables[row as usize]);
    let initialization = job.initialization;
    let status = incremental(&job);
    let failure = error_message(view.plan, &job).filter(|_| status == "Failed");
    let answer = DescribeInitializationStatusResponse {
        data_initialization_details: on_page()
            .filter(|_| initialization.data)
            .map(data_detail)
            .collect(),
        data_synchronization_details: on_page()
            .map(|table| IncrementalDetail {
                destination: table.new_schema,
                error_message: failure.as_deref(),
                source: table.schema,
                status,
                table_name: &table.name,
            })
            .collect(),
        request_id: call.request_id(),
        structure_initialization_details: on_page()
            .filter(|_| initialization.structure)
            .map(|table| structure_detail(&job, table))
            .collect(),
        success: Success::new(view.plan, true),
    };
    Ok(render(call, "", &answer)?.recording(polled(&call.view(), [&job])))
}

fn data_detail<'j>(table: &'j TableProgress<'_>) -> DataDetail<'j> {
    let tenths = table.copied * 10 / ROWS_PER_SECOND;
    DataDetail {
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

/// Redis has neither tables nor constraints; the definitions of others are invented.
fn structure_detail<'j>(job: &Job<'_>, table: &'j TableProgress<'_>) -> StructureDetail<'j> {
    let is_relational = job.source.engine_name != REDIS.name;
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
    StructureDetail {
        constraints: if is_relational { vec![constraint] } else { vec![] },
        destination: table.new_schema,
        error_message: table.error_message.as_deref().filter(|_| table.structure == "Failed"),
        object_definition: is_relational.then(definition),
        object_name: &table.name,
        object_type: "Table",
        source: table.schema,
        status: table.structure,
    }
}
