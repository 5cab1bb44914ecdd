//! A soft error differs from a hard one only in its status and body.

use super::*;
use crate::engine::Answer;

/// A GET with these headers, as the first request to its world.
fn answered(plan: &Plan, query: &str, headers: &[(&str, &str)]) -> Answer {
    let uri = format!("/?Version=2020-01-01&Format=JSON&{query}");
    let mut request = http::Request::builder().uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request: Request = request.body(Bytes::new()).unwrap();
    respond_first(plan, &request, Timestamp::from_millis(NOW))
}

fn body_of(answer: &Answer) -> Value {
    serde_json::from_slice(answer.reply.body()).unwrap()
}

#[test]
fn a_soft_error_has_the_hint_and_the_code_of_the_hard_one() {
    let (hard, soft) = (with_quirk(""), with_quirk("errors = \"soft\""));
    let legacy = ["ErrCode", "ErrMessage", "RequestId", "Success"].as_slice();
    let dts = ["ErrCode", "ErrMessage", "HttpStatusCode", "RequestId", "Success"].as_slice();
    for (query, fields) in [
        ("Action=StartSynchronizationJob", legacy),
        ("Action=DeleteSynchronizationJob&SynchronizationJobId=x", legacy),
        ("Action=CreateSynchronizationJob", legacy),
        ("Action=DescribeSynchronizationJobStatus&SynchronizationJobId=x", legacy),
        ("Action=DescribeInitializationStatus&SynchronizationJobId=x", legacy),
        ("Action=DescribeDtsJobDetail&DtsJobId=x", dts),
        ("Action=DescribeDtsJobs&Status=Asleep", &[&["DynamicMessage"], dts].concat()),
        (
            "Action=DescribeSynchronizationJobStatusList",
            &[
                "TotalRecordCount",
                "PageRecordCount",
                "RequestId",
                "PageNumber",
                "SynchronizationJobListStatusList",
                "Success",
                "ErrCode",
                "ErrMessage",
            ],
        ),
    ] {
        let (hard, soft) = (answered(&hard, query, &[]), answered(&soft, query, &[]));
        let body = body_of(&soft);
        let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!((soft.reply.status().as_u16(), &*keys), (200, fields), "{query}");
        assert_eq!(body["Success"], false);
        assert_ne!(hard.reply.status(), 200);
        assert_eq!(body["ErrCode"], body_of(&hard)["Code"]);

        let [hard_refusal, soft_refusal] =
            [&hard, &soft].map(|answer| answer.refused.as_ref().expect("a refusal"));
        assert_eq!(soft_refusal.code, body["ErrCode"]);
        assert_eq!(soft_refusal.request_id, body["RequestId"]);
        assert_eq!(soft_refusal.code, hard_refusal.code);
        assert!(soft_refusal.hint.is_some() && soft_refusal.hint == hard_refusal.hint);
        let header = |answer: &Answer| answer.reply.headers()["x-syncmock-hint"].clone();
        assert_eq!(header(&soft), soft.hint().unwrap());
        assert_eq!(header(&soft), header(&hard));
    }
}

#[test]
fn only_what_a_handler_refuses_can_be_soft() {
    let soft = |more: &str| plan(&format!("[dts.quirks]\nerrors = \"soft\"\n{more}"));
    let query = "Action=StartSynchronizationJob&SynchronizationJobId=x";
    for (plan, headers, status, code) in [
        (soft("[gateway]\ncredentials = \"required\"\n"), None, 400, "MissingAccessKeyId"),
        (soft(""), Some(("x-syncmock-refuse", "InvalidJobId")), 403, "InvalidJobId"),
        (soft("[[gateway.quota]]\nlimit = 0\nwindow = \"1m\"\n"), None, 400, "Throttling.User"),
        (soft(""), None, 200, ""),
    ] {
        let answer = answered(&plan, query, headers.as_slice());
        let (status_sent, body) = (answer.reply.status().as_u16(), body_of(&answer));
        assert_eq!((status_sent, body["Code"].as_str().unwrap_or_default()), (status, code));
    }
}
