//! Commands of clients on instances; all operations must agree on the result.

use super::*;
use crate::engine::{EventLog, WorldState, respond};
use crate::vendors::alibaba::dts::state::{CONFIGURE, DELETE, RESET, START, SUSPEND};

/// One world with its state and its clock (Unix ms).
pub(crate) struct World {
    pub(crate) plan: Box<Plan>,
    pub(crate) state: WorldState,
    pub(crate) now: i64,
    /// Whether answers count as polls; those that are only compared do not.
    pub(crate) counting: bool,
}

impl World {
    pub(crate) fn new(text: &str) -> Self {
        let plan = plan(text);
        Self { state: WorldState::new(&plan), plan, now: NOW, counting: false }
    }

    /// With a form, as the SDKs send one.
    pub(crate) fn send(&self, action: &str, query: &str, form: &str) -> (u16, String) {
        let uri = format!("/?Version=2020-01-01&Format=JSON&Action={action}&{query}");
        let request: Request = http::Request::builder()
            .method("POST")
            .uri(uri)
            .header("Host", "127.0.0.1:4740")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form.to_owned()))
            .unwrap();
        let now = Timestamp::from_millis(self.now);
        let before = self.state.event_log();
        let reply = respond(&self.plan, &self.state, &request, now).reply;
        if action.starts_with("Describe") && !self.counting {
            self.state.replace_event_log(EventLog::clone(&before));
        }
        (reply.status().as_u16(), String::from_utf8(reply.body().to_vec()).unwrap())
    }

    pub(crate) fn ask(&self, action: &str, query: &str) -> (u16, Value) {
        let (status, body) = self.send(action, query, "");
        (status, serde_json::from_str(&body).unwrap())
    }

    pub(crate) fn get(&self, action: &str, query: &str) -> Value {
        let (status, answer) = self.ask(action, query);
        assert_eq!(status, 200, "{action} {query}: {answer}");
        answer
    }

    /// The status and the code of a refusal.
    pub(crate) fn refused(&self, action: &str, query: &str) -> (u16, String) {
        code_of(self.ask(action, query))
    }

    pub(crate) fn create(&self, more: &str) -> String {
        let answer = self.get(
            "CreateSynchronizationJob",
            &format!(
                "SourceRegion=cn-hangzhou&DestRegion=cn-hangzhou&SynchronizationJobClass=small\
                 &PayType=PostPaid&{more}"
            ),
        );
        answer["SynchronizationJobId"].as_str().unwrap().to_owned()
    }

    pub(crate) fn configure(&self, id: &str, more: &str) -> (u16, String) {
        self.send(
            CONFIGURE,
            &format!(
                "SynchronizationJobId={id}&DataInitialization=True&StructureInitialization=true\
                 &SourceEndpoint.Password=verysecret&{more}"
            ),
            &format!("SynchronizationObjects={}", encoded(OBJECTS)),
        )
    }

    pub(crate) fn status(&self, id: &str, way: &str) -> Value {
        let query = format!("SynchronizationJobId={id}&SynchronizationDirection={way}");
        self.get("DescribeSynchronizationJobStatus", &query)
    }

    pub(crate) fn detail(&self, id: &str, way: &str) -> Value {
        let query = format!("DtsInstanceID={id}&SynchronizationDirection={way}");
        self.get("DescribeDtsJobDetail", &query)
    }

    /// The state of the task; None if the instance does not exist or has no such direction.
    pub(crate) fn task_state(&self, id: &str, way: &str) -> Option<TaskState> {
        let query = format!("DtsInstanceID={id}&SynchronizationDirection={way}");
        let (status, answer) = self.ask("DescribeDtsJobDetail", &query);
        let there = status == 200 && answer["SynchronizationDirection"] == way;
        there.then(|| state_of(answer["Status"].as_str().unwrap()))
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        let answer = self.get("DescribeSynchronizationJobs", "PageSize=1000");
        ids(answer["SynchronizationInstances"].as_array().unwrap())
    }

    pub(crate) fn dts_jobs(&self, query: &str) -> (u64, Vec<Value>) {
        let answer = self.get("DescribeDtsJobs", &format!("JobType=SYNC&PageSize=1000&{query}"));
        let rows = answer["DtsJobList"].as_array().unwrap().clone();
        (answer["TotalRecordCount"].as_u64().unwrap(), rows)
    }

    pub(crate) fn advance(&mut self, by: u64) {
        self.now += by as i64;
    }
}

const OBJECTS: &str = r#"[
    {"DBName": "shop", "NewDBName": "shop_copy",
     "TableIncludes": [{"TableName": "goods", "NewTableName": "wares"}, {"TableName": "orders"}]},
    {"DBName": "logs", "TableExcludes": [{"TableName": "tmp"}]}
]"#;

fn state_of(name: &str) -> TaskState {
    let row = TASK.states.iter().find(|row| row.name.eq_ignore_ascii_case(name));
    row.unwrap_or_else(|| panic!("{name}")).state
}

/// A few of each kind: generated, exact with and without a path, and two-way ones.
fn mixed() -> World {
    World::new(
        r#"
        [dts.jobs]
        count = 12
        over = "6h"
        synchronization = "2h"
        topology = { oneway = 1, bidirectional = 1 }
        outcomes = { synchronizing = 4, failed = 2, suspending = 2, retried = 2, not_started = 2,
            others = 0 }
        [[dts.job]]
        SynchronizationJobId = "dtspinned000000001"
        PayType = "PostPaid"
        path = ["Prechecking 20s", "PreCheckPass 5s", "Initializing 3 looks", "Synchronizing 10m", "Failed"]
        reverse_path = ["NotStarted 40s", "Prechecking 20s", "PrecheckFailed"]
        [[dts.job]]
        SynchronizationJobId = "dtspinned000000002"
        SynchronizationDirectionInfoList = [{ Status = "Suspending", Checkpoint = "1772440000" }]
        [[dts.job]]
        SynchronizationJobId = "own-name"
        SynchronizationDirectionInfoList = [{ Status = "InitializeFailed" }, { SynchronizationDirection = "Reverse", Status = "Retrying" }]
        "#,
    )
}

/// All operations must agree about every instance.
fn assert_coherent(world: &World) {
    let ids = world.ids();
    let list = json!(ids).to_string();
    let query = format!("SynchronizationJobIdListJsonStr={}", encoded(&list));
    let short = world.get("DescribeSynchronizationJobStatusList", &query);
    let rows = world.get("DescribeSynchronizationJobs", "PageSize=1000");
    let (total, dts) = world.dts_jobs("");
    assert_eq!(total as usize, ids.len());
    assert_eq!(rows["TotalRecordCount"].as_u64(), Some(total));
    for (i, id) in ids.iter().enumerate() {
        let short = &short["SynchronizationJobListStatusList"][i];
        let (row, dts) = (&rows["SynchronizationInstances"][i], &dts[i]);
        assert_eq!(
            (&short["SynchronizationJobId"], &dts["DtsInstanceID"]),
            (&json!(id), &json!(id))
        );
        let ways = short["SynchronizationDirectionInfoList"].as_array().unwrap();
        for info in ways {
            let way = info["SynchronizationDirection"].as_str().unwrap();
            let (status, detail) = (world.status(id, way), world.detail(id, way));
            let dts = if way == "Reverse" { &dts["ReverseJob"] } else { dts };
            agree(world, info, &status, &detail, dts);
            if way == "Forward" {
                for key in [
                    "SynchronizationObjects",
                    "SynchronizationJobName",
                    "PayType",
                    "Delay",
                    "PrecheckStatus",
                    "SynchronizationJobId",
                    "DestinationEndpoint",
                    "SourceEndpoint",
                    "ExpireTime",
                    "Performance",
                    "SynchronizationJobClass",
                    "StructureInitializationStatus",
                    "DataInitializationStatus",
                    "ErrorMessage",
                ] {
                    assert_eq!(row.get(key), status.get(key), "{key} of {id}");
                }
                tables_add_up(world, id, &status);
            }
        }
    }
}

fn agree(world: &World, info: &Value, status: &Value, detail: &Value, dts: &Value) {
    let legacy = |name: &str| name.to_lowercase().replace("initializating", "initializing");
    let state = state_of(detail["Status"].as_str().unwrap());
    let shown = match TASK.name(state) {
        "NotConfigured" => "NotStarted",
        "PreCheckPass" => "Prechecking",
        "Retrying" => "Synchronizing",
        name => name,
    };
    assert_eq!(info["Status"], shown);
    assert_eq!(legacy(status["Status"].as_str().unwrap()), shown.to_lowercase());
    assert_eq!(dts["Status"], TASK.name(state));
    assert_eq!(status["TaskId"], detail["DtsJobId"]);
    assert_eq!(dts["DtsJobId"], detail["DtsJobId"]);
    assert_eq!(info.get("Checkpoint"), status.get("Checkpoint"));
    assert_eq!(info.get("Checkpoint"), dts.get("Checkpoint"));
    let seconds = info["Checkpoint"].as_str().map(|text| text.parse::<i64>().unwrap());
    assert_eq!(detail["Checkpoint"].as_i64(), seconds);
    let millis = detail["Delay"].as_i64().unwrap();
    assert_eq!(status["DelayMillis"].as_i64(), Some(millis));
    let delay = if millis < 0 { -1 } else { millis / 1_000 };
    assert_eq!((&status["Delay"], &dts["Delay"]), (&json!(delay.to_string()), &json!(delay)));
    match seconds {
        None => assert_eq!(millis, -1),
        Some(_) if shown == "Finished" => assert_eq!(millis, 0),
        Some(seconds) => assert_eq!(millis, (world.now - seconds * 1_000).max(0)),
    }
    for part in ["StructureInitializationStatus", "DataInitializationStatus"] {
        for key in ["Status", "Percent", "Progress"] {
            assert_eq!(status[part][key], dts[part][key]);
        }
    }
    assert_eq!(status["SynchronizationJobName"], detail["DtsJobName"]);
    assert_eq!(dts["DtsJobName"], detail["DtsJobName"]);
    assert_eq!(dts["DbObject"], detail["DbObject"]);
    assert_eq!(dts["MigrationMode"], detail["MigrationMode"]);
}

/// Tables and rows that are done, one by one and together.
fn tables_add_up(world: &World, id: &str, status: &Value) {
    let page = |number: u64| {
        let query = format!("SynchronizationJobId={id}&PageNum={number}&PageSize=100");
        world.get("DescribeInitializationStatus", &query)
    };
    let pages: Vec<Value> = (1..4).map(page).collect();
    let all = |list: &str| -> Vec<Value> {
        pages.iter().flat_map(|page| page[list].as_array().unwrap().clone()).collect()
    };
    let number = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
    let (structure, data) =
        (all("StructureInitializationDetails"), all("DataInitializationDetails"));
    if status["StructureInitialization"] == "true" {
        let done = structure.iter().filter(|table| table["Status"] == "Finished").count() as u64;
        assert_eq!(done, number(&status["StructureInitializationStatus"]["Progress"]));
    }
    if status["DataInitialization"] == "true" {
        let done: u64 = data.iter().map(|table| number(&table["FinishRowNum"])).sum();
        assert_eq!(done, number(&status["DataInitializationStatus"]["Progress"]));
        let stage = &status["DataInitializationStatus"]["Status"];
        let finished = data.iter().all(|table| table["Status"] == "Finished");
        assert_eq!(finished && !data.is_empty(), stage == "Finished");
    } else {
        assert!(data.is_empty());
    }
}

#[derive(Clone, Debug)]
enum Step {
    Create { two_way: bool },
    Do { operation: usize, whom: usize, reverse: bool },
    Poll,
    Advance(u64),
    Back(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => any::<bool>().prop_map(|two_way| Step::Create { two_way }),
        8 => (0usize..5, 0usize..40, proptest::bool::weighted(0.2))
            .prop_map(|(operation, whom, reverse)| Step::Do { operation, whom, reverse }),
        4 => (0u64..2 * HOUR).prop_map(Step::Advance),
        2 => (0u64..MINUTE).prop_map(Step::Advance),
        1 => (0u64..HOUR).prop_map(Step::Back),
        2 => Just(Step::Poll),
    ];
    proptest::collection::vec(step, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn whatever_clients_do_tasks_keep_to_the_table_and_all_operations_agree(steps in steps()) {
        let mut world = mixed();
        let mut ids = world.ids();
        const WAYS: [&str; 2] = ["Forward", "Reverse"];
        for step in steps {
            match step {
                Step::Create { two_way } => {
                    let topology = if two_way { "bidirectional" } else { "oneway" };
                    let id = world.create(&format!("Topology={topology}"));
                    prop_assert!(!ids.contains(&id));
                    prop_assert_eq!(world.task_state(&id, "Reverse").is_some(), two_way);
                    prop_assert_eq!(&world.ids()[0], &id, "the newest comes first");
                    ids.insert(0, id);
                }
                Step::Do { operation, whom, reverse } => {
                    let operation = [CONFIGURE, START, SUSPEND, RESET, DELETE][operation];
                    let id = &ids[whom % ids.len()];
                    let way = WAYS[usize::from(reverse && operation != DELETE)];
                    act(&world, operation, id, way)?;
                }
                Step::Advance(by) => {
                    let before: Vec<_> = ids.iter().map(|id| WAYS.map(|way| world.task_state(id, way))).collect();
                    let entries = world.state.event_log();
                    let then = world.now;
                    world.advance(by);
                    let mut changed = entries.events().map(|entry| entry.at.millis());
                    let meanwhile = changed.any(|at| (then + 1..=world.now).contains(&at));
                    for (id, before) in ids.iter().zip(before) {
                        for (way, before) in WAYS.iter().zip(before) {
                            let (Some(before), Some(now)) = (before, world.task_state(id, way)) else { continue };
                            // Changes made before the clock was turned back happen again.
                            if meanwhile { continue }
                            prop_assert!(TASK.leads(before, now), "{} → {}", TASK.name(before), TASK.name(now));
                        }
                    }
                }
                Step::Poll => {
                    world.counting = true;
                    let _ = world.ids();
                    world.counting = false;
                }
                Step::Back(by) => world.now -= by as i64,
            }
            assert_coherent(&world);
        }
        lists_are_what_reading_one_by_one_gives(&world)?;
    }

    #[test]
    fn no_checkpoint_and_no_progress_goes_back_however_often_a_task_is_stopped(
        waits in proptest::collection::vec(0u64..20 * MINUTE, 4..30), seed: u32,
    ) {
        let mut world = World::new(&format!("seed = {seed}\n[dts.jobs]\ninitialization = \"20m\"\nprecheck = \"30s\"\n"));
        let id = world.create("");
        prop_assert_eq!(world.configure(&id, "").0, 200);
        let (mut last, mut copied) = (None, 0);
        for wait in waits {
            let (asked, _) = world.ask(SUSPEND, &format!("SynchronizationJobId={id}"));
            let before = world.status(&id, "Forward");
            world.advance(wait);
            let after = world.status(&id, "Forward");
            let checkpoint = |status: &Value| status["Checkpoint"].as_str().map(|t| t.parse::<i64>().unwrap());
            if asked == 200 {
                prop_assert_eq!(&after["Status"], "suspending");
                prop_assert_eq!(checkpoint(&before), checkpoint(&after));
                let delay = |status: &Value| status["DelayMillis"].as_i64().unwrap();
                prop_assert_eq!(delay(&after) - delay(&before), wait as i64);
                prop_assert_eq!(world.ask(START, &format!("SynchronizationJobId={id}")).0, 200);
                prop_assert_eq!(checkpoint(&world.status(&id, "Forward")), checkpoint(&after));
                world.advance(wait);
            }
            let now = checkpoint(&world.status(&id, "Forward"));
            prop_assert!(now >= last, "{last:?} → {now:?}");
            last = now;
            let rows = after["DataInitializationStatus"]["Progress"].as_str().unwrap().parse().unwrap();
            prop_assert!(rows >= copied, "{copied} → {rows}");
            copied = rows;
        }
        // Long after the last stop it has caught up.
        if world.task_state(&id, "Forward").map(|state| TASK.name(state)) == Some("Synchronizing") {
            world.advance(30 * MINUTE);
            let status = world.status(&id, "Forward");
            if status["Status"] == "synchronizing" {
                prop_assert!(status["DelayMillis"].as_i64().unwrap() < 60_000, "{status}");
            }
        }
    }
}

/// Granted or refused as the table says, and then the task is in the state that it leads to.
fn act(world: &World, operation: &str, id: &str, way: &str) -> Result<(), TestCaseError> {
    let before = [world.task_state(id, "Forward"), world.task_state(id, "Reverse")];
    let at = usize::from(way == "Reverse");
    let query = format!("SynchronizationJobId={id}&SynchronizationDirection={way}");
    let shown = world.ids().iter().any(|other| other == id);
    let prepaid = shown && world.status(id, "Forward")["PayType"] == "PrePaid";
    // Reverse takes no effect on a one-way instance when it is configured.
    let aim = if operation == CONFIGURE && before[at].is_none() { 0 } else { at };
    let aimed = ["Forward", "Reverse"][aim];
    let task = before[aim].map(|_| world.status(id, aimed)["TaskId"].clone());
    let (status, body) = match operation {
        CONFIGURE => world.configure(id, &format!("SynchronizationDirection={way}")),
        _ => world.send(operation, &query, ""),
    };
    let answer: Value = serde_json::from_str(&body).unwrap();
    let code = answer["Code"].as_str().unwrap_or_default().to_owned();
    let now = [world.task_state(id, "Forward"), world.task_state(id, "Reverse")];
    if status != 200 {
        prop_assert_eq!(before, now, "a refusal changed something");
    }
    let deleted = before[0].is_some_and(|state| TASK.name(state) == "Finished");
    match (before[0], before[aim]) {
        (None, _) => prop_assert_eq!((status, code.as_str()), (403, "InvalidJobId")),
        _ if deleted => prop_assert!(
            matches!(code.as_str(), "InvalidJobId" | "InvalidJobStatus" | ""),
            "{code}"
        ),
        (_, None) => prop_assert_eq!((status, code.as_str()), (403, "InvalidParameter")),
        (_, Some(_)) if operation == DELETE && prepaid => {
            prop_assert_eq!((status, code.as_str()), (403, "InvalidJobStatus"));
        }
        (_, Some(state)) => match TASK.transition(operation, state) {
            None => prop_assert_eq!((status, code.as_str()), (403, "InvalidJobStatus")),
            Some(to) => {
                prop_assert_eq!(status, 200, "{}", body);
                prop_assert_eq!(now[aim].map(|s| TASK.name(s)), Some(TASK.name(to)));
                let after = world.status(id, aimed)["TaskId"].clone();
                prop_assert_eq!(task == Some(after), operation != RESET, "{} {}", operation, way);
            }
        },
    }
    Ok(())
}

fn lists_are_what_reading_one_by_one_gives(world: &World) -> Result<(), TestCaseError> {
    let ids = world.ids();
    let (_, all) = world.dts_jobs("");
    for row in TASK.states {
        let (total, found) = world.dts_jobs(&format!("Status={}", row.name));
        let brute: Vec<&Value> = all.iter().filter(|job| job["Status"] == row.name).collect();
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), brute, "{}", row.name);
        prop_assert_eq!(total as usize, found.len());
    }
    for name in ["MySQL", "订单", "dts", "nobody"] {
        let (_, found) = world.dts_jobs(&format!("Type=name&Params={}", encoded(name)));
        let brute: Vec<&Value> =
            all.iter().filter(|job| job["DtsJobName"].as_str().unwrap().contains(name)).collect();
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), brute);
    }
    for job in &all {
        let (id, task) =
            (job["DtsInstanceID"].as_str().unwrap(), job["DtsJobId"].as_str().unwrap());
        let asked = [
            format!("DtsJobId={}", encoded(task)),
            format!("DtsInstanceId={}", encoded(id)),
            format!("Type=instance&Params={}", encoded(id)),
        ];
        for query in asked {
            let (total, found) = world.dts_jobs(&query);
            prop_assert_eq!((total, &found[..]), (1, std::slice::from_ref(job)), "{}", query);
        }
        let detail = world.get("DescribeDtsJobDetail", &format!("DtsJobId={}", encoded(task)));
        prop_assert_eq!(&detail["DtsInstanceID"], id);
        if let Some(reverse) = job["ReverseJob"]["DtsJobId"].as_str() {
            let detail = world.get("DescribeDtsJobDetail", &format!("DtsJobId={reverse}"));
            prop_assert_eq!(&detail["DtsJobDirection"], "Reverse");
            prop_assert_eq!(world.dts_jobs(&format!("DtsJobId={reverse}")).1.len(), 1);
        }
        for (kind, end) in [("srcRds", "SourceEndpoint"), ("rds", "DestinationEndpoint")] {
            let Some(instance) = job[end]["InstanceID"].as_str() else { continue };
            let (_, found) = world.dts_jobs(&format!("Type={kind}&Params={instance}"));
            let brute: Vec<&Value> =
                all.iter().filter(|job| job[end]["InstanceID"] == instance).collect();
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), brute);
        }
    }
    let (_, oldest) = world.dts_jobs("OrderColumn=CreateTime");
    prop_assert!(oldest.iter().rev().eq(all.iter()));
    let (_, newest) = world.dts_jobs("OrderColumn=CreateTime&OrderDirection=DESC");
    prop_assert_eq!(&newest, &all);
    let both =
        format!("DtsInstanceId={}", ids.iter().map(|id| encoded(id)).collect::<Vec<_>>().join(","));
    prop_assert_eq!(world.dts_jobs(&both).1, all);
    Ok(())
}

#[test]
fn a_bought_instance_starts_unconfigured_and_follows_its_whole_path() {
    let mut world = World::new(
        "[dts.created]\npaths = [[\"Prechecking 10s\", \"PreCheckPass 5s\", \"Initializing 40s\", \"Synchronizing\"]]\n",
    );
    let id = world.create("SourceEndpoint.InstanceType=PolarDB&RegionId=cn-beijing");
    let row = &world.get("DescribeSynchronizationJobs", "")["SynchronizationInstances"][0];
    assert_eq!(
        (&row["Status"], &row["SynchronizationJobName"]),
        (&json!("NotStarted"), &json!(""))
    );
    assert_eq!(row["SourceEndpoint"], json!({ "EngineName": "PolarDB" }));
    assert_eq!(row["SynchronizationObjects"], json!([]));
    assert_eq!(world.detail(&id, "Forward")["Status"], "NotConfigured");
    assert_eq!(world.detail(&id, "Forward")["DtsJobId"], id[3..]);
    assert_eq!(world.refused(START, &format!("SynchronizationJobId={id}")).1, "InvalidJobStatus");

    let (status, _) = world.configure(
        &id,
        "SynchronizationJobName=shop&SourceEndpoint.InstanceId=rm-1&SourceEndpoint.InstanceType=RDS\
         &DestinationEndpoint.InstanceType=Express&DestinationEndpoint.IP=10.0.0.2\
         &DestinationEndpoint.Port=3306&DestinationEndpoint.UserName=u\
         &DestinationEndpoint.Password=verysecret&MigrationReserved=%7B%22a%22%3A1%7D",
    );
    assert_eq!(status, 200);
    let mut seen = vec![];
    for _ in 0..70 {
        let detail = world.detail(&id, "Forward");
        if seen.last() != Some(&detail["Status"]) {
            seen.push(detail["Status"].clone());
            assert_coherent(&world);
        }
        world.advance(1_000);
    }
    assert_eq!(seen, ["Prechecking", "PreCheckPass", "Initializing", "synchronizing"]);

    let status = world.status(&id, "Forward");
    assert_eq!(status["SynchronizationJobName"], "shop");
    assert_eq!(
        status["SourceEndpoint"],
        json!({ "InstanceId": "rm-1", "InstanceType": "RDS", "EngineName": "PolarDB" })
    );
    assert_eq!(
        status["DestinationEndpoint"],
        json!({ "InstanceType": "Express", "EngineName": "MySQL", "IP": "10.0.0.2", "Port": "3306", "UserName": "u" })
    );
    assert_eq!(
        status["SynchronizationObjects"],
        json!([
            { "TableIncludes": [{ "TableName": "goods" }, { "TableName": "orders" }],
              "TableExcludes": [], "SchemaName": "shop", "NewSchemaName": "shop_copy" },
            { "TableIncludes": [], "TableExcludes": [{ "TableName": "tmp" }],
              "SchemaName": "logs", "NewSchemaName": "logs" },
        ])
    );
    assert_eq!(
        (&status["Success"], &status["StructureInitialization"]),
        (&json!(true), &json!("true"))
    );
    let detail = world.detail(&id, "Forward");
    assert_eq!(detail["Reserved"], "{\"a\":1}");
    assert_eq!((&detail["Code"], &detail["HttpStatusCode"]), (&json!(200), &json!(200)));
    assert_eq!(detail["SourceEndpoint"]["Region"], "cn-hangzhou");
    assert_eq!(detail["DestinationEndpoint"]["Region"], "cn-beijing");
    assert_eq!(detail["DataSynchronizationStatus"]["Status"], "Catched");
    let objects: Value = serde_json::from_str(detail["DbObject"].as_str().unwrap()).unwrap();
    assert_eq!(objects["shop"]["name"], "shop_copy");
    assert_eq!(objects["shop"]["Table"]["goods"]["name"], "wares");
    assert_eq!(objects["logs"]["all"], true);
    let log = world.state.event_log();
    let events: Vec<Value> = log
        .events()
        .map(|entry| serde_json::to_value(entry.event.to_json().unwrap()).unwrap())
        .collect();
    let events = json!(events).to_string();
    assert!(!events.contains("verysecret") && events.contains("shop_copy"), "{events}");

    // By name it is found under the new one.
    let by_name = world.get("DescribeSynchronizationJobs", "SynchronizationJobName=hop");
    assert_eq!(by_name["TotalRecordCount"], 1);
}

#[test]
fn a_client_token_makes_a_purchase_once() {
    let world = World::new("");
    let order =
        "SourceRegion=a&DestRegion=b&PayType=PostPaid&ClientToken=tok&SynchronizationJobClass=";
    let first = world.get("CreateSynchronizationJob", &format!("{order}small"));
    let again = world.get("CreateSynchronizationJob", &format!("{order}small&SignatureNonce=2"));
    assert_eq!(first["SynchronizationJobId"], again["SynchronizationJobId"]);
    assert_ne!(first["RequestId"], again["RequestId"]);
    assert_eq!(world.ids().len(), 1);
    let other = world.refused("CreateSynchronizationJob", &format!("{order}large"));
    assert_eq!(other, (400, "IdempotentParameterMismatch".into()));
    let long =
        format!("{order}small&ClientToken={}", "x".repeat(65)).replacen("ClientToken=tok&", "", 1);
    assert_eq!(world.refused("CreateSynchronizationJob", &long), (403, "InvalidParameter".into()));
}

#[test]
fn an_order_is_held_to_its_bounds() {
    let world = World::new("");
    let good = "SourceRegion=a&DestRegion=b&PayType=PostPaid&SynchronizationJobClass=small&";
    for (query, status, code) in [
        ("DestRegion=b&PayType=PostPaid&SynchronizationJobClass=small", 400, "MissingSourceRegion"),
        ("SourceRegion=a&PayType=PostPaid&SynchronizationJobClass=small", 400, "MissingDestRegion"),
        ("SourceRegion=a&DestRegion=b&PayType=PostPaid", 400, "MissingSynchronizationJobClass"),
        ("SourceRegion=a&DestRegion=b&SynchronizationJobClass=small", 400, "MissingPayType"),
        (
            "SourceRegion=a&DestRegion=b&PayType=PrePaid&SynchronizationJobClass=small",
            400,
            "MissingPeriod",
        ),
        (
            "SourceRegion=a&DestRegion=b&PayType=PrePaid&SynchronizationJobClass=small&Period=Year",
            400,
            "MissingUsedTime",
        ),
        (
            "SourceRegion=a&DestRegion=b&PayType=PrePaid&SynchronizationJobClass=small&Period=Year&UsedTime=6",
            403,
            "InvalidParameter",
        ),
        (
            "SourceRegion=a&DestRegion=b&PayType=PrePaid&SynchronizationJobClass=small&Period=Month&UsedTime=61",
            403,
            "InvalidParameter",
        ),
        (
            "SourceRegion=a&DestRegion=b&PayType=PostPaid&SynchronizationJobClass=huge",
            403,
            "InvalidParameter",
        ),
    ] {
        assert_eq!(
            world.refused("CreateSynchronizationJob", query),
            (status, code.into()),
            "{query}"
        );
    }
    for more in [
        "Topology=circle",
        "Topology=bidirectional&SourceEndpoint.InstanceType=DRDS",
        "SourceEndpoint.InstanceType=MaxCompute",
        "DestinationEndpoint.InstanceType=Oracle",
        "networkType=Internet",
        "DBInstanceCount=0",
    ] {
        let refused = world.refused("CreateSynchronizationJob", &format!("{good}{more}"));
        assert_eq!(refused, (403, "InvalidParameter".into()), "{more}");
    }
    assert!(world.ids().is_empty());
    let query = good.replace("PostPaid", "PrePaid") + "Period=Year&UsedTime=2&networkType=Intranet";
    let id = world.get("CreateSynchronizationJob", &query)["SynchronizationJobId"].clone();
    let status = world.status(id.as_str().unwrap(), "Forward");
    assert_eq!(status["ExpireTime"], "2028-02-20T16:00:00Z");
    // No API releases a subscription.
    let query = format!("SynchronizationJobId={}", id.as_str().unwrap());
    assert_eq!(world.refused(DELETE, &query), (403, "InvalidJobStatus".into()));
}

#[test]
fn a_configuration_is_held_to_its_form() {
    let world = World::new("");
    let id = world.create("");
    let good = format!(
        "SynchronizationJobId={id}&DataInitialization=false&StructureInitialization=false&"
    );
    let objects = format!("SynchronizationObjects={}&", encoded("[{\"DBName\":\"db\"}]"));
    for (query, status, code) in [
        (
            format!("{objects}DataInitialization=true&StructureInitialization=true"),
            400,
            "MissingSynchronizationJobId",
        ),
        (
            format!("{objects}SynchronizationJobId={id}&StructureInitialization=true"),
            400,
            "MissingDataInitialization",
        ),
        (
            format!("{objects}SynchronizationJobId={id}&DataInitialization=true"),
            400,
            "MissingStructureInitialization",
        ),
        (
            format!("{objects}SynchronizationJobId={id}&DataInitialization=yes"),
            403,
            "InvalidParameter",
        ),
        (good.clone(), 400, "MissingSynchronizationObjects"),
        (format!("{good}{objects}SynchronizationDirection=Both"), 403, "InvalidParameter"),
        (format!("{good}{objects}Checkpoint=-1"), 403, "InvalidParameter"),
        (format!("{good}{objects}MigrationReserved=x"), 403, "InvalidParameter"),
        (format!("{good}{objects}PartitionKey.ModifyTime_Day=maybe"), 403, "InvalidParameter"),
        (format!("{good}{objects}SourceEndpoint.InstanceType=MaxCompute"), 403, "InvalidParameter"),
        (
            format!("{good}{objects}SourceEndpoint.InstanceType=ECS"),
            400,
            "MissingSourceEndpoint.IP",
        ),
        (
            format!("{good}{objects}SourceEndpoint.InstanceType=ECS&SourceEndpoint.IP=1"),
            400,
            "MissingSourceEndpoint.Port",
        ),
        (
            format!(
                "{good}{objects}DestinationEndpoint.InstanceType=ECS&DestinationEndpoint.Port=1"
            ),
            400,
            "MissingDestinationEndpoint.UserName",
        ),
        (format!("{good}{objects}SourceEndpoint.Port=65536"), 403, "InvalidParameter"),
        (
            format!("{good}{objects}SynchronizationJobId=dtsnobody").replacen(
                &format!("SynchronizationJobId={id}&"),
                "",
                1,
            ),
            403,
            "InvalidJobId",
        ),
    ] {
        assert_eq!(world.refused(CONFIGURE, &query), (status, code.into()), "{query}");
    }
    for bad in [
        "x",
        "{}",
        "[]",
        "[1]",
        "[{}]",
        "[{\"DBName\":1}]",
        "[{\"DBName\":\"a\",\"TableIncludes\":{}}]",
        "[{\"DBName\":\"a\",\"TableIncludes\":[{}]}]",
    ] {
        let query = format!("{good}SynchronizationObjects={}", encoded(bad));
        assert_eq!(world.refused(CONFIGURE, &query), (403, "InvalidParameter".into()), "{bad}");
    }
    assert_eq!(world.detail(&id, "Forward")["Status"], "NotConfigured");
    world.get(CONFIGURE, &format!("{good}{objects}SourceEndpoint.OwnerID=1&SourceEndpoint.Role=r"));
    assert_eq!(world.detail(&id, "Forward")["Status"], "Prechecking");
    // It was given no name.
    assert_eq!(world.status(&id, "Forward")["SynchronizationJobName"], *id);
    // Nothing is copied, so that it is never initializing.
    let states = TASK.after(state_of("Prechecking"));
    assert!(states.contains(&state_of("Synchronizing")));
}

#[test]
fn a_reset_clears_the_configuration_and_makes_a_new_task() {
    let mut world = mixed();
    let id = "dtspinned000000001";
    let before = world.status(id, "Forward");
    assert_eq!(before["TaskId"], "pinned000000001");
    world.get(RESET, &format!("SynchronizationJobId={id}"));
    let after = world.status(id, "Forward");
    assert_eq!(
        (&after["Status"], &after["SynchronizationJobName"]),
        (&json!("notStarted"), &json!(""))
    );
    assert_eq!((&after["SynchronizationObjects"], &after["DelayMillis"]), (&json!([]), &json!(-1)));
    let task = after["TaskId"].as_str().unwrap().to_owned();
    assert_eq!(task.len(), 15);
    assert_ne!(task, "pinned000000001");
    let detail = world.get("DescribeDtsJobDetail", &format!("DtsJobId={task}&DtsInstanceID={id}"));
    assert_eq!(
        (&detail["Status"], &detail["DtsInstanceID"]),
        (&json!("NotConfigured"), &json!(id))
    );
    let old = world.refused("DescribeDtsJobDetail", "DtsJobId=pinned000000001");
    assert_eq!(old, (403, "Forbidden.InstanceNotFound".into()));
    // The other direction goes on.
    world.advance(50_000);
    assert_eq!(world.status(id, "Reverse")["Status"], "prechecking");
    let query = format!("SynchronizationJobId={id}");
    assert_eq!(world.refused(START, &query), (403, "InvalidJobStatus".into()));
    assert_eq!(world.configure(id, "SynchronizationJobName=again").0, 200);
    assert_eq!(world.status(id, "Forward")["SynchronizationJobName"], "again");
    world.get(RESET, &query);
    assert_ne!(world.status(id, "Forward")["TaskId"], *task);
}

#[test]
fn a_deleted_instance_is_finished_for_a_while_and_then_nowhere() {
    let mut world = mixed();
    let id = world.create("");
    world.configure(&id, "");
    let count = world.ids().len();
    let query = format!("SynchronizationJobId={id}");
    world.get(DELETE, &query);
    world.advance(5 * MINUTE - 1);
    assert_eq!(world.status(&id, "Forward")["Status"], "finished");
    assert_eq!(world.detail(&id, "Forward")["FinishTime"], "2026-03-02T10:00:00Z");
    assert_eq!(world.ids().len(), count);
    for operation in [START, SUSPEND, RESET, DELETE] {
        assert_eq!(world.refused(operation, &query), (403, "InvalidJobId".into()), "{operation}");
    }
    assert_coherent(&world);
    world.advance(1);
    assert_eq!(world.ids().len(), count - 1);
    assert_eq!(world.dts_jobs(&format!("DtsInstanceId={id}")).0, 0);
    assert_eq!(world.dts_jobs("Status=Finished").0, 0);
    let gone = world.refused("DescribeSynchronizationJobStatus", &query);
    assert_eq!(gone, (403, "InvalidJobId".into()));
    let gone = world.refused("DescribeInitializationStatus", &query);
    assert_eq!(gone, (403, "InvalidJobId".into()));
    let gone = world.refused("DescribeDtsJobDetail", &format!("DtsInstanceID={id}"));
    assert_eq!(gone, (403, "Forbidden.InstanceNotFound".into()));
    // The clock goes back, and it is there again.
    world.now -= 1;
    assert_eq!(world.ids().len(), count);
}

#[test]
fn paths_of_what_clients_begin_are_taken_in_turn() {
    let mut world = World::new(
        r#"
        [dts.created]
        paths = [["Prechecking 10s", "PrecheckFailed"],
                 ["Prechecking 1 look", "Initializing 2 looks", "Synchronizing 1h", "Failed"]]
        "#,
    );
    let id = world.create("");
    let query = format!("SynchronizationJobId={id}");
    world.configure(&id, "");
    world.advance(10_000);
    let failed = world.status(&id, "Forward");
    assert_eq!(failed["Status"], "precheckFailed");
    assert_eq!(failed["PrecheckStatus"]["Status"], "Failed");
    world.get(START, &query);
    world.counting = true;
    // All at one instant: the answer shows the state before its own poll.
    let states: Vec<Value> =
        (0..4).map(|_| world.status(&id, "Forward")["Status"].clone()).collect();
    assert_eq!(states, ["prechecking", "initializating", "initializating", "synchronizing"]);
    // Paused and started again it goes on along its path.
    world.advance(HOUR / 2);
    world.get(SUSPEND, &query);
    world.advance(3 * HOUR);
    world.get(START, &query);
    world.advance(HOUR - 1);
    assert_eq!(world.status(&id, "Forward")["Status"], "synchronizing");
    world.advance(1);
    assert_eq!(world.status(&id, "Forward")["Status"], "failed");
    assert!(world.status(&id, "Forward")["ErrorMessage"].is_string());
    // A failed task that is started synchronizes for ever.
    world.get(START, &query);
    world.advance(30 * DAY);
    assert_eq!(world.status(&id, "Forward")["Status"], "synchronizing");
    assert!(world.status(&id, "Forward").get("ErrorMessage").is_none());
}

#[test]
fn refusals_may_be_soft_and_success_a_text() {
    let world =
        World::new("[dts.quirks]\nerrors = \"soft\"\nsuccess = \"text\"\nwrong_state = \"task\"\n");
    let id = world.create("");
    let query = format!("SynchronizationJobId={id}");
    let soft = |action: &str, query: &str| world.get(action, query);
    for (action, query, code) in [
        (START, &*query, "InvalidTaskStatus"),
        (START, "", "MissingSynchronizationJobId"),
        (START, "SynchronizationJobId=x", "InvalidJobId"),
        ("CreateSynchronizationJob", "", "MissingSourceRegion"),
        ("DescribeSynchronizationJobStatus", "SynchronizationJobId=x", "InvalidJobId"),
        ("DescribeInitializationStatus", "SynchronizationJobId=x", "InvalidJobId"),
    ] {
        let answer = soft(action, query);
        assert_eq!(
            (&answer["Success"], &answer["ErrCode"]),
            (&json!("false"), &json!(code)),
            "{action}"
        );
        assert!(answer.get("Code").is_none());
    }
    assert_eq!(soft(RESET, &query)["Success"], "true");
    let unknown = soft("DescribeDtsJobDetail", "DtsJobId=x");
    assert_eq!(unknown["Success"], false);
    assert_eq!(
        (&unknown["ErrCode"], &unknown["HttpStatusCode"]),
        (&json!("Forbidden.InstanceNotFound"), &json!(403))
    );
    let bad = soft("DescribeDtsJobs", "PageSize=x");
    assert_eq!(bad["ErrMessage"], "The Value of Input Parameter %s is not valid");
    assert_eq!(bad["DynamicMessage"], "PageSize");
    // It has no field to say it with.
    assert_eq!(world.refused("DescribeSynchronizationJobs", "PageSize=x").0, 403);
}

#[test]
fn a_list_of_dts_jobs_is_one_of_migrations_unless_it_says_otherwise() {
    let world = jobs(30);
    let ask = |query: &str| ask(&world, "DescribeDtsJobs", query, NOW);
    for query in ["", "JobType=MIGRATION", "JobType=SUBSCRIBE", "JobType=SYNC&Status=Locked"] {
        let (status, answer) = ask(query);
        assert_eq!((status, &answer["TotalRecordCount"]), (200, &json!(0)), "{query}");
        assert_eq!((&answer["DtsJobList"], &answer["EtlDemoList"]), (&json!([]), &json!([])));
        assert_eq!((&answer["Success"], &answer["HttpStatusCode"]), (&json!(true), &json!(200)));
    }
    let (_, answer) = ask("JobType=SYNC&WithoutDbList=True");
    assert_eq!((&answer["TotalRecordCount"], &answer["PageRecordCount"]), (&json!(31), &json!(20)));
    let rows = answer["DtsJobList"].as_array().unwrap();
    assert_eq!(rows.len(), 20);
    for row in rows {
        assert!(row.get("DbObject").is_none() && row["ReverseJob"]["SourceEndpoint"].is_object());
        assert_eq!(
            row.get("DtsJobDirection").is_some(),
            row["ReverseJob"].get("DtsJobId").is_some()
        );
        assert!(row["MigrationMode"]["DataSynchronization"].is_boolean());
        assert!(row["Performance"].get("Rps").is_some() && row["Delay"].is_i64());
    }
    let tags = encoded("[{\"tagKey\":\"env\",\"tagValue\":\"production\"},{\"tagKey\":\"bare\"}]");
    let (_, tagged) = ask(&format!("JobType=SYNC&Tags={tags}"));
    assert_eq!(tagged["TotalRecordCount"], 1);
    assert_eq!(tagged["DtsJobList"][0]["DtsJobName"], "one of a kind");
    assert_eq!(ask("JobType=SYNC&Status=synchronizing"), {
        let (status, mut answer) = ask("JobType=SYNC&Status=Synchronizing");
        answer["RequestId"] = ask("JobType=SYNC&Status=synchronizing").1["RequestId"].clone();
        (status, answer)
    });
    for query in [
        "JobType=sync",
        "PageNumber=0",
        "PageSize=0",
        "PageSize=1001",
        "Status=Asleep",
        "Type=x&Params=x",
        "Tags=x",
        "Tags=%5B1%5D",
        "OrderColumn=Name",
        "OrderDirection=UP",
        "WithoutDbList=2",
    ] {
        assert_eq!(code_of(ask(query)), (403, "InvalidParameter".into()), "{query}");
    }
    assert_eq!(code_of(ask("Type=name")), (400, "MissingParams".into()));
    let (_, neither) = super::ask(&world, "DescribeDtsJobDetail", "", NOW);
    assert_eq!(neither["Code"], "MissingDtsJobId");
}

#[test]
fn a_generated_task_is_found_by_either_of_its_databases_however_many_there_are() {
    let plan = plan("[dts.jobs]\ncount = 100000000\n");
    let list = |query: &str| {
        let (status, answer) = ask(&plan, "DescribeDtsJobs", &format!("JobType=SYNC&{query}"), NOW);
        assert_eq!(status, 200, "{query}: {answer}");
        answer["DtsJobList"].as_array().expect("rows").clone()
    };
    for page in [1, 777_777, 33_333_333] {
        for row in list(&format!("PageSize=3&PageNumber={page}")) {
            let database = |end: &str| row[end]["InstanceID"].as_str().expect("an id").to_owned();
            for (kind, id) in
                [("srcRds", database("SourceEndpoint")), ("rds", database("DestinationEndpoint"))]
            {
                let found = list(&format!("Type={kind}&Params={id}"));
                assert_eq!(found, std::slice::from_ref(&row), "{kind} {id}");
                // One character is another, or the other end's.
                let other =
                    format!("{}{}", &id[..id.len() - 1], if id.ends_with('a') { 'b' } else { 'a' });
                assert!(list(&format!("Type={kind}&Params={other}")).is_empty(), "{other}");
                let opposite = if kind == "rds" { "srcRds" } else { "rds" };
                assert!(list(&format!("Type={opposite}&Params={id}")).is_empty(), "{id}");
            }
        }
    }
}

#[test]
fn a_task_that_retries_says_so_to_those_who_have_a_word_for_it() {
    let mut world = World::new(
        "[[dts.job]]\nSynchronizationJobId = \"dtsretry0000000001\"\npath = [\"Synchronizing 1m\", \"Retrying 1m\", \"Synchronizing\"]\n",
    );
    let id = "dtsretry0000000001";
    world.advance(90_000);
    let checkpoint = world.status(id, "Forward")["Checkpoint"].clone();
    assert_eq!(world.status(id, "Forward")["Status"], "synchronizing");
    let detail = world.detail(id, "Forward");
    assert_eq!(detail["Status"], "Retrying");
    assert_eq!(
        (&detail["RetryState"]["Retrying"], &detail["RetryState"]["RetryTime"]),
        (&json!(true), &json!(30))
    );
    assert_eq!(world.dts_jobs("").1[0]["RetryState"]["JobId"], "retry0000000001");
    world.advance(20_000);
    assert_eq!(world.status(id, "Forward")["Checkpoint"], checkpoint, "nothing is read meanwhile");
    world.advance(20_000);
    assert!(world.detail(id, "Forward").get("RetryState").is_none());
}

#[test]
fn a_task_that_retries_for_ever_stays_within_its_time_of_retries() {
    let mut world = World::new(
        "[[dts.job]]\nSynchronizationJobId = \"dtsretry0000000001\"\npath = [\"Synchronizing 1m\", \"Retrying\"]\n",
    );
    for (after, spent) in [(90_000, 30), (7_169_000, 7_199), (2_000, 7_200), (864_000_000, 7_200)] {
        world.advance(after);
        let state = world.detail("dtsretry0000000001", "Forward")["RetryState"].clone();
        assert_eq!((&state["RetryTime"], &state["MaxRetryTime"]), (&json!(spent), &json!(7_200)));
        assert_eq!(state["RetryCount"], spent / 10 + 1);
    }
}

#[test]
fn paths_in_a_scenario_are_held_to_the_table() {
    let problem = |text: &str| {
        let problems = checked(text).map(|_| ()).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].place.to_string()
    };
    assert_eq!(
        problem("[dts.created]\npaths = [[\"Synchronizing\"]]\n"),
        "dts.created.paths[0][0]"
    );
    assert_eq!(
        problem("[[dts.job]]\npath = [\"NotStarted 1s\", \"Failed\"]\n"),
        "dts.job[0].path[1]"
    );
    assert_eq!(
        problem("[[dts.job]]\nreverse_path = [\"Synchronizing 1s\"]\npath = [\"Failed\"]\n"),
        "dts.job[0].reverse_path[0]"
    );
    let at = "dts.job[0].SynchronizationDirectionInfoList";
    assert_eq!(
        problem("[[dts.job]]\npath = [\"Failed\"]\nSynchronizationDirectionInfoList = [{}]\n"),
        at
    );
    assert_eq!(problem("[[dts.job]]\nreverse_path = [\"Failed\"]\n"), at);
    assert_eq!(problem("[dts.jobs]\ncatch_up = 0\n"), "dts.jobs.catch_up");
    assert!(checked("[[dts.job]]\npath = [\"Prechecking\", \"Synchronizing\"]\n").is_ok());
    assert!(checked("[[dts.job]]\npath = [\"Failed 1h\", \"Synchronizing 1h\", \"Suspending 1h\", \"NotConfigured\"]\n").is_ok());
}

/// Everything that is shown of a task, without what follows the clock.
fn all_that_is_shown(world: &World, id: &str) -> Value {
    let (_, mut rows) = world.dts_jobs(&format!("DtsInstanceId={id}"));
    let mut shown = vec![
        world.status(id, "Forward"),
        world.detail(id, "Forward"),
        world.get(
            "DescribeInitializationStatus",
            &format!("SynchronizationJobId={id}&PageSize=100"),
        ),
        rows.remove(0),
    ];
    for answer in &mut shown {
        answer.as_object_mut().unwrap().shift_remove("RequestId");
    }
    json!(shown)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_last_state_of_a_path_lasts_for_ever_in_all_that_is_shown(
        is_created: bool,
        last in 0usize..4,
        first in 10_000u64..100_000,
        later in 0u64..40_000_000_000,
    ) {
        let (steps, state) = [
            ("\"Prechecking\"", "Prechecking"),
            ("\"Prechecking 2s\", \"PreCheckPass\"", "PreCheckPass"),
            ("\"Prechecking 2s\", \"Initializing\"", "Initializing"),
            ("\"Prechecking 2s\", \"PreCheckPass 1s\", \"Initializing\"", "Initializing"),
        ][last];
        let lines = match is_created {
            true => format!("[dts.created]\npaths = [[{steps}]]\n"),
            false => format!(
                "[[dts.job]]\nSynchronizationJobId = \"own-name\"\nPayType = \"PostPaid\"\npath = [{steps}]\n"
            ),
        };
        let mut world = World::new(&lines);
        let id = match is_created {
            true => {
                let id = world.create("");
                prop_assert_eq!(world.configure(&id, "").0, 200);
                id
            }
            false => "own-name".to_owned(),
        };
        world.advance(first);
        let before = all_that_is_shown(&world, &id);
        prop_assert_eq!(world.task_state(&id, "Forward"), Some(state_of(state)));
        let (tables, row) = (&before[2], &before[3]);
        for stage in ["StructureInitializationStatus", "DataInitializationStatus"] {
            let (status, percent) = (&row[stage]["Status"], &row[stage]["Percent"]);
            if stage.starts_with("Data") || state != "Initializing" {
                prop_assert!(status != "Finished" && percent != "100", "{}: {}", stage, row[stage]);
            }
        }
        let finished = |list: &str, key: &str| {
            let rows = tables[list].as_array().unwrap();
            !rows.is_empty() && rows.iter().all(|row| row[key] == "Finished")
        };
        prop_assert!(!finished("DataInitializationDetails", "Status"), "{}", tables);
        if state == "Prechecking" {
            let precheck = &row["PrecheckStatus"];
            prop_assert!(precheck["Status"] != "Finished" && precheck["Percent"] != "100");
        }
        world.advance(later);
        prop_assert_eq!(all_that_is_shown(&world, &id), before);
        let (total, _) = world.dts_jobs(&format!("DtsInstanceId={id}&Status={state}"));
        prop_assert_eq!(total, 1);
    }
}
