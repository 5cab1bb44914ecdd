use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DAYS, FIVE, HOURS, NOW, TASK, World, create_body, fixed_task, generated_id, monthly};
use crate::vendors::huawei::oms::state::{
    DELETE, EVENTS, START, STOP, SyncTaskState, TASK as LIFECYCLE,
};
use crate::world::time::Timestamp;

const FLAT: &str = "[oms.series]\ncurve = \"flat\"\nrequests_per_hour = 1200\n";

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

/// The start and end of the month that an instant lies in.
fn month(at: i64) -> (i64, i64) {
    let (from, until) = Timestamp::from_millis(at).china_month();
    (from.millis(), until.millis())
}

/// The sums of a month: by statistics of five minutes, of hours, and by ShowSyncTask.
fn three_ways(world: &World, id: &str, at: i64) -> [[u64; 5]; 3] {
    let (from, until) = month(at);
    let days = (from..until).step_by(DAYS as usize);
    let five = days.map(|day| world.sums(id, day, day + DAYS - 1));
    let five = five.fold([0; 5], |sum, day| [0, 1, 2, 3, 4].map(|i| sum[i] + day[i]));
    let shown = world.accepted("GET", &format!("/{id}?query_time={at}"), "");
    [five, world.sums(id, from, until - 1), monthly(&shown)]
}

#[test]
fn a_created_task_has_the_values_that_were_sent_and_the_vendors_defaults() {
    let world = World::new("");
    let plain = world.create();
    let expected = json!({
        "sync_task_id": plain, "src_cloud_type": "Aliyun", "src_region": "cn-beijing",
        "src_bucket": "src", "create_time": NOW, "last_start_time": NOW, "dst_bucket": "dst",
        "dst_region": "cn-north-4", "description": "", "status": "SYNCHRONIZING",
        "enable_metadata_migration": false, "enable_restore": false,
        "object_overwrite_mode": "SIZE_LAST_MODIFIED_COMPARISON_OVERWRITE",
        "dst_storage_policy": "STANDARD", "consistency_check": "size_last_modified",
    });
    assert_eq!(world.list("", 10), [expected]);
    let body = create_body(
        r#","src_cloud_type":"Tencent","app_id":"1259999999","description":"看板","enable_kms":true,
        "enable_metadata_migration":true,"enable_restore":true,"dst_storage_policy":"IA",
        "consistency_check":"transmission","source_cdn":{"domain":"d.example.com","protocol":"http",
        "authentication_type":"TENCENT_COS_A","authentication_key":"k"}"#,
    );
    let id = text(&world.accepted("POST", "", &body), "sync_task_id").to_owned();
    let row = world.list("", 10).remove(0);
    assert_eq!(row["sync_task_id"], *id, "of the same instant, the last one is first");
    let keys: Vec<&String> = row.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "sync_task_id",
            "src_cloud_type",
            "src_region",
            "src_bucket",
            "create_time",
            "last_start_time",
            "dst_bucket",
            "dst_region",
            "description",
            "status",
            "enable_kms",
            "enable_metadata_migration",
            "enable_restore",
            "app_id",
            "source_cdn",
            "object_overwrite_mode",
            "dst_storage_policy",
            "consistency_check"
        ]
    );
    assert_eq!((text(&row, "app_id"), text(&row, "description")), ("1259999999", "看板"));
    assert_eq!(row["consistency_check"], "no_check");
    let cdn = json!({
        "domain": "d.example.com", "protocol": "http", "authentication_type": "TENCENT_COS_A",
    });
    assert_eq!(row["source_cdn"], cdn);
    let shown = world.show(&id).unwrap();
    assert!(shown.get("source_cdn").is_none());
    let keys: Vec<&String> = shown.as_object().unwrap().keys().skip(14).collect();
    assert_eq!(
        keys,
        [
            "monthly_acceptance_request",
            "monthly_success_object",
            "monthly_failure_object",
            "monthly_skip_object",
            "monthly_size",
            "object_overwrite_mode",
            "dst_storage_policy",
            "consistency_check"
        ]
    );
}

#[test]
fn a_series_runs_only_while_its_task_does_and_goes_on_in_the_bucket_it_stopped_in() {
    let mut world = World::new(FLAT);
    world.now = NOW + 1;
    let id = world.create();
    let sum = |world: &World| world.sums(&id, NOW - HOURS, NOW + 20 * HOURS);
    world.now = NOW + FIVE;
    assert_eq!(sum(&world), [0; 5], "the first whole bucket begins now");
    // Two minutes into it, and one more after an hour and after a day.
    world.now += 2 * FIVE / 5;
    let before = sum(&world);
    assert!(before[0] > 0 && world.stop(&id).0 == 200);
    assert_eq!(sum(&world), before);
    world.now += FIVE / 5;
    assert_eq!((sum(&world), world.start(&id).0), (before, 200));
    assert_eq!(sum(&world), before);
    world.now += FIVE / 5;
    let more = sum(&world);
    assert!(more[0] > before[0]);
    assert_eq!(world.stop(&id).0, 200);
    world.now += HOURS;
    assert_eq!((sum(&world), world.start(&id).0), (more, 200));
    assert_eq!(text(&world.show(&id).unwrap(), "status"), "SYNCHRONIZING");
    assert_eq!(world.show(&id).unwrap()["last_start_time"], world.now);
    world.now += FIVE;
    assert!(sum(&world)[0] > more[0]);
    // Nothing lies in between.
    let gap = world.sums(&id, NOW + 2 * FIVE, NOW + HOURS);
    assert_eq!(gap, [0; 5]);
}

#[test]
fn a_stopped_bucket_holds_what_a_running_one_had_at_that_instant() {
    for at in [NOW + 1, NOW + 3 * FIVE / 2, NOW + 40 * FIVE + 17] {
        let mut running = World::new(FLAT);
        let id = running.create();
        running.now = at;
        let then = running.sums(&id, NOW, NOW + 9 * HOURS);
        let mut stopped = running.copy();
        stopped.stop(&id);
        stopped.now = NOW + 9 * HOURS;
        assert_eq!(stopped.sums(&id, NOW, NOW + 9 * HOURS), then);
    }
}

#[test]
fn named_objects_are_requested_and_succeed_in_the_bucket_of_that_instant() {
    let mut world = World::new(&format!("[oms.series]\nrequests_per_hour = 0\n{}", fixed_task("")));
    let bucket = NOW + 7 * FIVE;
    world.now = bucket + 17;
    for id in [world.create(), TASK.to_owned()] {
        assert_eq!(world.events(&id, &["a/b.txt", "%E6%96%87"]), (200, Value::Null));
        assert_eq!(world.events(&id, &["a/b.txt"]), (200, Value::Null));
        let [request, success, failure, skip, size] = world.sums(&id, bucket, bucket);
        assert_eq!((request, success, failure, skip), (3, 3, 0, 0));
        assert!(size > 0);
        assert_eq!(world.sums(&id, 0, NOW + DAYS), world.sums(&id, bucket, bucket));
        assert_eq!(monthly(&world.show(&id).unwrap()), world.sums(&id, bucket, bucket));
        world.now += FIVE;
        world.events(&id, &["a/b.txt"]);
        let once = world.sums(&id, bucket + FIVE, bucket + FIVE);
        assert!(once[0] == 1 && once[4] < size);
        world.now -= FIVE;
        assert_eq!(world.sums(&id, 0, NOW + DAYS)[0], 3, "those lie ahead");
    }
}

#[test]
fn a_fixed_task_stops_and_starts_with_its_points() {
    let points: Vec<Value> = (0..12).map(|i| json!([NOW + i * FIVE, 10])).collect();
    let file = fixed_task(&format!("statistics = {{ REQUEST = {} }}", Value::from(points)));
    let mut world = World::new(&file);
    let requests = |world: &World| world.sums(TASK, NOW, NOW + DAYS - 1)[0];
    world.now = NOW + FIVE + 5;
    assert_eq!(requests(&world), 20);
    world.stop(TASK);
    world.now = NOW + 4 * FIVE + 5;
    assert_eq!(requests(&world), 20);
    world.start(TASK);
    assert_eq!(requests(&world), 30);
    world.now = NOW + DAYS;
    assert_eq!(requests(&world), 20 + 8 * 10);
}

#[test]
fn a_fixed_task_follows_its_path_by_time_and_by_polls_and_may_be_deleted() {
    let path = "path = [\"SYNCHRONIZING 1h\", \"STOPPED 2 looks\", \"SYNCHRONIZING 10m\", \
                \"STOPPED 1 look\", \"DELETED\"]";
    let file = format!("{FLAT}{}", fixed_task(&format!("create_time = {NOW}\n{path}")));
    let mut world = World::new(&file);
    let status = |world: &World| world.show(TASK).map(|shown| text(&shown, "status").to_owned());
    world.now = NOW + HOURS - 1;
    assert_eq!(status(&world).as_deref(), Some("SYNCHRONIZING"));
    world.now = NOW + HOURS;
    assert_eq!(status(&world).as_deref(), Some("STOPPED"));
    let stopped = world.sums(TASK, NOW, NOW + DAYS - 1);
    world.now += 3 * FIVE;
    assert_eq!(text(&world.list("", 10)[0], "status"), "STOPPED");
    let started = world.now;
    assert_eq!(world.show(TASK).unwrap()["last_start_time"], started);
    assert_eq!(world.sums(TASK, NOW, NOW + DAYS - 1), stopped);
    world.now += 10 * FIVE / 5;
    assert_eq!(world.list("STOPPED", 10).len(), 1, "this is the one poll");
    assert!(world.list("", 10).is_empty() && status(&world).is_none());
    assert_eq!(world.refused("POST", &format!("/{TASK}/stop"), "").1, "OMS.1009");
    world.now = started + FIVE;
    assert_eq!(text(&world.list("", 10)[0], "status"), "SYNCHRONIZING");
    assert!(world.sums(TASK, NOW, NOW + DAYS - 1)[0] > stopped[0]);
}

#[test]
fn what_a_client_does_to_a_task_ends_its_path() {
    let path = "path = [\"SYNCHRONIZING 1h\", \"STOPPED 2 looks\", \"SYNCHRONIZING\"]";
    let mut world = World::new(&fixed_task(&format!("create_time = {NOW}\n{path}")));
    world.now = NOW + FIVE;
    assert_eq!((world.stop(TASK).0, world.start(TASK).0), (200, 200));
    for _ in 0..4 {
        world.now += HOURS;
        assert_eq!(text(&world.show(TASK).unwrap(), "status"), "SYNCHRONIZING");
    }
    let before = world.state.event_log().events().len();
    world.stop(TASK);
    for _ in 0..4 {
        assert_eq!(text(&world.show(TASK).unwrap(), "status"), "STOPPED");
    }
    assert_eq!(world.state.event_log().events().len(), before + 1, "no poll is counted");
}

#[test]
fn created_tasks_take_the_prescribed_paths_in_turn() {
    let paths = "[oms.created]\npaths = [[\"SYNCHRONIZING 1h\", \"STOPPED\"], [\"SYNCHRONIZING\"]]";
    let mut world = World::new(paths);
    let ids = [world.create(), world.create(), world.create()];
    world.now += HOURS;
    let states = ids.each_ref().map(|id| text(&world.show(id).unwrap(), "status").to_owned());
    assert_eq!(states, ["STOPPED", "SYNCHRONIZING", "SYNCHRONIZING"]);
}

#[test]
fn a_fixed_task_shows_the_last_start_of_the_file_until_it_is_started_again() {
    let started = NOW - 5 * HOURS;
    let mut world = World::new(&fixed_task(&format!("last_start_time = {started}")));
    let last = |world: &World| world.show(TASK).unwrap()["last_start_time"].clone();
    assert_eq!(last(&world), started);
    world.stop(TASK);
    assert_eq!(last(&world), started);
    world.now += 7;
    world.start(TASK);
    assert_eq!(last(&world), NOW + 7);
    world.now = started - 1;
    assert_eq!(last(&world), world.show(TASK).unwrap()["create_time"]);
}

#[test]
fn fixed_tasks_have_the_fields_of_the_file() {
    let fields = "src_cloud_type = \"Qiniu\"\nsrc_bucket = \"written\"\ndescription = \"\"\n\
        enable_restore = true\nenable_kms = false\nobject_overwrite_mode = \"FULL_OVERWRITE\"\n\
        source_cdn = { domain = \"d\", protocol = \"https\", authentication_type = \"NONE\" }";
    let world = World::new(&fixed_task(fields));
    let row = world.list("", 10).remove(0);
    assert_eq!((text(&row, "src_cloud_type"), text(&row, "src_bucket")), ("Qiniu", "written"));
    assert!(["z0", "z1", "z2"].contains(&text(&row, "src_region")));
    assert_eq!((&row["enable_kms"], &row["enable_restore"]), (&json!(false), &json!(true)));
    assert_eq!(text(&row, "object_overwrite_mode"), "FULL_OVERWRITE");
    assert_eq!(text(&row["source_cdn"], "domain"), "d");
}

#[test]
fn generated_tasks_differ_and_are_complete() {
    let world = World::new("[oms.tasks]\ncount = 200\nover = \"400d\"");
    let rows = world.list("", 100);
    assert_eq!(rows.len(), 200);
    let values = |name: &str| rows.iter().map(|row| row[name].to_string()).collect::<HashSet<_>>();
    for (name, least) in [
        ("src_cloud_type", 8),
        ("src_bucket", 150),
        ("dst_region", 3),
        ("description", 5),
        ("object_overwrite_mode", 4),
        ("dst_storage_policy", 4),
        ("consistency_check", 2),
        ("source_cdn", 10),
        ("status", 2),
    ] {
        assert!(values(name).len() >= least, "{name}: {:?}", values(name));
    }
    for row in &rows {
        assert_eq!(row.get("app_id").is_some(), row["src_cloud_type"] == "Tencent");
        assert!(row["last_start_time"].as_i64() >= row["create_time"].as_i64());
        let forbidden = |c: char| "<>()\"'&".contains(c);
        assert!(!text(row, "description").contains(forbidden));
    }
    assert!(rows.is_sorted_by(|a, b| a["create_time"].as_i64() >= b["create_time"].as_i64()));
}

#[test]
fn a_month_adds_up_in_every_way_and_ends_where_the_next_begins() {
    let mut world = World::new(&format!(
        "{FLAT}gaps = {{ every = \"1d\", lasts = \"70m\" }}\n{}",
        fixed_task(&format!("create_time = {}", NOW - 40 * DAYS))
    ));
    let (_, next) = month(NOW);
    for now in [NOW, next - 1, next, next + 17 * FIVE + 5] {
        world.now = now;
        for at in [NOW - 30 * DAYS, NOW, next] {
            let [five, hours, shown] = three_ways(&world, TASK, at);
            assert_eq!((five, hours), (hours, shown), "{at} at {now}");
        }
    }
    let [request, success, failure, skip, _] = three_ways(&world, TASK, NOW)[2];
    assert_eq!(request, success + failure + skip, "a month that is over");
    assert!(request > 700_000);
}

#[derive(Clone, Debug)]
enum Step {
    Create,
    Start(usize),
    Stop(usize),
    Delete(usize),
    Events(usize, usize),
    Turn(i64),
    List,
}

fn step() -> impl Strategy<Value = Step> {
    let turn = prop_oneof![0..400_000i64, -2_000_000..0i64, 0..10 * DAYS, -2 * DAYS..0];
    prop_oneof![
        2 => Just(Step::Create),
        3 => (0usize..40).prop_map(Step::Start),
        3 => (0usize..40).prop_map(Step::Stop),
        2 => (0usize..40).prop_map(Step::Delete),
        2 => (0usize..40, 1usize..4).prop_map(|(which, keys)| Step::Events(which, keys)),
        4 => turn.prop_map(Step::Turn),
        1 => Just(Step::List),
    ]
}

/// Generated tasks, paths for created ones, and a fixed task that counts polls.
fn mixed(seed: u64) -> World {
    World::new(&format!(
        "seed = {seed}\n[oms.tasks]\ncount = 6\nevery = \"20h\"\nduration = \"30h\"\n\
         outcomes = {{ synchronizing = 1, stopped = 1 }}\n{FLAT}[oms.created]\n\
         paths = [[\"SYNCHRONIZING 5h\", \"STOPPED\"], [\"SYNCHRONIZING 3 looks\", \"STOPPED\"], \
         [\"SYNCHRONIZING\"]]\n{}",
        fixed_task(&format!(
            "create_time = {}\npath = [\"SYNCHRONIZING 2 looks\", \"STOPPED 3h\", \"SYNCHRONIZING\"]",
            NOW - HOURS
        ))
    ))
}

fn state(world: &World, id: &str) -> Option<SyncTaskState> {
    LIFECYCLE.named(text(&world.copy().show(id)?, "status"))
}

/// Holds for every world at every instant.
fn assert_coherent(world: &World, known: &[String]) {
    let list = |status: &str| world.copy().list(status, 100);
    let all = list("");
    assert!(all.is_sorted_by(|a, b| a["create_time"].as_i64() >= b["create_time"].as_i64()));
    for status in ["SYNCHRONIZING", "STOPPED"] {
        let among = all.iter().filter(|row| text(row, "status") == status).cloned();
        assert_eq!(list(status), among.collect::<Vec<_>>());
    }
    for offset in (0..=all.len()).step_by(3) {
        let page = world.copy().accepted("GET", &format!("?limit=3&offset={offset}"), "");
        assert_eq!(page["count"], all.len());
        let rows = page["tasks"].as_array().unwrap();
        assert!(all.iter().skip(offset).take(3).eq(rows));
    }
    let ids: Vec<&str> = all.iter().map(|row| text(row, "sync_task_id")).collect();
    for id in known {
        let shown = world.copy().show(id);
        assert_eq!(shown.is_some(), ids.contains(&&**id), "{id}");
    }
    for row in &all {
        let shown = world.copy().show(text(row, "sync_task_id")).unwrap();
        for (name, value) in row.as_object().unwrap().iter().filter(|(n, _)| *n != "source_cdn") {
            assert_eq!(shown[name], *value);
        }
    }
    for id in ids.iter().take(2) {
        let [five, hours, shown] = three_ways(&world.copy(), id, world.now);
        assert!(five == hours && hours == shown);
        let [request, success, failure, skip, size] = shown;
        assert!(success + failure + skip <= request && (size > 0) == (success > 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn operations_follow_the_lifecycle_table_and_lists_agree_with_each_task(
        seed in 0u64..1 << 40, steps in proptest::collection::vec(step(), 1..30),
    ) {
        let mut world = mixed(seed);
        let mut known: Vec<String> = (0..12).map(|i| generated_id(&world.plan, i)).collect();
        known.push(TASK.to_owned());
        for step in steps {
            let (operation, which) = match step {
                Step::Create => {
                    let id = world.create();
                    let shown = world.copy().show(&id).unwrap();
                    prop_assert_eq!(shown["create_time"].as_i64(), Some(world.now));
                    prop_assert_eq!(shown["last_start_time"].as_i64(), Some(world.now));
                    prop_assert_eq!(text(&shown, "status"), "SYNCHRONIZING");
                    prop_assert!(!known.contains(&id));
                    known.push(id);
                    continue;
                }
                Step::Turn(by) => {
                    world.now += by;
                    continue;
                }
                Step::List => {
                    assert_coherent(&world, &known);
                    world.list("", 100);
                    continue;
                }
                Step::Start(which) => (START, which),
                Step::Stop(which) => (STOP, which),
                Step::Delete(which) => (DELETE, which),
                Step::Events(which, _) => (EVENTS, which),
            };
            let id = known[which % known.len()].clone();
            let before = state(&world, &id);
            let (status, _) = match step {
                Step::Start(_) => world.start(&id),
                Step::Stop(_) => world.stop(&id),
                Step::Delete(_) => world.delete(&id),
                Step::Events(_, keys) => world.events(&id, &vec!["a"; keys]),
                _ => unreachable!(),
            };
            let to = before.and_then(|state| LIFECYCLE.transition(operation, state));
            prop_assert_eq!(status == 200, to.is_some(), "{} {:?}", operation, before);
            let there = to.filter(|&to| LIFECYCLE.name(to) != "DELETED");
            prop_assert_eq!(state(&world, &id), if to.is_some() { there } else { before });
        }
        assert_coherent(&world, &known);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_last_state_of_a_path_lasts_for_ever_in_all_that_is_shown(
        is_created: bool,
        stops: bool,
        pauses in 0usize..3,
        later in proptest::collection::vec(0i64..40 * 365 * DAYS, 1..4),
    ) {
        let mut steps = ["\"SYNCHRONIZING 1h\"", "\"STOPPED 1h\""].repeat(pauses);
        let hours = 2 * pauses as i64 + i64::from(stops);
        let status = if stops { "STOPPED" } else { "SYNCHRONIZING" };
        steps.extend(if stops { vec!["\"SYNCHRONIZING 1h\"", "\"STOPPED\""] } else { vec!["\"SYNCHRONIZING\""] });
        let path = format!("[{}]", steps.join(", "));
        let lines = match is_created {
            true => format!("{FLAT}[oms.created]\npaths = [{path}]\n"),
            false => format!("{FLAT}{}", fixed_task(&format!("create_time = {NOW}\npath = {path}"))),
        };
        let mut world = World::new(&lines);
        let id = if is_created { world.create() } else { TASK.to_owned() };
        world.now += hours * HOURS;
        let started = world.show(&id).expect("a task")["last_start_time"].clone();
        for later in later {
            world.now = NOW + hours * HOURS + later;
            let row = world.list("", 10).remove(0);
            prop_assert_eq!((&row["status"], &row["last_start_time"]), (&json!(status), &started));
            prop_assert_eq!(world.list(status, 10).len(), 1);
            // It goes on requesting objects, or never requests any again.
            if later >= 3 * HOURS {
                let requests = world.sums(&id, world.now - HOURS, world.now)[0];
                prop_assert_eq!(requests > 0, !stops);
            }
        }
    }
}
