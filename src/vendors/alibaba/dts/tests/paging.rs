//! Paging through the lists while instances are created, deleted and changed.

use super::lifecycle::World;
use super::*;
use crate::engine::EventLog;
use crate::vendors::alibaba::dts::state::{DELETE, RESET, START, SUSPEND};

const SNAPSHOT: &str = "[dts.paging]\nconsistency = \"snapshot\"\nsnapshot_window = \"1h\"\n";

/// An operation, its parameter for the page, the name of its rows, and a filter.
#[derive(Clone, Copy, Debug)]
struct List(&'static str, &'static str, &'static str, &'static str);

const JOBS: List = List("DescribeSynchronizationJobs", "PageNum", "SynchronizationInstances", "");
const DTS_JOBS: List = List("DescribeDtsJobs", "PageNumber", "DtsJobList", "JobType=SYNC");
const LISTS: [List; 5] = [
    JOBS,
    List(JOBS.0, JOBS.1, JOBS.2, "Tag.1.Key=env"),
    DTS_JOBS,
    List(DTS_JOBS.0, DTS_JOBS.1, DTS_JOBS.2, "JobType=SYNC&Status=Synchronizing"),
    List(DTS_JOBS.0, DTS_JOBS.1, DTS_JOBS.2, "JobType=SYNC&OrderColumn=CreateTime"),
];

impl List {
    /// The total, and the rows.
    fn page(self, world: &World, number: usize, size: usize) -> (usize, Vec<Value>) {
        let Self(operation, parameter, rows, filter) = self;
        let query = format!("{filter}&{parameter}={number}&PageSize={size}");
        let answer = world.get(operation, &query);
        let total = answer["TotalRecordCount"].as_u64().unwrap() as usize;
        (total, answer[rows].as_array().unwrap().clone())
    }

    fn whole(self, world: &World) -> Vec<Value> {
        let (total, rows) = self.page(world, 1, 1_000);
        assert_eq!(total, rows.len());
        rows
    }
}

fn id(row: &Value) -> String {
    let id = row.get("SynchronizationJobId").unwrap_or(&row["DtsInstanceID"]);
    id.as_str().unwrap().to_owned()
}

/// Many on their way, a new one every seven minutes, and a third two-way.
fn scenario(seed: u64, more: &str) -> String {
    format!(
        "seed = {seed}\n[dts.jobs]\ncount = 23\nevery = \"7m\"\nsynchronization = \"30m\"\n\
         pay_types = {{ pre_paid = 0 }}\ntopology = {{ oneway = 2, bidirectional = 1 }}\n{more}"
    )
}

/// The same world with other rules, at an instant.
fn also(world: &World, text: &str, now: i64) -> World {
    let mut other = World::new(text);
    other.state.replace_event_log(EventLog::clone(&world.state.event_log()));
    other.now = now;
    other
}

/// A change by another client, and how long it takes (ms).
#[derive(Clone, Debug)]
enum Act {
    Create,
    Configure(usize),
    /// Start, suspend, reset or delete.
    Steer(&'static str, usize),
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let steer = proptest::sample::select(vec![START, SUSPEND, RESET, DELETE, DELETE]);
    prop_oneof![
        Just(Act::Create),
        (0usize..40).prop_map(Act::Configure),
        (steer, 0usize..40).prop_map(|(operation, n)| Act::Steer(operation, n)),
        (0..2 * MINUTE).prop_map(Act::Wait),
    ]
}

impl Act {
    /// To an instance of the list as it is live. Some are refused, and change nothing.
    fn done(&self, world: &mut World, live: &str) {
        let there = JOBS.whole(&also(world, live, world.now));
        let which = |n: &usize| there.get(n % there.len().max(1)).map(id).unwrap_or_default();
        match self {
            Self::Create => drop(world.create("")),
            Self::Configure(n) => drop(world.configure(&which(n), "")),
            Self::Steer(operation, n) => {
                world.ask(operation, &format!("SynchronizationJobId={}", which(n)));
            }
            Self::Wait(time) => world.advance(*time),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_snapshot_has_every_row_once_and_as_it_was_and_one_total(
        seed in 0u64..1_000,
        list in proptest::sample::select(&LISTS[..]),
        size in 1usize..9,
        shown in proptest::sample::select(vec!["0s", "1m", "5m"]),
        before in proptest::collection::vec(act(), 0..10),
        between in proptest::collection::vec(act(), 0..14),
    ) {
        let live = scenario(seed, &format!("[dts.quirks]\ndeleted_shown = \"{shown}\"\n"));
        let mut world = World::new(&format!("{live}{SNAPSHOT}"));
        world.now = NOW + HOUR as i64 / 2;
        for act in before {
            act.done(&mut world, &live);
        }
        // The window begins now, and what comes at this very instant is not in it.
        world.now = NOW + HOUR as i64;
        let expected = list.whole(&also(&world, &live, world.now - 1));
        let mut found = Vec::new();
        let mut between = between.into_iter();
        for number in 1.. {
            let (total, rows) = list.page(&world, number, size);
            prop_assert_eq!(total, expected.len());
            let last = rows.len() < size;
            found.extend(rows);
            if last {
                break;
            }
            for act in between.by_ref().take(3) {
                act.done(&mut world, &live);
            }
        }
        prop_assert!(world.now < NOW + 2 * HOUR as i64);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_live_page_is_a_part_of_the_list_at_the_time_of_the_request(
        seed in 0u64..1_000,
        list in proptest::sample::select(&LISTS[..]),
        size in 1usize..9,
        acts in proptest::collection::vec(act(), 1..12),
    ) {
        let live = scenario(seed, "");
        let mut world = World::new(&live);
        for (i, act) in acts.into_iter().enumerate() {
            let all = list.whole(&world);
            let (total, rows) = list.page(&world, i + 1, size);
            let expected: Vec<Value> = all.iter().skip(i * size).take(size).cloned().collect();
            prop_assert_eq!((total, rows), (all.len(), expected));
            act.done(&mut world, &live);
        }
    }

    #[test]
    fn live_a_row_is_seen_twice_for_each_arrival_and_missed_for_each_deletion_before_it(
        seed in 0u64..1_000,
        list in proptest::sample::select(vec![JOBS, DTS_JOBS]),
        boundaries in proptest::collection::vec((0usize..4, 0usize..4), 10),
    ) {
        const SIZE: usize = 5;
        let quirk = "[dts.quirks]\ndeleted_shown = \"0s\"\n";
        let mut world = World::new(&scenario(seed, quirk));
        let before: Vec<String> = list.whole(&world).iter().map(id).collect();
        let (mut seen, mut twice, mut missed): (Vec<String>, usize, usize) = (vec![], 0, 0);
        let mut boundaries = boundaries.into_iter();
        for number in 1.. {
            let rows = list.page(&world, number, SIZE).1;
            let last = rows.len() < SIZE;
            seen.extend(rows.iter().map(id));
            if last {
                break;
            }
            world.advance(1);
            let (come, go) = boundaries.next().unwrap_or_default();
            let now: Vec<String> = list.whole(&world).iter().map(id).collect();
            let shown = number * SIZE;
            for id in &now[shown - go..shown] {
                world.get(DELETE, &format!("SynchronizationJobId={id}"));
            }
            for _ in 0..come {
                world.create("");
            }
            // Only the difference between arrivals and deletions shifts the list.
            twice += come.saturating_sub(go);
            missed += go.saturating_sub(come).min(now.len() - shown);
        }
        let once: HashSet<&String> = seen.iter().collect();
        prop_assert_eq!(seen.len() - once.len(), twice);
        let left = before.iter().filter(|id| !seen.contains(id)).count();
        prop_assert_eq!(left, missed);
    }
}

#[test]
fn a_snapshot_ends_with_its_window() {
    let mut world = World::new(SNAPSHOT);
    world.advance(1);
    world.create("");
    for list in [JOBS, DTS_JOBS] {
        world.now = NOW + HOUR as i64 - 1;
        assert!(list.whole(&world).is_empty());
        world.now += 1;
        assert_eq!(list.whole(&world).len(), 1);
    }
}

#[test]
fn events_at_the_start_of_a_window_belong_to_the_next_snapshot() {
    let mut world = World::new(SNAPSHOT);
    world.create("");
    assert!(JOBS.whole(&world).is_empty());
    world.now += HOUR as i64;
    assert_eq!(JOBS.whole(&world).len(), 1);
}

#[test]
fn operations_on_one_instance_know_at_once_what_a_snapshot_of_the_list_does_not() {
    let mut world = World::new(SNAPSHOT);
    world.advance(1);
    let id = world.create("");
    assert!(JOBS.whole(&world).is_empty());
    assert_eq!(world.status(&id, "Forward")["Status"], "notStarted");
    assert_eq!(world.detail(&id, "Forward")["Status"], "NotConfigured");
    let list = format!("SynchronizationJobIdListJsonStr={}", encoded(&json!([id]).to_string()));
    assert_eq!(world.get("DescribeSynchronizationJobStatusList", &list)["TotalRecordCount"], 1);
}
