use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DAYS, FIVE, HOURS, NOW, PROJECT, TASK, fixed_task, generated_id, plan};
use crate::engine::{Answer, Plan, respond_first};
use crate::wire::Request;
use crate::world::time::{MINUTE, Timestamp};

const ALL: &str = "REQUEST,SUCCESS,FAILURE,SKIP,SIZE";

/// The documented task, a hundred days old, on a restless day.
fn busy(seed: u64) -> Box<Plan> {
    plan(&format!(
        "seed = {seed}\n[oms.tasks]\ncount = 40\n{}[oms.series]\nrequests_per_hour = 200\n\
         outcomes = {{ success = 6, failure = 3, skip = 2 }}\n\
         bursts = {{ every = \"7h\", lasts = \"20m\", factor = 9 }}\n\
         gaps = {{ every = \"1d\", lasts = \"70m\" }}\n",
        fixed_task(&format!("create_time = {}", NOW - 100 * DAYS))
    ))
}

fn send(plan: &Plan, project: &str, task: &str, query: &str, now: i64) -> Answer {
    let uri = format!("/v2/{project}/sync-tasks/{task}/statistics?{query}");
    let request: Request = http::Request::builder().uri(uri).body(Bytes::new()).unwrap();
    respond_first(plan, &request, Timestamp::from_millis(now))
}

fn ask(plan: &Plan, query: &str, now: i64) -> (u16, Value) {
    let reply = send(plan, PROJECT, TASK, query, now).reply;
    (reply.status().as_u16(), serde_json::from_slice(reply.body()).unwrap())
}

type Series = BTreeMap<i64, u64>;

/// The width of the buckets, and the series by type; what holds for every answer is checked.
fn series(
    plan: &Plan,
    task: &str,
    types: &str,
    start: i64,
    end: i64,
    now: i64,
) -> (i64, Vec<Series>) {
    let query = format!("data_type={types}&start_time={start}&end_time={end}");
    let answer: Value =
        serde_json::from_slice(send(plan, PROJECT, task, &query, now).reply.body()).unwrap();
    assert_eq!(answer["sync_task_id"], task, "{answer}");
    let width = match answer["statistic_time_type"].as_str() {
        Some("FIVE_MINUTES") => FIVE,
        Some("ONE_HOUR") => HOURS,
        other => panic!("{other:?}"),
    };
    let entries = answer["statistic_datas"].as_array().unwrap();
    assert_eq!(entries.len(), types.split(',').count());
    let series = entries.iter().zip(types.split(',')).map(|(entry, name)| {
        assert_eq!(entry["data_type"], name);
        let mut found = Series::new();
        for point in entry["data"].as_array().unwrap() {
            let stamp = point["time_stamp"].as_i64().unwrap();
            let number = point["statistic_num"].as_u64().unwrap();
            assert!(stamp % width == 0 && stamp > start - width && stamp <= end.min(now));
            assert!(number > 0 && found.last_key_value().is_none_or(|(last, _)| *last < stamp));
            found.insert(stamp, number);
        }
        assert!(found.len() <= 1_000);
        found
    });
    (width, series.collect())
}

fn at(series: &Series, stamp: i64) -> u64 {
    series.get(&stamp).copied().unwrap_or(0)
}

fn by_hour(series: &Series) -> Series {
    let mut sums = Series::new();
    for (stamp, number) in series {
        *sums.entry(stamp - stamp % HOURS).or_default() += number;
    }
    sums
}

fn range(series: &Series, start: i64, end: i64, width: i64) -> Series {
    let start = start.div_euclid(width) * width;
    series.range(start..=end.max(start)).map(|(stamp, number)| (*stamp, *number)).collect()
}

/// The response of the vendor's page: 1 at first, then these without a break from ten
/// minutes on, and 1 after more than an hour without any.
const SAMPLE_START: i64 = 1_700_150_400_000;
const SAMPLE_END: i64 = 1_700_188_200_000;
const SAMPLE: [u64; 111] = [
    20, 13, 12, 10, 11, 9, 12, 9, 10, 7, 13, 9, 9, 9, 10, 11, 9, 8, 11, 10, 8, 10, 11, 9, 11, 9,
    10, 11, 9, 11, 10, 10, 9, 8, 11, 9, 9, 9, 10, 11, 9, 9, 11, 10, 9, 10, 9, 11, 10, 10, 11, 10,
    9, 9, 11, 10, 8, 11, 8, 10, 10, 9, 10, 8, 11, 9, 13, 10, 8, 10, 11, 11, 10, 11, 9, 9, 12, 9,
    11, 10, 10, 11, 9, 11, 10, 9, 11, 9, 11, 9, 12, 10, 9, 11, 9, 10, 10, 11, 10, 9, 12, 9, 12, 9,
    11, 9, 10, 11, 10, 9, 8,
];

fn sample() -> Vec<(i64, u64)> {
    let steady = (2..).zip(SAMPLE).map(|(step, number)| (SAMPLE_START + step * FIVE, number));
    [(SAMPLE_START, 1)].into_iter().chain(steady).chain([(SAMPLE_END, 1)]).collect()
}

fn sample_task(more: &str) -> String {
    let points: Vec<[i64; 2]> =
        sample().into_iter().map(|(stamp, number)| [stamp, number as i64]).collect();
    fixed_task(&format!("statistics = {{ REQUEST = {}{more} }}", json!(points)))
}

#[test]
fn the_documented_points_are_there_from_the_last_one_on() {
    let plan = plan(&sample_task(""));
    for now in [SAMPLE_END, NOW] {
        let (width, found) = series(&plan, TASK, "REQUEST", SAMPLE_START, SAMPLE_END, now);
        assert_eq!((width, &found[0]), (FIVE, &sample().into_iter().collect()));
    }
}

#[test]
fn values_derived_from_fixed_requests_agree_with_them() {
    let plan = plan(&sample_task(""));
    let (_, five) = series(&plan, TASK, ALL, SAMPLE_START, SAMPLE_END, NOW);
    for (stamp, request) in sample() {
        assert_eq!(at(&five[1], stamp) + at(&five[2], stamp) + at(&five[3], stamp), request);
        assert_eq!(at(&five[4], stamp) > 0, at(&five[1], stamp) > 0);
    }
    let (width, hours) = series(&plan, TASK, ALL, SAMPLE_START, SAMPLE_START + 2 * DAYS, NOW);
    assert_eq!(width, HOURS);
    assert_eq!(hours, five.iter().map(by_hour).collect::<Vec<_>>());
    let (_, before) = series(&plan, TASK, "REQUEST", SAMPLE_START, SAMPLE_END, SAMPLE_END - 1);
    assert_eq!(before[0].len(), 112, "a point is there once its five minutes have begun");
}

#[test]
fn a_fixed_type_keeps_its_share_and_the_others_divide_the_remainder() {
    let exact = format!(
        ", SUCCESS = [[{SAMPLE_START}, 1], [{}, 15]], SIZE = [[{SAMPLE_START}, 7]]",
        SAMPLE_START + 2 * FIVE
    );
    let plan = plan(&sample_task(&exact));
    let (_, five) = series(&plan, TASK, ALL, SAMPLE_START, SAMPLE_END, NOW);
    assert_eq!(five[1], Series::from([(SAMPLE_START, 1), (SAMPLE_START + 2 * FIVE, 15)]));
    assert_eq!(five[4], Series::from([(SAMPLE_START, 7)]));
    for (stamp, request) in sample() {
        assert_eq!(at(&five[1], stamp) + at(&five[2], stamp) + at(&five[3], stamp), request);
    }
}

#[test]
fn types_come_in_the_requested_order_and_each_once() {
    let plan = busy(1);
    let range = format!("start_time={}&end_time={NOW}", NOW - DAYS);
    for (sent, expected) in [
        ("SIZE", vec!["SIZE"]),
        ("SKIP%2CREQUEST", vec!["SKIP", "REQUEST"]),
        (
            "SIZE,SKIP,FAILURE,SUCCESS,REQUEST",
            vec!["SIZE", "SKIP", "FAILURE", "SUCCESS", "REQUEST"],
        ),
        ("REQUEST,REQUEST,SIZE,REQUEST", vec!["REQUEST", "SIZE"]),
    ] {
        let (status, answer) = ask(&plan, &format!("data_type={sent}&{range}"), NOW);
        let entries = answer["statistic_datas"].as_array().unwrap();
        let types: Vec<&str> =
            entries.iter().map(|entry| entry["data_type"].as_str().unwrap()).collect();
        assert_eq!((status, types), (200, expected), "{sent}");
    }
}

#[test]
fn a_bad_parameter_is_refused_by_name_in_the_vendors_words() {
    let plan = busy(1);
    let long = format!("{}REQUEST", "REQUEST,".repeat(31));
    assert_eq!(long.len(), 255);
    let good = |types: &str| format!("data_type={types}&start_time=0&end_time={NOW}");
    assert_eq!(ask(&plan, &good(&long), NOW).0, 200);
    for (query, name) in [
        ("", "data_type"),
        ("data_type=REQUEST", "start_time"),
        ("data_type=REQUEST&start_time=5", "end_time"),
        ("data_type=&start_time=5&end_time=6", "data_type"),
        ("data_type=LOST&start_time=5&end_time=6", "data_type"),
        ("data_type=request&start_time=5&end_time=6", "data_type"),
        ("data_type=REQUEST,&start_time=5&end_time=6", "data_type"),
        ("data_type=REQUEST,%20SIZE&start_time=5&end_time=6", "data_type"),
        (&good(&format!("{long},")), "data_type"),
        ("data_type=SIZE&start_time=-1&end_time=6", "start_time"),
        ("data_type=SIZE&start_time=yesterday&end_time=6", "start_time"),
        ("data_type=SIZE&start_time=1.5&end_time=6", "start_time"),
        ("data_type=SIZE&start_time=%2B5&end_time=6", "start_time"),
        ("data_type=SIZE&start_time=5&end_time=9223372036854775808", "end_time"),
        ("data_type=SIZE&start_time=6&end_time=5", "end_time"),
    ] {
        let answer = send(&plan, PROJECT, TASK, query, NOW);
        let expected = format!(
            "{{\"error_code\":\"OMS.0064\",\"error_msg\":\"Invalid request parameters.\",\
             \"error_detail\":\"request parameter [{name}] invalid.\"}}"
        );
        assert_eq!(answer.reply.body(), expected.as_bytes(), "{query}");
        assert_eq!(answer.reply.status(), 400);
        assert!(answer.hint().is_some_and(|hint| hint.contains(name)), "{query}");
    }
    let id = "a".repeat(256);
    let reply = send(&plan, PROJECT, &id, &good("SIZE"), NOW).reply;
    assert!(String::from_utf8_lossy(reply.body()).contains("[sync_task_id]"));
}

#[test]
fn an_unknown_task_is_404_with_the_message_first() {
    let query = "data_type=SIZE&start_time=0&end_time=1";
    let unknown = "00000000-0000-4000-8000-000000000000";
    let text = fixed_task("");
    let quirk = "[oms.quirks]\nunknown_task = \"OMS.0054\"\n";
    let answer = send(&plan(&format!("{quirk}{text}")), PROJECT, unknown, query, NOW);
    let expected =
        "{\"error_msg\":\"Invalid task ID. Enter a valid task ID.\",\"error_code\":\"OMS.0054\"}";
    assert_eq!(
        (answer.reply.status().as_u16(), &answer.reply.body()[..]),
        (404, expected.as_bytes())
    );
    assert!(answer.hint().is_some_and(|hint| hint.contains(TASK)));
    assert_eq!(ask(&plan(""), query, NOW).0, 404);
    let later = plan(&fixed_task(&format!("create_time = {}", NOW + 5)));
    assert_eq!((ask(&later, query, NOW + 4).0, ask(&later, query, NOW + 5).0), (404, 200));
}

#[test]
fn another_project_is_refused_or_empty() {
    let query = "data_type=SIZE&start_time=0&end_time=1";
    let code = |plan: &Plan, project: &str| {
        let answer = send(plan, project, TASK, query, NOW);
        let body: Value = serde_json::from_slice(answer.reply.body()).unwrap();
        let code = body["error_code"].as_str().map(str::to_owned);
        (answer.reply.status().as_u16(), code, answer.hint().unwrap_or_default().to_owned())
    };
    let refuse = plan(&fixed_task(""));
    let (status, found, hint) = code(&refuse, "054ba152d480d55b2f5dc0069e7ddef0");
    assert_eq!((status, found.as_deref()), (403, Some("OMS.0206")));
    assert!(hint.contains(PROJECT));
    let (_, _, hint) = code(&refuse, "%7Bproject_id%7D");
    assert!(hint.contains("no project id"));
    let empty = plan(&format!("[oms.quirks]\nunknown_project = \"empty\"\n{}", fixed_task("")));
    assert_eq!(code(&empty, "other").1.as_deref(), Some("OMS.1009"));
    assert_eq!(send(&empty, "other", TASK, "data_type=SIZE", NOW).reply.status(), 400);
    let named = plan(&format!("[oms]\nproject_id = \"other\"\n{}", fixed_task("")));
    assert_eq!(code(&named, "other").0, 200);
}

#[test]
fn ranges_of_more_than_a_day_are_counted_by_the_hour() {
    let plan = busy(2);
    assert_eq!(series(&plan, TASK, "REQUEST", NOW - DAYS, NOW, NOW).0, FIVE);
    assert_eq!(series(&plan, TASK, "REQUEST", NOW - DAYS - 1, NOW, NOW).0, HOURS);
    let text = format!("[oms.quirks]\nhourly_after = \"3d\"\n{}", fixed_task(""));
    let plan = self::plan(&text);
    let (width, found) = series(&plan, TASK, "REQUEST", NOW - 3 * DAYS, NOW, NOW);
    assert!(width == FIVE && found[0].len() > 700);
}

#[test]
fn a_range_beyond_the_cap_shows_the_oldest_thousand_or_is_refused() {
    let text = format!(
        "[oms.series]\ncurve = \"flat\"\n{}",
        fixed_task(&format!("create_time = {}", NOW - 100 * DAYS))
    );
    let clip = plan(&text);
    let (_, found) = series(&clip, TASK, ALL, 0, i64::MAX, NOW);
    assert_eq!(found[0].len(), 1_000);
    assert_eq!(found[0].first_key_value().map(|(stamp, _)| *stamp), Some(NOW - 100 * DAYS));
    let next = NOW - 100 * DAYS + 1_000 * HOURS;
    let (_, more) = series(&clip, TASK, ALL, next, i64::MAX, NOW);
    assert_eq!(more[0].first_key_value().map(|(stamp, _)| *stamp), Some(next));

    let refuse = plan(&format!("[oms.quirks]\nover_cap = \"refuse\"\n{text}"));
    let status = |end: i64| {
        ask(&refuse, &format!("data_type=SIZE&start_time={}&end_time={end}", NOW - DAYS), NOW).0
    };
    let last = NOW - DAYS + 1_000 * HOURS - 1;
    assert_eq!((status(last), status(last + 1), status(i64::MAX)), (200, 400, 400));
}

#[test]
fn a_task_begins_with_the_first_whole_bucket_of_its_life() {
    let created = NOW - 3 * DAYS + 17 * MINUTE as i64 + 1;
    let text = "[oms.series]\ncurve = \"flat\"\n".to_owned();
    let plan = plan(&(text + &fixed_task(&format!("create_time = {created}"))));
    let (_, five) = series(&plan, TASK, ALL, created - HOURS, created + DAYS - HOURS, NOW);
    let first = five[0].first_key_value().map(|(stamp, _)| *stamp);
    assert_eq!(first, Some(created - created % FIVE + FIVE));
    let (_, hours) = series(&plan, TASK, ALL, created - 2 * DAYS, created + 3 * HOURS, NOW);
    for (hours, five) in hours.iter().zip(&five) {
        let sums = by_hour(five);
        assert!(hours.iter().all(|(stamp, number)| at(&sums, *stamp) == *number));
    }
}

#[test]
fn a_stopped_task_has_nothing_after_it_stopped() {
    let stop = NOW - 2 * HOURS - 100_000;
    let stopped_at = Timestamp::from_millis(stop).iso_seconds();
    let dated = plan(&fixed_task(&format!("stopped_at = {stopped_at}")));
    let (_, then) = series(&dated, TASK, ALL, NOW - DAYS, NOW, stop);
    let (_, now) = series(&dated, TASK, ALL, NOW - DAYS, NOW, NOW);
    assert_eq!(now, then);
    assert_eq!(now[0].last_key_value().map(|(stamp, _)| *stamp), Some(stop - stop % FIVE));
    let status = plan(&fixed_task("status = \"STOPPED\""));
    let (_, found) = series(&status, TASK, "REQUEST", NOW - DAYS / 2, NOW + DAYS / 2, NOW + DAYS);
    let last = found[0].last_key_value().map(|(stamp, _)| *stamp);
    assert_eq!(last, Some(NOW - FIVE));
}

#[test]
fn generated_tasks_are_found_by_their_ids_and_some_have_stopped() {
    let plan = plan("[oms.tasks]\ncount = 60\nover = \"90d\"\n[oms.series]\ncurve = \"flat\"\n");
    let ended = (0..60).filter(|&index| {
        let id = generated_id(&plan, index);
        let (_, all) = series(&plan, &id, "REQUEST", 0, i64::MAX, NOW);
        let (_, last) = series(&plan, &id, "REQUEST", NOW - HOURS, NOW, NOW);
        assert!(all[0].first_key_value().is_some_and(|(stamp, _)| *stamp > NOW - 91 * DAYS));
        last[0].is_empty()
    });
    assert!((1..20).contains(&ended.count()));
    let unborn = send(
        &plan,
        PROJECT,
        &generated_id(&plan, 60),
        "data_type=SIZE&start_time=0&end_time=1",
        NOW,
    );
    assert_eq!(unborn.reply.status(), 404);
    assert!(unborn.hint().is_some_and(|hint| hint.contains(&generated_id(&plan, 0))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn outcomes_never_exceed_requests_and_size_follows_success(
        seed in 0u64..1 << 40, age in 0i64..DAYS, length in 0..3 * DAYS, task in 0u64..41,
    ) {
        let plan = busy(seed);
        let task = if task == 40 { TASK.to_owned() } else { generated_id(&plan, task) };
        let (start, now) = (NOW - DAYS + age, NOW + age);
        let (_, found) = series(&plan, &task, ALL, start, start + length, now);
        for stamp in found.iter().flat_map(|series| series.keys()) {
            let [request, success, failure, skip, size] = [0, 1, 2, 3, 4].map(|i| at(&found[i], *stamp));
            prop_assert!(success + failure + skip <= request);
            prop_assert_eq!(size > 0, success > 0);
        }
    }

    #[test]
    fn hours_are_the_sums_of_their_five_minutes_at_the_same_instant(
        seed in 0u64..1 << 40, start in 0..2 * HOURS, late in 0..3 * DAYS,
    ) {
        let plan = busy(seed);
        let start = NOW - DAYS - start;
        let now = NOW - DAYS + late;
        let end = start + DAYS + 1;
        let (width, hours) = series(&plan, TASK, ALL, start, end, now);
        prop_assert_eq!(width, HOURS);
        // The same hours by halves, each short enough to be counted by five minutes.
        let first = start - start % HOURS;
        let half = first + 13 * HOURS;
        let last = end - end % HOURS + HOURS - 1;
        let (width, one) = series(&plan, TASK, ALL, first, half - 1, now);
        prop_assert_eq!(width, FIVE);
        let (_, two) = series(&plan, TASK, ALL, half, last, now);
        for (i, hours) in hours.iter().enumerate() {
            let mut five = one[i].clone();
            five.extend(&two[i]);
            prop_assert_eq!(hours, &by_hour(&five));
        }
    }

    #[test]
    fn a_part_of_a_range_has_the_same_part_of_its_points(
        seed in 0u64..1 << 40,
        length in prop_oneof![0..DAYS, DAYS + 1..30 * DAYS],
        age in 0..2 * DAYS,
        cuts in proptest::array::uniform2(0i64..1_000),
    ) {
        let plan = busy(seed);
        let (start, end) = (NOW - length, NOW + age);
        let (width, whole) = series(&plan, TASK, ALL, start, end, NOW);
        let from = start + (end - start) * cuts[0] / 1_000;
        let to = from + (end - from) * cuts[1] / 1_000;
        let (narrow, part) = series(&plan, TASK, ALL, from, to, NOW);
        prop_assume!(width == narrow);
        for (whole, part) in whole.iter().zip(&part) {
            prop_assert_eq!(part, &range(whole, from, to, width));
        }
    }

    #[test]
    fn what_was_seen_once_only_grows(
        seed in 0u64..1 << 40, length in 0..60 * DAYS,
        steps in proptest::collection::vec(1i64..400_000, 1..20),
    ) {
        let plan = busy(seed);
        let (start, end) = (NOW - length, NOW + HOURS);
        let mut now = NOW;
        let mut last: Vec<Series> = vec![Series::new(); 5];
        for step in steps {
            now += step;
            let (_, found) = series(&plan, TASK, ALL, start, end, now);
            for (last, found) in last.iter().zip(&found) {
                prop_assert!(last.iter().all(|(stamp, number)| at(found, *stamp) >= *number));
            }
            last = found;
        }
    }

    #[test]
    fn a_type_is_the_same_whichever_types_are_requested_beside_it(
        seed in 0u64..1 << 40, order in Just(vec!["REQUEST", "SUCCESS", "FAILURE", "SKIP", "SIZE"]).prop_shuffle(),
        many in 1usize..=5,
    ) {
        let plan = busy(seed);
        let types = order[..many].join(",");
        let (_, together) = series(&plan, TASK, &types, NOW - DAYS, NOW, NOW);
        for (name, found) in order.iter().zip(&together) {
            let (_, alone) = series(&plan, TASK, name, NOW - DAYS, NOW, NOW);
            prop_assert_eq!(&alone[0], found);
        }
    }

    #[test]
    fn no_range_or_instant_overflows(start in 0..=i64::MAX, length in 0..=i64::MAX, now: i64) {
        let plan = busy(3);
        let query = format!("data_type={ALL}&start_time={start}&end_time={}", start.saturating_add(length));
        let (status, _) = ask(&plan, &query, now);
        prop_assert!(status == 200 || status == 404);
    }

    #[test]
    fn no_query_panics_and_none_goes_unanswered(
        query in "((data_type|start_time|end_time|sync_task_id|x)=[A-Z0-9,%+-]{0,20}&){0,5}",
        task in "[a-f0-9%-]{1,40}",
    ) {
        let plan = busy(3);
        let reply = send(&plan, PROJECT, &task, &query, NOW).reply;
        let answer: Value = serde_json::from_slice(reply.body()).unwrap();
        prop_assert!(reply.status() == 200 || answer["error_code"].is_string());
    }
}
