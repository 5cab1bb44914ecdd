//! The life of a synchronization job at EIAM.

use crate::embed::Builder;
use crate::world::draw::{Draws, Seed, Stream};
use serde_json::Value;

use super::Session;
use crate::core_tests::asking::INSTANCE;
use crate::core_tests::http_client::{ask, get as fetch};

fn uri(action: &str, rest: &str) -> String {
    format!("/?Action={action}&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}&{rest}")
}

/// The id of a target that some job has.
fn target(session: &Session, kind: &str) -> String {
    let list =
        session.json("GET", &uri("ListSynchronizationJobs", &format!("TargetType={kind}")), "");
    list["SynchronizationJobs"][0]["TargetId"].as_str().expect("a job").to_owned()
}

fn run(session: &Session, target: &str) -> String {
    let rest = format!("TargetType=identity_provider&TargetId={target}");
    let answer = session.json("POST", &uri("RunSynchronizationJob", &rest), "");
    answer["SynchronizationJobId"].as_str().expect("an id").to_owned()
}

fn get(session: &Session, id: &str) -> Value {
    let rest = format!("SynchronizationJobId={id}");
    session.json("GET", &uri("GetSynchronizationJob", &rest), "")["SynchronizationJob"].clone()
}

fn reads() -> Vec<(&'static str, String)> {
    [
        ("ListSynchronizationJobs", "PageSize=3"),
        ("ListSynchronizationJobs", "Status=pending"),
        ("ListSynchronizationJobs", "Status=running"),
        ("ListSynchronizationJobs", "MaxResults=100"),
        ("ListIdentityProviders", ""),
        ("GetIdentityProvider", PROVIDER),
        ("GetIdentityProviderUdPullConfiguration", PROVIDER),
        ("ListApplications", ""),
        ("ListInstances", ""),
    ]
    .map(|(action, rest)| ("GET", uri(action, rest)))
    .to_vec()
}

/// From the vendor's pages.
const PROVIDER: &str = "IdentityProviderId=idp_my664lwkhpicbyzirog3xxxxx";
const APPLICATION: &str = "ApplicationId=app_mkv7rgt4d7i4u7zqtzev2mxxxx";
const RUN: &str = "TargetType=identity_provider&TargetId=idp_my664lwkhpicbyzirog3xxxxx";

#[test]
fn a_job_that_was_run_is_at_its_place_in_every_list_and_goes_through_its_states() {
    let mut session = Session::new("default", &[]);
    let target = target(&session, "identity_provider");
    let list = |session: &Session, rest: &str| {
        session.json("GET", &uri("ListSynchronizationJobs", rest), "")
    };
    let before = list(&session, "MaxResults=1")["TotalCount"].clone();
    let mut seen = Vec::new();
    session.laws_of_time(&reads(), &mut seen);

    session.advance(1);
    let id = run(&session, &target);
    let newest = list(&session, "MaxResults=1");
    assert_eq!(newest["SynchronizationJobs"][0]["SynchronizationJobId"], id.as_str());
    assert_eq!(newest["SynchronizationJobs"][0]["TriggerType"], "manual");
    assert_eq!(newest["TotalCount"].as_u64(), before.as_u64().map(|count| count + 1));
    let pending = list(&session, &format!("Status=pending&TargetIds.1={target}"));
    assert!(pending["SynchronizationJobs"].to_string().contains(&id));

    let mut states = vec![];
    while states.len() < 3 {
        let job = get(&session, &id);
        if states.last() != Some(&job["Status"]) {
            session.laws_of_time(&reads(), &mut seen);
            states.push(job["Status"].clone());
        }
        assert_eq!(job["EndTime"].is_null(), states.len() < 3, "{job}");
        session.advance(500);
    }
    assert_eq!(states[..2], ["pending", "running"]);
    let ended = list(&session, &format!("Status={}", states[2].as_str().expect("a state")));
    assert!(ended["SynchronizationJobs"].to_string().contains(&id));
}

#[test]
fn past_answers_never_change_and_other_processes_agree() {
    let mut session = Session::new("default", &["eiam.jobs.every=20s", "eiam.jobs.count=30"]);
    let mut draws = Draws::new(Seed(4), Stream::named("life"), 0);
    let mut seen = Vec::new();
    for _ in 0..30 {
        let (action, rest) = [
            ("RunSynchronizationJob", RUN),
            ("EnableIdentityProviderUdPull", PROVIDER),
            ("DisableIdentityProviderUdPull", PROVIDER),
            (
                "RunSynchronizationJob",
                "TargetType=application&TargetId=app_mkv7rgt4d7i4u7zqtzev2mxxxx",
            ),
        ][draws.below(4) as usize];
        let status = session.ask("POST", &uri(action, rest), "").reply.status();
        assert!(status == 200 || (status == 403 && rest == RUN), "{action}: {status}");
        session.laws_of_time(&reads(), &mut seen);
        session.advance(1 + draws.below(60_000));
    }
    // Back and forth: what was seen is seen again.
    let now = session.now;
    session.now = now.minus(300_000);
    let (then, again) = (session.elsewhere(), session.elsewhere());
    assert_eq!(then.event_log().events().len(), again.event_log().events().len());
    seen.retain(|(at, _)| *at < session.now);
    session.laws_of_time(&reads(), &mut seen);
}

#[test]
fn a_pull_that_is_switched_off_shows_everywhere_and_stops_jobs_until_it_is_on_again() {
    let mut session = Session::new("default", &[]);
    let listed = |session: &Session| {
        let answer = session.json("GET", &uri("ListIdentityProviders", ""), "");
        let rows = answer["IdentityProviders"].as_array().expect("rows").clone();
        rows.into_iter().find(|row| PROVIDER.ends_with(row["IdentityProviderId"].as_str().unwrap()))
    };
    let before = listed(&session).expect("the page's provider");
    assert_eq!(before["UdPullStatus"], "enabled");
    session.advance(1_000);
    let entries = |session: &Session| session.state.event_log().events().len();
    session.json("POST", &uri("EnableIdentityProviderUdPull", PROVIDER), "");
    assert_eq!((listed(&session), entries(&session)), (Some(before), 1), "it was on");

    session.golden(
        "eiam",
        "disable-pull-json",
        "POST",
        &uri("DisableIdentityProviderUdPull", PROVIDER),
        "",
    );
    let off = listed(&session).expect("the page's provider");
    assert_eq!(
        (&off["UdPullStatus"], &off["UpdateTime"]),
        (&"disabled".into(), &session.now.millis().into())
    );
    session.golden(
        "eiam",
        "run-pull-disabled-json",
        "POST",
        &uri("RunSynchronizationJob", RUN),
        "",
    );
    let xml = uri("RunSynchronizationJob", RUN).replace("JSON", "XML");
    session.golden("eiam", "run-pull-disabled-xml", "POST", &xml, "");
    session.golden(
        "eiam",
        "pull-configuration-disabled-json",
        "GET",
        &uri("GetIdentityProviderUdPullConfiguration", PROVIDER),
        "",
    );

    session.advance(60_000);
    let xml = uri("EnableIdentityProviderUdPull", PROVIDER).replace("JSON", "XML");
    session.golden("eiam", "enable-pull-xml", "GET", &xml, "");
    assert_eq!(listed(&session).expect("it")["UpdateTime"], session.now.millis());
    session.golden("eiam", "run-json", "POST", &uri("RunSynchronizationJob", RUN), "");
    let xml = uri("RunSynchronizationJob", RUN).replace("JSON", "XML");
    session.golden("eiam", "run-xml", "POST", &xml, "");
    assert_eq!(entries(&session), 5);
}

#[test]
fn a_pull_is_switched_off_with_an_answer_in_xml_and_on_with_one_in_json() {
    let mut session = Session::new("default", &[]);
    let xml = uri("DisableIdentityProviderUdPull", PROVIDER).replace("JSON", "XML");
    session.golden("eiam", "disable-pull-xml", "POST", &xml, "");
    session.advance(1_000);
    let json = uri("EnableIdentityProviderUdPull", PROVIDER);
    session.golden("eiam", "enable-pull-json", "POST", &json, "");
}

const GOING: &str = r#"eiam.job=[
    { SynchronizationJobId = "sync_going", path = ["pending", "running 1h", "success"] }]"#;
const EVERY_KIND: &str = r#"eiam.target=[
    { id = "idp_my664lwkhpicbyzirog3xxxxx", weight = 2 },
    { id = "app_mkv7rgt4d7i4u7zqtzev2mxxxx", weight = 0, provision_protocol = "idaas_callback" },
    { id = "app_scim", weight = 0, provision_protocol = "scim2", description = "SCIM" },
    { id = "idp_ding", weight = 0, identity_provider_type = "urn:alibaba:idaas:idp:alibaba:dingtalk:push" },
    { id = "idp_wecom", weight = 0, identity_provider_type = "urn:alibaba:idaas:idp:tencent:wecom:pull" },
    { id = "idp_lark", weight = 0, identity_provider_type = "urn:alibaba:idaas:idp:bytedance:lark:pull" },
    { id = "idp_ldap", weight = 0, identity_provider_type = "urn:alibaba:idaas:idp:unknown:ldap:pull",
      periodic_sync_times = [3, 5], lock_reason = "financial", last_status_check = "failed" },
    { id = "idp_oidc", weight = 0, identity_provider_type = "urn:alibaba:idaas:idp:standard:oidc" }]"#;

#[test]
fn answers_about_targets_instances_and_downloads_match_the_goldens() {
    let session = Session::new("default", &[EVERY_KIND, GOING]);
    let newest =
        session.json("GET", &uri("ListSynchronizationJobs", "Status=success&PageSize=1"), "");
    let job = format!(
        "SynchronizationJobId={}",
        newest["SynchronizationJobs"][0]["SynchronizationJobId"].as_str().expect("a job")
    );
    let both = |name: &str, action: &str, rest: &str| {
        for format in ["JSON", "XML"] {
            let name = format!("{name}-{}", format.to_lowercase());
            let uri = uri(action, rest).replace("JSON", format);
            session.golden("eiam", &name, "POST", &uri, "");
        }
    };
    both("providers", "ListIdentityProviders", "PageSize=3");
    both("provider", "GetIdentityProvider", PROVIDER);
    for id in ["ding", "wecom", "lark", "ldap", "oidc"] {
        let uri = uri("GetIdentityProvider", &format!("IdentityProviderId=idp_{id}"));
        session.golden("eiam", &format!("provider-{id}-json"), "GET", &uri, "");
    }
    both("provider-unknown", "GetIdentityProvider", "IdentityProviderId=idp_nobody");
    both(
        "pull-configuration",
        "GetIdentityProviderUdPullConfiguration",
        "IdentityProviderId=idp_ldap",
    );
    both(
        "push-configuration",
        "GetIdentityProviderUdPushConfiguration",
        "IdentityProviderId=idp_ding",
    );
    both("applications", "ListApplications", "PageSize=2");
    both("provisioning", "GetApplicationProvisioningConfig", APPLICATION);
    both("provisioning-scim", "GetApplicationProvisioningConfig", "ApplicationId=app_scim");
    both("instances", "ListInstances", "");
    both("download", "GenerateDownloadUrlForSynchronizationJob", &job);
    both(
        "download-unfinished",
        "GenerateDownloadUrlForSynchronizationJob",
        "SynchronizationJobId=sync_going",
    );
    for id in ["ldap", "oidc"] {
        let rest = format!("TargetType=identity_provider&TargetId=idp_{id}");
        session.golden(
            "eiam",
            &format!("run-{id}-json"),
            "POST",
            &uri("RunSynchronizationJob", &rest),
            "",
        );
    }
    session.golden("eiam", "run-get-json", "GET", &uri("RunSynchronizationJob", RUN), "");
    let pushed = uri("EnableIdentityProviderUdPull", "IdentityProviderId=idp_ding");
    session.golden("eiam", "enable-pull-unsupported-json", "POST", &pushed, "");
}

#[test]
fn the_examples_of_the_vendors_pages_are_there_in_every_shipped_scenario() {
    for name in ["default", "docs", "million"] {
        let session = Session::new(name, &[]);
        for (action, rest) in [
            ("GetIdentityProvider", PROVIDER),
            ("GetApplicationProvisioningConfig", APPLICATION),
            ("ListIdentityProviders", ""),
            ("ListApplications", "Status=enabled"),
            ("ListInstances", ""),
            ("RunSynchronizationJob", RUN),
        ] {
            session.json("POST", &uri(action, rest), "");
        }
    }
}

#[test]
fn a_download_url_works_on_the_server_that_gave_it_out() {
    let server = Builder::new().now("2026-03-02T10:00:00Z").frozen().start().expect("a server");
    let host = server.authority();
    let answer_of = |action: &str, rest: &str| ask(host, "POST", &uri(action, rest), "");
    let jobs = answer_of("ListSynchronizationJobs", "Status=failed&MaxResults=1").json();
    let id =
        jobs["SynchronizationJobs"][0]["SynchronizationJobId"].as_str().expect("a job").to_owned();
    let rest = format!("SynchronizationJobId={id}");
    let answer = answer_of("GenerateDownloadUrlForSynchronizationJob", &rest).json();
    let url = answer["FileDownloadUrl"].as_str().expect("a URL");
    let target = url.strip_prefix(&format!("http://{host}")).expect("of this server");

    let file = fetch(host, target);
    assert_eq!(file.status, 200, "{}", file.text());
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    let attached = format!("attachment; filename=\"eiam_synchronization_job_{}.csv\"", id);
    assert_eq!(file.header("content-disposition"), Some(&*attached));
    assert!(file.text().starts_with("EntityType,Operation,Result,Count,EntityId,Name,"));
    assert!(file.text().lines().any(|row| row.starts_with("user,created,failed,1,user_")));

    let refused = |target: &str, status: u16| {
        let reply = fetch(host, target);
        assert_eq!(reply.status, status, "{}", reply.text());
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
        reply.json()["hint"].as_str().map(str::to_owned)
    };
    assert!(refused(&target.replace("Expires=1", "Expires=2"), 403).is_some());
    refused("/_syncmock/files/", 404);
    assert_eq!(ask(host, "DELETE", target, "").status, 405);
    assert_eq!(ask(host, "POST", "/_syncmock/clock/advance", r#"{"by":"1h1s"}"#).status, 200);
    assert!(refused(target, 403).is_some_and(|hint| hint.contains("download_url_lasts")));
}
