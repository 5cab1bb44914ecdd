//! A row of DescribeSynchronizationJobs.
//!
//! Fields are in the order of the sample on the vendor's page; those that only its table
//! and the SDK's model (alibabacloud-dts20200101 5.11.7) have, follow.

use serde::Serialize;

use super::figures;
use super::job::{Job, Tag};
use super::scenario::Plan;
use super::shape::{EndpointShape, PerformanceShape, PrecheckShape, SchemaShape, StageShape};
use super::state::{Speaker, spelt};
use crate::world::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Row<'j> {
    status: &'static str,
    synchronization_objects: Vec<SchemaShape<'j>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_initialization_status: Option<StageShape>,
    synchronization_job_name: &'j str,
    /// China time.
    create_time: String,
    pay_type: &'j str,
    /// A text of seconds; -1 before incremental synchronization (seen by users).
    delay: String,
    precheck_status: PrecheckShape,
    synchronization_job_id: &'j str,
    /// Documented as a text; the sample shows the bare literal, as with `Success` elsewhere.
    data_initialization: bool,
    destination_endpoint: EndpointShape<'j>,
    source_endpoint: EndpointShape<'j>,
    structure_initialization: bool,
    /// Subscriptions have it (vendor's page).
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_time: Option<String>,
    performance: PerformanceShape,
    synchronization_job_class: &'j str,
    tags: &'j [Tag<'j>],
    /// Discontinued, and empty in the sample.
    data_synchronization_status: Discontinued,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure_initialization_status: Option<StageShape>,
    synchronization_direction: &'static str,
    job_create_time: String,
    instance_create_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

#[derive(Serialize)]
struct Discontinued {}

pub fn row<'j>(plan: &Plan, job: &'j Job<'_>, now: Timestamp) -> Row<'j> {
    let [structure, data] = figures::initialization(plan, job);
    Row {
        status: spelt(job.task.state, Speaker::Jobs, plan.quirks.spelling),
        synchronization_objects: job.schemas.iter().map(SchemaShape::from).collect(),
        data_initialization_status: data.map(StageShape::from),
        synchronization_job_name: job.name,
        create_time: Timestamp::from_millis(job.created.seconds() * 1_000).china_datetime(),
        pay_type: job.pay_type,
        delay: job.task.delay(now).to_string(),
        precheck_status: figures::precheck(plan, job).into(),
        synchronization_job_id: &job.id,
        data_initialization: job.initialization.data,
        destination_endpoint: (&job.destination).into(),
        source_endpoint: (&job.source).into(),
        structure_initialization: job.initialization.structure,
        expire_time: figures::expiry(job, now).map(Timestamp::iso_seconds),
        performance: figures::performance(plan, job, now).into(),
        synchronization_job_class: job.class,
        tags: &job.tags,
        data_synchronization_status: Discontinued {},
        structure_initialization_status: structure.map(StageShape::from),
        synchronization_direction: job.direction.name(),
        job_create_time: job.created.iso_seconds(),
        instance_create_time: job.bought.iso_seconds(),
        error_message: figures::error_message(plan, job),
    }
}
