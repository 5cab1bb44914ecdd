use serde_json::{Value, json};

use super::{NOW, PROJECT, TASK, World, create_body, fixed_task, start_body};
use crate::engine::{WorldExport, respond};
use crate::world::time::Timestamp;

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

fn detail(world: &World, method: &str, path: &str, body: &str) -> String {
    assert!(world.ask(method, path, body).hint().is_some(), "{path} {body}");
    let (status, value) = world.call(method, path, body);
    assert_eq!((status, &value["error_code"]), (400, &json!("OMS.0064")), "{path} {body}: {value}");
    assert_eq!(value["error_msg"], "Invalid request parameters.");
    let detail = value["error_detail"].as_str().unwrap();
    let name = detail.strip_prefix("request parameter [").unwrap();
    name.strip_suffix("] invalid.").unwrap().to_owned()
}

/// The body with some members replaced, or left out by `null`.
fn with(body: &str, projection: Value) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    for (name, value) in projection.as_object().unwrap() {
        body[name] = value.clone();
    }
    body.to_string()
}

#[test]
fn every_parameter_of_a_creation_is_held_to_its_rules() {
    let world = World::new("");
    let long = |n: usize| "x".repeat(n);
    let cdn = |more: Value| {
        let mut cdn = json!({ "domain": "cdn.example.com", "protocol": "https" });
        cdn.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "source_cdn": cdn })
    };
    for (projection, name) in [
        (json!({ "src_cloud_type": "aliyun" }), "src_cloud_type"),
        (json!({ "src_cloud_type": 5 }), "src_cloud_type"),
        (json!({ "src_region": null }), "src_region"),
        (json!({ "src_bucket": "" }), "src_bucket"),
        (json!({ "src_ak": null }), "src_ak"),
        (json!({ "src_sk": long(101) }), "src_sk"),
        (json!({ "src_crypto_type": "RSA" }), "src_crypto_type"),
        (json!({ "src_crypto_type": "KMS" }), "src_kms_key_id"),
        (json!({ "src_kms_key_id": long(35) }), "src_kms_key_id"),
        (json!({ "dst_ak": long(101) }), "dst_ak"),
        (json!({ "dst_sk": null }), "dst_sk"),
        (json!({ "dst_crypto_type": "KMS", "dst_kms_key_id": long(37) }), "dst_kms_key_id"),
        (json!({ "dst_region": null }), "dst_region"),
        (json!({ "dst_bucket": null }), "dst_bucket"),
        (json!({ "description": long(256) }), "description"),
        (json!({ "enable_metadata_migration": "true" }), "enable_metadata_migration"),
        (json!({ "enable_restore": 1 }), "enable_restore"),
        (json!({ "enable_kms": "no" }), "enable_kms"),
        (json!({ "dst_storage_policy": "COLD" }), "dst_storage_policy"),
        (json!({ "src_cloud_type": "Tencent" }), "app_id"),
        (json!({ "source_cdn": "cdn" }), "source_cdn"),
        (cdn(json!({ "domain": null })), "source_cdn.domain"),
        (cdn(json!({ "protocol": "ftp" })), "source_cdn.protocol"),
        (cdn(json!({ "protocol": null })), "source_cdn.protocol"),
        (cdn(json!({ "authentication_type": "BASIC" })), "source_cdn.authentication_type"),
        (cdn(json!({ "authentication_type": "ALIYUN_OSS_A" })), "source_cdn.authentication_key"),
        (cdn(json!({ "crypto_type": "KMS" })), "source_cdn.kms_key_id"),
        (json!({ "consistency_check": "md5" }), "consistency_check"),
    ] {
        assert_eq!(detail(&world, "POST", "", &with(&create_body(""), projection)), name);
    }
    assert_eq!(detail(&world, "POST", "", ""), "src_region");
    assert_eq!(detail(&world, "POST", "", "[]"), "body");
    assert_eq!(detail(&world, "POST", "", "{"), "body");
    assert_eq!(world.state.event_log().events().len(), 0);

    let longest = json!({
        "src_cloud_type": "Tencent", "app_id": "1250000000", "description": long(255),
        "src_ak": long(100), "dst_sk": long(100), "src_crypto_type": "KMS",
        "src_kms_key_id": long(36), "dst_crypto_type": "DEFAULT",
    });
    world.accepted("POST", "", &with(&create_body(""), longest));
    // The body that Terraform's provider sends.
    let empty = cdn(json!({ "authentication_type": "", "authentication_key": "" }));
    world.accepted("POST", "", &with(&create_body(""), empty));
}

#[test]
fn a_description_with_special_characters_has_a_code_of_its_own_or_not() {
    for special in ["<", ">", "(", ")", "\\\"", "'", "&"] {
        let body = create_body(&format!(r#","description":"a {special} b""#));
        let world = World::new("");
        assert_eq!(world.refused("POST", "", &body), (400, "OMS.0078".to_owned()));
        let world = World::new("[oms.quirks]\nbad_description = \"OMS.0064\"");
        assert_eq!(detail(&world, "POST", "", &body), "description");
    }
}

#[test]
fn a_start_needs_both_sides_keys_before_it_looks_for_the_task() {
    let world = World::new("");
    let path = format!("/{UNKNOWN}/start");
    for (projection, name) in [
        (json!({ "src_ak": null }), "src_ak"),
        (json!({ "src_sk": 5 }), "src_sk"),
        (json!({ "dst_ak": "x".repeat(101) }), "dst_ak"),
        (json!({ "dst_sk": "" }), "dst_sk"),
        (json!({ "source_cdn_authentication_key": 5 }), "source_cdn_authentication_key"),
        (json!({ "source_cdn_crypto_type": "KMS" }), "source_cdn_kms_key_id"),
    ] {
        assert_eq!(detail(&world, "POST", &path, &with(&start_body(), projection)), name);
    }
    assert_eq!(world.refused("POST", &path, &start_body()), (400, "OMS.1009".to_owned()));
}

#[test]
fn an_unknown_task_is_refused_as_each_operation_does() {
    let operations = [
        ("GET", "?query_time=5", String::new(), 404),
        ("GET", "/statistics?data_type=SIZE&start_time=1&end_time=2", String::new(), 404),
        ("POST", "/events", r#"{"object_keys":["a"]}"#.to_owned(), 404),
        ("POST", "/start", start_body(), 400),
        ("POST", "/stop", String::new(), 400),
        ("DELETE", "", String::new(), 400),
    ];
    for (quirks, code, moved) in [
        ("", "OMS.1009", None),
        ("unknown_task = \"OMS.0054\"", "OMS.0054", None),
        ("unknown_task_of_moves = \"not_found\"", "OMS.1009", Some(404)),
    ] {
        let world = World::new(&format!("[oms.quirks]\n{quirks}\n{}", fixed_task("")));
        for (method, rest, body, status) in &operations {
            let answer = world.ask(method, &format!("/{UNKNOWN}{rest}"), body);
            let status = moved.unwrap_or(*status);
            assert_eq!(answer.reply.status().as_u16(), status, "{method} {rest}");
            let text = String::from_utf8_lossy(answer.reply.body()).into_owned();
            let first = if status == 404 { "{\"error_msg\"" } else { "{\"error_code\"" };
            assert!(text.starts_with(first) && text.contains(code), "{text}");
            assert!(answer.hint().is_some_and(|hint| hint.contains(TASK)));
        }
    }
}

#[test]
fn a_command_the_state_does_not_allow_is_refused_and_changes_nothing() {
    let world = World::new("");
    let id = world.create();
    let conflict = |(status, value): (u16, Value)| {
        assert_eq!((status, &value["error_code"]), (400, &json!("OMS.0066")), "{value}");
    };
    let before = world.state.event_log().events().len();
    conflict(world.start(&id));
    conflict(world.delete(&id));
    let hint = world.ask("DELETE", &format!("/{id}"), "").hint().map(str::to_owned);
    assert!(hint.is_some_and(|hint| hint.contains("SYNCHRONIZING") && hint.contains("STOPPED")));
    assert_eq!(world.state.event_log().events().len(), before);
    assert_eq!(world.stop(&id), (200, Value::Null));
    conflict(world.stop(&id));
    conflict(world.events(&id, &["a"]));
    assert_eq!(world.delete(&id).0, 200);
    assert_eq!(world.refused("POST", &format!("/{id}/stop"), ""), (400, "OMS.1009".to_owned()));
    assert!(world.show(&id).is_none() && world.list("", 100).is_empty());
}

#[test]
fn objects_are_named_by_one_to_ten_encoded_keys() {
    let world = World::new("");
    let path = format!("/{}/events", world.create());
    let named = |keys: Value| json!({ "object_keys": keys }).to_string();
    let many = |n: usize| Value::from(vec!["a"; n]);
    for (body, name) in [
        (String::new(), "object_keys"),
        ("{}".to_owned(), "object_keys"),
        (named(json!([])), "object_keys"),
        (named(json!("a")), "object_keys"),
        (named(many(11)), "object_keys"),
        (named(json!(["a", 5])), "object_keys[1]"),
        (named(json!(["a", ""])), "object_keys[1]"),
        (named(json!(["50%"])), "object_keys[0]"),
        (named(json!(["a%2"])), "object_keys[0]"),
        (named(json!(["%zz"])), "object_keys[0]"),
        (named(json!(["%FF"])), "object_keys[0]"),
        (named(json!(["a".repeat(1025)])), "object_keys[0]"),
    ] {
        assert_eq!(detail(&world, "POST", &path, &body), name, "{body}");
    }
    world.accepted("POST", &path, &named(many(10)));
    let longest = format!("a/%E6%96%87%20{}", "%61".repeat(1018));
    world.accepted("POST", &path, &named(json!([longest])));

    let world = World::new("[oms.quirks]\nmost_object_keys = 100");
    let path = format!("/{}/events", world.create());
    world.accepted("POST", &path, &named(many(100)));
    assert_eq!(detail(&world, "POST", &path, &named(many(101))), "object_keys");
}

#[test]
fn the_parameters_of_list_and_show_have_bounds() {
    let world = World::new(&fixed_task(""));
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("offset=10001", "offset"),
        ("status=RUNNING", "status"),
        ("status=DELETED", "status"),
        ("status=stopped", "status"),
    ] {
        assert_eq!(detail(&world, "GET", &format!("?{query}"), ""), name);
    }
    assert_eq!(world.accepted("GET", "?limit=100&offset=10000", "")["tasks"], json!([]));
    for query in ["", "?query_time=", "?query_time=-1", "?query_time=now", "?query_time=1e3"] {
        assert_eq!(detail(&world, "GET", &format!("/{TASK}{query}"), ""), "query_time");
    }
    world.accepted("GET", &format!("/{TASK}?query_time={}", i64::MAX), "");
}

#[test]
fn another_project_has_no_tasks_and_none_are_created_in_it() {
    let refuse = World::new(&fixed_task(""));
    let empty =
        World::new(&format!("[oms.quirks]\nunknown_project = \"empty\"\n{}", fixed_task("")));
    let elsewhere = |world: &World, method: &str, path: &str, body: &str| {
        let uri = format!("/v2/{}/sync-tasks{path}", PROJECT.replace('2', "3"));
        let request = http::Request::builder().method(method).uri(uri);
        let request = request.body(bytes::Bytes::from(body.to_owned())).unwrap();
        let now = Timestamp::from_millis(NOW);
        let reply = respond(&world.plan, &world.state, &request, now).reply;
        let value: Value = serde_json::from_slice(reply.body()).unwrap();
        (reply.status().as_u16(), value)
    };
    let show = format!("/{TASK}?query_time=5");
    for (method, path, body) in
        [("GET", "", String::new()), ("GET", &*show, String::new()), ("POST", "", create_body(""))]
    {
        let (status, value) = elsewhere(&refuse, method, path, &body);
        assert_eq!((status, &value["error_code"]), (403, &json!("OMS.0206")));
    }
    let (status, value) = elsewhere(&empty, "GET", "", "");
    assert_eq!((status, value), (200, json!({ "tasks": [], "count": 0 })));
    assert_eq!(elsewhere(&empty, "GET", &show, "").0, 404);
    assert_eq!(elsewhere(&empty, "POST", "", &create_body("")).0, 403);
    assert_eq!(elsewhere(&empty, "DELETE", &format!("/{TASK}"), "").0, 400);
}

#[test]
fn no_secret_is_kept_or_told() {
    let world = World::new("");
    let body = create_body(
        r#","src_crypto_type":"KMS","src_kms_key_id":"verysecret0-e77f-4c4a-9d06-1a2b3c4d5",
        "source_cdn":{"domain":"d","protocol":"http","authentication_type":"ALIYUN_OSS_A",
        "authentication_key":"verysecretcdn"}"#,
    );
    let mut answers = vec![world.ask("POST", "", &body)];
    let id = world.create();
    answers.push(world.ask("POST", &format!("/{id}/stop"), ""));
    let start = with(&start_body(), json!({ "source_cdn_authentication_key": "verysecretcdn" }));
    answers.push(world.ask("POST", &format!("/{id}/start"), &start));
    answers.push(world.ask("POST", "", &with(&create_body(""), json!({ "dst_region": 5 }))));
    answers.push(world.ask("POST", "", &with(&body, json!({ "src_sk": "verysecret".repeat(11) }))));
    answers.push(world.ask("POST", "", &with(&body, json!({ "src_crypto_type": "verysecret" }))));
    answers.push(world.ask("POST", "", &body.replace("\"source_cdn\"", "verysecret")));
    answers.push(world.ask("POST", &format!("/{id}/start"), &start));
    answers.push(world.ask("GET", "", ""));
    answers.push(world.ask("GET", &format!("/{id}?query_time=5"), ""));
    for answer in answers {
        let text = format!("{:?} {:?}", answer.reply, answer.hint());
        assert!(!text.contains("verysecret") && !text.contains("sourceak"), "{text}");
    }
    let log = world.state.event_log();
    let export = WorldExport::of(&world.plan, &log, Timestamp::from_millis(world.now)).unwrap();
    let export = serde_json::to_string(&export).unwrap();
    assert!(log.events().len() == 4 && !export.contains("secret") && !export.contains("ak\""));
}
