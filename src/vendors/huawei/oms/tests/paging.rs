//! Reading ListSyncTasks page by page while tasks are created, deleted and changed.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;

use super::{HOURS, NOW, World, fixed_task, plan};
use crate::fault::RequestedPage;
use crate::vendors::huawei::oms::Oms;
use crate::vendors::huawei::oms::list::requested_page;
use crate::wire::Arguments;

const SNAPSHOT: &str = "[oms.paging]\nconsistency = \"snapshot\"\nsnapshot_window = \"1h\"\n";
const TASKS: &str = "[oms.tasks]\ncount = 23\nevery = \"7m\"\n[oms.tasks.outcomes]\n\
                     synchronizing = 1\nstopped = 1\n";

fn page(world: &World, status: &str, offset: usize, limit: usize) -> Vec<Value> {
    let path = format!("?status={status}&offset={offset}&limit={limit}");
    world.accepted("GET", &path, "")["tasks"].as_array().unwrap().clone()
}

fn id(row: &Value) -> String {
    row["sync_task_id"].as_str().unwrap().to_owned()
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(id).collect()
}

/// A change by another client, and how long it takes.
#[derive(Clone, Debug)]
enum Act {
    Create,
    Stop(usize),
    Start(usize),
    Delete(usize),
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Create),
        (0usize..40).prop_map(Act::Stop),
        (0usize..40).prop_map(Act::Start),
        (0usize..40).prop_map(Act::Delete),
        (0..2 * 60_000i64).prop_map(Act::Wait),
    ]
}

impl Act {
    /// On a task of the list as it is live.
    fn done(&self, world: &mut World, live: &str) {
        let there = World { now: world.now, ..World::new(live) };
        there.state.replace_event_log((*world.state.event_log()).clone());
        let there = ids(&page(&there, "", 0, 100));
        let which = |n: &usize| there[n % there.len()].clone();
        // Some are refused, and change nothing.
        match self {
            Self::Create => drop(world.create()),
            Self::Stop(n) => drop(world.stop(&which(n))),
            Self::Start(n) => drop(world.start(&which(n))),
            Self::Delete(n) => drop((world.stop(&which(n)), world.delete(&which(n)))),
            Self::Wait(time) => world.now += time,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_snapshot_has_every_row_once_and_as_it_was(
        seed in 0u64..1_000,
        status in prop_oneof![Just(""), Just("STOPPED"), Just("SYNCHRONIZING")],
        size in 1usize..9,
        before in proptest::collection::vec(act(), 0..12),
        between in proptest::collection::vec(act(), 0..14),
    ) {
        let live = format!("seed = {seed}\n{TASKS}{}", fixed_task(""));
        let mut world = World::new(&format!("{live}{SNAPSHOT}"));
        world.now = NOW + HOURS / 2;
        for act in before {
            act.done(&mut world, &live);
        }
        // The window begins now, and what comes at this very instant is not in it.
        world.now = NOW + HOURS;
        let then = World { now: world.now - 1, ..World::new(&live) };
        then.state.replace_event_log((*world.state.event_log()).clone());
        let expected = then.list(status, 100);
        let mut found = Vec::new();
        let mut between = between.into_iter();
        loop {
            let rows = page(&world, status, found.len(), size);
            let last = rows.len() < size;
            found.extend(rows);
            if last {
                break;
            }
            for act in between.by_ref().take(3) {
                act.done(&mut world, &live);
            }
        }
        prop_assert!(world.now < NOW + 2 * HOURS);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_live_page_is_a_part_of_the_list_at_the_time_of_the_request(
        seed in 0u64..1_000,
        size in 1usize..9,
        acts in proptest::collection::vec(act(), 0..14),
    ) {
        let live = format!("seed = {seed}\n{TASKS}");
        let mut world = World::new(&live);
        let mut offset = 0;
        for act in acts {
            let all = page(&world, "", 0, 100);
            let found = page(&world, "", offset, size);
            let place = offset.min(all.len());
            prop_assert_eq!(&found[..], &all[place..(place + size).min(all.len())]);
            offset += found.len();
            act.done(&mut world, &live);
        }
    }

    #[test]
    fn live_a_row_is_seen_twice_for_each_arrival_and_missed_for_each_deletion_before_it(
        seed in 0u64..1_000,
        boundaries in proptest::collection::vec((0usize..3, 0usize..3), 10),
    ) {
        const SIZE: usize = 5;
        let mut world = World::new(&format!("seed = {seed}\n[oms.tasks]\ncount = 23\n"));
        let before = ids(&page(&world, "", 0, 100));
        let (mut seen, mut twice, mut missed): (Vec<String>, usize, usize) = (vec![], 0, 0);
        let mut gone = 0;
        let mut boundaries = boundaries.into_iter();
        for offset in (0..).step_by(SIZE) {
            let rows = ids(&page(&world, "", offset, SIZE));
            let last = rows.len() < SIZE;
            seen.extend(rows);
            if last {
                break;
            }
            world.now += 1;
            let (come, go) = boundaries.next().unwrap_or_default();
            let now = ids(&page(&world, "", 0, 100));
            let shown = offset + SIZE;
            // Only the difference between arrivals and deletions shifts the list.
            for id in &now[shown - go..shown] {
                world.stop(id);
                prop_assert_eq!(world.delete(id).0, 200);
                gone += 1;
            }
            for _ in 0..come {
                world.create();
            }
            twice += come.saturating_sub(go);
            missed += go.saturating_sub(come).min(now.len() - shown);
        }
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(seen.len() - once.len(), twice);
        let left = before.iter().filter(|id| !seen.contains(id)).count();
        prop_assert_eq!(left, missed);
        prop_assert!(gone <= before.len());
    }
}

#[test]
fn a_snapshot_ends_with_its_window() {
    let mut world = World::new(&format!("{SNAPSHOT}{}", fixed_task("")));
    world.now = NOW + 1;
    world.create();
    assert_eq!(page(&world, "", 0, 10).len(), 1);
    world.now = NOW + HOURS - 1;
    assert_eq!(page(&world, "", 0, 10).len(), 1);
    world.now = NOW + HOURS;
    assert_eq!(page(&world, "", 0, 10).len(), 2);
}

#[test]
fn events_at_the_start_of_a_window_belong_to_the_next_snapshot() {
    let world = World::new(&format!("{SNAPSHOT}{}", fixed_task("")));
    world.create();
    assert_eq!(page(&world, "", 0, 10).len(), 1);
}

#[test]
fn the_requested_page_follows_the_rules_of_the_handler() {
    let requested = |quirks: &str, query: &str| {
        let plan = plan(&format!("[oms.quirks]\n{quirks}\n"));
        let request = http::Request::get(format!("/?{query}")).body(Bytes::new()).unwrap();
        requested_page(plan.of::<Oms>(), &Arguments::of(&request))
    };
    for (query, page) in [
        ("", 1),
        ("offset=9", 1),
        ("offset=10", 2),
        ("limit=5&offset=20&status=STOPPED", 5),
        ("limit=100&offset=100", 2),
        // The handler refuses these, and they have no page.
        ("limit=101&offset=1000", 1),
        ("limit=0&offset=1000", 1),
        ("offset=-5", 1),
        ("offset=20&status=RUNNING", 1),
        // The handler does not know this parameter.
        ("offset=20&pageNumber=7", 3),
    ] {
        assert_eq!(requested("", query), RequestedPage::Number(page), "{query}");
    }
    let clamped = requested("over_limit = \"clamp\"", "limit=5000&offset=100");
    assert_eq!(clamped, RequestedPage::Number(2));
}
