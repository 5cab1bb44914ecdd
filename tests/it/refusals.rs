//! `GET /_syncmock/refusals`: why requests were refused, for those who write clients.

use serde_json::Value;
use syncmock::embed::{Builder, Server};

use crate::http_client::{Client, Reply, get};

const INSTANCE: &str = "idaas_ue2jvisn35ea5lmthk267xxxxx";

fn verified() -> Server {
    Builder::new().set("gateway.credentials=verified").start().unwrap()
}

fn list(server: &Server, headers: &[(&str, &str)]) -> Reply {
    let target =
        format!("/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}");
    let headers: String = headers.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
    let mut client = Client::connect(server.authority());
    client.send(format!(
        "POST {target} HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\n{headers}\r\n",
        server.authority()
    ));
    client.reply()
}

fn refusals(server: &Server) -> Vec<Value> {
    let answer = get(server.authority(), "/_syncmock/refusals").json();
    answer["refusals"].as_array().unwrap().clone()
}

#[test]
fn a_refusal_is_found_by_the_request_id_that_the_client_saw() {
    let server = verified();
    assert!(refusals(&server).is_empty());
    let reply = list(&server, &[]);
    let found = &refusals(&server)[0];
    assert_eq!(Some(found["request_id"].as_str().unwrap()), reply.header("x-acs-request-id"));
    assert_eq!(
        (found["status"].as_u64(), &found["code"]),
        (Some(400), &"MissingAccessKeyId".into())
    );
    assert_eq!((&found["service"], &found["path"]), (&"eiam".into(), &"/".into()));
}

#[test]
fn the_newest_refusals_are_kept_and_stand_first() {
    let server = verified();
    for i in 0..230 {
        get(server.authority(), &format!("/api/v3/nowhere-{i}"));
    }
    let found = refusals(&server);
    assert_eq!(found.len(), 200);
    assert_eq!(found[0]["path"], "/api/v3/nowhere-229");
    assert_eq!(found[199]["path"], "/api/v3/nowhere-30");
}

#[test]
fn no_token_and_no_signature_is_shown_whole() {
    let server = Builder::new()
        .set("gateway.credentials=verified")
        .set(r#"credentials=[{ id = "testid", secret = "keptsecret", session_token = "STS.goodtoken" }]"#)
        .start()
        .unwrap();
    let signature = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let headers = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-security-token;\
                   x-acs-signature-nonce;x-acs-version";
    let authorization =
        format!("ACS3-HMAC-SHA256 Credential=testid,SignedHeaders={headers},Signature={signature}");
    // The gateway takes whole seconds.
    let now = server.clock().now().to_string();
    let date = format!("{}Z", &now[.."2026-03-01T08:00:00".len()]);
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let reply = list(
        &server,
        &[
            ("Authorization", &authorization),
            ("x-acs-action", "ListSynchronizationJobs"),
            ("x-acs-version", "2021-12-01"),
            ("x-acs-date", &date),
            ("x-acs-signature-nonce", "n-1"),
            ("x-acs-content-sha256", empty),
            ("x-acs-security-token", "STS.goodtoken"),
        ],
    );
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert!(reply.text().contains("SignatureDoesNotMatch"), "{}", reply.text());
    let told = format!("{}{}", reply.text(), Value::from(refusals(&server)));
    assert!(told.contains("wrong-secret"));
    for secret in ["goodtoken", "keptsecret", &signature[..8]] {
        assert!(!told.contains(secret), "{secret} is in {told}");
    }
}

#[test]
fn an_error_that_is_reported_with_status_200_is_a_refusal_too() {
    let server = Builder::new().set("dts.quirks.errors=soft").start().unwrap();
    let reply = get(
        server.authority(),
        "/?Action=DescribeSynchronizationJobStatus&Version=2020-01-01&Format=JSON\
         &RegionId=cn-hangzhou&SynchronizationJobId=dtsnobody",
    );
    assert_eq!((reply.status, &reply.json()["Success"]), (200, &false.into()));
    let found = &refusals(&server)[0];
    assert_eq!((&found["service"], found["status"].as_u64()), (&"dts".into(), Some(200)));
    assert_eq!(found["code"], reply.json()["ErrCode"]);
    assert_eq!(reply.header("x-syncmock-hint"), found["hint"].as_str());
    assert!(found["hint"].is_string(), "{found}");
}

/// A request with a signature that is not right, and with a secret under the name of a parameter.
fn with_secret(server: &Server, name: &str, secret: &str) -> [(String, String); 3] {
    let at = server.clock().now().to_string();
    let date = format!("{}Z", &at[.."2026-03-01T08:00:00".len()]);
    let compact = date.replace(['-', ':'], "");
    let alibaba = format!(
        "/?Action=ConfigureSynchronizationJob&Version=2020-01-01&Format=JSON&{name}={secret}\
         &AccessKeyId=testid&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=n-{name}\
         &Timestamp={}&Signature=AAAAAAAAAAAAAAAAAAAAAAAAAAA%3D",
        date.replace(':', "%3A")
    );
    let huawei = format!("/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs?{name}={secret}");
    let sdk_hmac = format!(
        "X-Sdk-Date: {compact}\r\nAuthorization: SDK-HMAC-SHA256 Access=testid, \
         SignedHeaders=host;x-sdk-date, Signature={}\r\n",
        "0".repeat(64)
    );
    let authing = format!("/api/v3/list-sync-tasks?{name}={secret}");
    let nonce = format!(
        "Authorization: authing testid:AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\
         x-authing-signature-method: HMAC-SHA1\r\nx-authing-signature-version: 1.0\r\n\
         x-authing-signature-nonce: n-{name}\r\nx-authing-date: {}\r\n",
        server.clock().now().millis()
    );
    [(alibaba, String::new()), (huawei, sdk_hmac), (authing, nonce)]
}

#[test]
fn values_that_are_secret_by_their_names_are_shortened_wherever_a_request_is_shown() {
    let server = Builder::new()
        .set("gateway.credentials=verified")
        .set(r#"credentials=[{ id = "testid", secret = "keptsecret" }]"#)
        .start()
        .unwrap();
    let json = "%7B%22db%22%3A%7B%22Password%22%3A%22hunter2hunter2%22%7D%7D";
    for (name, secret) in [
        ("SourceEndpoint.Password", "hunter2hunter2"),
        ("DestinationEndpoint.Password", "hunter2hunter2"),
        ("X-Auth-Token", "hunter2hunter2"),
        ("SecurityToken.1", "hunter2hunter2"),
        ("db_password", "hunter2%68unter2"),
        ("Reserve", json),
    ] {
        for (target, headers) in with_secret(&server, name, secret) {
            let mut client = Client::connect(server.authority());
            client.send(format!(
                "GET {target} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n",
                server.authority()
            ));
            let reply = client.reply();
            let newest = refusals(&server).remove(0);
            assert!(newest["explanation"]["server"].is_object(), "{target}: {newest}");
            let told = format!("{:?}{}{newest}", reply.header("x-syncmock-hint"), reply.text());
            assert!(!told.contains("hunter2h"), "{name}: {told}");
            assert!(!told.contains("hunter2%"), "{name}: {told}");
            assert!(told.contains("hunt..."), "{name}: {told}");
        }
    }
}
