//! What the documents promise of paging and of faults, also when the clock is turned back and when
//! several faults count differently.

use proptest::prelude::*;
use serde_json::Value;

use crate::core_tests::asking::{DRS, INSTANCE, NOW, plan, request};
use crate::engine::{Answer, FaultCounts, Plan, WorldState, respond};
use crate::world::time::Timestamp;

fn get(plan: &Plan, state: &WorldState, uri: &str, now: Timestamp) -> Answer {
    respond(plan, state, &request("GET", uri, &[], b""), now)
}

/// A page of EIAM's jobs: their ids, and the token of the next page.
fn page(plan: &Plan, query: &str, now: Timestamp) -> (Vec<String>, Option<String>) {
    let uri = format!(
        "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}{query}"
    );
    let reply = get(plan, &WorldState::new(plan), &uri, now).reply;
    let body: Value = serde_json::from_slice(reply.body()).expect("JSON");
    let rows = body["SynchronizationJobs"].as_array().expect("rows");
    let ids =
        rows.iter().map(|row| row["SynchronizationJobId"].as_str().expect("an id").to_owned());
    (ids.collect(), body["NextToken"].as_str().map(str::to_owned))
}

/// The rows of a traversal by token, the clock at each page's time; the last time lasts.
fn traversal(plan: &Plan, size: usize, times: &[Timestamp]) -> Vec<String> {
    let mut rows = Vec::new();
    let mut token: Option<String> = None;
    for number in 0.. {
        let now = times[number.min(times.len() - 1)];
        let token_query = token.iter().map(|token| format!("&NextToken={token}"));
        let query = format!("&MaxResults={size}{}", token_query.collect::<String>());
        let (ids, next) = page(plan, &query, now);
        rows.extend(ids);
        match next {
            Some(next) => token = Some(next),
            None => break,
        }
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_snapshot_by_token_shows_its_instant_however_far_the_clock_is_advanced(
        size in 20usize..100,
        turns in proptest::collection::vec(0i64..6, 1..12),
    ) {
        let plan = plan("default", &["eiam.paging.consistency=snapshot"]);
        let whole = traversal(&plan, 100, &[NOW]);
        let turned = turns.iter().map(|hours| Timestamp::from_millis(NOW.millis() + hours * 3_600_000));
        let times: Vec<Timestamp> = std::iter::once(NOW).chain(turned).collect();
        prop_assert_eq!(traversal(&plan, size, &times), whole);
    }

    #[test]
    fn a_traversal_goes_on_after_its_last_row_in_the_list_of_a_clock_that_was_turned_back(
        size in 1usize..100,
        minutes in 0i64..600,
        mode in proptest::sample::select(vec!["live", "snapshot"]),
    ) {
        let plan = plan("default", &[&format!("eiam.paging.consistency={mode}")]);
        let back = Timestamp::from_millis(NOW.millis() - minutes * 60_000);
        let first = page(&plan, &format!("&MaxResults={size}"), NOW);
        let now_whole = traversal(&plan, 100, &[NOW]);
        let back_whole = traversal(&plan, 100, &[back]);
        let seen_before = &now_whole[..first.0.len()];
        let rest = traversal(&plan, size, &[NOW, back]);
        let expected: Vec<String> = seen_before
            .iter()
            .chain(back_whole.iter().filter(|id| !seen_before.contains(id)))
            .cloned()
            .collect();
        prop_assert_eq!(rest, expected);
    }

    /// The log names the fault and the number of the call among those that this fault matches:
    /// alone, at that call, it gives the same answer; wherever the clock was turned meanwhile, and
    /// for pages past the end too.
    #[test]
    fn a_fault_by_its_name_and_number_gives_the_same_answer_again(
        end in proptest::sample::select(vec!["empty", "refuse", "last"]),
        calls in proptest::collection::vec((0usize..3, 0u64..200, -600i64..600), 1..40),
    ) {
        let faults = "fault=[\
            {name='third of all',on={call='every 3'},do={status=503,body='all'}},\
            {name='drs',on={service='drs',call='every 2'},do={refuse='APIGW.0308'}},\
            {name='later pages',on={operation='ListAsyncJobs',page='later',ratio='1/2'},do={garble='empty'}},\
            {name='an hour',on={from='2026-03-02T10:00:00Z',until='2026-03-02T11:00:00Z',call='every 2'},do={status=500}}]";
        let end = format!("drs.quirks.past_the_end={end}");
        let plan = plan("default", &[faults, &end]);
        let state = WorldState::new(&plan);
        for (kind, offset, minutes) in calls {
            let now = Timestamp::from_millis(NOW.millis() + minutes * 60_000);
            let uri = match kind {
                0 => format!("{DRS}?limit=5&offset={offset}"),
                1 => DRS.replace("batch-async-jobs", "jobs"),
                _ => "/api/v3/list-sync-tasks?page=1".to_owned(),
            };
            let answer = get(&plan, &state, &uri, now);
            let Some(fired) = &answer.fault else { continue };
            let alone = WorldState::new(&plan);
            let counts = FaultCounts::of(&plan).only(&fired.fault.name).expect("its name");
            alone.replace_faults(counts.after(fired.call - 1));
            let again = get(&plan, &alone, &uri, now);
            let repeated = again.fault.as_ref().expect("it fires again");
            prop_assert_eq!((&repeated.fault.name, repeated.call), (&fired.fault.name, fired.call));
            prop_assert_eq!(again.reply.status(), answer.reply.status());
            prop_assert_eq!(again.reply.body(), answer.reply.body());
        }
    }
}
