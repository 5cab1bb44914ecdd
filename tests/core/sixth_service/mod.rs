//! A service and a vendor that are written outside `src/`, each a folder and a line: what the
//! architecture promises to whoever adds one.

mod acme;
mod backup;

use bytes::Bytes;
use serde_json::{Value, json};

use acme::Acme;
use backup::Backup;

use crate::core_tests::asking::NOW;
use crate::engine::{
    Answer, ErasedDialect, ErasedService, FaultCounts, Loaded, Options, Plan, Registry, Vendor,
    WorldExport, WorldState, load, respond,
};
use crate::fault;
use crate::scenario::problem::DocumentPath;
use crate::vendors::VENDORS;
use crate::vendors::huawei::Huawei;

/// The registered vendors, the sixth service, and a vendor that lives at `/` as another one does.
static EXTENDED: std::sync::LazyLock<Registry> = std::sync::LazyLock::new(|| {
    let mut vendors: Vec<Vendor> = VENDORS.0.to_vec();
    vendors.push(Vendor { dialect: &ErasedDialect::<Acme>::NEW, services: &[] });
    vendors.push(Vendor {
        dialect: &ErasedDialect::<Huawei>::NEW,
        services: &[&ErasedService::<Backup>::NEW],
    });
    Registry(vendors.leak())
});

/// The sixth service alone.
static BACKUP: Registry = Registry(&[Vendor {
    dialect: &ErasedDialect::<Huawei>::NEW,
    services: &[&ErasedService::<Backup>::NEW],
}]);

fn loaded(registry: Registry, section: &str) -> Loaded {
    let text = format!("version = 1\n{section}");
    load(registry, "sixth.toml", &text, &Options::default(), NOW).unwrap()
}

fn plan(section: &str) -> Box<Plan> {
    let loaded = loaded(BACKUP, section);
    let report = loaded.report(false);
    loaded.outcome.unwrap_or_else(|_| panic!("{report}"))
}

struct World {
    plan: Box<Plan>,
    state: WorldState,
}

impl World {
    fn new(section: &str) -> Self {
        let plan = plan(section);
        Self { state: WorldState::new(&plan), plan }
    }

    fn ask(&self, method: &str, uri: &str) -> Answer {
        let request = http::Request::builder().method(method).uri(uri).header("host", "h");
        let request = request.body(Bytes::new()).unwrap();
        respond(&self.plan, &self.state, &request, NOW)
    }

    fn json(&self, method: &str, uri: &str) -> (u16, Value) {
        let reply = self.ask(method, uri).reply;
        (reply.status().as_u16(), serde_json::from_slice(reply.body()).unwrap())
    }
}

const BUSY: &str = "[backup]\ncount = 25\nevery = \"1m\"";

#[test]
fn its_list_can_be_read_page_by_page_and_filtered() {
    let world = World::new(BUSY);
    let mut seen = std::collections::BTreeSet::new();
    for offset in [0, 10, 20, 30] {
        let (status, page) = world.json("GET", &format!("/v1/p/backup-jobs?offset={offset}"));
        assert_eq!((status, &page["total_count"]), (200, &json!(25)));
        for row in page["jobs"].as_array().unwrap() {
            assert!(seen.insert(row["job_id"].as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(seen.len(), 25);
    let count = |status| world.json("GET", &format!("/v1/p/backup-jobs?status={status}")).1;
    let total = |status| count(status)["total_count"].as_u64().unwrap();
    assert_eq!(total("RUNNING") + total("DONE"), 25);
}

#[test]
fn its_events_change_the_world_are_refused_where_the_life_cycle_says_and_survive_an_export() {
    let world = World::new("[backup]\ncount = 5\noutcomes = { endless = 1, others = 0 }");
    let id = world.json("GET", "/v1/p/backup-jobs?limit=1").1["jobs"][0]["job_id"].clone();
    let cancel = format!("/v1/p/backup-jobs/{}/cancel", id.as_str().unwrap());
    assert_eq!(world.ask("POST", &cancel).reply.status(), 200);
    let (status, refused) = world.json("POST", &cancel);
    assert_eq!((status, &refused["error_code"]), (409, &json!("BACKUP.0409")));
    let unknown = world.json("POST", "/v1/p/backup-jobs/x/cancel");
    assert_eq!((unknown.0, &unknown.1["error_code"]), (404, &json!("BACKUP.0404")));
    let cancelled = |world: &World| world.json("GET", "/v1/p/backup-jobs?status=CANCELLED").1;
    assert_eq!(cancelled(&world)["total_count"], 1);

    let export = WorldExport::of(&world.plan, &world.state.event_log(), NOW).unwrap();
    let document = serde_json::to_value(&export).unwrap();
    assert_eq!(document["journal"][0]["change"], json!({"backup": {"cancel": {"job_id": id}}}));
    let elsewhere = World::new("[backup]\ncount = 5\noutcomes = { endless = 1, others = 0 }");
    let export = WorldExport::read(document.to_string().as_bytes()).unwrap();
    elsewhere.state.replace_event_log(export.event_log(&elsewhere.plan).unwrap());
    assert_eq!(cancelled(&elsewhere), cancelled(&world));
}

#[test]
fn its_calls_meet_faults_by_service_operation_page_and_error() {
    let faulty = "[[fault]]\non = { service = \"backup\", page = 2 }\n\
                  do = { refuse = \"BACKUP.0409\" }";
    let world = World::new(&format!("{BUSY}\n{faulty}"));
    let status =
        |query: &str| world.ask("GET", &format!("/v1/p/backup-jobs?{query}")).reply.status();
    assert_eq!(status("offset=0&limit=10"), 200);
    assert_eq!(status("offset=10&limit=10"), 409);
    assert_eq!(status("offset=20&limit=10"), 200);

    let table = json!([{"on": {"operation": "CancelBackupJob"}, "do": {"status": 503}}]);
    let tables = serde_json::from_value(table).unwrap();
    let (keys, catalog) = (&world.plan.access.keys, world.plan.registry.catalog());
    let mut problems = Vec::new();
    let path = DocumentPath::root().key("fault");
    let faults = fault::plan(tables, keys, &catalog, &path, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    world.state.replace_faults(FaultCounts::new(faults, keys.len()));
    assert_eq!(world.ask("POST", "/v1/p/backup-jobs/x/cancel").reply.status(), 503);
    assert_eq!(status("offset=10&limit=10"), 200);
}

#[test]
fn check_and_schema_know_its_section() {
    let schema = crate::scenario::schema(&EXTENDED.sections());
    assert_eq!(schema["properties"]["backup"]["$ref"], "#/$defs/BackupSection");
    assert!(schema["$defs"]["BackupOutcomes"]["properties"]["endless"].is_object());

    let wrong = "[backup]\ncuont = 3\noutcomes = { endles = 1 }\n\
                 [[fault]]\non = { service = \"backup\", operation = \"CancelBackup\" }\n\
                 do = { refuse = \"BACKUP.0499\" }";
    let report = loaded(BACKUP, wrong).report(false);
    for part in ["count", "endless", "CancelBackupJob"] {
        assert!(report.contains(&format!("did you mean \"{part}\"?")), "{part}\n{report}");
    }
    assert!(report.contains("3 problems"), "{report}");
    let weights = loaded(BACKUP, "[backup]\noutcomes = { others = 0 }").report(false);
    assert!(weights.contains("all weights are 0"), "{weights}");
}

#[test]
fn the_other_services_are_as_they_were_beside_it() {
    let with = loaded(*EXTENDED, "").outcome.unwrap();
    let without = crate::core_tests::asking::plan("default", &[]);
    assert_eq!(with.registry.services().count(), without.registry.services().count() + 1);
    let names: Vec<_> = with.registry.services().map(|found| found.service.name()).collect();
    assert_eq!(names.last(), Some(&"backup"));
}

#[test]
fn another_vendor_can_live_at_the_same_path_and_claims_its_requests_by_their_signature() {
    let vendor = |header: (&str, &str), uri: &str| {
        let request = http::Request::get(uri).header(header.0, header.1).body(Bytes::new());
        EXTENDED.0[EXTENDED.claimed_by(&request.unwrap())].dialect.name()
    };
    assert_eq!(vendor(("authorization", "ACME abc"), "/"), "acme");
    assert_eq!(vendor(("x-acme-key", "abc"), "/"), "acme");
    assert_eq!(vendor(("authorization", "ACS3-HMAC-SHA256 Credential=a"), "/"), "alibaba");
    assert_eq!(vendor(("accept", "*/*"), "/"), "alibaba");
    // A style on another vendor's path says that a client is configured wrongly.
    assert_eq!(vendor(("authorization", "ACME abc"), "/v5/p/jobs"), "huawei");
    assert_eq!(vendor(("authorization", "ACME abc"), "/nobodys"), "acme");
}
