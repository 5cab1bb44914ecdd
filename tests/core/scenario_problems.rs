//! What `check` says about files that are wrong in several ways.

use crate::core_tests::asking::NOW;
use crate::engine::Options;
use crate::vendors::load;

/// The problems, each as `place: message (hint)`.
fn problems(text: &str) -> Vec<String> {
    let loaded = load("file", &format!("version = 1\n{text}"), &Options::default(), NOW).unwrap();
    let problems = loaded.outcome.err().unwrap_or_default();
    let shown = problems.iter().map(|problem| {
        let hint = problem.hint.as_deref().unwrap_or_default();
        format!("{}: {} ({hint})", problem.place, problem.message)
    });
    shown.collect()
}

fn has(problems: &[String], words: &[&str]) -> bool {
    problems.iter().any(|problem| words.iter().all(|word| problem.contains(word)))
}

#[test]
fn structure_and_meaning_are_reported_at_once() {
    let found = problems(
        "[drs.jobs]\ncuont = 5\n\
         [dts.jobs]\ndwell.initializing = { median = \"5m\", p99 = \"1m\" }\n\
         [[fault]]\non = { service = \"drs\", operation = \"ListAsyncJob\" }\ndo = { status = 503 }\n\
         [gateway.alibaba]\nthrottling_status = 400\n",
    );
    assert!(has(&found, &["drs.jobs.cuont", "unknown key", "count"]), "{found:#?}");
    assert!(has(&found, &["gateway.alibaba.throttling_status"]), "{found:#?}");
    assert!(has(&found, &["fault[0].on.operation", "ListAsyncJobs"]), "{found:#?}");
}

#[test]
fn what_may_follow_from_a_problem_in_the_structure_is_not_a_problem_of_its_own() {
    // The key that the fault names has a problem of its own.
    let found = problems(
        "[[credentials]]\nid = \"ci\"\nsecert = \"x\"\n\
         [[fault]]\non = { credential = \"ci\" }\ndo = { status = 503 }\n",
    );
    assert!(has(&found, &["credentials[0].secert", "secret"]), "{found:#?}");
    assert!(found.iter().all(|problem| problem.starts_with("credentials")), "{found:#?}");
}

#[test]
fn a_population_and_a_fixed_record_are_told_apart() {
    let found = problems("[dts.job]\nPayType = \"PostPaid\"\n");
    assert!(
        has(&found, &["dts.job:", "[[dts.job]] is one fixed record", "[dts.jobs]"]),
        "{found:#?}"
    );
    let found = problems("[[eiam.jobs]]\ncount = 5\n");
    assert!(has(&found, &["eiam.jobs:", "[eiam.jobs] stands once", "[[eiam.job]]"]), "{found:#?}");
    let found = problems("[fault]\ndo = { status = 503 }\n");
    assert!(has(&found, &["fault:", "write [[fault]]"]), "{found:#?}");
}

#[test]
fn a_duration_without_a_unit_is_answered_with_examples() {
    for text in ["[eiam.jobs]\nwaiting = 10\n", "[gateway]\nclock_skew = 900\n"] {
        let found = problems(text);
        assert!(has(&found, &["\"40s\"", "\"1h30m\""]), "{found:#?}");
    }
}

#[test]
fn the_key_of_an_id_is_found_by_its_last_words() {
    for (text, key) in [
        ("[[eiam.job]]\nJobId = \"x\"\n", "SynchronizationJobId"),
        ("[[drs.job]]\njob_id = \"x\"\n", "async_job_id"),
        ("[[dts.job]]\nJobId = \"x\"\n", "SynchronizationJobId"),
    ] {
        let found = problems(text);
        assert!(has(&found, &["unknown key", &format!("did you mean \"{key}\"?")]), "{found:#?}");
    }
}
