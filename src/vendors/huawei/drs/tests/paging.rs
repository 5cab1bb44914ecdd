//! Paging through lists while batches are created and change.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::lifecycle::{LIVELY, Session, job, text};
use super::start;
use crate::world::time::{HOUR, MINUTE};

const SNAPSHOT: &str = "[drs.paging]\nconsistency = \"snapshot\"\nsnapshot_window = \"1h\"\n";
/// A batch whose path counts polls.
const SHY: &str = r#"
    [[drs.job]]
    async_job_id = "7b65d750-51e5-4647-a088-663d28152a3d"
    path = ["ASYNC_JOB_VALIDATING 2 looks", "AUTO_PARAM_VALIDATE_SUCCESS 2 looks", "COMMIT_SUCCESS"]
"#;
const LISTS: &[&str] = &[
    "batch-async-jobs?",
    "batch-async-jobs?sort_dir=asc",
    "batch-async-jobs?status=AUTO_PARAM_VALIDATE_SUCCESS",
    "batch-async-jobs?status=ASYNC_JOB_VALIDATING",
    "jobs?job_type=sync",
    "jobs?job_type=sync&sort_key=status",
    "jobs?job_type=sync&sort_key=name&sort_dir=asc",
    "jobs?job_type=migration&status=FULL_TRANSFER_STARTED",
];

fn page(session: &Session, list: &str, offset: usize, limit: usize) -> (Vec<Value>, u64) {
    let body = session.get(&format!("{list}&offset={offset}&limit={limit}"));
    let rows = body["jobs"].as_array().expect("jobs").clone();
    (rows, body["total_count"].as_u64().expect("total_count"))
}

fn whole(session: &Session, list: &str) -> (Vec<Value>, u64) {
    page(session, list, 0, 1_000)
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| text(&row["async_job_id"]).to_owned()).collect()
}

/// A change by another client, or a wait.
#[derive(Clone, Debug)]
enum Act {
    Create(usize),
    Commit(Index),
    Update(Index),
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (1usize..4).prop_map(Act::Create),
        any::<Index>().prop_map(Act::Commit),
        any::<Index>().prop_map(Act::Update),
        (0..3 * MINUTE).prop_map(Act::Wait),
    ]
}

/// Gives a session with live lists the same event log, at another instant.
fn turned_to(live: &mut Session, session: &Session, ago: u64) {
    live.state.replace_event_log((*session.state.event_log()).clone());
    live.now = session.now.minus(ago);
}

impl Act {
    /// On a batch that waits now, whatever the lists of the session show.
    fn done(&self, session: &mut Session, live: &mut Session) {
        turned_to(live, session, 0);
        let number = session.state.event_log().next_ordinal();
        let waiting = live.batches("status=AUTO_PARAM_VALIDATE_SUCCESS");
        let pick = |index: &Index| match waiting.as_slice() {
            [] => None,
            rows => Some(text(&index.get(rows)["async_job_id"]).to_owned()),
        };
        match self {
            Self::Create(count) => {
                let jobs = (0..*count).map(|nth| job(&format!("made-{number}-{nth}"), nth));
                session.create(&jobs.collect::<Vec<_>>());
            }
            Self::Commit(index) => {
                let Some(id) = pick(index) else { return };
                assert_eq!(session.commit(&id).0, 200, "writes know at once");
            }
            Self::Update(index) => {
                let Some(id) = pick(index) else { return };
                let jobs = json!([{"type": "all", "params": job(&format!("new-{number}"), 0)}]);
                assert_eq!(session.update(&id, &jobs).0, 200, "writes know at once");
            }
            Self::Wait(time) => session.now = session.now.plus(*time),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn a_snapshot_has_every_row_once_and_as_it_was_and_one_total(
        seed: u64,
        list in prop::sample::select(LISTS),
        size in 1usize..30,
        before in prop::collection::vec(act(), 0..10),
        between in prop::collection::vec(act(), 0..16),
    ) {
        let mut session = Session::new(seed, &format!("{SNAPSHOT}{LIVELY}{SHY}"));
        let mut live = Session::new(seed, &format!("{LIVELY}{SHY}"));
        session.create(&[job("one", 0), job("two", 1), job("three", 2)]);
        for act in before {
            act.done(&mut session, &mut live);
        }
        // The window begins now, and what comes at this very instant is not in it.
        session.now = start().plus(HOUR);
        turned_to(&mut live, &session, 1);
        let expected = whole(&live, list).0;
        let mut between = between.into_iter();
        let mut found = Vec::new();
        loop {
            let (rows, total) = page(&session, list, found.len(), size);
            prop_assert_eq!(total, expected.len() as u64);
            if rows.is_empty() {
                break;
            }
            found.extend(rows);
            for act in between.by_ref().take(3) {
                act.done(&mut session, &mut live);
            }
        }
        prop_assert_eq!(found, expected);
        prop_assert!(session.now < start().plus(2 * HOUR));
    }

    #[test]
    fn a_live_page_is_a_part_of_the_list_at_the_time_of_the_request(
        seed: u64,
        list in prop::sample::select(LISTS),
        size in 1usize..30,
        acts in prop::collection::vec(act(), 1..14),
    ) {
        let mut session = Session::new(seed, LIVELY);
        let mut live = Session::new(seed, LIVELY);
        let batch = session.create(&[job("one", 0), job("two", 1), job("three", 2)]);
        let detail = format!("batch-async-jobs/{batch}?");
        let mut offset = 0;
        for act in acts {
            for (list, size, offset) in [(list, size, offset), (&*detail, 1, offset % 4)] {
                let (all, total) = whole(&session, list);
                prop_assert_eq!(total, all.len() as u64);
                let (rows, claimed) = page(&session, list, offset, size);
                prop_assert_eq!(claimed, total);
                let place = offset.min(all.len());
                prop_assert_eq!(&rows[..], &all[place..(place + size).min(all.len())]);
            }
            offset += size;
            act.done(&mut session, &mut live);
        }
    }

    #[test]
    fn live_as_many_rows_come_twice_as_arrived_at_the_head_and_none_is_lost(
        seed: u64, size in 1usize..30, pages in 1usize..9, come in 0usize..4, wait in 1..6 * MINUTE,
    ) {
        let mut session = Session::new(seed, LIVELY);
        let list = "batch-async-jobs?";
        let before = ids(&whole(&session, list).0);
        let (mut seen, mut came): (Vec<String>, usize) = (vec![], 0);
        let boundary = (size * pages).min(before.len() / size * size);
        for offset in (0..).step_by(size) {
            if offset == boundary {
                session.now = session.now.plus(wait);
                for nth in 0..come {
                    session.create(&[job(&format!("made-{nth}"), nth)]);
                }
                let after = ids(&whole(&session, list).0);
                prop_assert!(after.ends_with(&before), "they arrive at the head");
                came = after.len() - before.len();
                prop_assert!(came >= come);
            }
            let rows = ids(&page(&session, list, offset, size).0);
            if rows.is_empty() {
                break;
            }
            seen.extend(rows);
        }
        prop_assert!(before.iter().all(|id| seen.contains(id)), "one is lost");
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        // If the total is larger, the additional rows are new.
        prop_assert_eq!(seen.len() - once.len(), came.min(boundary));
    }
}

#[test]
fn a_snapshot_ends_with_its_window() {
    let mut session = Session::new(1, SNAPSHOT);
    let count = |session: &Session| session.batches("").len();
    session.now = start().plus(1);
    let id = session.create(&[job("one", 0)]);
    assert_eq!(count(&session), 0);
    assert_eq!(session.detail(&id).len(), 1, "one thing is as of now");
    session.now = start().plus(HOUR - 1);
    assert_eq!(count(&session), 0);
    session.now = start().plus(HOUR);
    assert_eq!((count(&session), session.detail(&id).len()), (1, 1));
}

#[test]
fn events_at_the_start_of_a_window_belong_to_the_next_snapshot() {
    let session = Session::new(1, SNAPSHOT);
    session.create(&[job("one", 0)]);
    assert!(session.batches("").is_empty());
}

#[test]
fn a_stale_snapshot_is_of_the_window_of_that_instant() {
    let stale = format!("{SNAPSHOT}[drs.quirks]\nstale_reads = \"30s\"\n");
    let mut session = Session::new(1, &stale);
    session.now = start().plus(1);
    session.create(&[job("one", 0)]);
    session.now = start().plus(HOUR + 29_999);
    assert!(session.batches("").is_empty());
    session.now = start().plus(HOUR + 30_000);
    assert_eq!(session.batches("").len(), 1);
}
