//! The scenario late: what collectors of statistics end up with that read each bucket once, and
//! one that reads it again.

use crate::engine::Plan;
use crate::world::time::{HOUR, MINUTE, Timestamp};
use serde_json::Value;

use crate::core_tests::asking::{DRS, DTS_IDS, INSTANCE, NOW, OMS, get_json, plan, request, text};

const FIVE: u64 = 5 * MINUTE;
const NAMES: [&str; 5] = ["REQUEST", "SUCCESS", "FAILURE", "SKIP", "SIZE"];

fn json(plan: &Plan, now: Timestamp, uri: &str) -> Value {
    let answer = crate::engine::respond_first(plan, &request("GET", uri, &[], b""), now);
    assert!(answer.succeeded(), "{uri}");
    serde_json::from_str(&text(&answer)).unwrap()
}

/// The counts of the bucket that begins there, as reported at `now`.
fn bucket(plan: &Plan, begins: Timestamp, now: Timestamp) -> [u64; 5] {
    let stamp = begins.millis();
    let range = format!("start_time={stamp}&end_time={stamp}");
    let answer = json(plan, now, &format!("{OMS}?data_type={}&{range}", NAMES.join(",")));
    [0, 1, 2, 3, 4].map(|i| {
        let points = answer["statistic_datas"][i]["data"].as_array().unwrap();
        points.iter().map(|point| point["statistic_num"].as_u64().unwrap()).sum()
    })
}

/// The sum of each bucket of two hours, read that long after it ended.
fn collected(plan: &Plan, after: u64) -> [u64; 5] {
    (0..24).map(|n| NOW.plus(n * FIVE)).fold([0; 5], |sum, begins| {
        let found = bucket(plan, begins, begins.plus(FIVE + after));
        [0, 1, 2, 3, 4].map(|i| sum[i] + found[i])
    })
}

#[test]
fn reading_a_bucket_once_gives_wrong_sums_and_reading_it_again_gives_right_ones() {
    let late = plan("late", &[]);
    // The same world, right as soon as a bucket has ended.
    let on_time = ["oms.quirks.late_points=\"0s\"", "oms.quirks.corrected.after=\"1ms\""];
    let truth = collected(&plan("late", &on_time), 1);
    assert!(truth.iter().all(|sum| *sum > 0), "{truth:?}");

    let naive = collected(&late, 0);
    assert_eq!(naive, [0; 5], "nothing has appeared by then");
    let patient = collected(&late, 10 * MINUTE);
    for (i, name) in NAMES.iter().enumerate() {
        assert!(0 < patient[i] && patient[i] < truth[i], "{name}: {patient:?} of {truth:?}");
        // A fifth at most, and one more for each bucket, as numbers are whole.
        assert!(patient[i] + 24 + truth[i] / 3 >= truth[i], "{name}: {patient:?} of {truth:?}");
    }
    assert_eq!(collected(&late, HOUR - 1), patient);
    assert_eq!(collected(&late, HOUR), truth);
}

#[test]
fn the_monthly_counters_of_a_late_world_are_right_at_once() {
    let late = plan("late", &[]);
    let show = OMS.replace("/statistics", "");
    let monthly = |now: Timestamp| {
        let shown = json(&late, now, &format!("{show}?query_time={}", NOW.millis()));
        shown["monthly_acceptance_request"].as_u64().unwrap()
    };
    let grown = monthly(NOW.plus(FIVE)) - monthly(NOW);
    assert_eq!(grown, bucket(&late, NOW, NOW.plus(FIVE + HOUR))[0]);
    assert_eq!(bucket(&late, NOW, NOW.plus(FIVE)), [0; 5]);
}

#[test]
fn the_examples_of_all_services_are_known() {
    let late = plan("late", &[]);
    for uri in [
        format!(
            "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}"
        ),
        format!(
            "/?Action=DescribeSynchronizationJobStatusList&Version=2020-01-01&Format=JSON\
             &SynchronizationJobIdListJsonStr={DTS_IDS}"
        ),
        "/api/v3/list-sync-jobs?syncTaskId=1000".to_owned(),
        DRS.to_owned(),
        format!("{OMS}?data_type=SIZE&start_time=0&end_time=1"),
    ] {
        let (status, answer) = get_json(&late, &uri);
        assert_eq!(status, 200, "{uri}: {answer}");
        assert!(answer["statusCode"].as_u64().is_none_or(|code| code == 200), "{uri}: {answer}");
    }
}
