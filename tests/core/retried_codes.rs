//! The errors that public clients look for before they try again or give up: each can be had with
//! `x-syncmock-refuse`, with the vendor's status and in the vendor's form.

use serde_json::Value;

use crate::core_tests::asking::text;
use crate::core_tests::errors::ask;
use crate::engine::Answer;
use crate::vendors::VENDORS;

/// The services, where the errors are looked for or documented, and each error's name and status
/// (for Authing the `statusCode` of the body).
type Row = (&'static [&'static str], &'static str, &'static [(&'static str, u16)]);

const EIAM: &[&str] = &["eiam"];
const DTS: &[&str] = &["dts"];
const ALIBABA: &[&str] = &["eiam", "dts"];
const DRS: &[&str] = &["drs"];
const OMS: &[&str] = &["oms"];
const IAM: &[&str] = &["iam"];
const HUAWEI: &[&str] = &["drs", "oms", "iam"];
const AUTHING: &[&str] = &["authing"];

const ROWS: &[Row] = &[
    (
        ALIBABA,
        "terraform-provider-alicloud: errors.go, without the codes that name another product's \
         resources and those that the provider itself makes",
        &[
            ("Throttling", 400),
            ("Throttling.User", 400),
            ("Rejected.Throttling", 429),
            ("NotFound", 404),
            ("Instance.Notfound", 404),
            ("SystemBusy", 400),
            ("OperationBusy", 400),
            ("OperationConflict", 409),
            ("InvalidOperation.Conflict", 400),
            ("LockTimeout", 400),
            ("ConcurrentTaskExceeded", 400),
            ("InternalError", 500),
        ],
    ),
    (
        EIAM,
        "terraform-provider-alicloud: errors.go; this product has no statuses of its own",
        &[("ServiceUnavailable", 503), ("Forbidden.InstanceNotFound", 404)],
    ),
    (
        DTS,
        "terraform-provider-alicloud: errors.go; the statuses are this product's",
        &[("ServiceUnavailable", 500), ("Forbidden.InstanceNotFound", 403)],
    ),
    (
        ALIBABA,
        "terraform-provider-alicloud: IsExpectedErrors beside NeedRetry, whatever the product",
        &[
            ("Throttling.ConcurrentLimitExceeded", 400),
            ("TooManyRequests", 429),
            ("System.Busy", 400),
            ("Operation.Blocking", 400),
            ("TaskConflict", 400),
            ("Conflict.Lock", 400),
            ("LockFailed", 400),
            ("ConcurrentCallNotSupported", 400),
            ("LastTokenProcessing", 403),
            ("OperationFailed.LastTokenProcessing", 400),
            ("IdempotenceProcessing", 400),
            ("IncorrectStatus", 400),
            ("UnknownError", 500),
            ("InternalServerError", 500),
        ],
    ),
    (
        DTS,
        "terraform-provider-alicloud: resource_alicloud_dts_*.go, service_alicloud_dts.go",
        &[
            ("InvalidJobId", 403),
            ("InvalidJobStatus", 403),
            ("InvalidTaskStatus", 403),
            ("OperationDenied.JobStatus", 403),
            ("DTS.Msg.OperationDenied.JobStatusModifying", 403),
            ("DTS.Msg.ModifyDenied.JobStatusNotRunning", 403),
            ("SQLExecuteError", 403),
        ],
    ),
    (
        DTS,
        "alibabacloud-aiops-skills: alibabacloud-dts-task-manager, alibabacloud-dts-task-query",
        &[
            ("InvalidAccessKeyId.NotFound", 404),
            ("Forbidden.RAM", 403),
            ("InvalidParameter", 403),
            ("DTS.Msg.RamPermissionDenied", 403),
        ],
    ),
    (
        ALIBABA,
        "alibabacloud-aiops-skills: throttling of other products",
        &[
            ("Throttling.System", 400),
            ("Throttling.Resource", 400),
            ("Throttling.UserConcurrentLimit", 400),
        ],
    ),
    (
        ALIBABA,
        "darabonba-openapi: ThrottlingError",
        &[("Throttling", 400), ("Throttling.User", 400), ("Throttling.Api", 400)],
    ),
    (
        ALIBABA,
        "aliyun-python-sdk-core: retry_config.json, rsa_key_pair_signer.py",
        &[
            ("Throttling", 400),
            ("InternalError", 500),
            ("UnknownError", 500),
            ("InvalidAccessKeyId.NotFound", 404),
            ("SignatureDoesNotMatch", 400),
        ],
    ),
    (
        DTS,
        "the vendor's pages of ConfigureDtsJob and of tasks across accounts",
        &[
            ("InvalidParameter.KafkaBrokerInvalid", 403),
            ("DTS.Msg.InvalidParameter.KafkaBrokerInvalid", 403),
            ("InvalidParameter.KafkaHostInvalid", 403),
            ("DTS.Msg.InvalidParameter.KafkaHostInvalid", 403),
            ("UpdateJob.OperationDenied.InitStatus", 403),
            ("DTS.Msg.UpdateJob.OperationDenied.InitStatus", 403),
            ("GetMongoDbShardInfo.NoShardAddress", 403),
            ("DTS.Msg.GetMongoDbShardInfo.NoShardAddress", 403),
            ("GetMongoDbShardInfo.EmptyInstances", 403),
            ("DTS.Msg.GetMongoDbShardInfo.EmptyInstances", 403),
            ("CheckJobFailed.ServerUnAvailable", 403),
            ("DTS.Msg.CheckJobFailed.ServerUnAvailable", 403),
            ("DbTypeNotSupport.PolarDBRDS", 403),
            ("DTS.Msg.DbTypeNotSupport.PolarDBRDS", 403),
            ("DbTypeNotSupport.OnlyReadRDS", 403),
            ("DTS.Msg.DbTypeNotSupport.OnlyReadRDS", 403),
            ("InvalidSecurityToken.Expired", 403),
            ("Throttling.User", 400),
            ("ServiceUnavailable", 500),
            ("DTS.Msg.Forbidden.AliyunUIDNotFound", 403),
            ("DTS.Msg.InvalidParameter.AliyunUidFormat", 403),
            ("AssumeRoleFail", 403),
            ("NoPermission", 403),
        ],
    ),
    (
        HUAWEI,
        "golangsdk: the statuses that provider_client.go tells apart, as far as the gateway has \
         them; terraform-provider-huaweicloud: rds/common.go, eg/…_custom_event_sources.go",
        &[
            ("APIGW.0101", 404),
            ("APIGW.0106", 400),
            ("APIGW.0201", 400),
            ("APIGW.0201/502", 502),
            ("APIGW.0201/504", 504),
            ("APIGW.0301", 401),
            ("APIGW.0302", 403),
            ("APIGW.0308", 429),
            ("APIGW.0501", 405),
            ("APIGW.0601", 500),
            ("APIGW.0610", 502),
            ("APIGW.0613", 503),
        ],
    ),
    (
        DRS,
        "terraform-provider-huaweicloud: services/drs",
        &[("DRS.10000010", 400), ("DRS.M00289", 400), ("DRS.M05004", 400)],
    ),
    (
        DRS,
        "opentelekomcloud-docs/data-replication-service: error_code.rst, the codes of tasks that \
         are busy or not there",
        &[
            ("DRS.M00002", 422),
            ("DRS.M00004", 500),
            ("DRS.M00304", 400),
            ("DRS.M00402", 400),
            ("DRS.M01501", 422),
            ("DRS.M01503", 400),
            ("DRS.M01504", 202),
            ("DRS.M05003", 400),
            ("DRS.M05006", 422),
            ("DRS.M05066", 200),
            ("DRS.M06011", 422),
            ("DRS.M06020", 422),
            ("DRS.M06021", 422),
            ("DRS.M07000", 400),
        ],
    ),
    (
        OMS,
        "terraform-provider-huaweicloud: services/oms",
        &[("OMS.0063", 400), ("OMS.0066", 400), ("OMS.1009/400", 400), ("OMS.1009", 404)],
    ),
    (
        IAM,
        "the statuses of the vendor's page of KeystoneCreateUserTokenByPassword",
        &[("400", 400), ("401", 401), ("403", 403), ("404", 404), ("500", 500), ("503", 503)],
    ),
    (
        AUTHING,
        "the vendor's error pages; its SDKs compare no more than statusCode with 200",
        &[
            ("429", 429),
            ("500", 500),
            ("502", 502),
            ("503", 503),
            ("1000", 500),
            ("1001", 403),
            ("1300", 401),
            ("1301", 401),
            ("1302", 401),
            ("1303", 401),
            ("1304", 401),
            ("1305", 401),
            ("1306", 401),
            ("2020", 401),
            ("2206", 401),
            ("2207", 401),
            ("2224", 403),
        ],
    ),
];

#[test]
fn the_errors_that_clients_look_for_can_be_requested_in_the_vendors_form() {
    let mut missing = Vec::new();
    for &(services, source, errors) in ROWS {
        for &service in services {
            let found = VENDORS.service(service).unwrap();
            for &(name, status) in errors {
                if found.errors().named(name).is_none() {
                    missing.push(format!("{service} {name} ({source})"));
                    continue;
                }
                let answer = ask(found, "application/json", name);
                let what = format!("{service} {name}: {}", text(&answer));
                let body: Value = serde_json::from_slice(answer.reply.body()).expect(&what);
                let code = name.split_once('/').map_or(name, |(code, _)| code);
                match found.dialect.name() {
                    "alibaba" => assert_alibaba_form(&answer, &body, code, status, &what),
                    "huawei" => assert_huawei_form(&answer, &body, code, status, &what),
                    "authing" => assert_authing_form(&answer, &body, code, status, &what),
                    other => panic!("say what an error of {other} looks like"),
                }
            }
        }
    }
    assert!(missing.is_empty(), "no catalogue has {missing:#?}");
}

fn assert_alibaba_form(answer: &Answer, body: &Value, code: &str, status: u16, what: &str) {
    assert_eq!(answer.reply.status(), status, "{what}");
    assert_eq!(body["Code"], code, "{what}");
    assert!(body["Message"].is_string(), "{what}");
    assert!(body["HostId"].is_string() && body["Recommend"].is_string(), "{what}");
    assert_eq!(body["RequestId"], answer.reply.headers()["x-acs-request-id"].to_str().unwrap());
    // By this header SDKs know that they are throttled, and how long to wait.
    let is_throttled = code.starts_with("Throttling");
    let waits = answer.reply.headers().contains_key("x-acs-retry-after");
    assert_eq!(waits, is_throttled, "{what}");
}

fn assert_huawei_form(answer: &Answer, body: &Value, code: &str, status: u16, what: &str) {
    assert_eq!(answer.reply.status(), status, "{what}");
    let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    if code.starts_with("APIGW.") {
        assert_eq!(keys, ["error_msg", "error_code", "request_id"], "{what}");
    } else if code.contains('.') && status == 404 {
        assert_eq!(keys, ["error_msg", "error_code"], "{what}");
    } else if code.contains('.') {
        assert_eq!(keys, ["error_code", "error_msg"], "{what}");
    } else {
        assert_eq!(keys, ["error"], "{what}");
        assert_eq!(body["error"]["code"], status, "{what}");
        assert!(body["error"]["title"].as_str().is_some_and(|title| !title.is_empty()), "{what}");
        return;
    }
    assert_eq!(body["error_code"], code, "{what}");
    assert!(body["error_msg"].as_str().is_some_and(|message| !message.is_empty()), "{what}");
}

/// The HTTP status is 200 whatever the outcome; only throttled calls have a status of their own.
fn assert_authing_form(answer: &Answer, body: &Value, code: &str, status: u16, what: &str) {
    assert_eq!(answer.reply.status(), if status == 429 { 429 } else { 200 }, "{what}");
    assert_eq!(body["statusCode"], status, "{what}");
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{what}");
    if code.len() > 3 {
        assert_eq!(body["apiCode"], code.parse::<u32>().unwrap(), "{what}");
    }
    assert_eq!(body.get("requestId").is_some(), status != 429, "{what}");
}
