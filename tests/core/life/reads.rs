//! Reads change nothing, but for the looks that a path of the scenario counts.

use serde_json::Value;

use super::Session;
use crate::core_tests::asking::{NOW, request};
use crate::engine::{Options, WorldState, respond};
use crate::vendors::load;

/// A service with a scenario of one fixed entity, whose path ends after three looks.
struct Polled {
    service: &'static str,
    scenario: &'static str,
    /// Reads that lag behind by an hour.
    stale: &'static str,
    /// Each shows the fixed entity.
    reads: &'static [(&'static str, &'static str)],
    /// What creates an entity, and the member of the answer that has its id.
    create: (&'static str, &'static str, &'static str, &'static str),
}

const EIAM: Polled = Polled {
    service: "eiam",
    scenario: r#"
        [eiam]
        instance_id = "idaas_one"
        [eiam.jobs]
        count = 0
        [[eiam.target]]
        id = "idp_one"
        identity_provider_type = "urn:alibaba:idaas:idp:alibaba:dingtalk:pull"
        [[eiam.job]]
        SynchronizationJobId = "sync_one"
        TargetId = "idp_one"
        path = ["pending 1 look", "running 2 looks", "success"]
    "#,
    stale: "eiam.quirks.stale_reads=\"1h\"",
    reads: &[
        (
            "GET",
            "/?Action=GetSynchronizationJob&Version=2021-12-01&Format=JSON&InstanceId=idaas_one&SynchronizationJobId=sync_one",
        ),
        (
            "GET",
            "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON&InstanceId=idaas_one",
        ),
        (
            "GET",
            "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON&InstanceId=idaas_one&MaxResults=5",
        ),
    ],
    create: (
        "POST",
        "/?Action=RunSynchronizationJob&Version=2021-12-01&Format=JSON&InstanceId=idaas_one&TargetType=identity_provider&TargetId=idp_one",
        "",
        "/SynchronizationJobId",
    ),
};

const DTS: Polled = Polled {
    service: "dts",
    scenario: r#"
        [dts.jobs]
        count = 0
        [[dts.job]]
        SynchronizationJobId = "dtsone"
        path = ["Prechecking 1 look", "Initializing 2 looks", "Synchronizing"]
    "#,
    stale: "dts.quirks.stale_reads=\"1h\"",
    reads: &[
        (
            "GET",
            "/?Action=DescribeSynchronizationJobStatus&Version=2020-01-01&Format=JSON&SynchronizationJobId=dtsone",
        ),
        ("GET", "/?Action=DescribeSynchronizationJobs&Version=2020-01-01&Format=JSON"),
        ("GET", "/?Action=DescribeDtsJobs&Version=2020-01-01&Format=JSON&JobType=SYNC"),
        (
            "GET",
            "/?Action=DescribeDtsJobDetail&Version=2020-01-01&Format=JSON&DtsInstanceID=dtsone",
        ),
        (
            "GET",
            "/?Action=DescribeSynchronizationJobStatusList&Version=2020-01-01&Format=JSON&SynchronizationJobIdListJsonStr=%5B%22dtsone%22%5D",
        ),
    ],
    create: (
        "POST",
        "/?Action=CreateSynchronizationJob&Version=2020-01-01&Format=JSON&SourceRegion=cn-hangzhou&DestRegion=cn-hangzhou&SynchronizationJobClass=small&PayType=PostPaid",
        "",
        "/SynchronizationJobId",
    ),
};

const AUTHING: Polled = Polled {
    service: "authing",
    scenario: r#"
        [authing.jobs]
        count = 0
        [authing.quirks]
        trigger_while_running = "start"
        [[authing.job]]
        syncTaskId = 1000
        syncJobId = 77
        createdAt = 2026-03-02T10:00:00Z
        path = ["pending 1 look", "onProgress 2 looks", "success"]
    "#,
    stale: "authing.quirks.stale_reads=\"1h\"",
    reads: &[
        ("GET", "/api/v3/get-sync-job?syncJobId=77"),
        ("GET", "/api/v3/list-sync-jobs?syncTaskId=1000&limit=50"),
        ("GET", "/api/v3/list-sync-tasks?limit=50"),
        ("GET", "/api/v3/get-sync-task?syncTaskId=1000"),
    ],
    create: ("POST", "/api/v3/trigger-sync-task", r#"{"syncTaskId":1002}"#, "/data/syncJobId"),
};

const DRS: Polled = Polled {
    service: "drs",
    scenario: r#"
        [drs.jobs]
        count = 0
        [[drs.job]]
        async_job_id = "7b65d750-51e5-4647-a088-663d28152a3d"
        path = ["ASYNC_JOB_VALIDATING 3 looks", "AUTO_PARAM_VALIDATE_SUCCESS"]
    "#,
    stale: "drs.quirks.stale_reads=\"1h\"",
    reads: &[
        ("GET", "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs?limit=10"),
        (
            "GET",
            "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs/7b65d750-51e5-4647-a088-663d28152a3d",
        ),
    ],
    create: (
        "POST",
        "/v5/054ba152d480d55b2f5dc0069e7ddef0/jobs/batch-async-create",
        r#"{"jobs":[{"base_info":{"name":"a","job_type":"sync","engine_type":"oracle-to-gaussdbv5","job_direction":"up","task_type":"FULL_INCR_TRANS","net_type":"eip","charging_mode":"on_demand","enterprise_project_id":"0","description":"","expired_days":"14"},"source_endpoint":[{"db_type":"oracle","endpoint_type":"offline","endpoint_role":"so","endpoint":{"endpoint_name":"oracle","ip":"10.154.217.239","db_port":"1521","db_user":"ORACLE_USER","db_password":"x","db_name":"serviceName.orcl"},"ssl":{"ssl_link":false}}],"target_endpoint":[{"db_type":"gaussdbv5","endpoint_type":"cloud","endpoint_role":"ta","endpoint":{"endpoint_name":"cloud_gaussdbv5","db_user":"root","db_password":"x","instance_id":"c2c7579bc09c490b9d8009db715aeb0ain14"},"cloud":{"region":"cn-north-4","project_id":"054ba152d480d55b2f5dc0069e7ddef0"}}],"policy_config":{"conflict_policy":"ignore"},"db_object":{"object_scope":"all"},"node_info":{"spec":{"node_type":"high"}}}]}"#,
        "/job/async_job_id",
    ),
};

const OMS: Polled = Polled {
    service: "oms",
    scenario: r#"
        [oms.tasks]
        count = 0
        [[oms.task]]
        sync_task_id = "4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb"
        path = ["SYNCHRONIZING 3 looks", "STOPPED"]
    "#,
    stale: "oms.quirks.stale_reads=\"1h\"",
    reads: &[
        ("GET", "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks?limit=10"),
        (
            "GET",
            "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks/4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb?query_time=1772445600000",
        ),
    ],
    create: (
        "POST",
        "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks",
        r#"{"src_cloud_type":"Aliyun","src_region":"cn-beijing","src_bucket":"src","src_ak":"AKSOURCE","src_sk":"SKSOURCE","dst_ak":"AKTARGET","dst_sk":"SKTARGET","dst_region":"cn-north-4","dst_bucket":"dst"}"#,
        "/sync_task_id",
    ),
};

const SERVICES: [Polled; 5] = [EIAM, DTS, AUTHING, DRS, OMS];

impl Polled {
    fn session(&self, set: &[&str]) -> Session {
        let set = set.iter().map(|set| (*set).to_owned()).collect();
        let options = Options { set, ..Options::default() };
        let loaded = load("polled", &format!("version = 1\n{}", self.scenario), &options, NOW);
        let loaded = loaded.expect("options");
        let report = loaded.report(false);
        let plan = *loaded.outcome.unwrap_or_else(|_| panic!("{report}"));
        Session { state: WorldState::new(&plan), now: plan.clock.start, plan }
    }

    fn read(&self, session: &Session) {
        for (method, uri) in self.reads {
            session.json(method, uri, "");
        }
    }

    fn create(&self, session: &Session) -> Value {
        let (method, uri, body, id) = self.create;
        // Names are unique in DRS.
        let name = format!("\"name\":\"a{}\"", session.now.millis());
        let answer = session.json(method, uri, &body.replace("\"name\":\"a\"", &name));
        answer.pointer(id).unwrap_or_else(|| panic!("{}: {answer}", self.service)).clone()
    }
}

fn events(session: &Session) -> usize {
    session.state.event_log().events().len()
}

#[test]
fn a_read_is_an_event_only_while_it_is_one_of_the_looks_of_a_path() {
    for polled in SERVICES {
        // The clock is frozen, then it goes on.
        for step in [0, 60_000] {
            for read in polled.reads {
                let mut session = polled.session(&[]);
                for n in 1..8 {
                    session.json(read.0, read.1, "");
                    assert_eq!(events(&session), n.min(3), "{} {}", polled.service, read.1);
                    session.advance(step);
                }
                polled.read(&session);
                assert_eq!(events(&session), 3, "{}", polled.service);
            }
        }
    }
}

#[test]
fn a_stale_read_is_a_look_at_what_is_there_now() {
    for polled in SERVICES {
        let mut session = polled.session(&[polled.stale]);
        session.advance(2 * 3_600_000);
        for _ in 0..5 {
            polled.read(&session);
        }
        assert_eq!(events(&session), 3, "{}", polled.service);
    }
}

#[test]
fn ids_and_fates_of_what_is_created_do_not_depend_on_reads() {
    for polled in SERVICES {
        let created = |reads: usize| {
            let mut session = polled.session(&[]);
            let mut seen = Vec::new();
            for _ in 0..3 {
                for _ in 0..reads {
                    polled.read(&session);
                }
                seen.push(polled.create(&session));
                session.advance(7_000);
            }
            // Everything that there is, once the looks are over.
            for _ in 0..3 {
                polled.read(&session);
            }
            session.advance(86_400_000);
            let state = session.elsewhere();
            for (method, uri) in polled.reads {
                let answer =
                    respond(&session.plan, &state, &request(method, uri, &[], b""), session.now);
                let mut body: Value = serde_json::from_slice(answer.reply.body()).expect("JSON");
                forget_request(&mut body);
                seen.push(body);
            }
            seen
        };
        let unread = created(0);
        // The first look is at the fixed entity, which is as old as the world: its own path ends
        // at another instant, but nothing that was created knows of it.
        let ids = |seen: &[Value]| seen[..3].to_vec();
        for reads in [1, 2, 5] {
            assert_eq!(ids(&created(reads)), ids(&unread), "{} {reads}", polled.service);
        }
        assert_eq!(created(5), created(6), "{}", polled.service);
    }
}

fn forget_request(body: &mut Value) {
    for name in ["RequestId", "requestId"] {
        if let Some(body) = body.as_object_mut() {
            body.remove(name);
        }
    }
}
