mod lifecycle;
mod paging;
mod quirks;

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::AuthingManagement;
use super::ids::MAX_ID;
use super::job::{Flow, JobRef, SyncJobRow, Trigger};
use super::jobs::JobList;
use super::parameters::WireEnum;
use super::scenario::AuthingPlan;
use super::state::{AUTOMATIC, JOB, RISK_OPERATION, RiskOperationStatus, SyncJobStatus, TIMED};
use super::task::{Task, TaskView};
use crate::engine::{Options, Plan, respond_first};
use crate::vendors::load;
use crate::wire::{Reply, Request};
use crate::world::lifecycle::State;
use crate::world::lifecycle_table::LifecycleTable;
use crate::world::population::Member;
use crate::world::time::{DAY, MINUTE, SECOND, Timestamp};

const JOBS: &str = "/api/v3/list-sync-jobs";
const TOKEN: &str = "/api/v3/get-management-token";

/// 2026-03-02T10:00:00Z, when the clocks of these scenarios start.
const START: Timestamp = Timestamp::from_millis(1_772_445_600_000);

/// The plan of a scenario that has only the given lines, or its problems.
fn checked(lines: &str) -> Result<Box<Plan>, String> {
    let text = format!("version = 1\n{lines}");
    let loaded = load("test", &text, &Options::default(), START)?;
    loaded.outcome.map_err(|problems| format!("{problems:?}"))
}

fn plan(lines: &str) -> Box<Plan> {
    checked(lines).expect("a scenario without problems")
}

fn get(uri: &str) -> Request {
    http::Request::get(uri).body(Bytes::new()).expect("a request")
}

fn post(uri: &str, body: impl Into<Bytes>) -> Request {
    http::Request::post(uri).body(body.into()).expect("a request")
}

fn reply(plan: &Plan, request: &Request, now: Timestamp) -> Reply {
    respond_first(plan, request, now).reply
}

fn body(reply: &Reply) -> Value {
    serde_json::from_slice(reply.body()).expect("a JSON body")
}

/// (statusCode, message)
fn outcome(plan: &Plan, request: &Request) -> (u64, String) {
    let body = body(&reply(plan, request, START));
    let message = body["message"].as_str().unwrap_or_default().to_owned();
    (body["statusCode"].as_u64().unwrap_or_default(), message)
}

fn data(plan: &Plan, query: &str, now: Timestamp) -> Value {
    let body = body(&reply(plan, &get(&format!("{JOBS}?{query}")), now));
    assert_eq!(body["statusCode"], 200, "{body}");
    body["data"].clone()
}

fn rows(data: &Value) -> &[Value] {
    data["list"].as_array().expect("a list")
}

#[test]
fn an_answer_has_every_field_in_the_documents_order() {
    let plan = plan("[authing.jobs]\ncount = 1\noutcomes = { failed = 1, others = 0 }");
    let reply = reply(&plan, &get(&format!("{JOBS}?syncTaskId=1000")), START);
    let text = std::str::from_utf8(reply.body()).unwrap();
    let names = [
        "statusCode",
        "message",
        "requestId",
        "data",
        "totalCount",
        "list",
        "syncJobId",
        "syncTaskId",
        "createdAt",
        "updatedAt",
        "syncStatus",
        "syncFlow",
        "syncTrigger",
        "departmentCountAll",
        "departmentCountSucc",
        "departmentUpdateCountAll",
        "departmentUpdateCountSucc",
        "accountCountAll",
        "accountCountSucc",
        "accountUpdateCountAll",
        "accountUpdateCountSucc",
        "errMsg",
    ];
    let places: Vec<usize> =
        names.iter().map(|name| text.find(&format!("\"{name}\":")).expect(name)).collect();
    assert!(places.is_sorted(), "{text}");
    assert_eq!(text.matches("\":").count(), names.len(), "{text}");
}

#[test]
fn all_violations_are_reported_at_once() {
    let task = "syncTaskId must not be less than 1,\
                syncTaskId must be a number conforming to the specified constraints";
    let limit = "limit must not be greater than 50,limit must not be less than 1,\
                 limit must be a number conforming to the specified constraints";
    let trigger = "syncTrigger must be one of the following values: manually, timed, automatic";
    let plan = plan("");
    for (query, message) in [
        ("", task.to_owned()),
        ("syncTaskId=abc", task.to_owned()),
        ("syncTaskId=0", "syncTaskId must not be less than 1".to_owned()),
        ("syncTaskId=", "syncTaskId must not be less than 1".to_owned()),
        ("syncTaskId=1000&page=0", "page must not be less than 1".to_owned()),
        ("syncTaskId=1000&limit=51", "limit must not be greater than 50".to_owned()),
        ("syncTaskId=1000&limit=0", "limit must not be less than 1".to_owned()),
        ("syncTaskId=1000&limit=x", limit.to_owned()),
        ("syncTaskId=1000&limit=1.5", "limit must be an integer number".to_owned()),
        ("syncTaskId=1000&syncTrigger=manual", trigger.to_owned()),
        (
            "page=-1&limit=99&syncTrigger=",
            format!(
                "{task},page must not be less than 1,limit must not be greater than 50,{trigger}"
            ),
        ),
    ] {
        let request = get(&format!("{JOBS}?{query}"));
        assert_eq!(outcome(&plan, &request), (400, message), "{query}");
    }
}

#[test]
fn ids_are_read_in_every_notation_of_a_javascript_number() {
    let plan = plan(
        "[[authing.task]]\nsyncTaskId = 1_000_000\njobs = 3\n\
         [[authing.task]]\nsyncTaskId = 20_999_999\njobs = 4",
    );
    for (id, total) in [
        ("1e%2B06", 3),
        ("1000000", 3),
        ("1e6", 3),
        ("2.0999999e%2B07", 4),
        ("%2020999999", 4),
        ("0xF4240", 3),
    ] {
        assert_eq!(data(&plan, &format!("syncTaskId={id}"), START)["totalCount"], total);
    }
}

#[test]
fn a_page_past_the_end_is_empty_and_keeps_the_count() {
    let plan = plan("[authing.jobs]\ncount = 23");
    for page in ["4", "1e15", "1e300"] {
        let data = data(&plan, &format!("syncTaskId=1000&page={page}"), START);
        assert_eq!(data, json!({"totalCount": 23, "list": []}));
    }
}

#[test]
fn a_limit_far_over_50_is_allowed_too() {
    let plan = plan("[authing.jobs]\ncount = 60\n[authing.quirks]\nlimit_over_50 = \"allow\"");
    let data = data(&plan, "syncTaskId=1000&limit=1e9", START);
    assert_eq!((rows(&data).len(), &data["totalCount"]), (60, &json!(60)));
}

#[test]
fn timed_and_automatic_tasks_show_one_record_beside_manual_runs() {
    let plan = plan("[authing.jobs]\ncount = 5");
    for (id, trigger) in [(1001, "timed"), (1002, "automatic")] {
        let query = format!("syncTaskId={id}&syncTrigger={trigger}");
        let data_then = data(&plan, &query, START);
        assert_eq!(data_then["totalCount"], 1);
        let later = data(&plan, &query, START.plus(86_400_000 * 3));
        assert_eq!(later["totalCount"], 1);
        let (then, later) = (&rows(&data_then)[0], &rows(&later)[0]);
        assert_eq!(then["syncJobId"], later["syncJobId"]);
        assert_eq!(then["createdAt"], later["createdAt"]);
        assert!(then["updatedAt"].as_str() < later["updatedAt"].as_str());
        let other = if trigger == "timed" { "automatic" } else { "timed" };
        let none = data(&plan, &format!("syncTaskId={id}&syncTrigger={other}"), START);
        assert_eq!(none, json!({"totalCount": 0, "list": []}));
        assert_eq!(data(&plan, &format!("syncTaskId={id}"), START)["totalCount"], 6);
    }
}

#[test]
fn the_deepest_page_of_a_huge_task_is_there() {
    let jobs = "[authing.jobs]\ncount = 1_000_000_000\nover = \"90d\"";
    let plan = plan(&format!("[authing.tasks]\ncount = 2\n{jobs}"));
    let first = data(&plan, "syncTaskId=1000&limit=1", START);
    let last = data(&plan, "syncTaskId=1000&limit=1&page=1e9", START);
    assert_eq!(first["totalCount"], 1_000_000_000);
    assert_eq!(rows(&first)[0]["syncJobId"], 2_000_001_001u64);
    assert_eq!(rows(&last)[0]["syncJobId"], 1003);
    let too_many = format!("[authing.tasks]\ncount = 3\n{jobs}");
    assert!(checked(&too_many).unwrap_err().contains("2147483647"));
}

/// A scenario with all kinds of jobs, and fixed ones among them.
fn mixed(seed: u64, count: u64, grows: bool, fixed: &[(i64, usize)]) -> String {
    let when = if grows { "every = \"90s\"" } else { "over = \"2h\"" };
    let mut text = format!(
        "seed = {seed}\n[authing.tasks]\ncount = 3\n[authing.jobs]\ncount = {count}\n{when}\n\
         [authing.timed]\nevery = \"40m\"\nsince = \"3h\"\n\
         [authing.automatic]\nevery = \"50m\"\nsince = \"1h\"\n"
    );
    for (i, &(age, trigger)) in fixed.iter().enumerate() {
        let at = Timestamp::from_millis(START.millis() - age);
        let (task, trigger) = (1000 + i % 3, Trigger::NAMES[trigger]);
        text.push_str(&format!(
            "[[authing.job]]\nsyncTaskId = {task}\nsyncTrigger = \"{trigger}\"\n\
             createdAt = {at}\nupdatedAt = {at}\n"
        ));
    }
    text
}

/// A task of the scenario that nobody touched.
fn task_view<'a>(plan: &'a AuthingPlan, task: &'a Task, now: Timestamp) -> TaskView<'a> {
    TaskView { plan, task, history: &plan.no_history, now }
}

/// When a job's run began.
fn began(view: &TaskView<'_>, job: JobRef<'_>) -> Timestamp {
    match job {
        JobRef::Record(runs) => runs.last.begins(),
        JobRef::Run(Member::Fixed(place)) => view.task.runs.fixed[place].born,
        JobRef::Run(_) => job.row(view).created_at,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_job_is_on_one_page_and_the_newest_come_first(
        seed in 0..u64::MAX / 2,
        count in 0u64..90,
        grows: bool,
        late in 0u64..8_000_000,
        limit in 1u64..=50,
        fixed in proptest::collection::vec((-3_000_000i64..9_000_000, 0usize..3), 0..8),
    ) {
        let plan = plan(&mixed(seed, count, grows, &fixed));
        let now = START.plus(late);
        let mut ids = HashSet::new();
        for task in &plan.of::<AuthingManagement>().tasks {
            let mut all = Vec::new();
            for page in 1.. {
                let data = data(
                    &plan,
                    &format!("syncTaskId={}&page={page}&limit={limit}", task.id),
                    now,
                );
                let rows = rows(&data);
                prop_assert!(rows.len() as u64 <= limit);
                if rows.is_empty() {
                    prop_assert_eq!(data["totalCount"].as_u64(), Some(all.len() as u64));
                    break;
                }
                all.extend(rows.to_vec());
            }
            let view = task_view(plan.of::<AuthingManagement>(), task, now);
            let list = JobList::new(&view, None);
            let begun: Vec<Timestamp> = (0..list.total())
                .map(|k| began(&view, list.nth_newest(k).expect("a job")))
                .collect();
            prop_assert_eq!(begun.len(), all.len());
            prop_assert!(begun.iter().rev().is_sorted());
            prop_assert!(begun.iter().all(|&t| t <= now));
            for job in &all {
                prop_assert!(ids.insert(job["syncJobId"].as_u64()), "{} twice", job);
            }
            for trigger in Trigger::NAMES {
                let filtered = data(
                    &plan,
                    &format!("syncTaskId={}&limit=50&syncTrigger={trigger}", task.id),
                    now,
                );
                let brute: Vec<&Value> =
                    all.iter().filter(|job| job["syncTrigger"] == *trigger).collect();
                prop_assert_eq!(filtered["totalCount"].as_u64(), Some(brute.len() as u64));
                let shown: Vec<&Value> = rows(&filtered).iter().collect();
                prop_assert_eq!(shown, &brute[..brute.len().min(50)]);
            }
        }
    }

    #[test]
    fn no_query_panics(query in "[a-zA-Z0-9%=&+.-]{0,60}", now: i64) {
        let plan = plan("[authing.jobs]\ncount = 9\nevery = \"1s\"");
        for prefix in ["", "syncTaskId=1001&", "syncTaskId=1000&limit=50&page="] {
            let Ok(request) = http::Request::get(format!("{JOBS}?{prefix}{query}"))
                .body(Bytes::new())
            else {
                continue;
            };
            let reply = reply(&plan, &request, Timestamp::from_millis(now));
            prop_assert!(body(&reply)["statusCode"].is_u64());
        }
    }
}

fn figures(job: &SyncJobRow) -> [(u64, u64); 4] {
    [
        (job.department_count_all, job.department_count_succ),
        (job.department_update_count_all, job.department_update_count_succ),
        (job.account_count_all, job.account_count_succ),
        (job.account_update_count_all, job.account_update_count_succ),
    ]
}

/// Each job, and whether it is the record of what the task does by itself.
fn jobs(plan: &AuthingPlan, task: &Task, now: Timestamp) -> Vec<(bool, SyncJobRow)> {
    let view = task_view(plan, task, now);
    let list = JobList::new(&view, None);
    let jobs = (0..list.total()).map(|k| list.nth_newest(k).expect("a job"));
    jobs.map(|job| (matches!(job, JobRef::Record(_)), job.row(&view))).collect()
}

/// The record of what a task does by itself.
fn record<'a>(view: &TaskView<'a>) -> JobRef<'a> {
    JobRef::Record(view.scheduled_runs().expect("a run"))
}

const BUSY: &str = r#"
    [authing.jobs]
    count = 60
    every = "2m"
    outcomes = { success = 2, failed = 1 }
    [authing.timed]
    every = "40m"
    [authing.automatic]
    every = "10m"
    duration = "2m"
"#;

#[test]
fn counters_obey_their_laws_in_every_state() {
    let plan = plan(BUSY);
    let plan = plan.of::<AuthingManagement>();
    let mut seen = Vec::new();
    let instants = (0..40).map(|age| START.plus(7 * age * SECOND));
    for (task, now) in plan.tasks.iter().flat_map(|task| instants.clone().map(move |t| (task, t))) {
        for (is_record, job) in jobs(plan, task, now) {
            let failed = job.sync_status == SyncJobStatus::Failed;
            let figures = figures(&job);
            assert!(figures.iter().all(|(all, succ)| succ <= all), "{job:?}");
            match job.sync_status {
                SyncJobStatus::Success => assert!(figures.iter().all(|(all, succ)| succ == all)),
                SyncJobStatus::Failed => assert!(job.account_count_succ < job.account_count_all),
                SyncJobStatus::OnProgress => assert!(job.account_count_all > 0),
                SyncJobStatus::Pending | SyncJobStatus::Free => assert_eq!(figures, [(0, 0); 4]),
            }
            assert_eq!(job.err_msg.as_ref().is_some_and(|text| !text.is_empty()), failed);
            assert!(job.created_at <= job.updated_at && job.updated_at <= now, "{job:?}");
            assert_eq!(is_record, job.sync_trigger != Trigger::Manually);
            assert_eq!(job.sync_task_id, task.id);
            if !seen.contains(&job.sync_status) {
                seen.push(job.sync_status);
            }
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert!(!seen.contains(&SyncJobStatus::Free));
}

/// Polls one job once a second and gives the statuses it went through.
fn watch<'a>(
    plan: &'a AuthingPlan,
    task: &'a Task,
    job: impl Fn(&TaskView<'a>) -> JobRef<'a>,
    seconds: u64,
) -> Vec<SyncJobStatus> {
    let mut path: Vec<SyncJobStatus> = Vec::new();
    let mut last: Option<SyncJobRow> = None;
    for age in 0..seconds {
        let now = START.plus(age * SECOND);
        let view = task_view(plan, task, now);
        let job = job(&view).row(&view);
        if let Some(last) = last {
            assert_eq!((job.sync_job_id, job.created_at), (last.sync_job_id, last.created_at));
            assert!(job.updated_at >= last.updated_at);
            let again = last.sync_status.is_final() && !job.sync_status.is_final();
            for ((all, succ), (all_before, succ_before)) in
                figures(&job).into_iter().zip(figures(&last))
            {
                assert!(again || (all >= all_before && succ >= succ_before), "{job:?}");
                let known = last.sync_status == SyncJobStatus::OnProgress && !again;
                assert!(!known || all == all_before, "{job:?}");
            }
        }
        if path.last() != Some(&job.sync_status) {
            path.push(job.sync_status);
        }
        last = Some(job);
    }
    path
}

#[test]
fn a_manual_run_waits_runs_and_ends_and_its_counters_only_grow() {
    let plan = plan(BUSY);
    let plan = plan.of::<AuthingManagement>();
    let task = &plan.tasks[0];
    let mut ends = Vec::new();
    for run in 60..70 {
        let run = Member::Synthetic(task.runs.arrivals.nth(run));
        let path = watch(plan, task, |_| JobRef::Run(run), 3600);
        assert!(
            matches!(path[..], [SyncJobStatus::Pending, SyncJobStatus::OnProgress, end] if end.is_final()),
            "{path:?}"
        );
        ends.push(path[2]);
    }
    assert!(ends.contains(&SyncJobStatus::Success) && ends.contains(&SyncJobStatus::Failed));
}

#[test]
fn a_scheduled_task_keeps_one_record_that_runs_at_every_tick() {
    let plan = plan(BUSY);
    let plan = plan.of::<AuthingManagement>();
    for task in &plan.tasks[1..3] {
        let schedule = task.first.schedule.as_ref().expect("a schedule");
        let path = watch(plan, task, record, 3 * 3600);
        assert!(path.len() > 6, "{path:?}");
        for pair in path.windows(2) {
            assert_ne!(pair[0] == SyncJobStatus::OnProgress, pair[1] == SyncJobStatus::OnProgress);
        }
        let tick = schedule.begins(schedule.latest(START).unwrap() + 1);
        let at = |now| {
            let view = task_view(plan, task, now);
            record(&view).row(&view)
        };
        assert_eq!((at(tick).sync_status, at(tick).updated_at), (SyncJobStatus::OnProgress, tick));
        assert!(at(tick.minus(1)).sync_status.is_final());
        assert_eq!(at(tick).created_at, schedule.begins(0));
        assert!(at(tick.plus(39 * MINUTE)).updated_at > tick);
    }
}

fn problems(lines: &str) -> String {
    checked(lines).expect_err("a problem")
}

#[test]
fn tasks_are_generated_in_turn_and_fixed_ones_take_their_places() {
    let plan = plan(
        "[authing.tasks]\ncount = 4\n\
         [[authing.task]]\nsyncTaskId = 1001\nsyncTrigger = \"automatic\"\n\
         syncFlow = \"downstream\"\nsyncTaskName = \"x\"\n\
         [[authing.task]]\nsyncTaskId = 7",
    );
    let tasks: Vec<(u64, Trigger, Flow)> = plan
        .of::<AuthingManagement>()
        .tasks
        .iter()
        .map(|task| (task.id, task.first.setup.trigger, task.first.setup.flow))
        .collect();
    assert_eq!(
        tasks,
        [
            (7, Trigger::Manually, Flow::Upstream),
            (1000, Trigger::Manually, Flow::Upstream),
            (1001, Trigger::Automatic, Flow::Downstream),
            (1002, Trigger::Automatic, Flow::Upstream),
            (1003, Trigger::Manually, Flow::Downstream),
        ]
    );
}

#[test]
fn a_schedule_starts_where_the_scenario_says() {
    let plan = plan(
        "[[authing.task]]\nsyncTaskId = 1\nsyncTrigger = \"timed\"\nevery = \"6h\"\n\
         first_run = 2026-03-02T09:00:00Z\n\
         [authing.timed]\nsince = \"0s\"",
    );
    let schedule =
        |id| plan.of::<AuthingManagement>().task(id).unwrap().first.schedule.clone().unwrap();
    assert_eq!(schedule(1).latest(START), Some(0));
    assert_eq!(schedule(1).begins(1).iso_millis(), "2026-03-02T15:00:00.000Z");
    assert_eq!(schedule(1001).latest(START), None, "it has never run");
    assert!(schedule(1001).latest(START.plus(DAY + MINUTE)).is_some());
}

#[test]
fn fixed_jobs_keep_given_values_and_get_generated_ones() {
    let plan = plan(
        "[[authing.job]]\nsyncTaskId = 1001\nsyncStatus = \"failed\"\nerrMsg = \"boom\"\n\
         accountCountAll = 7\naccountCountSucc = 3\n\
         [[authing.job]]\nsyncJobId = 1\nsyncStatus = \"free\"\n\
         [[authing.job]]\ndepartmentCountAll = 3",
    );
    let task = plan.of::<AuthingManagement>().task(1001).unwrap();
    let job = &task.runs.fixed[0].value.job;
    assert_eq!((job.sync_job_id, job.err_msg.as_deref()), (2, Some("boom")));
    assert_eq!((job.account_count_all, job.account_count_succ), (7, 3));
    assert_eq!(job.sync_trigger, Trigger::Timed);
    assert!(task.first.schedule.is_none(), "it is the task's record");
    let fixed = &plan.of::<AuthingManagement>().task(1000).unwrap().runs.fixed;
    let exact =
        |id| &fixed.iter().find(|record| record.value.job.sync_job_id == id).unwrap().value.job;
    assert_eq!(exact(1).account_count_all, 0);
    let other = exact(3);
    assert_eq!((other.department_count_all, other.department_count_succ), (3, 3));
    assert_eq!(other.updated_at, START);
}

#[test]
fn an_impossible_setting_is_a_problem_with_its_path() {
    for (lines, text) in [
        ("[[authing.job]]\nsyncTaskId = 5", "there is no such task"),
        ("[[authing.job]]\nsyncJobId = 5\n[[authing.job]]\nsyncJobId = 5", "already"),
        ("[[authing.task]]\nsyncTaskId = 5\n[[authing.task]]\nsyncTaskId = 5", "already"),
        ("[[authing.task]]\nsyncTaskId = 5\nevery = \"1h\"", "does not run by itself"),
        ("[[authing.job]]\naccountCountAll = 1\naccountCountSucc = 2", "2 of 1"),
        ("[authing.timed]\nevery = \"1m\"", "a run may take"),
        ("[authing.automatic]\nevery = \"0s\"", "longer than 0s"),
        ("[authing.jobs]\ncount = 400_000_000\n", "ids above 2147483647"),
        ("[authing.jobs]\noutcomes = { others = 0 }", "all weights are 0"),
        ("[authing.risk_operations]\noutcomes = { others = 0 }", "all weights are 0"),
        (
            "[authing.risk_operations]\nexecutions = { success = 0, failed = 0 }",
            "all weights are 0",
        ),
        ("[authing.risk_operations]\ncount = 400_000_000\n", "ids above 2147483647"),
        ("[[authing.job]]\nsyncStatus = \"failed\"\npath = [\"success\"]", "no path begins"),
        ("[[authing.job]]\nsyncStatus = \"failed\"\npath = [\"free\"]", "says what path says"),
        ("[[authing.job]]\npath = [\"pending\", \"failed\"]", "failed does not follow pending"),
        ("[authing.created]\npaths = [[\"onProgress\", \"failed\"]]", "no path begins"),
        (
            "[[authing.job]]\ncreatedAt = 2026-01-02T00:00:00Z\nupdatedAt = 2026-01-01T00:00:00Z",
            "before createdAt",
        ),
    ] {
        let found = problems(lines);
        assert!(found.contains(text), "{lines}: {found}");
    }
    let twice = problems("[authing.jobs]\ncount = 4_000_000_000\nover = \"1d\"");
    assert_eq!(twice.matches("do not fit").count(), 1, "message_of once for all tasks: {twice}");
    let every =
        problems("[authing.jobs]\nevery = \"0s\"\n[[authing.task]]\nsyncTaskId = 5\njobs = 2");
    assert_eq!(every.matches("longer than 0s").count(), 1, "{every}");
    let own = problems("[[authing.task]]\nsyncTaskId = 5\njobs = 2_000_000_000");
    assert!(own.contains("Index(0), Key(\"jobs\")"), "{own}");
}

#[test]
fn growth_ends_where_the_ids_do_and_is_the_same_until_then() {
    let plan = plan("[authing.tasks]\ncount = 1000\n[authing.jobs]\ncount = 10\nevery = \"1s\"");
    let arrivals = &plan.of::<AuthingManagement>().tasks[0].runs.arrivals;
    assert_eq!(arrivals.count_at(START), 10);
    assert_eq!(arrivals.count_at(START.plus(3600 * SECOND)), 3610);
    let all = arrivals.count_at(START.plus(400 * 365 * DAY));
    let ids = &plan.of::<AuthingManagement>().ids.generated;
    assert_eq!(all, ids.room() - 1);
    assert!(ids.encode(999, all) <= MAX_ID);
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    let bytes = STANDARD_NO_PAD.decode(payload).expect("the standard alphabet");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn a_key_gets_a_token_that_lasts_as_long_as_the_scenario_says() {
    let keys = r#"{"accessKeyId": "testid", "accessKeySecret": "testsecret"}"#;
    for (lines, lifetime) in
        [("", 7200), ("[authing.tokens]\nlifetime = \"0s\"", 0), (REQUIRED, 7200)]
    {
        let body = body(&reply(&plan(lines), &post(TOKEN, keys), START));
        assert_eq!(body["statusCode"], 200);
        assert_eq!(body["data"]["expires_in"], lifetime);
        let token = body["data"]["access_token"].as_str().expect("a token");
        assert_eq!(token.split('.').count(), 3);
        assert_eq!(
            claims(token),
            json!({
                "scoped_userpool_id": "testid",
                "token_type": "management_token",
                "access_key_type": "userpool",
                "access_key_id": "testid",
                "iat": START.seconds(),
                "exp": START.seconds() + lifetime,
            })
        );
    }
}

const REQUIRED: &str = "[gateway]\ncredentials = \"required\"";

#[test]
fn all_violations_of_the_keys_are_reported_at_once() {
    let nothing = "accessKeyId should not be empty,accessKeyId must be a string,\
                   accessKeySecret should not be empty,accessKeySecret must be a string";
    let plan = plan("");
    for (body, message) in [
        ("", nothing),
        ("[]", nothing),
        ("accessKeyId=a&accessKeySecret=b", nothing),
        (
            r#"{"accessKeyId":7,"accessKeySecret":""}"#,
            "accessKeyId must be a string,accessKeySecret should not be empty",
        ),
        (
            r#"{"accessKeyId":"a","accessKeySecret":null}"#,
            "accessKeySecret should not be empty,accessKeySecret must be a string",
        ),
    ] {
        assert_eq!(outcome(&plan, &post(TOKEN, body)), (400, message.to_owned()), "{body}");
    }
}

#[test]
fn every_value_is_spelt_as_the_vendor_does_and_states_as_in_the_tables() {
    fn agree<T: WireEnum + serde::Serialize>() {
        for name in T::NAMES {
            let value = T::named(name).expect(name);
            assert_eq!(serde_json::to_value(value).unwrap(), *name);
        }
        assert!(T::named("nonsense").is_none());
    }
    agree::<Trigger>();
    agree::<Flow>();
    agree::<super::task::SyncTaskType>();
    agree::<super::task::Cycle>();
    agree::<super::job_logs::Action>();
    agree::<super::job_logs::ObjectType>();
    agree::<RiskOperationStatus>();
    fn are_rows<S: State + serde::Serialize>(table: &LifecycleTable<S>) {
        for (index, row) in table.states.iter().enumerate() {
            assert_eq!(row.state.index(), index);
            assert_eq!(serde_json::to_value(row.state).unwrap(), row.name);
        }
    }
    are_rows(&JOB);
    are_rows(&TIMED);
    are_rows(&AUTOMATIC);
    are_rows(&RISK_OPERATION);
}
