//! DescribeDtsJobs. Of the kinds of tasks there are, this world has synchronizations only;
//! without `JobType` the vendor lists migrations.
//!
//! A two-way instance is one row, with its reverse task in it. Newest instances come first,
//! unless `OrderColumn` is sent, which goes up by default; all columns order by creation, as
//! synchronizations do not finish and none is in a cluster (inferred).

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::View;
use super::change::looked;
use super::configuration::{db_object, is_destination, is_source};
use super::dts_shape::{EndpointShape, Mode, PerformanceShape, PrecheckShape, Retry, StageShape};
use super::figures;
use super::filter::{Wanted, WantedTag};
use super::job::{Job, find, find_task, job, subject_of};
use super::page;
use super::quirks::OtherRegion;
use super::scenario::Plan;
use super::state::{Speaker, TASK, spelt};
use super::task::Direction;
use super::verdict::{modern, render};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule};
use crate::world::population::Member;
use crate::world::time::Timestamp;

/// Fields as in the model of alibabacloud-dts20200101 5.11.7.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'j> {
    dts_job_list: Vec<Row<'j>>,
    etl_demo_list: Vec<()>,
    http_status_code: u16,
    page_number: u64,
    /// What fits on a page (doc comment).
    page_record_count: u64,
    request_id: String,
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_record_count: Option<u64>,
}

/// A forward task, or in it the reverse one. One-way instances have an empty reverse task:
/// Terraform's provider takes that for granted.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row<'j> {
    /// A text of Unix s.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_initialization_status: Option<StageShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_synchronization_status: Option<StageShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    db_object: Option<String>,
    /// Seconds, of synchronizations (doc comment); or -1.
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<i64>,
    destination_endpoint: EndpointShape<'j>,
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
    migration_mode: Mode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_type: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performance: Option<PerformanceShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precheck_status: Option<PrecheckShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_group_id: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_state: Option<Retry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverse_job: Option<Box<Self>>,
    source_endpoint: EndpointShape<'j>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure_initialization_status: Option<StageShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_list: Option<Vec<Tag<'j>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag<'j> {
    tag_key: &'j str,
    tag_value: &'j str,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    modern(call, jobs(call))
}

fn jobs(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = super::read_page(call);
    let view = super::view_as_of(&as_of);
    let question = Question::parse(view.plan, call.arguments())?;
    let (page, members) = question.answer(&view)?;
    let jobs: Vec<(Job<'_>, Option<Job<'_>>)> = members
        .into_iter()
        .filter_map(|member| {
            let forward = job(&view, member, Direction::Forward)?;
            Some((forward, job(&view, member, Direction::Reverse)))
        })
        .collect();
    let answer = Answer {
        dts_job_list: jobs
            .iter()
            .map(|(forward, reverse)| question.row(&view, forward, reverse.as_ref()))
            .collect(),
        etl_demo_list: vec![],
        http_status_code: 200,
        page_number: page.number(),
        page_record_count: question.page.size,
        request_id: call.exchange().alibaba_id(),
        success: true,
        total_record_count: page.total(&view.plan.quirks),
    };
    let shown = jobs.iter().flat_map(|(forward, reverse)| [Some(forward), reverse.as_ref()]);
    Ok(render(call, "DtsJobList", &answer)?.changing(looked(shown.flatten())))
}

/// Of these, only one kind is here.
const JOB_TYPES: &[&str] = &["MIGRATION", "SYNC", "SUBSCRIBE"];
const SYNC: &str = "SYNC";
const PAGE: &str = "PageNumber";
const TYPES: &[&str] = &["instance", "name", "srcRds", "rds"];
const ORDERS: &[&str] = &["CreateTime", "FinishTime", "duLimit"];
/// The SDKs send either spelling.
const BOOLEANS: &[&str] = &["true", "false", "True", "False"];
/// States that the doc comment lists beside those of a synchronization here.
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
/// Databases are looked for one by one, in so many generated instances at most.
const MOST_LOOKED_AT: u64 = 1_000_000;

struct Question<'a> {
    page: page::Asked,
    oldest_first: bool,
    with_objects: bool,
    /// Instances, by the ids that were sent.
    ids: Option<Ids<'a>>,
    /// No instance is of the kind or in the state that is asked for.
    nobody: bool,
    wanted: Wanted<'a>,
}

#[derive(Default)]
struct Ids<'a> {
    tasks: Option<Vec<&'a str>>,
    instances: Option<Vec<&'a str>>,
    instance: Option<&'a str>,
}

impl<'a> Question<'a> {
    fn parse(plan: &Plan, arguments: &'a Arguments) -> Result<Self, Refusal> {
        let job_type = arguments.one_of("JobType", JOB_TYPES)?;
        let quirks = &plan.quirks;
        let number = page::number(quirks, arguments, PAGE)?;
        let size = page::size_of_jobs(quirks, arguments, quirks.max_page_size.min(20))?;
        let status = arguments.text("Status");
        let state = status.map(|name| {
            let same = |known: &str| known.eq_ignore_ascii_case(name);
            let state = TASK.states.iter().position(|row| same(row.name));
            let known = state.is_some() || OTHER_STATES.into_iter().any(same);
            let hint = || {
                let states: Vec<&str> = TASK.states.iter().map(|row| row.name).collect();
                format!("Status is one of {}", states.join(", "))
            };
            if known { Ok(state) } else { Err(invalid("Status").hint(hint())) }
        });
        let state = state.transpose()?;
        let by = arguments.one_of("Type", TYPES)?;
        let params = arguments.text("Params");
        if by.is_some() && params.is_none() {
            let hint = "Type says what Params is: the id or the name that is looked for";
            return Err(Refusal::parameter("Params", Rule::Required).hint(hint));
        }
        let is = |kind: &str| params.filter(|_| by == Some(kind));
        let split = |name| Some(arguments.text(name)?.split(',').map(str::trim).collect());
        let ids = Ids {
            tasks: split("DtsJobId"),
            instances: split("DtsInstanceId"),
            instance: is("instance"),
        };
        let any_id = ids.tasks.is_some() || ids.instances.is_some() || ids.instance.is_some();
        let column = arguments.one_of("OrderColumn", ORDERS)?;
        let direction = arguments.one_of("OrderDirection", &["ASC", "DESC"])?;
        let tags = tags(arguments)?;
        let without = arguments.one_of("WithoutDbList", BOOLEANS)?;
        let region = arguments.text("Region").or_else(|| arguments.text("RegionId"));
        Ok(Self {
            page: page::Asked { parameter: PAGE, number, size },
            oldest_first: match direction {
                Some(direction) => direction == "ASC",
                None => column.is_some(),
            },
            with_objects: without.is_none_or(|flag| !flag.eq_ignore_ascii_case("true")),
            ids: any_id.then_some(ids),
            nobody: job_type != Some(SYNC) || state == Some(None),
            wanted: Wanted {
                name: is("name"),
                region: region.filter(|_| quirks.other_region == OtherRegion::LeaveOut),
                tags,
                state: state.flatten(),
                source: is("srcRds"),
                destination: is("rds"),
            },
        })
    }

    /// The page that is shown, and those on it.
    fn answer(&self, view: &View<'_>) -> Result<(page::Shown, Vec<Member>), Refusal> {
        let page = |total| self.page.of(&view.plan.quirks, total);
        if self.nobody {
            return Ok((page(0)?, vec![]));
        }
        let single = |member: Member| self.wanted.lets_through(view, member);
        let looked_for = match &self.ids {
            Some(ids) => Some(ids.members(view)),
            None => self.by_database(view)?,
        };
        let Some(candidates) = looked_for else {
            let selection = self.wanted.select(view, &single);
            let at = |k| match self.oldest_first {
                true => selection.nth_oldest(k),
                false => selection.nth_newest(k),
            };
            let page = page(selection.total())?;
            return Ok((page, page.rows().filter_map(at).collect()));
        };
        let jobs = &view.plan.jobs;
        let mut found: Vec<(Timestamp, Member)> = candidates
            .into_iter()
            .filter(|&member| single(member))
            .filter_map(|member| Some((jobs.born(member, &view.changes.jobs)?, member)))
            .collect();
        found.sort_unstable();
        if !self.oldest_first {
            found.reverse();
        }
        let page = page(found.len() as u64)?;
        let member = |k: u64| found.get(usize::try_from(k).ok()?).map(|&(_, member)| member);
        Ok((page, page.rows().filter_map(member).collect()))
    }

    /// Those that may be between the databases that are asked for, if some are.
    fn by_database(&self, view: &View<'_>) -> Result<Option<BTreeSet<Member>>, Refusal> {
        let Wanted { source, destination, .. } = self.wanted;
        if source.is_none() && destination.is_none() {
            return Ok(None);
        }
        let View { plan, changes, now } = *view;
        let count = plan.jobs.arrivals.count_at(now);
        if count > MOST_LOOKED_AT {
            return Err(invalid("Type").hint(format!(
                "there are {count} jobs; by database they are looked for among {MOST_LOOKED_AT}"
            )));
        }
        let right = |&index: &u64| {
            let subject = subject_of(plan, plan.jobs.deck.card(index));
            source.is_none_or(|id| is_source(plan.seed, subject, index, id))
                && destination.is_none_or(|id| is_destination(plan.seed, subject, index, id))
        };
        let generated = (0..count).filter(right).chain(changes.jobs.touched());
        let pinned = plan.jobs.pins.iter().enumerate().filter(|(_, pin)| pin.born <= now);
        let created = changes.jobs.created().map(|(_, number)| Member::Created(number));
        let members = generated.map(Member::Synthetic);
        let members = members.chain(pinned.map(|(place, _)| Member::Pinned(place)));
        Ok(Some(members.chain(created).collect()))
    }

    fn row<'j>(
        &self,
        view: &View<'_>,
        forward: &'j Job<'_>,
        reverse: Option<&'j Job<'_>>,
    ) -> Row<'j> {
        let tag = |tag: &super::job::Tag<'j>| Tag { tag_key: tag.key, tag_value: tag.value };
        let reverse = reverse.map_or_else(Row::default, |job| self.task(view, job));
        Row {
            job_type: Some("sync"),
            resource_group_id: forward.resource_group,
            retry_state: Retry::of(view.plan, forward, view.now),
            reverse_job: Some(Box::new(reverse)),
            tag_list: Some(forward.tags.iter().map(tag).collect()),
            ..self.task(view, forward)
        }
    }

    /// What both directions have.
    fn task<'j>(&self, view: &View<'_>, job: &'j Job<'_>) -> Row<'j> {
        let (plan, now) = (view.plan, view.now);
        let [structure, data] = figures::initialization(plan, job);
        let [source_endpoint, destination_endpoint] = EndpointShape::both(job);
        Row {
            checkpoint: job.task.checkpoint.map(|seconds| seconds.to_string()),
            create_time: Some(job.created.iso_seconds()),
            data_initialization_status: data.map(StageShape::from),
            data_synchronization_status: Some(StageShape::incremental(plan, job, now)),
            db_object: self.with_objects.then(|| db_object(&job.schemas)),
            delay: Some(job.task.delay(now)),
            destination_endpoint,
            dts_instance_id: Some(&job.id),
            dts_job_class: Some(job.class),
            dts_job_direction: job.two_way.then(|| job.direction.name()),
            dts_job_id: Some(&job.task_id),
            dts_job_name: Some(job.name),
            error_message: figures::error_message(plan, job),
            expire_time: figures::expiry(job, now).map(Timestamp::iso_seconds),
            migration_mode: Mode::from(job),
            pay_type: Some(job.pay_type),
            performance: Some(figures::performance(plan, job, now).into()),
            precheck_status: Some(figures::precheck(plan, job).into()),
            reserved: job.reserved,
            source_endpoint,
            status: Some(spelt(job.task.state, Speaker::DtsJobs, plan.quirks.spelling)),
            structure_initialization_status: structure.map(StageShape::from),
            ..Row::default()
        }
    }
}

impl Ids<'_> {
    /// Those that are in every list that was sent; ids of nobody are left out (inferred).
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

/// `[{"tagKey": …, "tagValue": …}]`, the value perhaps (capture; the whole form is
/// inferred).
fn tags<'a>(arguments: &'a Arguments<'_>) -> Result<Vec<WantedTag<'a>>, Refusal> {
    let Some(text) = arguments.text("Tags") else { return Ok(vec![]) };
    let refused = || {
        Refusal::parameter("Tags", Rule::List)
            .hint("Tags is a JSON array such as [{\"tagKey\":\"env\",\"tagValue\":\"staging\"}]")
    };
    let list: Vec<SentTag<'_>> = serde_json::from_str(text).map_err(|_| refused())?;
    Ok(list.into_iter().map(|tag| WantedTag { key: tag.key, value: tag.value }).collect())
}

#[derive(Deserialize)]
struct SentTag<'a> {
    #[serde(rename = "tagKey", borrow)]
    key: Cow<'a, str>,
    #[serde(rename = "tagValue", borrow, default)]
    value: Option<Cow<'a, str>>,
}

fn invalid(name: &'static str) -> Refusal {
    Refusal::parameter(name, Rule::OneOf(&[]))
}
