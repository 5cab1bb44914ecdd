//! DescribeDtsJobs. Of all kinds of tasks, this world has only synchronizations; without `JobType`
//! the vendor lists migrations.
//!
//! A two-way instance is one row, which contains its reverse task. Newest instances come first,
//! unless `OrderColumn` is sent, whose order ascends by default; all columns order by creation,
//! because synchronizations do not finish and none is in a cluster (inferred).

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::configuration::{db_object, index_of_databases, is_destination, is_source};
use super::dts_parts::{
    BOOLEANS, DtsEndpoint, DtsPerformance, DtsPrecheck, DtsStage, MigrationMode, RetryState,
};
use super::event::polled;
use super::job::{Job, find, find_task, forward_job, job, subject_in_row};
use super::job_filter::{JobFilter, TagFilter, members_on_page};
use super::page::{self, PAGE_NUMBER, PageQuery, ShownPage};
use super::quirks::OtherRegion;
use super::response::render;
use super::scenario::DtsPlan;
use super::state::{ShownBy, TASK, TaskState, spelled};
use super::task::Direction;
use super::{DtsCall, DtsResult, View, progress};
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};
use crate::world::population::Member;
use crate::world::time::Timestamp;

/// Fields as in the model of alibabacloud-dts20200101 5.11.7.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeDtsJobsResponse<'j> {
    dts_job_list: Vec<DtsJobRow<'j>>,
    etl_demo_list: Vec<()>,
    http_status_code: u16,
    page_number: u64,
    /// The number of rows that fit on a page (doc comment).
    page_record_count: u64,
    request_id: String,
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_record_count: Option<u64>,
}

/// A forward task, or the reverse task in it. One-way instances have an empty reverse task:
/// Terraform's provider relies on that.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DtsJobRow<'j> {
    /// A text of Unix s.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_initialization_status: Option<DtsStage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_synchronization_status: Option<DtsStage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    db_object: Option<String>,
    /// Seconds, of synchronizations (doc comment); or -1.
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<i64>,
    destination_endpoint: DtsEndpoint<'j>,
    #[serde(rename = "DtsInstanceID", skip_serializing_if = "Option::is_none")]
    dts_instance_id: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dts_job_class: Option<&'j str>,
    /// Two-way instances have it (doc comment).
    #[serde(skip_serializing_if = "Option::is_none")]
    dts_job_direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dts_job_id: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dts_job_name: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_type: Option<&'static str>,
    migration_mode: MigrationMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_type: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performance: Option<DtsPerformance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precheck_status: Option<DtsPrecheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_group_id: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_state: Option<RetryState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverse_job: Option<Box<Self>>,
    source_endpoint: DtsEndpoint<'j>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure_initialization_status: Option<DtsStage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_list: Option<Vec<DtsTag<'j>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DtsTag<'j> {
    tag_key: &'j str,
    tag_value: &'j str,
}

pub(crate) fn describe_dts_jobs(call: &DtsCall<'_>) -> DtsResult {
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let query = DescribeDtsJobsQuery::from_arguments(view.plan, call.arguments())?;
    let (page, members) = query.page(&view)?;
    let jobs: Vec<(Job<'_>, Option<Job<'_>>)> = members
        .into_iter()
        .map(|member| (forward_job(&view, member), job(&view, member, Direction::Reverse)))
        .collect();
    let answer = DescribeDtsJobsResponse {
        dts_job_list: jobs
            .iter()
            .map(|(forward, reverse)| query.row(&view, forward, reverse.as_ref()))
            .collect(),
        etl_demo_list: vec![],
        http_status_code: 200,
        page_number: page.number(),
        page_record_count: query.page.size,
        request_id: call.request_id(),
        success: true,
        total_record_count: page.reported_total(&view.plan.quirks),
    };
    let shown = jobs.iter().flat_map(|(forward, reverse)| [Some(forward), reverse.as_ref()]);
    Ok(render(call, "DtsJobList", &answer)?.recording(polled(&call.view(), shown.flatten())))
}

/// Only one of them exists here.
const JOB_TYPES: &[&str] = &["MIGRATION", SYNC, "SUBSCRIBE"];
const SYNC: &str = "SYNC";
const TYPES: &[&str] = &["instance", "name", "srcRds", "rds"];
const ORDERS: &[&str] = &["CreateTime", "FinishTime", "duLimit"];
/// States that the doc comment lists beside those of a synchronization.
const OTHER_STATES: [&str; 9] = [
    "Migrating",
    "MigrationFailed",
    "ModifyFailed",
    "Upgrade",
    "Downgrade",
    "Locked",
    "Starting",
    "Normal",
    "Abnormal",
];
const DEFAULT_PAGE_SIZE: u64 = 20;

struct DescribeDtsJobsQuery<'a> {
    page: PageQuery,
    oldest_first: bool,
    with_objects: bool,
    /// The ids of instances or tasks, if any are sent.
    ids: Option<RequestedIds<'a>>,
    /// Whether the type or the state is one that no instance has.
    matches_nothing: bool,
    filter: JobFilter<'a>,
}

#[derive(Default)]
struct RequestedIds<'a> {
    tasks: Option<Vec<&'a str>>,
    instances: Option<Vec<&'a str>>,
    instance: Option<&'a str>,
}

impl<'a> DescribeDtsJobsQuery<'a> {
    fn from_arguments(plan: &DtsPlan, arguments: &'a Arguments<'_>) -> Result<Self, ApiError> {
        let job_type = arguments.one_of("JobType", JOB_TYPES)?;
        let quirks = &plan.quirks;
        let number = page::number(quirks, arguments, PAGE_NUMBER)?;
        let size = page::size_of_jobs(quirks, arguments, DEFAULT_PAGE_SIZE)?;
        let state = arguments.text("Status").map(state_named).transpose()?;
        let by = arguments.one_of("Type", TYPES)?;
        let params = arguments.text("Params");
        if by.is_some() && params.is_none() {
            let hint = "Type says what Params is: the id or the name that is looked for";
            return Err(ApiError::parameter("Params", Rule::Required).hint(hint));
        }
        let params_of = |kind: &str| params.filter(|_| by == Some(kind));
        let split = |name| Some(arguments.text(name)?.split(',').map(str::trim).collect());
        let ids = RequestedIds {
            tasks: split("DtsJobId"),
            instances: split("DtsInstanceId"),
            instance: params_of("instance"),
        };
        let has_ids = ids.tasks.is_some() || ids.instances.is_some() || ids.instance.is_some();
        let column = arguments.one_of("OrderColumn", ORDERS)?;
        let direction = arguments.one_of("OrderDirection", &["ASC", "DESC"])?;
        let tags = tags(arguments)?;
        let without = arguments.one_of("WithoutDbList", BOOLEANS)?;
        let region = arguments.text("Region").or_else(|| arguments.text("RegionId"));
        Ok(Self {
            page: PageQuery { parameter: PAGE_NUMBER, number, size },
            oldest_first: match direction {
                Some(direction) => direction == "ASC",
                None => column.is_some(),
            },
            with_objects: without.is_none_or(|flag| !flag.eq_ignore_ascii_case("true")),
            ids: has_ids.then_some(ids),
            matches_nothing: job_type != Some(SYNC) || state == Some(None),
            filter: JobFilter {
                name: params_of("name"),
                region: region.filter(|_| quirks.other_region == OtherRegion::LeaveOut),
                tags,
                state: state.flatten(),
                source: params_of("srcRds"),
                destination: params_of("rds"),
            },
        })
    }

    /// The page that is shown, and its instances.
    fn page(&self, view: &View<'_>) -> Result<(ShownPage, Vec<Member>), ApiError> {
        let page = |total| self.page.of(&view.plan.quirks, total);
        if self.matches_nothing {
            return Ok((page(0)?, vec![]));
        }
        let single = |member: Member| self.filter.lets_through(view, member);
        let candidates = match &self.ids {
            Some(ids) => Some(ids.members(view)),
            None => self.candidates_by_database(view),
        };
        let Some(candidates) = candidates else {
            let selection = self.filter.select(view, &single);
            let page = page(selection.total())?;
            return Ok((page, members_on_page(page, &selection, self.oldest_first)));
        };
        let jobs = &view.plan.jobs;
        let mut found: Vec<(Timestamp, Member)> = candidates
            .into_iter()
            .filter(|&member| single(member))
            .filter_map(|member| Some((jobs.born(member, &view.projection.jobs)?, member)))
            .collect();
        found.sort_unstable();
        if !self.oldest_first {
            found.reverse();
        }
        let page = page(found.len() as u64)?;
        Ok((page, page.rows().map(|row| found[row as usize].1).collect()))
    }

    /// The instances that may have the requested databases; None if none are requested.
    fn candidates_by_database(&self, view: &View<'_>) -> Option<BTreeSet<Member>> {
        let JobFilter { source, destination, .. } = self.filter;
        if source.is_none() && destination.is_none() {
            return None;
        }
        let View { plan, projection, now } = *view;
        let index = index_of_databases(plan.seed, source, destination);
        let generated = index.filter(|index| {
            let subject = || subject_in_row(plan, plan.jobs.sampler.row(*index));
            plan.jobs.arrivals.indexes_at(now).contains(index)
                && source.is_none_or(|id| is_source(plan.seed, subject(), *index, id))
                && destination.is_none_or(|id| is_destination(plan.seed, subject(), *index, id))
        });
        let synthetic = generated.into_iter().chain(projection.jobs.touched());
        let fixed = plan.jobs.fixed.iter().enumerate().filter(|(_, record)| record.born <= now);
        let created = projection.jobs.created().map(|(_, number)| Member::Created(number));
        let members = synthetic.map(Member::Synthetic);
        let members = members.chain(fixed.map(|(place, _)| Member::Fixed(place)));
        Some(members.chain(created).collect())
    }

    fn row<'j>(
        &self,
        view: &View<'_>,
        forward: &'j Job<'_>,
        reverse: Option<&'j Job<'_>>,
    ) -> DtsJobRow<'j> {
        let tag = |tag: &super::job::Tag<'j>| DtsTag { tag_key: tag.key, tag_value: tag.value };
        let reverse = reverse.map_or_else(DtsJobRow::default, |job| self.task(view, job));
        DtsJobRow {
            job_type: Some("sync"),
            resource_group_id: forward.instance.resource_group,
            retry_state: RetryState::new(view.plan, forward, view.now),
            reverse_job: Some(Box::new(reverse)),
            tag_list: Some(forward.instance.tags.iter().map(tag).collect()),
            ..self.task(view, forward)
        }
    }

    /// The fields that both directions have.
    fn task<'j>(&self, view: &View<'_>, job: &'j Job<'_>) -> DtsJobRow<'j> {
        let (plan, now) = (view.plan, view.now);
        let [structure, data] = progress::initialization(plan, job);
        let [source_endpoint, destination_endpoint] = DtsEndpoint::both(job);
        DtsJobRow {
            checkpoint: job.task.checkpoint.map(|seconds| seconds.to_string()),
            create_time: Some(job.instance.created.iso_seconds()),
            data_initialization_status: data.map(DtsStage::from),
            data_synchronization_status: Some(DtsStage::incremental(plan, job, now)),
            db_object: self.with_objects.then(|| db_object(&job.schemas)),
            delay: Some(job.task.delay(now)),
            destination_endpoint,
            dts_instance_id: Some(&job.instance.id),
            dts_job_class: Some(job.instance.class),
            dts_job_direction: job.instance.is_two_way.then(|| job.direction.name()),
            dts_job_id: Some(&job.task_id),
            dts_job_name: Some(job.name),
            error_message: progress::error_message(plan, job),
            expire_time: progress::expiry(job, now).map(Timestamp::iso_seconds),
            migration_mode: MigrationMode::from(job),
            pay_type: Some(job.instance.pay_type),
            performance: Some(progress::performance(plan, job, now).into()),
            precheck_status: Some(progress::precheck(plan, job).into()),
            reserved: job.reserved,
            source_endpoint,
            status: Some(spelled(job.task.state, ShownBy::DtsJobs, plan.quirks.spelling)),
            structure_initialization_status: structure.map(DtsStage::from),
            ..DtsJobRow::default()
        }
    }
}

impl RequestedIds<'_> {
    /// The instances that are in every list that was sent; unknown ids are left out (inferred).
    fn members(&self, view: &View<'_>) -> BTreeSet<Member> {
        let tasks = self.tasks.as_ref().map(|ids| -> BTreeSet<Member> {
            let found = ids.iter().filter_map(|id| find_task(view, id));
            found.map(|(member, _)| member).collect()
        });
        let instances = self.instances.as_ref().map(|ids| -> BTreeSet<Member> {
            ids.iter().filter_map(|id| find(view, id)).collect()
        });
        let instance = self.instance.map(|id| find(view, id).into_iter().collect());
        let lists = [tasks, instances, instance].into_iter().flatten();
        lists.reduce(|all, list| &all & &list).unwrap_or_default()
    }
}

/// `[{"tagKey": …, "tagValue": …}]`, the value optional (capture; the whole form is inferred).
fn tags<'a>(arguments: &'a Arguments<'_>) -> Result<Vec<TagFilter<'a>>, ApiError> {
    let Some(text) = arguments.text("Tags") else { return Ok(vec![]) };
    let invalid = || {
        ApiError::parameter("Tags", Rule::List)
            .hint("Tags is a JSON array such as [{\"tagKey\":\"env\",\"tagValue\":\"staging\"}]")
    };
    let list: Vec<SentTag<'_>> = serde_json::from_str(text).map_err(|_| invalid())?;
    // Each once, so that not every instance is compared with the same tag again and again.
    let list: BTreeSet<(Cow<'_, str>, Option<Cow<'_, str>>)> =
        list.into_iter().map(|tag| (tag.key, tag.value)).collect();
    Ok(list.into_iter().map(|(key, value)| TagFilter { key, value }).collect())
}

#[derive(Deserialize)]
struct SentTag<'a> {
    #[serde(rename = "tagKey", borrow)]
    key: Cow<'a, str>,
    #[serde(rename = "tagValue", borrow, default)]
    value: Option<Cow<'a, str>>,
}

/// The state of that name; None for a state that only other kinds of tasks have.
///
/// # Errors
/// If there is no such state.
fn state_named(name: &str) -> Result<Option<TaskState>, ApiError> {
    let is_same = |known: &str| known.eq_ignore_ascii_case(name);
    let row = TASK.states.iter().find(|row| is_same(row.name));
    if row.is_some() || OTHER_STATES.into_iter().any(is_same) {
        return Ok(row.map(|row| row.state));
    }
    let states: Vec<&str> = TASK.states.iter().map(|row| row.name).collect();
    Err(invalid("Status").hint(format!("Status is one of {}", states.join(", "))))
}

fn invalid(name: &'static str) -> ApiError {
    ApiError::parameter(name, Rule::OneOf(&[]))
}
