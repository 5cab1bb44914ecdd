//! Reading a list page by page while it changes.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::Value;

use super::lifecycle::World;
use super::{NOW, ids, problems, rows};

const LIVE: &str = r#"
[eiam.jobs]
count = 17
every = "20s"
waiting = "15s"
duration = "40s"
[eiam.created]
paths = [
    ["pending 1 look", "running 2 looks", "success"],
    ["pending 10s", "running 20s", "failed"],
    ["pending 1 look", "running 3 looks", "success"],
]
[eiam.targets]
identity_providers = 0
applications = 0
[[eiam.target]]
id = "idp_one"
identity_provider_type = "urn:alibaba:idaas:idp:alibaba:dingtalk:pull"
[[eiam.target]]
id = "app_one"
"#;

fn live() -> World {
    World::new(LIVE)
}

fn snapshot() -> World {
    World::new(&format!("{LIVE}\n[eiam.paging]\nconsistency = \"snapshot\"\n"))
}

/// A change between two pages.
#[derive(Clone, Debug)]
enum Step {
    /// ms; more jobs arrive, and others change their states.
    Wait(i64),
    Run(&'static str),
    Switch(bool),
    /// Another client reads the list, which counts as a poll of the jobs that it shows.
    Poll,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0i64..60_000).prop_map(Step::Wait),
        prop_oneof![Just("idp_one"), Just("app_one")].prop_map(Step::Run),
        any::<bool>().prop_map(Step::Switch),
        Just(Step::Poll),
    ]
}

fn steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 0..max)
}

fn happen(world: &mut World, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Wait(by) => world.now += by,
            Step::Run(target) => {
                world.run(target);
            }
            Step::Switch(on) => {
                let action = if *on { "Enable" } else { "Disable" };
                let action = format!("{action}IdentityProviderUdPull");
                world.accepted(&action, "IdentityProviderId=idp_one");
            }
            Step::Poll => {
                world.accepted(LIST, "MaxResults=100");
            }
        }
    }
}

const LIST: &str = "ListSynchronizationJobs";
const FILTERS: &[&str] = &[
    "",
    "Status=pending",
    "Status=running",
    "Status=success",
    "TargetType=application",
    "Direction=ingress&Status=running",
];

/// An answer from a copy of the world, because reading a list can change the world.
fn ask_copy(world: &World, fresh: fn() -> World, action: &str, query: &str) -> Value {
    let mut copy = fresh();
    copy.now = world.now;
    copy.state.replace_event_log((*world.state.event_log()).clone());
    let mut answer = copy.accepted(action, query);
    answer.as_object_mut().unwrap().shift_remove("RequestId");
    answer
}

/// A traversal by tokens, with steps after each page; sizes are taken in turn.
fn traverse(
    world: &mut World,
    sizes: &[u64],
    filter: &str,
    between: &[Vec<Step>],
) -> Vec<(Value, Vec<Value>)> {
    let (mut pages, mut token) = (Vec::new(), String::new());
    for number in 0.. {
        let size = sizes[number % sizes.len()];
        let query = format!("MaxResults={size}&NextToken={token}&{filter}");
        let page = world.accepted(LIST, &query);
        pages.push((page["TotalCount"].clone(), rows(&page)));
        match page["NextToken"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
        happen(world, between.get(number).map_or(&[], Vec::as_slice));
    }
    pages
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_token_traversal_sees_a_snapshot_each_row_once_and_as_it_was(
        before in steps(8),
        between in proptest::collection::vec(steps(4), 12),
        sizes in proptest::collection::vec(1u64..9, 1..4),
        filter in proptest::sample::select(FILTERS),
    ) {
        let mut world = snapshot();
        happen(&mut world, &before);
        let wanted = ask_copy(&world, snapshot, LIST, &format!("MaxResults=100&{filter}"));
        let pages = traverse(&mut world, &sizes, filter, &between);
        prop_assert!(pages.iter().all(|(total, _)| *total == wanted["TotalCount"]));
        let seen: Vec<Value> = pages.into_iter().flat_map(|(_, rows)| rows).collect();
        prop_assert_eq!(seen, rows(&wanted));
    }

    #[test]
    fn numbered_pages_of_one_window_are_a_snapshot(
        start in prop_oneof![Just(0), 0i64..600_000],
        before in steps(8),
        between in proptest::collection::vec(steps(4), 40),
        size in 1u64..9,
        filter in proptest::sample::select(FILTERS),
    ) {
        let mut world = snapshot();
        world.now += start;
        happen(&mut world, &before);
        let list = |world: &World, what| ask_copy(world, snapshot, "ListIdentityProviders", what);
        let wanted = ask_copy(&world, snapshot, LIST, &format!("PageSize=100&{filter}"));
        let providers = list(&world, "");
        let window = world.now.div_euclid(600_000);
        let mut seen = Vec::new();
        for number in 1.. {
            let query = format!("PageNumber={number}&PageSize={size}&{filter}");
            let page = world.accepted(LIST, &query);
            prop_assert_eq!(&page["TotalCount"], &wanted["TotalCount"]);
            if rows(&page).is_empty() { break }
            seen.extend(rows(&page));
            happen(&mut world, &between[number % between.len()]);
            world.now = world.now.min(window * 600_000 + 599_999);
            prop_assert_eq!(list(&world, ""), providers.clone());
        }
        prop_assert_eq!(seen, rows(&wanted));
    }

    #[test]
    fn a_live_token_traversal_has_what_was_there_at_its_start_each_once(
        before in steps(8),
        between in proptest::collection::vec(steps(4), 12),
        sizes in proptest::collection::vec(1u64..9, 1..4),
    ) {
        let mut world = live();
        happen(&mut world, &before);
        let wanted = rows(&ask_copy(&world, live, LIST, "MaxResults=100"));
        let pages = traverse(&mut world, &sizes, "", &between);
        let seen: Vec<Value> = pages.into_iter().flat_map(|(_, rows)| rows).collect();
        prop_assert_eq!(ids(&seen), ids(&wanted));
    }

    #[test]
    fn live_numbered_pages_show_a_row_twice_for_each_arrival_between_two_and_lose_none(
        pauses in proptest::collection::vec((0i64..20_000, any::<bool>()), 20),
        size in 4u64..9,
    ) {
        let mut world = live();
        let total = |world: &World| {
            ask_copy(world, live, LIST, "PageSize=1")["TotalCount"].as_u64().unwrap()
        };
        let wanted = rows(&ask_copy(&world, live, LIST, "PageSize=100"));
        let (mut seen, mut arrived) = (Vec::new(), 0);
        for number in 1.. {
            let page = world.accepted(LIST, &format!("PageNumber={number}&PageSize={size}"));
            seen.extend(rows(&page));
            if rows(&page).len() < size as usize { break }
            let before = total(&world);
            let (wait, run) = pauses[number % pauses.len()];
            happen(&mut world, &[Step::Wait(wait)]);
            if run { happen(&mut world, &[Step::Run("app_one")]) }
            arrived += total(&world) - before;
        }
        let different: HashSet<&str> = ids(&seen).into_iter().collect();
        prop_assert_eq!(different, ids(&wanted).into_iter().collect());
        prop_assert_eq!((seen.len() - wanted.len()) as u64, arrived);
    }
}

#[test]
fn the_next_window_shows_what_the_last_one_held_back() {
    let mut world = World::new(&format!(
        "{LIVE}\n[eiam.paging]\nconsistency = \"snapshot\"\nsnapshot_window = \"1m\"\n"
    ));
    let newest = |world: &World| rows(&world.accepted(LIST, "PageSize=1"))[0].clone();
    let before = newest(&world);
    let job = world.run("app_one").unwrap();
    assert_eq!(newest(&world), before, "run at the very start of a window");
    let by_token = rows(&world.accepted(LIST, "MaxResults=1"));
    assert_eq!(ids(&by_token), [job.as_str()], "a token traversal begins now");
    world.now += 59_999;
    assert_eq!(newest(&world), before);
    world.now += 1;
    let now = rows(&world.accepted(LIST, "PageSize=100"));
    assert!(ids(&now).contains(&job.as_str()));
}

#[test]
fn a_clock_that_is_turned_back_behind_a_snapshot_shows_nothing_of_what_is_to_come() {
    let mut world = snapshot();
    world.now += 120_000;
    let first = world.accepted(LIST, "MaxResults=3");
    world.now = NOW;
    let token = first["NextToken"].as_str().unwrap();
    let second = world.accepted(LIST, &format!("MaxResults=100&NextToken={token}"));
    assert!(rows(&second).iter().all(|row| row["StartTime"].as_i64() <= Some(NOW)));
    assert_eq!(second["TotalCount"], ask_copy(&world, live, LIST, "")["TotalCount"]);
}

#[test]
fn tokens_of_a_live_list_are_read_by_it_and_refused_by_a_snapshot() {
    let (live, snapshot) = (live(), snapshot());
    let token = |world: &World| {
        let first = world.accepted(LIST, "MaxResults=3");
        format!("MaxResults=3&NextToken={}", first["NextToken"].as_str().unwrap())
    };
    let (short, long) = (token(&live), token(&snapshot));
    assert!(short.len() < long.len());
    assert_eq!(live.accepted(LIST, &short), live.accepted(LIST, &short));
    assert_eq!(
        rows(&live.accepted(LIST, &long)),
        rows(&live.accepted(LIST, &short)),
        "a live list goes on from the row"
    );
    assert_eq!(snapshot.refused(LIST, &short), (400, "InvalidNextToken".to_owned()));
}

#[test]
fn a_paging_setting_without_effect_is_a_problem_of_the_scenario() {
    let found = problems("[eiam.paging]\nsnapshot_window = \"5m\"\n").join("\n");
    assert!(found.contains("snapshot_window has no effect on a live list"), "{found}");
    let found = problems("[eiam.paging]\nconsistency = \"snapshot\"\nsnapshot_window = \"0s\"\n")
        .join("\n");
    assert!(found.contains("must be longer than 0s"), "{found}");
}
