//! The life of a synchronization instance at DTS.

use serde_json::Value;

use super::Session;

fn uri(action: &str, rest: &str) -> String {
    format!("/?Action={action}&Version=2020-01-01&Format=JSON&{rest}")
}

const ORDER: &str = "SourceRegion=cn-hangzhou&DestRegion=cn-hangzhou&SynchronizationJobClass=small&PayType=PostPaid";
/// `[{"DBName":"shop","TableIncludes":[{"TableName":"goods"}]},{"DBName":"logs"}]`, and the
/// rest of what a configuration needs.
const CONFIGURATION: &str = "DataInitialization=true&StructureInitialization=true\
    &SynchronizationObjects=%5B%7B%22DBName%22%3A%22shop%22%2C%22TableIncludes%22%3A%5B%7B%22TableName%22%3A%22goods%22%7D%5D%7D%2C%7B%22DBName%22%3A%22logs%22%7D%5D\
    &SynchronizationJobName=shop-to-lake&SourceEndpoint.InstanceType=RDS&SourceEndpoint.InstanceId=rm-bp1shop\
    &SourceEndpoint.UserName=sync&SourceEndpoint.Password=verysecret\
    &DestinationEndpoint.InstanceType=RDS&DestinationEndpoint.InstanceId=rm-bp1lake";

fn ask(session: &Session, action: &str, rest: &str) -> Value {
    session.json("POST", &uri(action, rest), "")
}

fn create(session: &Session, more: &str) -> String {
    let answer = ask(session, "CreateSynchronizationJob", &format!("{ORDER}&{more}"));
    answer["SynchronizationJobId"].as_str().expect("an id").to_owned()
}

fn configure(session: &Session, id: &str, more: &str) {
    let rest = format!("SynchronizationJobId={id}&{CONFIGURATION}&{more}");
    ask(session, "ConfigureSynchronizationJob", &rest);
}

fn steer(session: &Session, operation: &str, id: &str) {
    ask(session, &format!("{operation}SynchronizationJob"), &format!("SynchronizationJobId={id}"));
}

fn status(session: &Session, id: &str) -> Value {
    ask(session, "DescribeSynchronizationJobStatus", &format!("SynchronizationJobId={id}"))
}

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;

/// A created instance takes this way.
const PATHS: &str = "dts.created.paths=[[\"Prechecking 30s\", \"PreCheckPass 5s\", \
                     \"Initializing 10m\", \"Synchronizing\"]]";

#[test]
fn an_instance_is_bought_configured_paused_reset_and_released() {
    let mut session = Session::new("default", &[PATHS]);
    let list = |session: &Session, rest: &str| ask(session, "DescribeSynchronizationJobs", rest);
    let before = list(&session, "")["TotalRecordCount"].as_u64().expect("a count");
    let mut seen = Vec::new();
    let mut reads = vec![
        ("GET", uri("DescribeSynchronizationJobs", "PageSize=5")),
        ("GET", uri("DescribeSynchronizationJobs", "SynchronizationJobName=shop")),
        ("GET", uri("DescribeDtsJobs", "JobType=SYNC&Status=Synchronizing&PageSize=5")),
        ("GET", uri("DescribeDtsJobs", "JobType=SYNC&Status=NotConfigured")),
        ("GET", uri("DescribeDtsJobs", "JobType=SYNC&Status=Finished&OrderColumn=CreateTime")),
    ];
    session.laws_of_time(&reads, &mut seen);
    seen.clear();

    session.advance(1);
    let id = create(&session, "ClientToken=once");
    assert_eq!(create(&session, "ClientToken=once"), id, "bought once");
    for action in ["DescribeSynchronizationJobStatus", "DescribeInitializationStatus"] {
        reads.push(("GET", uri(action, &format!("SynchronizationJobId={id}"))));
    }
    reads.push(("GET", uri("DescribeDtsJobDetail", &format!("DtsInstanceID={id}"))));
    assert_eq!(list(&session, "")["TotalRecordCount"], before + 1);
    assert_eq!(list(&session, "")["SynchronizationInstances"][0]["SynchronizationJobId"], *id);
    session.laws_of_time(&reads, &mut seen);

    session.advance(SECOND);
    configure(&session, &id, "");
    assert_eq!(list(&session, "SynchronizationJobName=shop-to")["TotalRecordCount"], 1);
    let mut states: Vec<Value> = vec![];
    let mut copied = 0;
    for _ in 0..80 {
        let status = status(&session, &id);
        if states.last() != Some(&status["Status"]) {
            session.laws_of_time(&reads, &mut seen);
            states.push(status["Status"].clone());
        }
        let progress = status["DataInitializationStatus"]["Progress"].as_str().expect("rows");
        let rows: u64 = progress.parse().expect("a number");
        assert!(rows >= copied, "{copied} → {rows}");
        copied = rows;
        let incremental = status["Status"] == "synchronizing";
        assert_eq!(status.get("Checkpoint").is_some(), incremental, "{status}");
        assert_eq!(status["DelayMillis"] == -1, !incremental, "{status}");
        session.advance(10 * SECOND);
    }
    assert_eq!(states, ["prechecking", "initializating", "synchronizing"]);
    assert!(copied > 0);

    session.advance(HOUR);
    steer(&session, "Suspend", &id);
    let paused = status(&session, &id);
    session.advance(HOUR);
    let still = status(&session, &id);
    assert_eq!(
        (&still["Status"], &still["Checkpoint"]),
        (&"suspending".into(), &paused["Checkpoint"])
    );
    session.laws_of_time(&reads, &mut seen);
    session.advance(1);
    steer(&session, "Start", &id);
    assert_eq!(status(&session, &id)["Checkpoint"], paused["Checkpoint"], "it takes it up again");
    session.advance(30 * SECOND);
    let behind = status(&session, &id)["DelayMillis"].as_i64().expect("a number");
    assert!((29 * 60_000..31 * 60_000).contains(&behind), "{behind}: an hour takes a minute");
    session.advance(60 * SECOND);
    assert!(status(&session, &id)["DelayMillis"].as_i64().expect("a number") < 10_000);
    session.laws_of_time(&reads, &mut seen);

    session.advance(1);
    let task = status(&session, &id)["TaskId"].clone();
    steer(&session, "Reset", &id);
    assert_ne!(status(&session, &id)["TaskId"], task);
    session.laws_of_time(&reads, &mut seen);
    session.advance(SECOND);
    steer(&session, "Delete", &id);
    session.advance(299 * SECOND);
    assert_eq!(status(&session, &id)["Status"], "finished");
    assert_eq!(list(&session, "SynchronizationJobName=shop")["TotalRecordCount"], 0, "no name");
    session.laws_of_time(&reads, &mut seen);
    session.advance(SECOND);
    let answer = session.ask("GET", &reads[5].1, "");
    assert_eq!(answer.refused.expect("gone").code, "InvalidJobId");
    let in_list = list(&session, "PageSize=1000").to_string();
    assert!(!in_list.contains(&id));
    session.laws_of_time(&reads, &mut seen);
    let recorded: Vec<_> = session.state.event_log().events().collect();
    assert!(!format!("{recorded:?}").contains("verysecret"));
}

#[test]
fn every_operation_works_on_generated_and_fixed_instances() {
    let mut session = Session::new("default", &[]);
    let reads = vec![("GET", uri("DescribeDtsJobs", "JobType=SYNC&Status=Suspending&PageSize=50"))];
    let mut seen = vec![];
    let rows = |session: &Session, state: &str| {
        let rest = format!("JobType=SYNC&PageSize=500&Status={state}");
        ask(session, "DescribeDtsJobs", &rest)["DtsJobList"].as_array().expect("rows").clone()
    };
    let id = |row: &Value| row["DtsInstanceID"].as_str().expect("an id").to_owned();
    let paused: Vec<String> = rows(&session, "Suspending").iter().map(id).collect();
    for operation in ["Start", "Suspend", "Reset"] {
        for id in paused.iter().take(3) {
            session.advance(SECOND);
            steer(&session, operation, id);
            session.laws_of_time(&reads, &mut seen);
        }
    }
    let unconfigured: Vec<String> = rows(&session, "NotConfigured").iter().map(id).collect();
    assert_eq!(unconfigured.len(), 3);
    for id in &unconfigured {
        session.advance(SECOND);
        configure(&session, id, "");
        session.laws_of_time(&reads, &mut seen);
    }
    assert_eq!(
        rows(&session, "Prechecking").iter().filter(|row| unconfigured.contains(&id(row))).count(),
        3
    );
    let exact = "dtskfq1149w254****";
    steer(&session, "Suspend", exact);
    assert_eq!(status(&session, exact)["Status"], "suspending");
    let rest = format!("SynchronizationJobId={exact}");
    let refused = session.ask("POST", &uri("SuspendSynchronizationJob", &rest), "");
    let refused = refused.refused.expect("twice");
    assert_eq!(refused.code, "InvalidJobStatus");
    assert!(refused.hint.is_some_and(|hint| hint.contains("Synchronizing")));
}

#[test]
fn answers_match_the_goldens() {
    let mut session = Session::new("docs", &[PATHS]);
    let both = |session: &Session, name: &str, action: &str, rest: &str| {
        for format in ["JSON", "XML"] {
            let uri = format!("/?Action={action}&Version=2020-01-01&Format={format}&{rest}");
            let name = format!("{name}-{}", format.to_lowercase());
            session.golden("dts", &name, "POST", &uri, "");
        }
    };
    let order = format!("{ORDER}&Topology=bidirectional&ClientToken=golden");
    both(&session, "create", "CreateSynchronizationJob", &order);
    let id = create(&session, "Topology=bidirectional&ClientToken=golden");
    let whom = format!("SynchronizationJobId={id}");
    both(
        &session,
        "dts-job-detail-unconfigured",
        "DescribeDtsJobDetail",
        &format!("DtsInstanceID={id}"),
    );
    let start = uri("StartSynchronizationJob", &whom);
    session.golden("dts", "start-unconfigured", "POST", &start, "");
    session.golden(
        "dts",
        "configure-json",
        "POST",
        &uri("ConfigureSynchronizationJob", &format!("{whom}&{CONFIGURATION}")),
        "",
    );
    session.advance(300 * SECOND);
    both(&session, "status-initializing", "DescribeSynchronizationJobStatus", &whom);
    both(
        &session,
        "initialization-status",
        "DescribeInitializationStatus",
        &format!("{whom}&PageSize=4"),
    );
    session.advance(HOUR);
    both(&session, "status", "DescribeSynchronizationJobStatus", &whom);
    both(
        &session,
        "status-reverse",
        "DescribeSynchronizationJobStatus",
        &format!("{whom}&SynchronizationDirection=Reverse"),
    );
    both(&session, "dts-jobs", "DescribeDtsJobs", "JobType=SYNC");
    both(&session, "dts-jobs-migrations", "DescribeDtsJobs", "");
    both(&session, "dts-job-detail", "DescribeDtsJobDetail", &format!("DtsJobId={}", &id[3..]));
    for operation in ["Suspend", "Start", "Reset", "Delete"] {
        let name = operation.to_lowercase();
        let uri = uri(&format!("{operation}SynchronizationJob"), &whom);
        session.golden("dts", &format!("{name}-json"), "POST", &uri, "");
    }
    both(&session, "suspend-deleted", "SuspendSynchronizationJob", &whom);
    both(&session, "dts-job-detail-unknown", "DescribeDtsJobDetail", "DtsJobId=nobody");
    let golden = |name: &str, action: &str, rest: &str| {
        session.golden("dts", name, "POST", &uri(action, rest), "");
    };
    golden("create-mismatch", "CreateSynchronizationJob", &format!("{ORDER}&ClientToken=golden"));
    golden("create-missing", "CreateSynchronizationJob", "SourceRegion=cn-hangzhou");
    golden("create-bad-class", "CreateSynchronizationJob", &ORDER.replace("small", "huge"));
    golden(
        "configure-missing-objects",
        "ConfigureSynchronizationJob",
        "SynchronizationJobId=x&DataInitialization=true&StructureInitialization=true",
    );
    golden(
        "suspend-wrong-state",
        "SuspendSynchronizationJob",
        "SynchronizationJobId=dtskfq1149w254****",
    );
    golden("status-unknown", "DescribeSynchronizationJobStatus", "SynchronizationJobId=nobody");
    golden(
        "reset-reverse-of-one-way",
        "ResetSynchronizationJob",
        "SynchronizationJobId=dtskfq1149w254****&SynchronizationDirection=Reverse",
    );
}

/// What [`answers_match_the_goldens`] changes with answers in JSON.
#[test]
fn answers_to_changes_match_the_goldens_in_xml() {
    let mut session = Session::new("docs", &[PATHS]);
    let whom = format!("SynchronizationJobId={}", create(&session, ""));
    let golden = |session: &Session, operation: &str, rest: &str| {
        let name = format!("{}-xml", operation.to_lowercase());
        let action = format!("{operation}SynchronizationJob");
        session.golden("dts", &name, "POST", &uri(&action, rest).replace("JSON", "XML"), "");
    };
    golden(&session, "Configure", &format!("{whom}&{CONFIGURATION}"));
    session.advance(HOUR);
    for operation in ["Suspend", "Start", "Reset", "Delete"] {
        golden(&session, operation, &whom);
    }
}
