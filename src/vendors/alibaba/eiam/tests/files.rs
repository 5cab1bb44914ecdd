//! The file at a download URL.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::lifecycle::World;
use super::{NOW, traverse};
use crate::engine::{FILES, File, FileError, Service};
use crate::vendors::alibaba::eiam::{Eiam, View};
use crate::wire::Arguments;
use crate::world::time::Timestamp;

fn url(world: &World, job: &str) -> String {
    let query = format!("SynchronizationJobId={job}");
    let answer = world.accepted("GenerateDownloadUrlForSynchronizationJob", &query);
    answer["FileDownloadUrl"].as_str().unwrap().to_owned()
}

fn get(world: &World, url: &str) -> Result<File, FileError> {
    look_up(world, url).expect("a path of the service")
}

fn look_up(world: &World, url: &str) -> Option<Result<File, FileError>> {
    let (path, query) = url.strip_prefix("http://127.0.0.1:4740").unwrap().split_once('?').unwrap();
    let mut arguments = Arguments::default();
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        arguments.push(name, value);
    }
    let now = Timestamp::from_millis(world.now);
    let projections = world.state.event_log().projections(&world.plan, now);
    let (plan, projection) = (world.plan.of::<Eiam>(), projections.get::<Eiam>().unwrap());
    let view = View { plan, projection, now };
    Eiam::file(&view, path.strip_prefix(FILES).unwrap(), &arguments)
}

fn text(file: File) -> String {
    String::from_utf8(file.bytes).unwrap()
}

/// Sums of `Count` by type, operation and result.
fn sums(csv: &str) -> BTreeMap<(String, String, String), u64> {
    let mut sums = BTreeMap::new();
    for row in csv.lines().skip(1) {
        let cells: Vec<&str> = row.splitn(5, ',').collect();
        let key = (cells[0].to_owned(), cells[1].to_owned(), cells[2].to_owned());
        *sums.entry(key).or_insert(0) += cells[3].parse::<u64>().unwrap();
    }
    sums
}

fn agrees(job: &Value, csv: &str) {
    let sums = sums(csv);
    let mut all = 0;
    for (group, kind) in [
        ("UserStatistics", "user"),
        ("OrganizationalUnitStatistics", "organizational_unit"),
        ("GroupStatistics", "group"),
        ("GroupMemberStatistics", "group_member"),
    ] {
        for operation in ["Created", "Updated", "Binded", "Deleted", "Same", "Pushed"] {
            for outcome in ["Success", "Failed", "Skipped"] {
                let figure = job["Result"][group][operation][outcome].as_u64().unwrap();
                let key = (kind.to_owned(), operation.to_lowercase(), outcome.to_lowercase());
                assert_eq!(sums.get(&key).copied().unwrap_or(0), figure, "{key:?}");
                all += figure;
            }
        }
    }
    assert_eq!(sums.values().sum::<u64>(), all);
}

#[test]
fn the_file_says_what_the_jobs_figures_say_of_every_kind_of_job() {
    let mut world = World::new(
        "[eiam.jobs]\ncount = 30\nevery = \"10m\"\noutcomes = { success = 1, partial_success = 1, failed = 1 }\n\
         [[eiam.job]]\nSynchronizationJobId = \"sync pinned/ü\"\nStatus = \"failed\"\n\
         [eiam.job.Result]\nErrorCode = \"A,B\"\nErrorMessage = 'say \"no\"'\n\
         [eiam.job.Result.UserStatistics]\nCreated = { Total = 3, Success = 1, Failed = 1, Skipped = 1 }\n",
    );
    let target = world.plan.of::<Eiam>().targets[0].id.clone();
    let run = world.run(&target).unwrap();
    world.now += 3_600_000;
    let now = world.now;
    let mut jobs = traverse(&world.plan, "", 100, now).1;
    let query = format!("SynchronizationJobId={run}");
    jobs.push(world.accepted("GetSynchronizationJob", &query)["SynchronizationJob"].clone());
    for job in jobs.iter().filter(|job| job.get("EndTime").is_some()) {
        let id = job["SynchronizationJobId"].as_str().unwrap();
        let escaped: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let found = get(&world, &url(&world, &escaped)).unwrap();
        assert!(found.name.is_ascii() && found.name.ends_with(".csv"));
        let csv = text(found);
        assert!(csv.starts_with("EntityType,Operation,Result,Count,"), "{csv}");
        agrees(job, &csv);
        if id.contains("pinned") {
            assert_eq!(csv.lines().count(), 4);
            assert!(csv.contains(",\"A,B\",\"say \"\"no\"\"\"\r\n"), "{csv}");
        }
    }
}

#[test]
fn a_file_about_millions_is_bounded_and_its_counts_are_right_all_the_same() {
    let mut world = World::new(
        "[eiam.jobs]\ncount = 1\n[eiam.entities]\nusers = 1000000000\ngroups = 1000000000\n",
    );
    world.now += 86_400_000;
    let (_, jobs) = traverse(&world.plan, "", 1, world.now);
    let csv =
        text(get(&world, &url(&world, jobs[0]["SynchronizationJobId"].as_str().unwrap())).unwrap());
    assert!(csv.len() < 16 << 20, "{}", csv.len());
    agrees(&jobs[0], &csv);
}

#[test]
fn a_url_is_good_until_its_instant_and_for_its_job_alone() {
    let mut world =
        World::new("[eiam.jobs]\ncount = 2\n[eiam.quirks]\ndownload_url_lasts = \"10m\"\n");
    let (_, jobs) = traverse(&world.plan, "", 2, NOW);
    let id = |i: usize| jobs[i]["SynchronizationJobId"].as_str().unwrap();
    let one = url(&world, id(0));
    world.now += 600_000;
    assert!(get(&world, &one).is_ok());
    world.now += 1_000;
    assert_eq!(
        get(&world, &one).unwrap_err(),
        FileError::Expired("eiam.quirks.download_url_lasts")
    );
    let later = one.replace("Expires=1", "Expires=2");
    assert_ne!(later, one);
    assert_eq!(get(&world, &later).unwrap_err(), FileError::Forged);
    assert_eq!(get(&world, &one.replace(id(0), id(1))).unwrap_err(), FileError::Forged);
    let cut = one.split("&Signature").next().unwrap();
    assert_eq!(get(&world, cut).unwrap_err(), FileError::Forged);
    assert!(look_up(&world, &one.replace("/tmp/", "/")).is_none());
    assert!(look_up(&world, &one.replace("idaas_", "idaas-")).is_none());
    // Another process of the same scenario takes it, one of another seed does not.
    world.now = NOW;
    let same = World::new("[eiam.jobs]\ncount = 2\n");
    assert_eq!(text(get(&same, &one).unwrap()), text(get(&world, &one).unwrap()));
    let other = World::new("seed = 9\n[eiam.jobs]\ncount = 2\n");
    assert_eq!(get(&other, &one).unwrap_err(), FileError::Forged);
}

#[test]
fn there_is_no_url_before_the_end_unless_a_quirk_says_so() {
    let text_of = |quirk: &str| {
        format!(
            "[eiam.quirks]\n{quirk}\n[[eiam.job]]\n\
        SynchronizationJobId = \"sync_slow\"\npath = [\"pending\", \"running 1h\", \"success\"]\n"
        )
    };
    let mut world = World::new(&text_of(""));
    let query = "SynchronizationJobId=sync_slow";
    let action = "GenerateDownloadUrlForSynchronizationJob";
    assert_eq!(world.refused(action, query), (403, "IncorrectStatus.SynchronizationJob".into()));
    assert_eq!(
        world.refused(action, "SynchronizationJobId=sync_none"),
        (404, "ResourceNotFound.SynchronizationJob".into())
    );
    world.now += 7_200_000;
    let late = url(&world, "sync_slow");
    assert!(text(get(&world, &late).unwrap()).lines().count() > 1);
    // If the clock is turned back, the URL is valid, but the file has no rows yet.
    world.now = NOW + 60_000;
    assert_eq!(text(get(&world, &late).unwrap()).lines().count(), 1);
    world.now = NOW - 60_000;
    assert_eq!(get(&world, &late).unwrap_err(), FileError::NotFound);

    let world = World::new(&text_of("download_unfinished_jobs = true"));
    assert_eq!(text(get(&world, &url(&world, "sync_slow")).unwrap()).lines().count(), 1);
}

proptest! {
    #[test]
    fn no_path_and_no_query_is_mistaken_for_a_file(
        path in "[a-z0-9_/%.-]{0,40}", query in "[A-Za-z=&0-9_-]{0,40}",
    ) {
        let world = World::new("[eiam.jobs]\ncount = 2\n");
        let url = format!("http://127.0.0.1:4740{FILES}{path}?{query}");
        prop_assert!(!matches!(look_up(&world, &url), Some(Ok(_))));
    }
}
