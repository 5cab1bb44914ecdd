//! Reading lists page by page while tasks, jobs and risk
//! operations come and change.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{AuthingManagement, job_logs, parameters};
use super::lifecycle::{LINES, Step, World, act, id, task};
use super::{START, get, plan};
use crate::fault::RequestedPage;
use crate::wire::Arguments;
use crate::world::time::{HOUR, SECOND};

const SNAPSHOT: &str =
    "[authing.paging]\nconsistency = \"snapshot\"\nsnapshot_window = \"1h\"\n[authing.quirks]\n";
const QUIRKS: &str = "limit_over_50 = \"allow\"\ntrigger_while_running = \"start\"\n";

/// The same world seen by another scenario: what clients did is the same, and nothing that is
/// done to one happens to the other.
fn seen_as(world: &World, lines: &str) -> World {
    let other = World { now: world.now, ..World::new(lines) };
    other.state.replace_event_log((*world.state.event_log()).clone());
    other
}

fn page(world: &World, list: &str, number: usize, limit: usize) -> (Vec<Value>, Value) {
    let data = world.read(&format!("{list}page={number}&limit={limit}"));
    (data["list"].as_array().expect("a list").clone(), data["totalCount"].clone())
}

fn whole(world: &World, list: &str) -> (Vec<Value>, Value) {
    page(world, list, 1, 10_000)
}

/// The lists there are, with filters and without.
fn lists(world: &World, job: u64) -> [String; 5] {
    let newest = world.read("list-sync-tasks?limit=1")["list"][0]["syncTaskId"].clone();
    [
        "list-sync-tasks?".to_owned(),
        "list-sync-jobs?syncTaskId=1000&".to_owned(),
        format!("list-sync-jobs?syncTaskId={newest}&"),
        "list-sync-risk-operations?syncTaskId=1003&status=PENDING&status=FAILED&".to_owned(),
        format!("list-sync-job-logs?syncJobId={job}&"),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    (0u8..6, 0usize..40, 0usize..40, 1..170_000i64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_snapshot_has_every_row_once_and_as_it_was(
        seed in 0u64..1_000,
        which in 0usize..5,
        size in 1usize..9,
        before in proptest::collection::vec(step(), 0..12),
        between in proptest::collection::vec(step(), 0..18),
    ) {
        let live = format!("seed = {seed}\n{LINES}\n[authing.quirks]\n{QUIRKS}");
        let lines = format!("seed = {seed}\n{LINES}\n{SNAPSHOT}{QUIRKS}");
        let mut earlier = World::new(&live);
        for step in before {
            act(&earlier, step);
            earlier.now = earlier.now.plus(step.3 as u64);
        }
        // It waits for 20 s, and runs when the window begins.
        earlier.now = START.plus(HOUR - 30 * SECOND);
        let answer = earlier.post("trigger-sync-task", &json!({"syncTaskId": 1000}));
        let job = id(&answer["data"], "syncJobId");
        // Changes at the instant that it begins are not in it.
        earlier.now = START.plus(HOUR - 1);
        let list = &lists(&earlier, job)[which];
        let (expected, total) = whole(&seen_as(&earlier, &live), list);

        let mut world = seen_as(&earlier, &lines);
        world.now = START.plus(HOUR);
        let mut between = between.into_iter();
        let mut found = Vec::new();
        for number in 1.. {
            let (rows, reported) = page(&world, list, number, size);
            prop_assert_eq!(&reported, &total);
            let last = rows.len() < size;
            found.extend(rows);
            if last {
                break;
            }
            for step in between.by_ref().take(3) {
                let there = seen_as(&world, &live);
                act(&there, step);
                world.state.replace_event_log((*there.state.event_log()).clone());
                world.now = world.now.plus(step.3 as u64);
            }
        }
        prop_assert!(world.now < START.plus(2 * HOUR));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_live_page_is_a_part_of_the_list_at_the_time_of_the_request(
        seed in 0u64..1_000,
        which in 0usize..5,
        size in 1usize..9,
        steps in proptest::collection::vec(step(), 0..10),
    ) {
        let live = format!("seed = {seed}\n{LINES}\n[authing.quirks]\n{QUIRKS}");
        let mut world = World::new(&live);
        let answer = world.post("trigger-sync-task", &json!({"syncTaskId": 1000}));
        let job = id(&answer["data"], "syncJobId");
        for (number, step) in (1..).zip(steps) {
            let list = &lists(&world, job)[which];
            let (all, total) = whole(&seen_as(&world, &live), list);
            let (rows, reported) = page(&world, list, number, size);
            prop_assert_eq!(reported, total);
            let from = ((number - 1) * size).min(all.len());
            prop_assert_eq!(&rows[..], &all[from..(from + size).min(all.len())]);
            let there = seen_as(&world, &live);
            act(&there, step);
            world.state.replace_event_log((*there.state.event_log()).clone());
            world.now = world.now.plus(step.3 as u64);
        }
    }

    #[test]
    fn live_as_many_rows_come_twice_as_arrive_between_pages_and_none_is_lost(
        seed in 0u64..1_000,
        of_tasks: bool,
        boundaries in proptest::collection::vec(0usize..=5, 10),
    ) {
        const SIZE: usize = 5;
        let mut world = World::new(&format!(
            "seed = {seed}\n[authing.tasks]\ncount = 23\n[authing.jobs]\ncount = 23\n\
             [authing.quirks]\n{QUIRKS}"
        ));
        let (list, name) = if of_tasks {
            ("list-sync-tasks?", "syncTaskId")
        } else {
            ("list-sync-jobs?syncTaskId=1000&", "syncJobId")
        };
        let ids = |rows: &[Value]| -> Vec<u64> { rows.iter().map(|row| id(row, name)).collect() };
        let before = ids(&whole(&world, list).0);
        let (mut seen, mut arrived) = (Vec::new(), 0);
        let mut boundaries = boundaries.into_iter();
        for number in 1.. {
            let rows = ids(&page(&world, list, number, SIZE).0);
            let last = rows.len() < SIZE;
            seen.extend(rows);
            if last {
                break;
            }
            world.now = world.now.plus(1);
            let come = boundaries.next().unwrap_or_default();
            for _ in 0..come {
                let answer = if of_tasks {
                    world.post("create-sync-task", &task("upstream", "manually", "days"))
                } else {
                    world.post("trigger-sync-task", &json!({"syncTaskId": 1000}))
                };
                prop_assert_eq!(&answer["statusCode"], 200);
            }
            arrived += come;
        }
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(seen.len() - once.len(), arrived);
        prop_assert!(before.iter().all(|id| seen.contains(id)));
    }

    #[test]
    fn live_a_row_is_missed_for_each_earlier_row_that_leaves_the_filter(
        seed in 0u64..1_000,
        boundaries in proptest::collection::vec(0usize..=5, 10),
    ) {
        const SIZE: usize = 5;
        let mut world = World::new(&format!(
            "seed = {seed}\n[authing.risk_operations]\ncount = 23\noutcomes = {{ pending = 1, others = 0 }}\n"
        ));
        let list = "list-sync-risk-operations?syncTaskId=1003&status=PENDING&";
        let ids = |rows: Vec<Value>| -> Vec<u64> {
            rows.iter().map(|row| id(row, "syncRiskOperationId")).collect()
        };
        let before = ids(page(&world, list, 1, 50).0);
        let (mut seen, mut missed) = (Vec::new(), 0);
        let mut boundaries = boundaries.into_iter();
        for number in 1.. {
            let rows = ids(page(&world, list, number, SIZE).0);
            seen.extend_from_slice(&rows);
            if rows.len() < SIZE {
                break;
            }
            world.now = world.now.plus(1);
            let gone = boundaries.next().unwrap_or_default();
            let total = world.total(list) as usize;
            // Somebody does to a page what it was read for.
            let some = json!({"syncRiskOperationIds": rows[..gone]});
            if gone > 0 {
                let answer = world.post("cancel-sync-risk-operation", &some);
                prop_assert_eq!(&answer["data"]["faildList"], &json!([]));
            }
            missed += gone.min(total - (number * SIZE).min(total));
        }
        prop_assert_eq!(before.iter().filter(|id| !seen.contains(id)).count(), missed);
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), seen.len(), "none comes twice");
    }
}

#[test]
fn a_snapshot_ends_with_its_window_and_is_of_what_was_before_it() {
    let mut world = World::new(SNAPSHOT);
    let total = |world: &World| world.total("list-sync-tasks?");
    let created = world.post("create-sync-task", &task("upstream", "manually", "days"));
    assert_eq!(created["statusCode"], 200);
    assert_eq!(total(&world), 6, "the clock stands where a window begins");
    world.now = START.plus(HOUR - 1);
    assert_eq!(total(&world), 6);
    world.now = START.plus(HOUR);
    assert_eq!(total(&world), 7);
}

#[test]
fn entities_newer_than_the_snapshot_have_empty_lists_and_are_not_unknown() {
    let world = World::new(SNAPSHOT);
    let created = world.post("create-sync-task", &task("upstream", "manually", "days"));
    let new = id(&created["data"], "syncTaskId");
    assert_eq!(world.read(&format!("get-sync-task?syncTaskId={new}"))["syncTaskId"], new);
    let empty = json!({"totalCount": 0, "list": []});
    assert_eq!(world.read(&format!("list-sync-jobs?syncTaskId={new}")), empty);
    assert_eq!(world.read(&format!("list-sync-risk-operations?syncTaskId={new}")), empty);
    let run = world.post("trigger-sync-task", &json!({"syncTaskId": new}));
    let job = id(&run["data"], "syncJobId");
    assert_eq!(world.read(&format!("get-sync-job?syncJobId={job}"))["syncJobId"], job);
    assert_eq!(world.read(&format!("list-sync-job-logs?syncJobId={job}")), empty);
    for path in ["list-sync-jobs?syncTaskId=77", "list-sync-job-logs?syncJobId=77"] {
        assert_eq!(world.ask(path)["statusCode"], 404, "{path}");
    }
}

#[test]
fn the_requested_page_is_read_as_the_handler_reads_it() {
    let page = |quirks: &str, query: &str| {
        let plan = plan(&format!("[authing.quirks]\n{quirks}"));
        let request = get(&format!("/api/v3/list-sync-tasks?{query}"));
        let (plan, arguments) = (plan.of::<AuthingManagement>(), Arguments::of(&request));
        [parameters::requested_page, job_logs::requested_page].map(|page| page(plan, &arguments))
    };
    let number = |number| [RequestedPage::Number(number); 2];
    assert_eq!(page("", ""), number(1));
    assert_eq!(page("", "page=3&limit=7"), number(3));
    assert_eq!(page("", "page=0x1F"), number(31));
    for refused in ["page=0", "page=1.5", "page=x", "page=2&limit=51"] {
        assert_eq!(page("", refused), number(1), "{refused}");
    }
    assert_eq!(page("page_zero = \"first\"", "page=0"), number(1));
    assert_eq!(page("limit_over_50 = \"clamp\"", "page=2&limit=51"), number(2));
    let declared = [RequestedPage::Number(2), RequestedPage::FIRST];
    assert_eq!(page("job_logs = \"declared\"", "page=2"), declared, "it has no pages");
}
