//! The effect of each switch of `[drs.quirks]`.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::lifecycle::{Session, job, text};
use super::{PROJECT, call, start};
use crate::world::time::MINUTE;

const BATCH: &str = "bd4193aa-072d-4ce6-beec-adffc7252341";
/// Each has seven rows in [`sevens`].
const LISTS: [&str; 3] = [
    "batch-async-jobs?",
    "jobs?job_type=migration",
    "batch-async-jobs/bd4193aa-072d-4ce6-beec-adffc7252341?",
];

/// Seven batches, of which one has seven jobs, the only ones that migrate.
fn sevens(quirks: &str) -> Session {
    let seven = "[[drs.job.jobs]]\njob_type = \"migration\"\nstatus = \"PAUSING\"\n".repeat(7);
    let other = "[[drs.job]]\n[[drs.job.jobs]]\njob_type = \"sync\"\n".repeat(6);
    let text =
        format!("[drs.quirks]\n{quirks}\n[[drs.job]]\nasync_job_id = \"{BATCH}\"\n{seven}{other}");
    Session::new(1, &text)
}

fn id(row: &Value) -> &str {
    text(row.get("async_job_id").unwrap_or(&row["id"]))
}

/// The page's rows by their places in the exact list, and its total.
fn page(session: &Session, list: &str, query: &str) -> (Vec<usize>, Option<u64>) {
    let exact = sevens("").get(&format!("{list}&limit=1000"));
    let exact: Vec<&str> = exact["jobs"].as_array().expect("jobs").iter().map(id).collect();
    assert_eq!(exact.len(), 7);
    let found = session.get(&format!("{list}&{query}"));
    let place = |row: &Value| exact.iter().position(|other| *other == id(row));
    let rows = found["jobs"].as_array().expect("jobs").iter().filter_map(place).collect();
    (rows, found["total_count"].as_u64())
}

/// Status, code and hint.
fn refused(session: &Session, path: &str) -> (u16, String, String) {
    let (status, body, hint) = session.ask("GET", path, &Value::Null);
    (status, text(&body["error_code"]).to_owned(), hint)
}

#[test]
fn defaults_that_are_written_out_change_nothing() {
    let usual = sevens(
        "pages = \"exact\"\ntotal = \"exact\"\nmax_limit = 1000\nover_limit = \"refuse\"\n\
         past_the_end = \"empty\"\nempty_list = \"list\"\nnumbers = \"number\"\nerrors = \"hard\"\n\
         bad_request = \"specific\"\nlegacy_statuses = false\nunknown_project = \"refuse\"\n\
         checks = \"later\"\nfailed_checks = \"inline\"\ncreate_status = \"accepted\"\n\
         max_jobs = 10\nnewer_wording = false",
    );
    let left_out = sevens("");
    for list in LISTS {
        for query in ["", "limit=3&offset=3", "offset=7", "limit=1000", "limit=1001", "limit=x"] {
            let ask =
                |session: &Session| session.ask("GET", &format!("{list}&{query}"), &Value::Null);
            assert_eq!(ask(&usual), ask(&left_out), "{list}{query}");
        }
        for (query, rows) in
            [("limit=3", vec![0, 1, 2]), ("limit=3&offset=6", vec![6]), ("offset=7", vec![])]
        {
            assert_eq!(page(&left_out, list, query), (rows, Some(7)), "{list}{query}");
        }
    }
}

#[test]
fn paging_anomalies_happen_in_every_list() {
    for (quirk, pages) in [
        ("exact", [&[0, 1, 2][..], &[3, 4, 5], &[6], &[]]),
        ("repeat", [&[0, 1, 2], &[2, 3, 4], &[4, 5, 6], &[6]]),
        ("lose", [&[0, 1, 2], &[4, 5, 6], &[], &[]]),
        ("short", [&[0, 1], &[3, 4], &[6], &[]]),
        ("empty_second", [&[0, 1, 2], &[], &[3, 4, 5], &[6]]),
        ("unstable", [&[0, 1, 2], &[2, 4, 5], &[5], &[]]),
    ] {
        let session = sevens(&format!("pages = \"{quirk}\""));
        for list in LISTS {
            for (i, expected) in pages.into_iter().enumerate() {
                let found = page(&session, list, &format!("limit=3&offset={}", 3 * i));
                assert_eq!(found, (expected.to_vec(), Some(7)), "{quirk}: {list} {i}");
            }
        }
    }
}

#[test]
fn a_requested_id_has_a_page_of_its_own() {
    for quirk in ["exact", "repeat", "lose", "short", "empty_second", "unstable"] {
        let session = sevens(&format!("pages = \"{quirk}\""));
        let list = format!("batch-async-jobs?async_job_id={BATCH}");
        assert_eq!(session.get(&list)["jobs"][0]["async_job_id"], BATCH, "{quirk}");
    }
}

#[test]
fn totals_are_reported_in_every_list_as_the_switch_says() {
    for (quirk, totals) in [
        ("exact", [Some(7); 3]),
        ("off_by_one", [Some(8); 3]),
        ("capped", [Some(7); 3]),
        ("missing", [None; 3]),
        ("drifting", [Some(7), Some(8), Some(9)]),
    ] {
        let session = sevens(&format!("total = \"{quirk}\""));
        for list in LISTS {
            let total = |offset| page(&session, list, &format!("limit=3&offset={offset}")).1;
            assert_eq!([0, 3, 6].map(total), totals, "{quirk}: {list}");
        }
    }
}

#[test]
fn a_limit_above_the_bound_is_clamped_and_no_other_number_is() {
    let clamping = sevens("over_limit = \"clamp\"\nmax_limit = 3");
    let refusing = sevens("max_limit = 3");
    for list in LISTS {
        for limit in ["3", "4", "1001", &i64::MAX.to_string()] {
            let found = page(&clamping, list, &format!("limit={limit}&offset=1"));
            assert_eq!(found, (vec![1, 2, 3], Some(7)), "{limit}");
        }
        for limit in ["0", "-1", "many", "9223372036854775808"] {
            let (status, code, _) = refused(&clamping, &format!("{list}&limit={limit}"));
            assert_eq!((status, &*code), (400, "DRS.M00202"), "{limit}");
        }
        assert_eq!(refused(&refusing, &format!("{list}&limit=4")).0, 400);
        // Without a limit the page has the maximum size.
        assert_eq!(page(&refusing, list, "").0, [0, 1, 2]);
    }
}

#[test]
fn an_offset_past_the_end_is_refused_and_the_first_page_never() {
    let session = sevens("past_the_end = \"refuse\"");
    for list in LISTS {
        assert_eq!(page(&session, list, "offset=6").0, [6]);
        for offset in ["7", "8", "9223372036854775807"] {
            let (status, code, hint) = refused(&session, &format!("{list}&offset={offset}"));
            assert_eq!((status, &*code), (400, "DRS.M00202"));
            assert!(hint.contains("7 jobs") && hint.contains("past_the_end"), "{hint}");
        }
    }
    let nothing = json!({ "jobs": [], "total_count": 0 });
    let empty = Session::new(1, "[drs.quirks]\npast_the_end = \"refuse\"");
    assert_eq!(empty.get("batch-async-jobs?offset=0"), nothing);
    assert_eq!(refused(&empty, "batch-async-jobs?offset=1").0, 400);
}

#[test]
fn an_offset_past_the_end_gives_the_last_page_again() {
    let session = sevens("past_the_end = \"last\"");
    for list in LISTS {
        for (query, rows) in [
            ("limit=3&offset=7", vec![6]),
            ("limit=3&offset=9223372036854775807", vec![6]),
            ("limit=7&offset=7", (0..7).collect()),
            ("limit=4&offset=8", vec![4, 5, 6]),
            ("limit=4&offset=6", vec![6]),
        ] {
            assert_eq!(page(&session, list, query), (rows, Some(7)), "{list}{query}");
        }
    }
    let empty = Session::new(1, "[drs.quirks]\npast_the_end = \"last\"");
    assert_eq!(empty.get("batch-async-jobs?offset=5")["jobs"], json!([]));
    // The rows of an empty second page are on the third, which is not past the end.
    let shifted = sevens("past_the_end = \"refuse\"\npages = \"empty_second\"");
    assert_eq!(page(&shifted, LISTS[0], "limit=3&offset=9").0, [6]);
    assert_eq!(refused(&shifted, "batch-async-jobs?limit=3&offset=12").0, 400);
    let shifted = sevens("past_the_end = \"last\"\npages = \"empty_second\"");
    assert_eq!(page(&shifted, LISTS[0], "limit=3&offset=12").0, [6]);
}

#[test]
fn lists_without_jobs_are_empty_null_or_absent() {
    for (quirk, expected) in [
        ("list", json!({ "jobs": [], "total_count": 7 })),
        ("null", json!({ "jobs": null, "total_count": 7 })),
        ("absent", json!({ "total_count": 7 })),
    ] {
        let session = sevens(&format!("empty_list = \"{quirk}\""));
        for list in LISTS {
            assert_eq!(session.get(&format!("{list}&offset=7")), expected);
            assert_eq!(page(&session, list, "offset=6").0, [6]);
        }
    }
}

#[test]
fn numbers_of_the_lists_are_texts() {
    fn without_texts(value: &mut Value) {
        match value {
            Value::Number(number) => *value = number.to_string().into(),
            Value::Array(items) => items.iter_mut().for_each(without_texts),
            Value::Object(members) => members.values_mut().for_each(without_texts),
            _ => {}
        }
    }
    for list in LISTS {
        let mut plain = sevens("").get(list);
        without_texts(&mut plain);
        assert_eq!(sevens("numbers = \"text\"").get(list), plain);
        assert_eq!(plain["total_count"], "7");
    }
    let days = &sevens("numbers = \"text\"").get(LISTS[2])["jobs"][0]["base_info"]["expired_days"];
    assert_eq!(days, "14");
}

#[test]
fn reads_are_stale_and_writes_are_not() {
    let mut session = Session::new(
        1,
        "[drs.quirks]\nstale_reads = \"30s\"\n[drs.created]\n\
         paths = [[\"ASYNC_JOB_VALIDATING 1m\", \"AUTO_PARAM_VALIDATE_SUCCESS\"]]\n",
    );
    let count = |session: &Session| session.batches("").len();
    session.now = start().plus(MINUTE);
    let id = session.create(&[job("one", 0)]);
    let detail = format!("batch-async-jobs/{id}");
    let (status, code, hint) = refused(&session, &detail);
    assert_eq!((count(&session), status, &*code), (0, 400, "DRS.10000010"));
    assert!(hint.contains("stale_reads"), "{hint}");
    let (_, _, hint) = refused(&session, "batch-async-jobs/nobody");
    assert!(!hint.contains("stale_reads"), "{hint}");
    assert_eq!(session.commit(&id).1["error_code"], "DRS.M00304", "it is there, and not ready");
    let taken = session.ask("POST", "jobs/batch-async-create", &json!({"jobs": [job("one", 0)]}));
    assert_eq!(taken.1["error_code"], "DRS.M00277", "the name is taken at once");
    session.now = start().plus(MINUTE + 29_999);
    assert_eq!(count(&session), 0);
    session.now = start().plus(MINUTE + 30_000);
    assert_eq!((count(&session), session.detail(&id).len()), (1, 1));

    session.now = start().plus(2 * MINUTE);
    assert_eq!(session.status(&id), "ASYNC_JOB_VALIDATING", "as it was");
    assert_eq!(session.commit(&id).0, 200, "as it is");
    assert_eq!(session.commit(&id).0, 400);
    let jobs = |session: &Session| session.jobs("job_type=sync").len();
    assert_eq!(jobs(&session), 0);
    session.now = start().plus(2 * MINUTE + 30_000);
    assert_eq!((jobs(&session), &*session.status(&id)), (1, "COMMIT_SUCCESS"));
}

#[test]
fn polls_of_a_stale_row_count_when_they_happen() {
    let mut session = Session::new(
        1,
        "[drs.quirks]\nstale_reads = \"10m\"\n[drs.created]\n\
         paths = [[\"ASYNC_JOB_VALIDATING 2 looks\", \"AUTO_PARAM_VALIDATE_SUCCESS\"]]\n",
    );
    let id = session.create(&[job("one", 0)]);
    session.now = start().plus(10 * MINUTE);
    for _ in 0..3 {
        assert_eq!(session.status(&id), "ASYNC_JOB_VALIDATING");
    }
    assert_eq!(session.commit(&id).0, 200, "two looks were enough");
    session.now = start().plus(20 * MINUTE);
    assert_eq!(session.status(&id), "COMMIT_SUCCESS");
}

#[test]
fn a_refused_update_is_a_soft_error_too_and_one_requested_by_its_code_is_not() {
    let update = |quirk: &str| {
        let session = sevens(&format!("errors = \"{quirk}\""));
        let put = format!("batch-async-jobs/{BATCH}");
        let (status, body, _) = session.ask("PUT", &put, &json!({"jobs": [{"type": "precheck"}]}));
        (status, body)
    };
    let ((hard_status, hard), (soft_status, soft)) = (update("hard"), update("soft"));
    assert_eq!((hard_status, soft_status, &soft), (400, 200, &hard));
    assert!(text(&soft["error_code"]).starts_with("DRS."));
    let session = sevens("errors = \"soft\"");
    let uri = format!("/v5/{PROJECT}/batch-async-jobs");
    let headers = [("x-syncmock-refuse", "DRS.M01503")];
    assert_eq!(call(&session.plan, &uri, &headers, start()).0, 400);
}

#[test]
fn a_soft_error_changes_nothing() {
    let session = sevens("errors = \"soft\"");
    let taken = json!({"jobs": [job("one", 0), job("one", 0)]});
    assert_eq!(session.ask("POST", "jobs/batch-async-create", &taken).0, 200);
    assert_eq!(session.state.event_log().events().len(), 0);
    assert_eq!(session.batches("").len(), 7);
}

#[test]
fn the_switch_is_the_maximum_number_of_jobs_of_a_batch() {
    for most in [1, 2, 16] {
        let session = sevens(&format!("max_jobs = {most}"));
        let jobs = |count: usize| -> Value {
            (0..count).map(|nth| job(&format!("many-{nth}"), 0)).collect::<Vec<_>>().into()
        };
        let create =
            |count| session.ask("POST", "jobs/batch-async-create", &json!({ "jobs": jobs(count) }));
        let (status, body, hint) = create(most + 1);
        assert_eq!((status, &body["error_code"]), (400, &"DRS.M00202".into()));
        assert!(hint.contains("max_jobs"), "{hint}");
        assert_eq!(create(most).0, 202);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn whatever_switches_go_together_a_page_has_as_many_rows_as_asked_for_at_most(
        pages in prop::sample::select(
            &["exact", "repeat", "lose", "short", "empty_second", "unstable"][..],
        ),
        total in prop::sample::select(
            &["exact", "off_by_one", "capped", "missing", "drifting"][..],
        ),
        over_limit in prop::sample::select(&["refuse", "clamp"][..]),
        past_the_end in prop::sample::select(&["empty", "refuse", "last"][..]),
        consistency in prop::sample::select(&["live", "snapshot"][..]),
        max in 2u64..12,
        positions in prop::collection::vec(
            (prop_oneof![0u64..20, Just(i64::MAX as u64)], prop_oneof![1u64..20, Just(i64::MAX as u64)]),
            1..8,
        ),
    ) {
        let session = Session::new(1, &format!(
            "[drs.paging]\nconsistency = \"{consistency}\"\n[drs.quirks]\npages = \"{pages}\"\n\
             total = \"{total}\"\nover_limit = \"{over_limit}\"\nmax_limit = {max}\n\
             past_the_end = \"{past_the_end}\"\nstale_reads = \"1s\"\n\
             [drs.jobs]\ncount = 9\nevery = \"1h\"\n"
        ));
        for (offset, limit) in positions {
            for list in ["batch-async-jobs?", "jobs?job_type=sync"] {
                let path = format!("{list}&offset={offset}&limit={limit}");
                let (status, body, _) = session.ask("GET", &path, &Value::Null);
                if status != 200 {
                    let refuses = [over_limit, past_the_end].contains(&"refuse");
                    prop_assert!(status == 400 && refuses, "{}: {}", path, body);
                    continue;
                }
                let rows = body["jobs"].as_array().map_or(0, Vec::len) as u64;
                prop_assert!(rows <= limit.min(max), "{}: {}", path, body);
                prop_assert_eq!(body.get("total_count").is_some(), total != "missing");
            }
        }
    }
}
