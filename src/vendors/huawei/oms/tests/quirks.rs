//! The effect of each switch of `[oms.quirks]`.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DAYS, FIVE, HOURS, NOW, TASK, World, fixed_task, monthly};

const TYPES: &str = "REQUEST,SUCCESS,FAILURE,SKIP,SIZE";
const FLAT: &str = "[oms.series]\ncurve = \"flat\"\nrequests_per_hour = 1200\n";

fn quirks(lines: &str) -> String {
    format!(
        "[oms.quirks]\n{lines}\n{FLAT}{}",
        fixed_task(&format!("create_time = {}", NOW - 9 * DAYS))
    )
}

fn answer(world: &World, types: &str, start: i64, end: i64) -> Value {
    let query = format!("data_type={types}&start_time={start}&end_time={end}");
    world.accepted("GET", &format!("/{TASK}/statistics?{query}"), "")
}

/// Stamps and numbers of one type, as they come.
fn points(world: &World, data_type: &str, start: i64, end: i64) -> Vec<(i64, u64)> {
    let answer = answer(world, data_type, start, end);
    let data = answer["statistic_datas"][0]["data"].as_array().unwrap().clone();
    let number = |point: &Value| {
        (point["time_stamp"].as_i64().unwrap(), point["statistic_num"].as_u64().unwrap())
    };
    data.iter().map(number).collect()
}

fn at(lines: &str, now: i64) -> World {
    World { now, ..World::new(&quirks(lines)) }
}

#[test]
fn a_limit_above_the_bound_is_clamped_and_no_other_number_is() {
    let file = "[oms.quirks]\nover_limit = \"clamp\"\n[oms.tasks]\ncount = 130\n";
    let world = World::new(file);
    for limit in ["101", "1000", &i64::MAX.to_string()] {
        let page = world.accepted("GET", &format!("?limit={limit}"), "");
        assert_eq!(page["tasks"].as_array().map(Vec::len), Some(100), "{limit}");
    }
    for limit in ["0", "-1", "many"] {
        assert_eq!(world.refused("GET", &format!("?limit={limit}"), "").0, 400);
    }
    assert_eq!(World::new("").refused("GET", "?limit=101", "").0, 400);
}

#[test]
fn an_offset_past_the_end_is_refused_and_the_first_page_never() {
    let quirk = "[oms.quirks]\npast_the_end = \"refuse\"\n";
    let world = World::new(&format!("{quirk}[oms.tasks]\ncount = 20\n"));
    assert_eq!(world.accepted("GET", "?offset=19", "")["tasks"].as_array().map(Vec::len), Some(1));
    for offset in [20, 21, 10_000] {
        let path = format!("?offset={offset}");
        assert_eq!(world.refused("GET", &path, ""), (400, "OMS.0064".to_owned()));
        assert!(world.ask("GET", &path, "").hint().is_some_and(|hint| hint.contains("20 tasks")));
    }
    assert_eq!(World::new(quirk).accepted("GET", "", ""), json!({ "tasks": [], "count": 0 }));

    let quirk = "[oms.quirks]\npast_the_end = \"last\"\n";
    let world = World::new(&format!("{quirk}[oms.tasks]\ncount = 20\n"));
    let last = world.accepted("GET", "?limit=8&offset=16", "");
    assert_eq!(last["tasks"].as_array().map(Vec::len), Some(4));
    for offset in [20, 24, 10_000] {
        assert_eq!(world.accepted("GET", &format!("?limit=8&offset={offset}"), ""), last);
    }
    assert_eq!(World::new(quirk).accepted("GET", "", ""), json!({ "tasks": [], "count": 0 }));
}

#[test]
fn a_capped_total_is_ten_thousand() {
    let many = World::new("[oms.quirks]\ntotal = \"capped\"\n[oms.tasks]\ncount = 20000\n");
    assert_eq!(many.accepted("GET", "", "")["count"], 10_000);
}

#[test]
fn reads_are_stale_but_writes_are_not() {
    let mut world = World::new(&format!("[oms.quirks]\nstale_reads = \"30s\"\n{}", fixed_task("")));
    let count = |world: &World| world.accepted("GET", "", "")["count"].as_u64().unwrap();
    let status = |world: &World, id: &str| world.show(id).map(|shown| shown["status"].clone());
    world.now += 60_000;
    let id = world.create();
    let show = format!("/{id}?query_time={NOW}");
    assert_eq!((count(&world), status(&world, &id)), (1, None));
    let hint = world.ask("GET", &show, "").hint().map(str::to_owned);
    assert!(hint.is_some_and(|hint| hint.contains("stale_reads")));
    let statistics = format!("/{id}/statistics?data_type=SIZE&start_time=0&end_time=1");
    assert_eq!(world.call("GET", &statistics, "").0, 200);
    world.now += 29_999;
    assert_eq!((count(&world), status(&world, &id)), (1, None));
    world.now += 1;
    assert_eq!((count(&world), status(&world, &id)), (2, Some("SYNCHRONIZING".into())));
    assert_eq!((world.stop(&id).0, world.delete(&id).0), (200, 200));
    assert_eq!(world.stop(&id).0, 400);
    assert_eq!((count(&world), status(&world, &id)), (2, Some("SYNCHRONIZING".into())));
    world.now += 30_000;
    assert_eq!((count(&world), status(&world, &id)), (1, None));
}

#[test]
fn stale_counters_are_those_of_that_instant() {
    let stale = at("stale_reads = \"7m\"", NOW + HOURS);
    let then = at("", NOW + HOURS - 7 * FIVE / 5);
    assert_eq!(monthly(&stale.show(TASK).unwrap()), monthly(&then.show(TASK).unwrap()));
}

#[test]
fn polls_of_a_stale_row_count_when_they_happen() {
    let path = "path = [\"SYNCHRONIZING 1h\", \"STOPPED 2 looks\", \"SYNCHRONIZING\"]";
    let quirk = "[oms.quirks]\nstale_reads = \"10m\"\n";
    let text = format!("{quirk}{}", fixed_task(&format!("create_time = {NOW}\n{path}")));
    let mut world = World { now: NOW + HOURS + 1, ..World::new(&text) };
    for _ in 0..2 {
        assert_eq!(world.show(TASK).unwrap()["status"], "SYNCHRONIZING");
        world.now += 1;
    }
    world.now += 2 * FIVE - 4;
    assert_eq!(world.show(TASK).unwrap()["status"], "SYNCHRONIZING", "not an hour yet");
    world.now += 2;
    assert_eq!(world.show(TASK).unwrap()["status"], "STOPPED");
    world.now += 60_000;
    assert_eq!(
        world.show(TASK).unwrap()["status"],
        "SYNCHRONIZING",
        "both polls are in the past by now"
    );
}

#[test]
fn a_late_bucket_appears_whole_when_its_time_has_come() {
    let whole = points(&at("", NOW + HOURS), "REQUEST", NOW, NOW)[0].1;
    let seen =
        |after: i64| points(&at("late_points = \"10m\"", NOW + FIVE + after), "REQUEST", NOW, NOW);
    assert_eq!((seen(0), seen(2 * FIVE - 1)), (vec![], vec![]));
    assert_eq!(seen(2 * FIVE), [(NOW, whole)]);
    // An hour has those of its five minutes that have appeared.
    for now in [NOW + 7 * FIVE + 17, NOW + HOURS, NOW + HOURS + 3 * FIVE] {
        let hours = |lines: &str, now: i64| points(&at(lines, now), "SIZE", NOW, NOW);
        let ended = now - 2 * FIVE - (now - 2 * FIVE).rem_euclid(FIVE);
        let late = hours("late_points = \"10m\"\nwidth = \"always_hours\"", now);
        assert_eq!(late, hours("width = \"always_hours\"", ended.min(NOW + HOURS)), "{now}");
    }
    // Zeroes are not there before their time either.
    let lines = "late_points = \"10m\"\nempty_buckets = \"zero\"";
    let last = points(&at(lines, NOW + HOURS), "SKIP", NOW, NOW + HOURS).last().unwrap().0;
    assert_eq!(last, NOW + HOURS - 3 * FIVE);
}

#[test]
fn monthly_counters_are_right_while_statistics_are_not() {
    let right = at("", NOW + 20 * FIVE).show(TASK).unwrap();
    for quirk in [
        "late_points = \"1h\"",
        "corrected = { after = \"1h\", by = 50 }",
        "series_clock_behind = \"1h\"",
        "points = \"duplicated\"",
    ] {
        assert_eq!(at(quirk, NOW + 20 * FIVE).show(TASK).unwrap(), right, "{quirk}");
    }
}

#[test]
fn behind_the_clock_of_the_series_all_is_as_it_was_then() {
    for (now, behind) in [(NOW + HOURS, 7 * FIVE / 5), (NOW + 3 * FIVE + 1, FIVE + 17)] {
        let quirk = format!("series_clock_behind = \"{behind}ms\"");
        let (late, then) = (at(&quirk, now), at("", now - behind));
        let range = (now - DAYS, now + HOURS);
        assert_eq!(answer(&late, TYPES, range.0, range.1), answer(&then, TYPES, range.0, range.1));
    }
    let mut world = World::new(&format!("{FLAT}[oms.quirks]\nseries_clock_behind = \"1h\"\n"));
    let id = world.create();
    world.now += FIVE;
    world.events(&id, &["a"]);
    world.now += HOURS - 1;
    assert!(world.sums(&id, 0, NOW + DAYS)[0] > 0, "of its first five minutes");
    let before = world.sums(&id, 0, NOW + DAYS)[0];
    world.now += 1;
    assert!(world.sums(&id, 0, NOW + DAYS)[0] > before);
    world.now = NOW + 1;
    assert_eq!(world.sums(&id, 0, NOW + DAYS), [0; 5], "there was no such task then");
}

#[test]
fn points_come_unsorted_or_twice_and_always_the_same() {
    let sorted = points(&at("", NOW), "REQUEST", NOW - DAYS, NOW);
    let unsorted = points(&at("points = \"unsorted\"", NOW), "REQUEST", NOW - DAYS, NOW);
    let again = points(&at("points = \"unsorted\"", NOW), "REQUEST", NOW - DAYS, NOW);
    assert!(unsorted == again && !unsorted.is_sorted());
    let mut ascending = unsorted;
    ascending.sort_unstable();
    assert_eq!(ascending, sorted);

    let mut twice = points(&at("points = \"duplicated\"", NOW), "REQUEST", NOW - DAYS, NOW);
    let more = twice.len() - sorted.len();
    assert!(twice.is_sorted() && (sorted.len() / 8..sorted.len() / 2).contains(&more), "{more}");
    twice.dedup();
    assert_eq!(twice, sorted);
    let end = NOW - 1;
    for n in 2..6 {
        let few = points(&at("points = \"unsorted\"", NOW), "REQUEST", NOW - n * FIVE, end);
        assert!(few.len() == n as usize && !few.is_sorted(), "{n}");
    }
}

#[test]
fn gaps_are_filled_with_zeroes_from_the_birth_of_the_task_until_now() {
    let file = "[oms.quirks]\nempty_buckets = \"zero\"\n[oms.series]\nrequests_per_hour = 6\n";
    let text = format!("{file}{}", fixed_task(&format!("create_time = {}", NOW - 3 * HOURS + 5)));
    let world = World { now: NOW + 7, ..World::new(&text) };
    for (data_type, empty) in [("REQUEST", 1), ("FAILURE", 20)] {
        let found = points(&world, data_type, NOW - DAYS / 2, NOW + HOURS);
        let stamps: Vec<i64> = found.iter().map(|(stamp, _)| *stamp).collect();
        let expected: Vec<i64> = (NOW - 3 * HOURS..=NOW).step_by(FIVE as usize).collect();
        assert_eq!(stamps, expected);
        assert!(found.iter().filter(|(_, number)| *number == 0).count() >= empty);
        let omit = World { now: world.now, ..World::new(&text.replace("zero", "omit")) };
        let filled: Vec<_> = found.into_iter().filter(|(_, number)| *number > 0).collect();
        assert_eq!(filled, points(&omit, data_type, NOW - DAYS / 2, NOW + HOURS));
    }
    // Also while it was stopped.
    let world = World { now: NOW + HOURS, ..World::new(&text) };
    world.stop(TASK);
    let world = World { now: NOW + 2 * HOURS, ..world };
    assert_eq!(points(&world, "SIZE", NOW + HOURS + FIVE, NOW + DAYS / 2).len(), 12);
}

#[test]
fn the_width_can_be_the_same_for_every_range() {
    for (width, name, stamps) in
        [("always_hours", "ONE_HOUR", HOURS), ("always_five_minutes", "FIVE_MINUTES", FIVE)]
    {
        let world = at(&format!("width = \"{width}\""), NOW);
        for range in [FIVE, DAYS, 3 * DAYS] {
            assert_eq!(answer(&world, "SIZE", NOW - range, NOW)["statistic_time_type"], name);
            let found = points(&world, "SIZE", NOW - range, NOW);
            assert!(found.iter().all(|(stamp, _)| stamp % stamps == 0));
        }
    }
}

fn by_stamp(world: &World, data_type: &str) -> BTreeMap<i64, u64> {
    points(world, data_type, NOW, NOW + HOURS - 1).into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn until_it_is_corrected_a_bucket_has_less_of_each_type_and_then_all(
        seed in 0u64..1 << 40, by in 1u64..=100, after in 1i64..40 * 60_000, age in 0..3 * HOURS,
    ) {
        let text = |quirk: &str| format!("seed = {seed}\n{}", quirks(quirk));
        let quirk = format!("corrected = {{ after = \"{after}ms\", by = {by} }}");
        let now = NOW + age;
        let corrected = World { now, ..World::new(&text(&quirk)) };
        let right = World { now, ..World::new(&text("")) };
        let found: Vec<_> = TYPES.split(',').map(|name| by_stamp(&corrected, name)).collect();
        let truth: Vec<_> = TYPES.split(',').map(|name| by_stamp(&right, name)).collect();
        for bucket in (NOW..NOW + HOURS).step_by(FIVE as usize) {
            let of = |all: &[BTreeMap<i64, u64>]| -> Vec<u64> {
                all.iter().map(|series| series.get(&bucket).copied().unwrap_or(0)).collect()
            };
            let (found, truth) = (of(&found), of(&truth));
            if now >= bucket + FIVE + after {
                prop_assert_eq!(&found, &truth);
                continue;
            }
            for i in 0..4 {
                prop_assert!(found[i] < truth[i] || truth[i] == 0);
                prop_assert!((truth[i] - found[i] - u64::from(truth[i] > 0)) * 100 <= truth[i] * by);
            }
            prop_assert!(found[1] + found[2] + found[3] <= found[0]);
            prop_assert!(found[4] <= truth[4] && (found[4] > 0) == (found[1] > 0));
        }
    }

    #[test]
    fn reported_counts_only_grow_however_late_or_wrong(
        seed in 0u64..1 << 40,
        late in proptest::option::of(0i64..30 * 60_000),
        behind in proptest::option::of(1i64..30 * 60_000),
        after in 31i64 * 60_000..90 * 60_000,
        steps in proptest::collection::vec(1i64..600_000, 1..15),
    ) {
        let mut lines = format!("corrected = {{ after = \"{after}ms\", by = 30 }}\n");
        for (name, length) in [("late_points", late), ("series_clock_behind", behind)] {
            if let Some(length) = length {
                lines.push_str(&format!("{name} = \"{length}ms\"\n"));
            }
        }
        let mut world = World::new(&format!("seed = {seed}\n{}", quirks(&lines)));
        let mut last = BTreeMap::new();
        for step in steps {
            world.now += step;
            let found = by_stamp(&world, "SUCCESS");
            prop_assert!(last.iter().all(|(stamp, number)| found.get(stamp) >= Some(number)));
            last = found;
        }
    }
}
