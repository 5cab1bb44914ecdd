//! The effect of each switch of `[dts.quirks]` that no other test covers.

use super::lifecycle::World;
use super::*;
use crate::vendors::alibaba::dts::state::{DELETE, RESET, START, SUSPEND};

const JOBS: &str = "DescribeSynchronizationJobs";
const DTS_JOBS: &str = "DescribeDtsJobs";
const TABLES: &str = "DescribeInitializationStatus";
const STATUS_LIST: &str = "DescribeSynchronizationJobStatusList";

fn world(count: u64, quirks: &str) -> World {
    World::new(&format!(
        "[dts.jobs]\ncount = {count}\npay_types = {{ pre_paid = 0 }}\n[dts.quirks]\n{quirks}\n"
    ))
}

fn list(ids: &[String]) -> String {
    format!("SynchronizationJobIdListJsonStr={}", encoded(&json!(ids).to_string()))
}

/// A list by page: its operation, what asks for a page of it, and the name of its rows.
type Paged = (&'static str, &'static str, &'static str);
const PAGED: [Paged; 2] = [
    (JOBS, "PageNum", "SynchronizationInstances"),
    (DTS_JOBS, "JobType=SYNC&PageNumber", "DtsJobList"),
];

/// The places of the rows in the list as it is, and the number of the page.
fn places(world: &World, exact: &World, of: Paged, number: u64) -> (Vec<usize>, Value) {
    let (operation, parameter, rows) = of;
    let all = exact.get(operation, &format!("{parameter}=1&PageSize=100"));
    let all = all[rows].as_array().unwrap();
    let page = world.get(operation, &format!("{parameter}={number}&PageSize=3"));
    let place = |row| all.iter().position(|other| other == row).unwrap();
    (page[rows].as_array().unwrap().iter().map(place).collect(), page["PageNumber"].clone())
}

#[test]
fn every_switch_written_out_as_it_is_by_default_changes_nothing() {
    let plain = world(7, "");
    let written = world(
        7,
        r#"errors = "hard"
        empty = "answer"
        unknown = "leave_out"
        duplicates = "collapse"
        status_list_order = "as_asked"
        other_region = "find"
        client_token = "forbidden"
        max_page_size = 1000
        over_limit = "refuse"
        page_zero = "refuse"
        past_the_end = "empty"
        pages = "exact"
        total = "exact"
        spelling = "documented"
        initialization_status = "keep"
        wrong_state = "job"
        success = "literal"
        numbers = "number"
        empty_list = "list"
        format = "as_asked"
        deleted_shown = "5m"
        [dts.paging]
        consistency = "live""#,
    );
    let ids = plain.ids();
    let one = format!("SynchronizationJobId={}", ids[2]);
    for (operation, query) in [
        (JOBS, "PageSize=3&PageNum=2"),
        (JOBS, "PageNum=9"),
        (JOBS, "PageNum=0"),
        (JOBS, "PageSize=1001"),
        (DTS_JOBS, "JobType=SYNC&PageSize=3&PageNumber=3"),
        (DTS_JOBS, ""),
        (DTS_JOBS, "PageNumber=4"),
        (STATUS_LIST, &list(&ids)),
        (STATUS_LIST, &list(&[])),
        ("DescribeSynchronizationJobStatus", &one),
        (TABLES, &one),
        ("DescribeDtsJobDetail", &format!("DtsInstanceID={}", ids[2])),
        (DELETE, &one),
    ] {
        assert_eq!(plain.send(operation, query, ""), written.send(operation, query, ""), "{query}");
    }
}

#[test]
fn rows_that_are_found_one_by_one_have_the_paging_anomaly() {
    let world = world(7, "pages = \"repeat\"");
    let ids = world.ids();
    let query = |number| format!("DtsInstanceId={}&PageSize=2&PageNumber={number}", ids.join(","));
    let rows = |number| world.get(DTS_JOBS, &format!("JobType=SYNC&{}", query(number)));
    let shown = |number| -> Vec<Value> {
        let answer = rows(number);
        assert_eq!(answer["TotalRecordCount"], 7);
        let rows = answer["DtsJobList"].as_array().unwrap();
        rows.iter().map(|row| row["DtsInstanceID"].clone()).collect()
    };
    assert_eq!(shown(1), ids[..2]);
    assert_eq!(shown(2), ids[1..3]);
    assert_eq!(shown(3), ids[2..4]);
}

#[test]
fn all_lists_of_the_tables_of_an_instance_have_the_same_paging_anomaly() {
    for (quirk, number) in [
        ("", 1),
        ("", 2),
        ("pages = \"empty_second\"", 2),
        ("pages = \"empty_second\"", 3),
        ("pages = \"lose\"", 1),
        ("pages = \"lose\"", 2),
    ] {
        let world = world(0, quirk);
        let id = world.create("");
        world.configure(&id, "");
        let query = format!("SynchronizationJobId={id}&PageSize=1&PageNum={number}");
        let answer = world.get(TABLES, &query);
        let rows = |name: &str| -> Vec<Value> {
            let rows = answer[name].as_array().unwrap().iter();
            rows.map(|row| row.get("TableName").unwrap_or(&row["ObjectName"]).clone()).collect()
        };
        let data = rows("DataInitializationDetails");
        for name in ["DataSynchronizationDetails", "StructureInitializationDetails"] {
            assert_eq!(rows(name), data, "{quirk} {number}");
        }
    }
}

#[test]
fn no_other_number_than_one_above_the_bound_is_made_as_large_as_is_allowed() {
    let clamping = world(40, "over_limit = \"clamp\"\nmax_page_size = 30");
    for (operation, parameter, rows) in PAGED {
        let query = |size: &str| format!("{parameter}=1&PageSize={size}");
        let page = clamping.get(operation, &query(&i64::MAX.to_string()));
        assert_eq!(page[rows].as_array().unwrap().len(), 30);
        for size in ["0", "-1", "many", "99999999999999999999"] {
            assert_eq!(clamping.refused(operation, &query(size)).0, 403, "{size}");
        }
    }
    let id = format!("SynchronizationJobId={}&PageSize=101", clamping.ids()[0]);
    assert_eq!(clamping.ask(TABLES, &id).0, 200);
    assert_eq!(world(40, "").refused(TABLES, &id).0, 403);
}

#[test]
fn page_zero_of_tables_is_the_first_one_too_and_page_minus_one_never() {
    let first = world(7, "page_zero = \"first\"");
    for (operation, parameter, _) in PAGED {
        assert_eq!(first.refused(operation, &format!("{parameter}=-1")).0, 403);
    }
    let id = format!("SynchronizationJobId={}", first.ids()[0]);
    let page = |number: u64| {
        let mut answer = first.get(TABLES, &format!("{id}&PageNum={number}"));
        answer["RequestId"].take();
        answer
    };
    assert_eq!(page(0), page(1));
}

#[test]
fn a_page_far_after_the_last_one_is_treated_like_the_next_and_the_first_is_never_after_it() {
    let exact = world(7, "");
    for of in PAGED {
        let (operation, parameter, rows) = of;
        let (refuse, last) =
            (world(7, "past_the_end = \"refuse\""), world(7, "past_the_end = \"last\""));
        let far = i32::MAX as u64;
        assert_eq!(places(&exact, &exact, of, far), (vec![], json!(far)));
        assert_eq!(places(&last, &exact, of, far), (vec![6], json!(3)));
        let refused = refuse.refused(operation, &format!("{parameter}={far}&PageSize=3"));
        assert_eq!(refused, (403, "InvalidParameter".to_owned()));
        for quirk in ["refuse", "last", "empty"] {
            let none = world(0, &format!("past_the_end = \"{quirk}\""));
            assert_eq!(none.get(operation, parameter)[rows], json!([]));
        }
        let last = world(0, "past_the_end = \"last\"");
        assert_eq!(last.get(operation, &format!("{parameter}=2"))["PageNumber"], 1);
    }
    let hint = {
        let plan = with_quirk("past_the_end = \"refuse\"");
        let uri = format!("/?Version=2020-01-01&Action={JOBS}&PageNum=3&PageSize=10");
        let request: Request = http::Request::builder().uri(uri).body(Bytes::new()).unwrap();
        let answer = respond_first(&plan, &request, Timestamp::from_millis(NOW));
        answer.hint().unwrap_or_default().to_owned()
    };
    assert!(hint.contains("page 2 is the last one"), "{hint}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_last_page_is_the_last_that_has_anything_new_whatever_the_anomaly(
        anomaly in proptest::sample::select(
            vec!["exact", "repeat", "lose", "short", "empty_second", "unstable"]),
        count in 1u64..25,
        size in 1u64..6,
    ) {
        let quirk = |more: &str| format!("pages = \"{anomaly}\"\npast_the_end = \"{more}\"");
        let (empty, last) = (world(count, &quirk("empty")), world(count, &quirk("last")));
        let refuse = world(count, &quirk("refuse"));
        let page = |world: &World, number: u64| {
            let answer = world.get(JOBS, &format!("PageSize={size}&PageNum={number}"));
            (ids(answer["SynchronizationInstances"].as_array().unwrap()), answer["PageNumber"].clone())
        };
        let pages: Vec<Vec<String>> = (1..60).map(|number| page(&empty, number).0).collect();
        let (mut seen, mut news) = (HashSet::new(), 1);
        for (number, rows) in (1..).zip(&pages) {
            let before = seen.len();
            seen.extend(rows);
            if seen.len() > before {
                news = number;
            }
        }
        if anomaly == "unstable" {
            // Its last page may have only the row before the boundary.
            news = count.div_ceil(size) as usize;
        }
        let (rows, shown) = page(&last, 59);
        prop_assert_eq!(&shown, &json!(news));
        prop_assert_eq!(&rows, &pages[news - 1]);
        let query = |number: usize| format!("PageSize={size}&PageNum={number}");
        prop_assert_eq!(refuse.ask(JOBS, &query(news)).0, 200);
        prop_assert_eq!(refuse.ask(JOBS, &query(news + 1)).0, 403);
    }
}

#[test]
fn numbers_become_texts_everywhere_and_flags_do_not() {
    fn numbers(value: &Value) -> usize {
        match value {
            Value::Number(_) => 1,
            Value::Array(items) => items.iter().map(numbers).sum(),
            Value::Object(members) => members.values().map(numbers).sum(),
            _ => 0,
        }
    }
    let (plain, texts) = (world(3, ""), world(3, "numbers = \"text\""));
    let ids = plain.ids();
    let one = format!("SynchronizationJobId={}", ids[0]);
    for (operation, query) in [
        (JOBS, "PageSize=2"),
        (DTS_JOBS, "JobType=SYNC"),
        (STATUS_LIST, &list(&ids)),
        ("DescribeSynchronizationJobStatus", &one),
        ("DescribeDtsJobDetail", &format!("DtsInstanceID={}", ids[0])),
    ] {
        assert!(numbers(&plain.get(operation, query)) > 0, "{operation}");
        assert_eq!(numbers(&texts.get(operation, query)), 0, "{operation}");
    }
    let page = texts.get(JOBS, "PageSize=2");
    assert_eq!([&page["TotalRecordCount"], &page["PageRecordCount"]], ["3", "2"]);
    assert_eq!(texts.get(STATUS_LIST, &list(&ids))["Success"], true);
}

#[test]
fn lists_with_rows_and_other_lists_without_are_never_null_or_absent() {
    for quirk in ["list", "null", "absent"] {
        let world = world(3, &format!("empty_list = \"{quirk}\""));
        assert_eq!(world.ids().len(), 3);
        assert_eq!(world.get(DTS_JOBS, "")["EtlDemoList"], json!([]));
    }
}

#[test]
fn a_soft_error_writes_its_empty_list_the_same_way() {
    let world = world(0, "errors = \"soft\"\nempty_list = \"null\"");
    let answer = world.get(STATUS_LIST, "");
    assert_eq!(answer["SynchronizationJobListStatusList"], Value::Null);
    assert_eq!(answer["Success"], false);
}

#[test]
fn answers_are_xml_and_errors_have_the_requested_format() {
    let world = world(3, "format = \"always_xml\"");
    let sent = |operation: &str, query: &str| {
        let uri = format!("/?Version=2020-01-01&Format=JSON&Action={operation}&{query}");
        let request: Request = http::Request::builder().uri(uri).body(Bytes::new()).unwrap();
        let reply = respond_first(&world.plan, &request, Timestamp::from_millis(NOW)).reply;
        let kind = reply.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, String::from_utf8(reply.body().to_vec()).unwrap())
    };
    let order = "SourceRegion=cn-hangzhou&DestRegion=cn-hangzhou&SynchronizationJobClass=small\
                 &PayType=PostPaid";
    for (operation, query) in [
        (JOBS, ""),
        (DTS_JOBS, "JobType=SYNC"),
        (STATUS_LIST, &*list(&[])),
        ("CreateSynchronizationJob", order),
    ] {
        let (kind, body) = sent(operation, query);
        assert!(kind.contains("xml"), "{operation}: {kind}");
        assert!(body.contains(&format!("<{operation}Response>")), "{body}");
    }
    let (kind, body) = sent(JOBS, "PageNum=x");
    assert!(kind.contains("json") && body.starts_with('{'), "{kind} {body}");
    let soft = World::new("[dts.quirks]\nerrors = \"soft\"\nformat = \"always_xml\"\n");
    let (status, body) = soft.send(STATUS_LIST, "", "");
    assert_eq!(status, 200);
    assert!(body.contains("<ErrCode>"), "{body}");
}

#[test]
fn the_rows_of_the_status_list_may_come_the_other_way_round() {
    for (quirk, expected) in [
        ("", [0, 2, 1].as_slice()),
        ("status_list_order = \"reversed\"", &[1, 2, 0]),
        ("status_list_order = \"reversed\"\nduplicates = \"repeat\"", &[0, 1, 2, 0]),
    ] {
        let world = world(3, quirk);
        let all = world.ids();
        let asked =
            [&all[0], &all[2], &all[1], &"dtsnobody".to_owned(), &all[0]].map(String::clone);
        let answer = world.get(STATUS_LIST, &list(&asked));
        let rows = ids(answer["SynchronizationJobListStatusList"].as_array().unwrap());
        let expected: Vec<String> = expected.iter().map(|&place| all[place].clone()).collect();
        assert_eq!(rows, expected, "{quirk}");
    }
}

const STATUS: &str = "DescribeSynchronizationJobStatus";

/// The state of an instance in each operation that reads; None if the operation does not show it.
fn seen(world: &World, id: &str) -> [Option<String>; 6] {
    let one = format!("SynchronizationJobId={id}");
    let text = |value: &Value| value.as_str().map(str::to_ascii_lowercase);
    let of = |rows: &Value, key: &str| {
        let rows = rows.as_array().unwrap().clone();
        rows.into_iter().find(|row| row[key] == id)
    };
    let by_id = |operation: &str, query: &str| {
        let (status, answer) = world.ask(operation, query);
        (status == 200).then_some(answer)
    };
    let listed = world.get(JOBS, "PageSize=1000");
    let dts = world.get(DTS_JOBS, "JobType=SYNC&PageSize=1000");
    let by_list = world.get(STATUS_LIST, &list(&[id.to_owned()]));
    let row = of(&by_list["SynchronizationJobListStatusList"], "SynchronizationJobId");
    [
        row.and_then(|row| text(&row["SynchronizationDirectionInfoList"][0]["Status"])),
        of(&listed["SynchronizationInstances"], "SynchronizationJobId")
            .and_then(|row| text(&row["Status"])),
        of(&dts["DtsJobList"], "DtsInstanceID").and_then(|row| text(&row["Status"])),
        by_id(STATUS, &one).and_then(|answer| text(&answer["Status"])),
        by_id("DescribeDtsJobDetail", &format!("DtsInstanceID={id}"))
            .and_then(|answer| text(&answer["Status"])),
        by_id(TABLES, &one).map(|_| "there".to_owned()),
    ]
}

#[test]
fn all_reads_are_stale_and_what_writes_knows_at_once() {
    let mut world = world(2, "stale_reads = \"30s\"\ndeleted_shown = \"0s\"");
    world.advance(MINUTE);
    let id = world.create("");
    let query = format!("SynchronizationJobId={id}");
    let nobody = [const { None::<String> }; 6];
    assert_eq!(seen(&world, &id), nobody);
    assert_eq!(world.refused(STATUS, &query), (403, "InvalidJobId".into()));
    // Writes find it, in its present state.
    assert_eq!(world.refused(START, &query).1, "InvalidJobStatus");
    assert_eq!(world.configure(&id, "").0, 200);
    assert_eq!(seen(&world, &id), nobody);
    world.advance(29_999);
    assert_eq!(seen(&world, &id), nobody);
    world.advance(1);
    let there = seen(&world, &id);
    assert!(there.iter().all(Option::is_some), "{there:?}");
    assert_eq!(there[3].as_deref(), Some("prechecking"));
    world.get(DELETE, &query);
    assert_eq!(world.refused(DELETE, &query).1, "InvalidJobId");
    world.advance(29_999);
    assert!(seen(&world, &id).iter().all(Option::is_some));
    world.advance(1);
    assert_eq!(seen(&world, &id), nobody);
}

#[test]
fn a_stale_state_is_that_of_before_what_was_just_done() {
    let mut world = World::new(
        "[dts.quirks]\nstale_reads = \"30s\"\n[[dts.job]]\nSynchronizationJobId = \"a\"\n\
         PayType = \"PostPaid\"\n",
    );
    world.advance(MINUTE);
    world.get(SUSPEND, "SynchronizationJobId=a");
    assert_eq!(seen(&world, "a")[..1], [Some("synchronizing".to_owned())]);
    // It is paused, whatever is shown, so it cannot be paused again.
    assert_eq!(world.refused(SUSPEND, "SynchronizationJobId=a").1, "InvalidJobStatus");
    world.advance(30_000);
    assert_eq!(seen(&world, "a")[..1], [Some("suspending".to_owned())]);
    world.get(RESET, "SynchronizationJobId=a");
    assert_eq!(seen(&world, "a")[4].as_deref(), Some("suspending"));
    world.advance(30_000);
    assert_eq!(seen(&world, "a")[4].as_deref(), Some("notconfigured"));
}

#[test]
fn a_stale_answer_is_identical_to_the_earlier_one() {
    let (mut stale, mut then) = (world(30, "stale_reads = \"7m\""), world(30, ""));
    stale.advance(HOUR);
    then.advance(HOUR - 7 * MINUTE);
    for (operation, query) in [(JOBS, "PageSize=100"), (DTS_JOBS, "JobType=SYNC&PageSize=100")] {
        let [mut stale, mut then] = [&stale, &then].map(|world| world.get(operation, query));
        assert_ne!(stale["RequestId"].take(), then["RequestId"].take());
        assert_eq!(stale, then);
    }
}

#[test]
fn polls_of_a_stale_row_count_when_they_happen() {
    let mut world = World::new(
        "[dts.quirks]\nstale_reads = \"10m\"\n[[dts.job]]\nSynchronizationJobId = \"a\"\n\
         path = [\"Prechecking 1h\", \"Initializing 2 looks\", \"Synchronizing\"]\n",
    );
    world.counting = true;
    world.advance(HOUR + 1);
    for _ in 0..2 {
        assert_eq!(world.status("a", "Forward")["Status"], "prechecking", "as of before");
        world.advance(1);
    }
    world.advance(10 * MINUTE - 3);
    assert_eq!(world.status("a", "Forward")["Status"], "initializating");
    world.advance(MINUTE);
    assert_eq!(world.status("a", "Forward")["Status"], "synchronizing", "both looks are old");
}

#[test]
fn a_hint_says_that_an_answer_is_stale() {
    let mut world = world(0, "stale_reads = \"30s\"");
    world.advance(MINUTE);
    let id = world.create("");
    for query in [
        format!("Action={STATUS}&SynchronizationJobId={id}"),
        format!("Action=DescribeDtsJobDetail&DtsInstanceID={id}"),
    ] {
        let uri = format!("/?Version=2020-01-01&{query}");
        let request: Request = http::Request::builder().uri(uri).body(Bytes::new()).unwrap();
        let now = Timestamp::from_millis(world.now);
        let answer = crate::engine::respond(&world.plan, &world.state, &request, now);
        assert!(answer.hint().is_some_and(|hint| hint.contains("stale_reads")));
    }
}

#[test]
fn a_deleted_instance_is_unknown_at_once_or_shown_for_as_long_as_the_switch_says() {
    for (shown, wait, there) in [
        ("0s", 0, false),
        ("1s", 999, true),
        ("1s", 1_000, false),
        ("5m", 299_999, true),
        ("3650d", 3_649 * DAY, true),
    ] {
        let mut world = world(3, &format!("deleted_shown = \"{shown}\""));
        let id = world.ids()[1].clone();
        world.get(DELETE, &format!("SynchronizationJobId={id}"));
        world.advance(wait);
        let seen = seen(&world, &id);
        let [states @ .., tables] = &seen;
        let expected = there.then(|| "finished".to_owned());
        assert_eq!(states, &[const { None::<String> }; 5].map(|_| expected.clone()), "{shown}");
        assert_eq!(tables.is_some(), there);
        assert_eq!(world.ids().len(), 2 + usize::from(there));
        // Changing it fails with "unknown" in both cases.
        let again = world.refused(DELETE, &format!("SynchronizationJobId={id}"));
        assert_eq!(again, (403, "InvalidJobId".to_owned()));
    }
    let refusing = world(3, "deleted_shown = \"0s\"\nunknown = \"refuse\"");
    let ids = refusing.ids();
    refusing.get(DELETE, &format!("SynchronizationJobId={}", ids[0]));
    assert_eq!(refusing.refused(STATUS_LIST, &list(&ids)), (403, "InvalidJobId".into()));
}

#[test]
fn a_switch_that_can_have_no_effect_is_a_problem() {
    let problems = |text: &str| -> Vec<String> {
        let problems = checked(text).map(|_| ()).unwrap_err();
        assert!(problems.iter().all(|problem| problem.hint.is_some()), "{problems:?}");
        problems.iter().map(|problem| problem.place.to_string()).collect()
    };
    for (text, places) in [
        ("[dts.quirks]\nstale_reads = \"0s\"", vec!["dts.quirks.stale_reads"]),
        ("[dts.paging]\nsnapshot_window = \"1h\"", vec!["dts.paging.snapshot_window"]),
        (
            "[dts.quirks]\nformat = \"always_xml\"\nnumbers = \"text\"\nempty_list = \"null\"\n\
             success = \"text\"",
            vec!["dts.quirks.numbers", "dts.quirks.empty_list", "dts.quirks.success"],
        ),
        (
            "[dts.quirks]\nmax_ids = 1\nduplicates = \"repeat\"\nstatus_list_order = \"reversed\"",
            vec!["dts.quirks.duplicates", "dts.quirks.status_list_order"],
        ),
    ] {
        assert_eq!(problems(text), places, "{text}");
    }
    assert!(checked("[dts.quirks]\nmax_ids = 2\nstatus_list_order = \"reversed\"").is_ok());
    assert!(checked("[dts.quirks]\nformat = \"always_xml\"\nnumbers = \"number\"").is_ok());
}
