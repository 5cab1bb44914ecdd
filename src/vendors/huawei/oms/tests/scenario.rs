use super::{DAYS, FIVE, NOW, checked, fixed_task};

#[test]
fn contradictions_in_a_file_are_reported_where_they_stand() {
    let at = NOW - DAYS;
    let statistics = |lists: &str| fixed_task(&format!("statistics = {{ {lists} }}"));
    for (text, place, message) in [
        (
            statistics(&format!("REQUEST = [[{}, 1]]", at + 1)),
            "REQUEST[0][0]",
            "no five minutes begin",
        ),
        (statistics(&format!("REQUEST = [[{at}, 1], [{at}, 1]]")), "REQUEST[1][0]", "ascend"),
        (statistics(&format!("REQUEST = [[{at}, -1]]")), "REQUEST[0][1]", "at least 0"),
        (statistics(&format!("REQUEST = [[{at}, {}]]", i64::MAX)), "REQUEST[0][1]", "at most"),
        (statistics(&format!("REQUEST = [[{at}]]")), "REQUEST[0]", "at least 2 elements"),
        (statistics(&format!("SUCCESS = [[{at}, 1]]")), "statistics.REQUEST", "missing key"),
        (
            statistics(&format!(
                "REQUEST = [[{at}, 2]], SUCCESS = [[{at}, 2]], SKIP = [[{at}, 1]]"
            )),
            "SUCCESS[0]",
            "add up to 3, its REQUEST is 2",
        ),
        (
            statistics(&format!("REQUEST = [[{at}, 2]], FAILURE = [[{}, 1]]", at + FIVE)),
            "FAILURE[0]",
            "its REQUEST is 0",
        ),
        (
            statistics(&format!("REQUEST = [[{at}, 2]], SIZE = [[{at}, 9]]")),
            "SIZE",
            "needs SUCCESS",
        ),
        (
            statistics(&format!("REQUEST = [[{at}, 2]], SUCCESS = [], SIZE = [[{at}, 9]]")),
            "SIZE[0]",
            "no SUCCESS",
        ),
        (
            fixed_task(&format!("create_time = {NOW}\nstatistics = {{ REQUEST = [[{at}, 2]] }}")),
            "REQUEST[0][0]",
            "before create_time",
        ),
        (
            fixed_task(&format!(
                "stopped_at = 2020-01-01T00:00:00Z\nstatistics = {{ REQUEST = [[{at}, 2]] }}"
            )),
            "REQUEST[0][0]",
            "after stopped_at",
        ),
        (
            fixed_task("status = \"SYNCHRONIZING\"\nstopped_at = 2020-01-01T00:00:00Z"),
            "stopped_at",
            "no stopped_at",
        ),
        (
            fixed_task(&format!("create_time = {NOW}\nstopped_at = 2020-01-01T00:00:00Z")),
            "stopped_at",
            "before create_time",
        ),
        (format!("{}{}", fixed_task(""), fixed_task("")), "task[1].sync_task_id", "another task"),
        ("[oms.series]\ncurve = \"ofice\"".into(), "series.curve", "found \"ofice\""),
        ("[oms.series]\ncurve = [1, 2]".into(), "series.curve", "at least 24"),
        (
            "[oms.series]\noutcomes = { success = 0, failure = 0, skip = 0 }".into(),
            "series.outcomes",
            "all weights are 0",
        ),
        ("[oms.series.gaps]\nevery = \"1m\"\nlasts = \"1m\"".into(), "gaps.every", "at least 5m"),
        ("[oms.series.gaps]\nevery = \"1h\"\nlasts = \"2h\"".into(), "gaps.lasts", "at most every"),
        (
            "[oms.series]\nobject_size = { median = \"2MB\", p99 = \"1MB\" }".into(),
            "object_size.p99",
            "below the median",
        ),
        ("[oms.quirks]\nunknown_task = \"OMS.1\"".into(), "quirks.unknown_task", "expected one of"),
        (
            fixed_task("create_time = 5\nlast_start_time = 4"),
            "last_start_time",
            "before create_time",
        ),
        (
            fixed_task("path = [\"SYNCHRONIZING\"]\nstatus = \"STOPPED\""),
            "task[0].status",
            "says what path says",
        ),
        (
            fixed_task("path = [\"SYNCHRONIZING 1h\", \"DELETED\"]"),
            "task[0].path[1]",
            "DELETED does not follow SYNCHRONIZING",
        ),
        (fixed_task("path = [\"STOPPED\"]"), "task[0].path[0]", "no path begins with STOPPED"),
        (
            fixed_task("path = [\"SYNCHRONIZING 1h\", \"STOPPED\", \"DELETED\"]"),
            "task[0].path[1]",
            "how long does STOPPED last?",
        ),
        (
            "[oms.created]\npaths = [[\"SYNCHRONISING\"]]".into(),
            "created.paths[0][0]",
            "no state \"SYNCHRONISING\"",
        ),
        (fixed_task("src_cloud_type = \"Aliyum\""), "src_cloud_type", "found \"Aliyum\""),
        ("[oms.quirks]\nmost_object_keys = 101".into(), "most_object_keys", "at most 100"),
        ("[oms.quirks]\nstale_reads = \"0s\"".into(), "quirks.stale_reads", "longer than 0s"),
        (
            "[oms.quirks]\nseries_clock_behind = \"0s\"".into(),
            "quirks.series_clock_behind",
            "longer than 0s",
        ),
        (
            "[oms.quirks]\nhourly_after = \"3h\"\nwidth = \"always_hours\"".into(),
            "quirks.hourly_after",
            "no effect beside this width",
        ),
        (
            "[oms.quirks]\nlate_points = \"10m\"\ncorrected = { after = \"10m\", by = 5 }".into(),
            "quirks.corrected.after",
            "has no effect: a bucket appears 10m after",
        ),
        (
            "[oms.quirks]\ncorrected = { after = \"10m\", by = 101 }".into(),
            "quirks.corrected.by",
            "at most 100",
        ),
        (
            "[oms.paging]\nsnapshot_window = \"1h\"".into(),
            "oms.paging.snapshot_window",
            "no effect on a live list",
        ),
        (
            "[oms.tasks]\nover = \"1d\"\nevery = \"1h\"".into(),
            "tasks.over",
            "no effect beside every",
        ),
    ] {
        let problems = checked(&text).err().unwrap_or_default();
        let found: Vec<String> = problems
            .iter()
            .map(|problem| format!("{} {}", problem.place, problem.message))
            .collect();
        assert!(
            found.iter().any(|it| it.contains(place) && it.contains(message)),
            "{text}\n{found:?}"
        );
    }
}
