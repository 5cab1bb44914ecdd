//! A row of DescribeSynchronizationJobs.
//!
//! Fields are in the order of the sample on the vendor's page; those that only its table
//! and the SDK's model (alibabacloud-dts20200101 5.11.7) have, follow.

use serde::Serialize;

use super::job::{Job, Tag};
use super::legacy_parts::{
    LegacyEndpoint, LegacyPerformance, LegacyPrecheck, LegacySchema, LegacyStage,
};
use super::progress;
use super::scenario::DtsPlan;
use super::state::{ShownBy, spelled};
use crate::world::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SynchronizationInstanceRow<'j> {
    status: &'static str,
    synchronization_objects: Vec<LegacySchema<'j>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_initialization_status: Option<LegacyStage>,
    synchronization_job_name: &'j str,
    /// China time.
    create_time: String,
    pay_type: &'j str,
    /// A text of seconds; -1 before incremental synchronization (seen by users).
    delay: String,
    precheck_status: LegacyPrecheck,
    synchronization_job_id: &'j str,
    /// Documented as a text; the sample shows the bare literal, as with `Success` elsewhere.
    data_initialization: bool,
    destination_endpoint: LegacyEndpoint<'j>,
    source_endpoint: LegacyEndpoint<'j>,
    structure_initialization: bool,
    /// Subscriptions have it (vendor's page).
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_time: Option<String>,
    performance: LegacyPerformance,
    synchronization_job_class: &'j str,
    tags: &'j [Tag<'j>],
    /// Discontinued, and empty in the sample.
    data_synchronization_status: Discontinued,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure_initialization_status: Option<LegacyStage>,
    synchronization_direction: &'static str,
    job_create_time: String,
    instance_create_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

#[derive(Serialize)]
struct Discontinued {}

pub(crate) fn row<'j>(
    plan: &DtsPlan,
    job: &'j Job<'_>,
    now: Timestamp,
) -> SynchronizationInstanceRow<'j> {
    let instance = &job.instance;
    let [structure, data] = progress::initialization(plan, job);
    SynchronizationInstanceRow {
        status: spelled(job.task.state, ShownBy::Jobs, plan.quirks.spelling),
        synchronization_objects: job.schemas.iter().map(LegacySchema::from).collect(),
        data_initialization_status: data.map(LegacyStage::from),
        synchronization_job_name: job.name,
        create_time: Timestamp::from_millis(instance.created.seconds() * 1_000).china_datetime(),
        pay_type: instance.pay_type,
        delay: job.task.delay(now).to_string(),
        precheck_status: progress::precheck(plan, job).into(),
        synchronization_job_id: &instance.id,
        data_initialization: job.initialization.data,
        destination_endpoint: (&job.destination).into(),
        source_endpoint: (&job.source).into(),
        structure_initialization: job.initialization.structure,
        expire_time: progress::expiry(job, now).map(Timestamp::iso_seconds),
        performance: progress::performance(plan, job, now).into(),
        synchronization_job_class: instance.class,
        tags: &instance.tags,
        data_synchronization_status: Discontinued {},
        structure_initialization_status: structure.map(LegacyStage::from),
        synchronization_direction: job.direction.name(),
        job_create_time: instance.created.iso_seconds(),
        instance_create_time: instance.bought.iso_seconds(),
        error_message: progress::error_message(plan, job),
    }
}
