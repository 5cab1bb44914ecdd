//! The event log: order, bounds, and threads that record at once.

use proptest::prelude::*;

use std::sync::Arc;

use crate::engine::{
    AnyEvent, EventLog, Full, InvalidEventLog, LoggedEvent, MAX_EVENTS, Options, Plan, Projections,
    WorldState, respond,
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
        let again = EventLog::of(&plan, log.events().cloned().collect()).expect("usable");
        prop_assert_eq!(again.next_number(), log.next_number());
        for now in 0..51 {
            let until: Vec<_> =
                expected.iter().copied().filter(|&(born, _)| born <= at(now)).collect();
            prop_assert_eq!(created(&log.projections(&plan, at(now))), until.clone());
            prop_assert_eq!(created(&again.projections(&plan, at(now))), until);
        }
    }
}

#[test]
fn a_full_event_log_takes_no_more_events() {
    let plan = plan();
    let logged =
        |number| LoggedEvent { number, at: plan.clock.start, service: SERVICE, event: run(&plan) };
    let full = EventLog::of(&plan, (1..=MAX_EVENTS as u64).map(logged).collect()).expect("just so");
    assert_eq!(full.with(&plan, plan.clock.start, SERVICE, run(&plan)).map(|_| ()), Err(Full));
    let more = EventLog::of(&plan, (1..=MAX_EVENTS as u64 + 1).map(logged).collect());
    assert_eq!(more.map(|_| ()), Err(InvalidEventLog::Full));
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
