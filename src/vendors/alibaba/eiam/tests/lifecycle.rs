//! Lifecycle tests: worlds that clients change while the clock is moved forwards and backwards.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::{INSTANCE, NOW, leave_out_what_only_the_list_has, plan, request, rows};
use crate::engine::{Plan, WorldState, respond};
use crate::vendors::alibaba::eiam::state::{JOB, JobState, PULL, PullState};
use crate::world::time::Timestamp;

pub(crate) struct World {
    pub(crate) plan: Box<Plan>,
    pub(crate) state: WorldState,
    pub(crate) now: i64,
}

impl World {
    pub(crate) fn new(text: &str) -> Self {
        let plan = plan(text);
        Self { state: WorldState::new(&plan), now: NOW, plan }
    }

    pub(crate) fn ask(&self, action: &str, query: &str) -> (u16, Value) {
        let request = request(action, &format!("InstanceId={INSTANCE}&{query}"));
        let now = Timestamp::from_millis(self.now);
        let reply = respond(&self.plan, &self.state, &request, now).reply;
        (reply.status().as_u16(), serde_json::from_slice(reply.body()).unwrap())
    }

    pub(crate) fn accepted(&self, action: &str, query: &str) -> Value {
        let (status, answer) = self.ask(action, query);
        assert_eq!(status, 200, "{action} {query}: {answer}");
        answer
    }

    pub(crate) fn refused(&self, action: &str, query: &str) -> (u16, String) {
        let (status, answer) = self.ask(action, query);
        (status, answer["Code"].as_str().unwrap_or_default().to_owned())
    }

    fn jobs(&self, filter: &str) -> Vec<Value> {
        rows(&self.accepted("ListSynchronizationJobs", &format!("MaxResults=100&{filter}")))
    }

    pub(crate) fn run(&self, target: &str) -> Option<String> {
        let kind = if target.starts_with("app_") { "application" } else { "identity_provider" };
        let query = format!("TargetType={kind}&TargetId={target}");
        let (_, answer) = self.ask("RunSynchronizationJob", &query);
        answer["SynchronizationJobId"].as_str().map(str::to_owned)
    }

    fn status(&self, job: &str) -> String {
        let answer = self.accepted("GetSynchronizationJob", &format!("SynchronizationJobId={job}"));
        answer["SynchronizationJob"]["Status"].as_str().unwrap().to_owned()
    }

    fn provider(&self, id: &str) -> Value {
        let query = format!("IdentityProviderId={id}");
        self.accepted("GetIdentityProvider", &query)["IdentityProviderDetail"].clone()
    }
}

const TARGETS: [&str; 4] = ["idp_one", "idp_two", "idp_out", "app_one"];
const WORLD: &str = r#"
[eiam.jobs]
count = 12
every = "1m"
[eiam.targets]
identity_providers = 0
applications = 0
[[eiam.target]]
id = "idp_one"
identity_provider_type = "urn:alibaba:idaas:idp:alibaba:dingtalk:pull"
periodic_sync = "enabled"
incremental_callback = "enabled"
[[eiam.target]]
id = "idp_two"
identity_provider_type = "urn:alibaba:idaas:idp:microsoft:ad:pull"
ud_pull = "disabled"
[[eiam.target]]
id = "idp_out"
direction = "egress"
[[eiam.target]]
id = "app_one"
[[eiam.job]]
SynchronizationJobId = "sync_pinned"
TargetId = "idp_one"
path = ["pending 30s", "running 2m", "failed"]
"#;

#[derive(Clone, Debug)]
enum Step {
    Run(usize),
    Enable(usize),
    Disable(usize),
    /// Forward, or back (ms).
    Turn(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0usize..4).prop_map(Step::Run),
        1 => (0usize..3).prop_map(Step::Enable),
        1 => (0usize..3).prop_map(Step::Disable),
        3 => (0i64..120_000).prop_map(Step::Turn),
        1 => (-240_000i64..0).prop_map(Step::Turn),
    ]
}

/// The successful calls of clients, in the order of requests.
#[derive(Default)]
struct Expected {
    switches: Vec<(i64, usize, bool)>,
    /// (when, which, its id)
    runs: Vec<(i64, usize, String)>,
}

impl Expected {
    /// Whether the provider is pulled from at an instant, and since when if it was switched.
    fn pull(&self, provider: usize, now: i64) -> (bool, Option<i64>) {
        let mut switches: Vec<_> = self.switches.iter().filter(|s| s.1 == provider).collect();
        switches.sort_by_key(|switch| switch.0);
        let mut state = (provider == 0, None);
        for &&(at, _, on) in switches.iter().filter(|switch| switch.0 <= now) {
            if on != state.0 {
                state = (on, Some(at));
            }
        }
        state
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_clients_do_all_answers_agree_at_every_instant(
        steps in proptest::collection::vec(step(), 1..25),
    ) {
        let mut world = World::new(WORLD);
        let mut expected = Expected::default();
        for step in steps {
            match step {
                Step::Turn(by) => world.now += by,
                Step::Enable(i) | Step::Disable(i) => {
                    let on = matches!(step, Step::Enable(_));
                    let action = if on { "Enable" } else { "Disable" };
                    let query = format!("IdentityProviderId={}", TARGETS[i]);
                    let (status, _) = world.ask(&format!("{action}IdentityProviderUdPull"), &query);
                    prop_assert_eq!(status == 200, i != 2, "only what is pulled from is switched");
                    if status == 200 {
                        expected.switches.push((world.now, i, on));
                    }
                }
                Step::Run(i) => {
                    let job = world.run(TARGETS[i]);
                    let ready = i > 1 || expected.pull(i, world.now).0;
                    prop_assert_eq!(job.is_some(), ready);
                    if let Some(job) = job {
                        expected.runs.push((world.now, i, job));
                    }
                }
            }
            agree(&world, &expected)?;
        }
        run_forward(&mut world)?;
    }
}

/// Compares lists, filters, counts and single reads with what is expected.
fn agree(world: &World, expected: &Expected) -> Result<(), TestCaseError> {
    let all = world.jobs("");
    let total = |filter: &str| {
        let answer = world.accepted("ListSynchronizationJobs", &format!("MaxResults=1&{filter}"));
        answer["TotalCount"].as_u64().unwrap() as usize
    };
    prop_assert_eq!(total(""), all.len());
    prop_assert!(all.is_sorted_by_key(|job| -job["StartTime"].as_i64().unwrap()));
    for row in JOB.states {
        let found = world.jobs(&format!("Status={}", row.name));
        let brute: Vec<Value> =
            all.iter().filter(|job| job["Status"] == row.name).cloned().collect();
        prop_assert_eq!(total(&format!("Status={}", row.name)), brute.len());
        prop_assert_eq!(found, brute);
    }
    for target in TARGETS {
        let brute: Vec<Value> =
            all.iter().filter(|job| job["TargetId"] == target).cloned().collect();
        prop_assert_eq!(world.jobs(&format!("TargetIds.1={target}")), brute);
    }
    for mut job in all {
        let query =
            format!("SynchronizationJobId={}", job["SynchronizationJobId"].as_str().unwrap());
        let single = world.accepted("GetSynchronizationJob", &query);
        leave_out_what_only_the_list_has(&mut job);
        prop_assert_eq!(&single["SynchronizationJob"], &job);
        let ended = job.get("EndTime").is_some();
        let url = world.refused("GenerateDownloadUrlForSynchronizationJob", &query);
        prop_assert_eq!(url.0, if ended { 200 } else { 403 });
    }
    for (at, i, job) in &expected.runs {
        let query = format!("SynchronizationJobId={job}");
        let (status, found) = world.ask("GetSynchronizationJob", &query);
        // A run that an event in its past made impossible later does not exist.
        let possible = *i > 1 || expected.pull(*i, *at).0;
        if *at > world.now {
            prop_assert_eq!(status, 404);
        } else if possible && expected.switches.iter().all(|switch| switch.0 != *at) {
            prop_assert_eq!(status, 200);
            prop_assert_eq!(&found["SynchronizationJob"]["TargetId"], TARGETS[*i]);
            prop_assert_eq!(&found["SynchronizationJob"]["StartTime"], *at);
            prop_assert_eq!(&found["SynchronizationJob"]["TriggerType"], "manual");
        }
    }
    let list = world.accepted("ListIdentityProviders", "");
    for (i, id) in TARGETS[..3].iter().enumerate() {
        let rows = list["IdentityProviders"].as_array().unwrap();
        let row = rows.iter().find(|row| row["IdentityProviderId"] == *id);
        let row = row.expect("each provider is listed");
        let single = world.provider(id);
        let (on, since) = expected.pull(i, world.now);
        prop_assert_eq!(&row["IdentityProviderId"], id);
        prop_assert_eq!(
            &row["UdPullStatus"],
            PULL.name(if on { PullState::Enabled } else { PullState::Disabled })
        );
        if let Some(since) = since {
            prop_assert_eq!(&row["UpdateTime"], since);
        }
        for (name, value) in row.as_object().unwrap() {
            if let Some(other) = single.get(name) {
                prop_assert_eq!(value, other, "{}", name);
            }
        }
        let query = format!("IdentityProviderId={id}");
        let pull = world.accepted("GetIdentityProviderUdPullConfiguration", &query);
        let push = world.accepted("GetIdentityProviderUdPushConfiguration", &query);
        let of = |answer: &Value, what: &str, name: &str| answer[what][name].clone();
        let (pull, push) = (
            |name| of(&pull, "UdPullConfiguration", name),
            |name| of(&push, "UdPushConfiguration", name),
        );
        prop_assert_eq!(&row["IncrementalCallbackStatus"], &pull("IncrementalCallbackStatus"));
        let periodic = if i == 2 { push("PeriodicSyncStatus") } else { pull("PeriodicSyncStatus") };
        prop_assert_eq!(&row["PeriodicSyncStatus"], &periodic);
        if !on {
            prop_assert_eq!(&row["IncrementalCallbackStatus"], "disabled");
            prop_assert_eq!(pull("PeriodicSyncStatus"), "disabled");
        }
        let scope = single["UdPullConfig"]["UdSyncScopeConfig"].clone();
        prop_assert_eq!(&row["UdPullTargetScope"], &scope["TargetScope"]);
        prop_assert_eq!(pull("UdSyncScopeConfig"), scope);
    }
    Ok(())
}

/// Jobs make only the transitions that their lifecycle declares.
fn run_forward(world: &mut World) -> Result<(), TestCaseError> {
    let mut last: BTreeMap<String, JobState> = BTreeMap::new();
    for _ in 0..40 {
        for job in world.jobs("") {
            let id = job["SynchronizationJobId"].as_str().unwrap().to_owned();
            let state = JOB.named(job["Status"].as_str().unwrap()).unwrap();
            let before = last.insert(id, state).unwrap_or(state);
            prop_assert!(JOB.leads(before, state), "from {:?} to {:?}", before, state);
        }
        world.now += 15_000;
    }
    Ok(())
}

#[test]
fn the_path_of_a_fixed_job_gives_its_state_at_every_instant() {
    let mut world = World::new(WORLD);
    let job = |world: &World| {
        world.accepted("GetSynchronizationJob", "SynchronizationJobId=sync_pinned")
            ["SynchronizationJob"]
            .clone()
    };
    for (at, state) in [
        (0, "pending"),
        (29_999, "pending"),
        (30_000, "running"),
        (149_999, "running"),
        (150_000, "failed"),
        (9_000_000, "failed"),
    ] {
        world.now = NOW + at;
        let job = job(&world);
        assert_eq!(job["Status"], state, "after {at} ms");
        let ended = state == "failed";
        assert_eq!(job.get("EndTime").map(|end| end == NOW + 150_000), ended.then_some(true));
        assert_eq!(job["Result"]["ErrorCode"].is_string(), ended);
    }
}

#[test]
fn jobs_that_are_run_take_the_created_paths_in_turn_and_the_last_again_and_again() {
    let mut world = World::new(&format!(
        "{WORLD}\n[eiam.created]\npaths = [[\"pending 5s\", \"running 5s\", \"failed\"], \
         [\"pending 0s\", \"running 1m\", \"success\"]]\n"
    ));
    let jobs: Vec<String> = (0..3).map(|_| world.run("app_one").unwrap()).collect();
    let states = |world: &World| jobs.iter().map(|job| world.status(job)).collect::<Vec<_>>();
    assert_eq!(states(&world), ["pending", "running", "running"]);
    world.now += 10_000;
    assert_eq!(states(&world), ["failed", "running", "running"]);
    world.now += 50_000;
    assert_eq!(states(&world), ["failed", "success", "success"]);
}

#[test]
fn only_polls_of_lists_and_single_reads_advance_a_job() {
    let world = World::new(&format!(
        "{WORLD}\n[eiam.created]\npaths = [[\"pending 1 look\", \"running 2 looks\", \"success\"]]\n"
    ));
    let one = world.run("app_one").unwrap();
    // Answers that do not show its state are not counted.
    world.accepted("ListApplications", "");
    world.refused(
        "GenerateDownloadUrlForSynchronizationJob",
        &format!("SynchronizationJobId={one}"),
    );
    world.accepted("ListSynchronizationJobs", "TargetIds.1=idp_one");
    let newest = |world: &World| world.jobs("TargetIds.1=app_one")[0]["Status"].clone();
    assert_eq!(world.status(&one), "pending");
    assert_eq!(newest(&world), "running");
    assert_eq!(world.status(&one), "running");
    assert_eq!(newest(&world), "success");
    assert_eq!(world.status(&one), "success");
    assert_eq!(world.jobs("Status=success&TargetIds.1=app_one")[0]["SynchronizationJobId"], one);
}

#[test]
fn a_job_that_is_run_for_some_is_about_no_more_than_those() {
    let mut world = World::new(WORLD);
    let scope = "SynchronizationScopeConfig.UserIds.1=user_a&\
                 SynchronizationScopeConfig.UserIds.2=user_b";
    let query = format!("TargetType=identity_provider&TargetId=idp_one&Description=two&{scope}");
    let run = world.accepted("RunSynchronizationJob", &query);
    let id = run["SynchronizationJobId"].as_str().unwrap();
    world.now += 2_400_000;
    let all = world.jobs("TargetIds.1=idp_one");
    let job = all.iter().find(|job| job["SynchronizationJobId"] == id).unwrap();
    assert_eq!(job["Description"], "two");
    for (group, most) in [("UserStatistics", 2), ("OrganizationalUnitStatistics", 0)] {
        for (operation, tally) in job["Result"][group].as_object().unwrap() {
            assert!(tally["Total"].as_u64().unwrap() <= most, "{group} {operation} {tally}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_job_whose_last_state_is_no_end_shows_nothing_of_an_end_for_ever(
        is_created: bool,
        waiting in proptest::option::of(0i64..60_000),
        first in 0i64..200_000,
        later in 0i64..40_000_000_000,
    ) {
        let (path, status) = match waiting {
            None => ("[\"pending\"]".to_owned(), "pending"),
            Some(ms) => (format!("[\"pending {ms}ms\", \"running\"]"), "running"),
        };
        let lines = match is_created {
            true => format!("[eiam.created]\npaths = [{path}]\n"),
            false => format!("[[eiam.job]]\nSynchronizationJobId = \"sync_hangs\"\npath = {path}\n"),
        };
        let target = "[[eiam.target]]\nid = \"idp_one\"\n\
                      identity_provider_type = \"urn:alibaba:idaas:idp:microsoft:ad:pull\"\n";
        let mut world = World::new(&format!("{target}{lines}"));
        let id = match is_created {
            true => world.run("idp_one").expect("a job"),
            false => "sync_hangs".to_owned(),
        };
        let shown = |world: &World| {
            let query = format!("SynchronizationJobId={id}");
            world.accepted("GetSynchronizationJob", &query)["SynchronizationJob"].clone()
        };
        world.now += waiting.unwrap_or(0) + first;
        let before = shown(&world);
        prop_assert_eq!(&before["Status"], status);
        prop_assert!(before.get("EndTime").is_none() && before.get("Result").is_none(), "{}", before);
        for at in [world.now, world.now + later] {
            world.now = at;
            prop_assert_eq!(&shown(&world), &before);
            for state in ["pending", "running", "success", "partial_success", "failed"] {
                let listed = world.jobs(&format!("Status={state}"));
                prop_assert_eq!(listed.len(), usize::from(state == status), "{}", state);
                for row in listed {
                    prop_assert!(row.get("EndTime").is_none() && row.get("Result").is_none());
                }
            }
            let query = format!("SynchronizationJobId={id}");
            let (code, _) = world.refused("GenerateDownloadUrlForSynchronizationJob", &query);
            prop_assert_ne!(code, 200);
        }
    }
}

#[test]
fn a_result_of_a_job_that_never_ends_is_a_problem() {
    let lines =
        "[[eiam.job]]\npath = [\"pending 1s\", \"running\"]\nResult = { ErrorCode = \"X\" }\n";
    let found = super::problems(lines).join("\n");
    assert!(found.contains("a job that never ends has no Result"), "{found}");
}
