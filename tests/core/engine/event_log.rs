//! The event log: order, bounds, and threads that record at once.

use proptest::prelude::*;

use std::sync::Arc;

use crate::engine::{
    AnyEvent, EventLog, Full, InvalidEventLog, LoggedEvent, MAX_BYTES, MAX_EVENTS, MAX_EXPORT,
    Options, Plan, Projections, WorldExport, WorldState, respond,
};
use crate::vendors::alibaba::eiam::{Eiam, EiamEvent};
use crate::vendors::load;
use crate::world::time::Timestamp;

fn plan() -> Box<Plan> {
    let start = Timestamp::from_millis(1_772_352_000_000);
    let loaded = load("test", "version = 1", &Options::default(), start).expect("options");
    loaded.outcome.expect("a scenario without problems")
}

/// EIAM is the first service.
const SERVICE: usize = 0;

fn run(plan: &Plan) -> Arc<dyn AnyEvent> {
    let target_id = plan.of::<Eiam>().targets[0].id.clone();
    Arc::new(EiamEvent::Run { target_id, description: None, scope: None })
}

fn created(projections: &Projections) -> Vec<(Timestamp, u64)> {
    projections.get::<Eiam>().expect("registered").jobs.created().collect()
}

proptest! {
    #[test]
    fn an_instant_shows_what_was_changed_up_to_it_in_whatever_order(
        times in proptest::collection::vec(0u64..50, 0..40),
    ) {
        let plan = plan();
        let at = |offset| plan.clock.start.plus(offset);
        let mut log = EventLog::default();
        for &time in &times {
            log = log.with(&plan, at(time), SERVICE, run(&plan)).expect("room");
        }
        let mut expected: Vec<(Timestamp, u64)> =
            (1..).zip(&times).map(|(number, &time)| (at(time), number)).collect();
        expected.sort_unstable();
        let again = EventLog::of(&plan, log.events().collect()).expect("usable");
        prop_assert_eq!(again.next_ordinal(), log.next_ordinal());
        for now in 0..51 {
            let until: Vec<_> =
                expected.iter().copied().filter(|&(born, _)| born <= at(now)).collect();
            prop_assert_eq!(created(&log.projections(&plan, at(now))), until.clone());
            prop_assert_eq!(created(&again.projections(&plan, at(now))), until);
        }
    }
}

/// Changes a little, whatever was changed before.
fn switch() -> Arc<dyn AnyEvent> {
    Arc::new(EiamEvent::DisableUdPull { identity_provider_id: "none".into() })
}

/// As the answer to a read is recorded, with a text of that length.
fn poll(length: usize) -> Arc<dyn AnyEvent> {
    let next_token = Some("x".repeat(length));
    Arc::new(EiamEvent::Poll { synchronization_job_ids: vec![], next_token })
}

fn full(plan: &Plan, entries: usize) -> Result<EventLog, InvalidEventLog> {
    let event = switch();
    let (at, service) = (plan.clock.start, SERVICE);
    let logged =
        |number| LoggedEvent { number, ordinal: number, at, service, event: event.clone() };
    EventLog::of(plan, (1..=entries as u64).map(logged).collect())
}

#[test]
fn a_full_event_log_takes_no_more_events() {
    let plan = plan();
    let log = full(&plan, MAX_EVENTS).expect("just so");
    assert_eq!(log.with(&plan, plan.clock.start, SERVICE, switch()).map(|_| ()), Err(Full));
    assert_eq!(full(&plan, MAX_EVENTS + 1).map(|_| ()), Err(InvalidEventLog::Full));
}

#[test]
fn a_full_event_log_refuses_changes_and_answers_reads() {
    let text = "version = 1\n[eiam]\ninstance_id = \"idaas_one\"\n[[eiam.job]]\n\
                SynchronizationJobId = \"sync_one\"\npath = [\"pending 2 looks\", \"running 0s\", \"success\"]";
    let start = Timestamp::from_millis(1_772_352_000_000);
    let loaded = load("test", text, &Options::default(), start).expect("options");
    let plan = loaded.outcome.expect("a scenario without problems");
    let state = WorldState::new(&plan);
    let ask = |action: &str, rest: &str| {
        let uri = format!("/?Action={action}&Version=2021-12-01&InstanceId=idaas_one&{rest}");
        let request = http::Request::post(uri).header("host", "h").body(bytes::Bytes::new());
        let answer = respond(&plan, &state, &request.expect("a request"), start);
        (answer.reply.status().as_u16(), answer.hint().unwrap_or_default().to_owned())
    };
    let target = &plan.of::<Eiam>().targets[0];
    let run = format!("TargetType={}&TargetId={}", target.target_type().wire(), target.id);
    let events = || state.event_log().events().len();

    state.replace_event_log(full(&plan, MAX_EVENTS).expect("just so"));
    for _ in 0..3 {
        assert_eq!(ask("ListSynchronizationJobs", "").0, 200);
        assert_eq!(ask("GetSynchronizationJob", "SynchronizationJobId=sync_one").0, 200);
    }
    let (status, hint) = ask("RunSynchronizationJob", &run);
    assert_eq!(status, 500);
    assert!(hint.contains(&MAX_EVENTS.to_string()) && hint.contains("/_syncmock/reset"), "{hint}");
    assert_eq!(events(), MAX_EVENTS);

    state.replace_event_log(full(&plan, MAX_EVENTS - 1).expect("room for one"));
    assert_eq!(ask("GetSynchronizationJob", "SynchronizationJobId=sync_one").0, 200);
    assert_eq!(events(), MAX_EVENTS, "this was a look");
}

#[test]
fn the_event_log_is_bounded_in_bytes() {
    let plan = plan();
    let long = "x".repeat(4 << 20);
    let target_id = plan.of::<Eiam>().targets[0].id.clone();
    let event: Arc<dyn AnyEvent> =
        Arc::new(EiamEvent::Run { target_id, description: Some(long.into()), scope: None });
    let mut log = EventLog::default();
    let mut entries = 0;
    while let Ok(longer) = log.with(&plan, plan.clock.start, SERVICE, event.clone()) {
        (log, entries) = (longer, entries + 1);
    }
    assert_eq!(entries, MAX_BYTES / (4 << 20) - 1);
    assert!((MAX_BYTES - (5 << 20)..=MAX_BYTES).contains(&log.bytes()));
}

#[test]
fn a_document_is_as_large_as_the_event_log_says_at_most() {
    let plan = plan();
    let mut log = EventLog::default();
    for number in 0..3_000 {
        let event = match number % 3 {
            0 => run(&plan),
            1 => switch(),
            _ => poll(number),
        };
        log = log.with(&plan, plan.clock.start, SERVICE, event).expect("room");
    }
    let export = WorldExport::of(&plan, &log, plan.clock.start).expect("an export");
    let document = serde_json::to_vec(&export).expect("JSON");
    let least = log.bytes() - log.events().len() * 192;
    let most = log.bytes() + (MAX_EXPORT - MAX_BYTES);
    assert!((least..=most).contains(&document.len()), "{} of {most}", document.len());
    let again = WorldExport::read(&document).expect("a state").event_log(&plan).expect("usable");
    assert_eq!((again.events().len(), again.bytes()), (log.events().len(), log.bytes()));
}

#[test]
fn polls_leave_room_for_changes() {
    let plan = plan();
    let mut log = EventLog::default();
    let mut polls = 0;
    while let Ok(longer) = log.with(&plan, plan.clock.start, SERVICE, poll(1 << 20)) {
        (log, polls) = (longer, polls + 1);
    }
    assert_eq!(polls, MAX_BYTES / 2 / (1 << 20) - 1);
    assert!(log.with(&plan, plan.clock.start, SERVICE, switch()).is_ok());
}

#[test]
fn ordinals_count_changes_and_survive_an_export() {
    let plan = plan();
    let mut log = EventLog::default();
    for event in [poll(1), run(&plan), poll(2), poll(3), run(&plan), poll(4)] {
        log = log.with(&plan, plan.clock.start, SERVICE, event).expect("room");
    }
    let ordinals = |log: &EventLog| -> Vec<(u64, u64)> {
        log.events().map(|event| (event.number, event.ordinal)).collect()
    };
    assert_eq!(ordinals(&log), [(1, 0), (2, 1), (3, 1), (4, 1), (5, 2), (6, 2)]);
    assert_eq!((log.last_number(), log.next_ordinal()), (6, 3));
    let projections = log.projections(&plan, plan.clock.start);
    assert_eq!(created(&projections).iter().map(|made| made.1).collect::<Vec<_>>(), [1, 2]);

    let export = WorldExport::of(&plan, &log, plan.clock.start).expect("an export");
    let document = serde_json::to_value(&export).expect("JSON");
    let read = |document: &serde_json::Value| {
        WorldExport::read(document.to_string().as_bytes()).expect("a state").event_log(&plan)
    };
    let again = read(&document).expect("usable");
    assert_eq!(ordinals(&again), ordinals(&log));
    assert_eq!(again.next_ordinal(), log.next_ordinal());

    // A person takes events out: the others stay what they were.
    let mut fewer = document.clone();
    fewer["journal"].as_array_mut().expect("entries").retain(|entry| entry["number"] != 2);
    let fewer = read(&fewer).expect("usable");
    assert_eq!(created(&fewer.projections(&plan, plan.clock.start)), [(plan.clock.start, 2)]);
    for (ordinal, refused) in [(0, "entry 5 is a change"), (1, "entry 5 is a change")] {
        let mut wrong = document.clone();
        wrong["journal"][4]["ordinal"] = ordinal.into();
        let error = read(&wrong).map(|_| ()).expect_err("no event log").to_string();
        assert!(error.contains(refused), "{error}");
    }
}

#[test]
fn a_long_log_in_whatever_order_shows_at_each_instant_the_events_until_then() {
    let plan = plan();
    let mut log = EventLog::default();
    let mut expected = Vec::new();
    for number in 1..=3_000_u64 {
        // Long runs forward, and some that go back.
        let time = (number / 700 % 2 * 1_000 + number * 7_919 % 600) * (number % 3) + number / 2;
        let at = plan.clock.start.plus(time);
        log = log.with(&plan, at, SERVICE, run(&plan)).expect("room");
        expected.push((at, number));
        if number % 97 != 0 {
            continue;
        }
        expected.sort_unstable();
        let found: Vec<_> = log.events().map(|event| (event.at, event.number)).collect();
        assert_eq!(found, expected);
        let again = EventLog::of(&plan, log.events().collect()).expect("usable");
        assert!(again.events().map(|event| (event.at, event.number)).eq(found));
        // Twice, and back and forth: what was made for one instant serves another.
        for step in 0..40 {
            let now = plan.clock.start.plus(step * 1_301 % 4_000);
            let until = expected.partition_point(|&(at, _)| at <= now);
            for log in [&log, &again] {
                assert_eq!(created(&log.projections(&plan, now)), expected[..until]);
            }
            let (at, number) = expected[expected.len() * step as usize / 40];
            let until = expected.partition_point(|&event| event <= (at, number));
            let found = created(&log.projections_up_to(&plan, at, number));
            assert_eq!(found, expected[..until]);
        }
    }
}

#[test]
fn every_one_of_many_concurrent_changes_is_recorded() {
    let plan = plan();
    let state = WorldState::new(&plan);
    let target = &plan.of::<Eiam>().targets[0];
    let uri = format!(
        "/?Action=RunSynchronizationJob&Version=2021-12-01&Format=JSON&InstanceId={}\
         &TargetType={}&TargetId={}",
        plan.of::<Eiam>().instance_id,
        target.target_type().wire(),
        target.id
    );
    let ask = || {
        let request = http::Request::post(&uri).body(bytes::Bytes::new()).expect("a request");
        let answer = respond(&plan, &state, &request, plan.clock.start).reply;
        let body: serde_json::Value = serde_json::from_slice(answer.body()).expect("JSON");
        body["SynchronizationJobId"].as_str().expect("an id").to_owned()
    };
    let ids = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| (0..25).map(|_| ask()).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|t| t.join().expect("ids")).collect::<Vec<_>>()
    });
    let different: std::collections::HashSet<&String> = ids.iter().collect();
    assert_eq!(different.len(), 200);
    assert_eq!(state.event_log().events().len(), 200);
}
