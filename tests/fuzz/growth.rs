//! How cost grows: families of inputs that are made ever larger, each of which was, or could be, a
//! product of the input with itself, or of the request with the scenario.
//!
//! For each family the size is doubled until the work takes long enough to be measured, and then
//! the work of that size is compared with that of four times the size. In proportion it is four
//! times as much; in proportion to the square, sixteen times. More than [`ALLOWED`] fails. A family
//! that cannot be made large enough to be measured, within the limits of the server, cannot cost
//! much either.
//!
//! These tests are ignored by `cargo test`, which runs tests side by side; `.ci/run` runs them
//! alone. CPU time, and of that the least of several runs, is what a busy machine disturbs least;
//! it is measured and not counted, because what is counted elsewhere (instructions, under
//! valgrind) takes fifty times as long for inputs that have to be large.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use syncmock::embed::{Builder, InProcess};

use crate::cpu_time;

/// How many times as much four times the input may cost.
const ALLOWED: f64 = 10.0;
/// What takes less than this, or less than this many times what the smallest of its family takes, is
/// not compared: other things than the size decide it.
const MEASURABLE: Duration = Duration::from_millis(100);
const ABOVE_SMALLEST: u32 = 6;
/// Families end here: a body may have 12 MB, a head 64 KB.
const MAX_SIZE: usize = 1 << 18;

/// Makes the work of that size; what it needs is prepared outside of what is measured.
type Make = fn(usize) -> Box<dyn FnMut()>;

fn world(settings: &[&str]) -> InProcess {
    let builder = Builder::new().now("2026-03-02T10:00:00Z").frozen().set(NO_CACHE);
    let builder = settings.iter().fold(builder, |builder, setting| builder.set(*setting));
    builder.in_process().unwrap_or_else(|error| panic!("{error}"))
}

/// Where there are faults, no answer is kept for a request that comes again.
const NO_CACHE: &str = r#"fault=[{ on = { call = "1000000" }, do = { status = 503 } }]"#;

const VERIFIED: &str = "gateway.credentials=verified";

fn asked(method: Method, target: &str, headers: &[(&str, &str)], body: String) -> Request<Bytes> {
    let target: String = target.chars().take(65_000).collect();
    let mut request = Request::builder().method(method).uri(target).header("host", "127.0.0.1");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from(body)).unwrap()
}

fn answering(world: InProcess, request: Request<Bytes>) -> Box<dyn FnMut()> {
    Box::new(move || drop(world.answer(&request)))
}

fn get(target: String) -> Box<dyn FnMut()> {
    answering(world(&[]), asked(Method::GET, &target, &[], String::new()))
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

fn form(settings: &[&str], query: &str, body: String) -> Box<dyn FnMut()> {
    answering(world(settings), asked(Method::POST, query, &[FORM], body))
}

fn json(method: Method, path: &str, body: String) -> Box<dyn FnMut()> {
    answering(world(&[]), asked(method, path, &[JSON], body))
}

/// A scenario file that is read, whether it is right or not.
fn scenario(text: String) -> Box<dyn FnMut()> {
    Box::new(move || drop(Builder::new().scenario_text(text.clone()).in_process()))
}

/// A part for each number.
fn each(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

fn list(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(",")
}

const DTS_STATUS: &str =
    "/?Action=DescribeSynchronizationJobStatusList&Version=2020-01-01&Format=JSON";
const EIAM: &str = "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON\
                    &InstanceId=idaas_ue2jvisn35ea5lmthk267xxxxx";
const V1: &str = "&AccessKeyId=testid&Timestamp=2026-03-02T10%3A00%3A00Z&SignatureNonce=n\
                  &SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&Signature=c2lnbmF0dXJl";

fn v3(names: &str) -> String {
    format!(
        "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;\
         x-acs-date;x-acs-long;x-acs-signature-nonce;x-acs-version{names},Signature=00"
    )
}

/// A request with a wrong V3 signature.
fn wrong_v3(names: &str, long: &str) -> Box<dyn FnMut()> {
    let headers = [
        ("authorization", v3(names)),
        ("x-acs-action", "ListSynchronizationJobs".to_owned()),
        ("x-acs-version", "2021-12-01".to_owned()),
        ("x-acs-date", "2026-03-02T10:00:00Z".to_owned()),
        ("x-acs-signature-nonce", "n".to_owned()),
        (
            "x-acs-content-sha256",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".to_owned(),
        ),
        ("x-acs-long", long.to_owned()),
    ];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    answering(world(&[VERIFIED]), asked(Method::GET, "/", &headers, String::new()))
}

fn wrong_huawei(names: &str, long: &str, query: &str) -> Box<dyn FnMut()> {
    let authorization = format!(
        "SDK-HMAC-SHA256 Access=testid, SignedHeaders=host;x-long;x-sdk-date{names}, Signature=00"
    );
    let headers =
        [("authorization", &*authorization), ("x-sdk-date", "20260302T100000Z"), ("x-long", long)];
    let path = format!("/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs?{query}");
    answering(world(&[VERIFIED]), asked(Method::GET, &path, &headers, String::new()))
}

fn authing(query: &str, body: Option<String>) -> Box<dyn FnMut()> {
    let headers = [
        ("authorization", "authing testid:c2lnbmF0dXJl"),
        ("x-authing-signature-method", "HMAC-SHA1"),
        ("x-authing-signature-version", "1.0"),
        ("x-authing-signature-nonce", "n"),
        ("date", "Mon, 02 Mar 2026 10:00:00 GMT"),
        JSON,
    ];
    let (method, path) = match &body {
        Some(_) => (Method::POST, "/api/v3/cancel-sync-risk-operation".to_owned()),
        None => (Method::GET, format!("/api/v3/list-sync-jobs?syncTaskId=1000&{query}")),
    };
    answering(world(&[VERIFIED]), asked(method, &path, &headers, body.unwrap_or_default()))
}

fn keys(count: usize) -> String {
    let keys = list(count, |i| format!("{{ id = \"id-{i}\", secret = \"secret-number-{i}\" }}"));
    format!("credentials=[{keys}]")
}

const FAULT: &str = "[[fault]]\ndo = { status = 503 }\n";

static FAMILIES: &[(&str, Make)] = &[
    // Names that are compared.
    ("one long segment of a path", |n| get(format!("/v5/{}", "a".repeat(n)))),
    ("a long value in a path", |n| get(format!("/v5/{}/batch-async-job", "a".repeat(n)))),
    ("a long last segment", |n| get(format!("/api/v3/list-sync-jobs{}", "s".repeat(n)))),
    ("many segments", |n| get(format!("/v5{}", "/a".repeat(n)))),
    ("empty segments", |n| get(format!("/v2/{}", "/".repeat(n)))),
    ("escapes in a path", |n| get(format!("/v5/{}/batch-async-jobs", "%41".repeat(n)))),
    ("a long action", |n| get(format!("/?Version=2021-12-01&Action={}", "List".repeat(n)))),
    ("a long action without a version", |n| get(format!("/?Action={}", "List".repeat(n)))),
    ("a long control path", |n| get(format!("/_syncmock/{}", "clock".repeat(n)))),
    ("a long value of an enumeration", |n| get(format!("{EIAM}&Status={}", "a".repeat(n)))),
    ("a code that is no error", |n| {
        let headers = [("x-syncmock-refuse", &*"Throttling".repeat(n))];
        let request = asked(Method::GET, EIAM, &headers, String::new());
        answering(world(&[]), request)
    }),
    // Parameters.
    ("unknown parameters in a query", |n| {
        get(format!("{DTS_STATUS}{}", each(n, |i| format!("&p{i}=1"))))
    }),
    ("unknown parameters in a form", |n| {
        form(&[], DTS_STATUS, each(n, |i| format!("&Synchronization{i}=1")))
    }),
    ("long unknown parameters", |n| {
        form(&[], DTS_STATUS, each(64, |i| format!("&{}{i}=1", "Synchronization".repeat(n / 64))))
    }),
    ("the same parameter", |n| form(&[], DTS_STATUS, "&a=1".repeat(n))),
    ("a flat list", |n| form(&[], EIAM, each(n, |i| format!("&TargetIds.{i}=idp_{i}")))),
    ("a flat list and as many targets", |n| {
        let targets = list(n / 8, |i| format!("{{ id = \"idp_{i}\" }}"));
        let ids = each(n, |i| format!("&TargetIds.{i}=idp_none{i}"));
        form(&[&format!("eiam.target=[{targets}]")], EIAM, ids)
    }),
    ("tags of a list", |n| {
        let tags = each(n, |i| format!("&Tag.{i}.Key=env&Tag.{i}.Value=staging"));
        form(&[], "/?Action=DescribeSynchronizationJobs&Version=2020-01-01&Format=JSON", tags)
    }),
    ("the same tag in JSON", |n| {
        let tags = list(n, |_| r#"{"tagKey":"env","tagValue":"staging"}"#.to_owned());
        form(
            &[],
            "/?Action=DescribeDtsJobs&Version=2020-01-01&Format=JSON",
            format!("Tags=[{tags}]"),
        )
    }),
    ("ids that do not exist", |n| {
        let ids = list(n, |i| format!("\"dts{i}\""));
        form(&[], DTS_STATUS, format!("SynchronizationJobIdListJsonStr=[{ids}]"))
    }),
    ("the same id", |n| {
        let job = r#"dts.job=[{ SynchronizationJobId = "dtsa" }]"#;
        let ids = list(n, |_| "\"dtsa\"".to_owned());
        form(&[job], DTS_STATUS, format!("SynchronizationJobIdListJsonStr=[{ids}]"))
    }),
    ("ids of as many fixed jobs", |n| {
        let jobs = list(n / 8, |i| {
            format!(
                "{{ SynchronizationJobId = \"dts{i}\", reverse_path = [\"Synchronizing\"], path = [\"Synchronizing\"] }}"
            )
        });
        let ids = list(n, |i| format!("dts{}", i % (n / 8).max(1)));
        let action = "/?Action=DescribeDtsJobs&Version=2020-01-01&Format=JSON";
        form(&[&format!("dts.job=[{jobs}]")], action, format!("DtsJobId={ids}&DtsInstanceId={ids}"))
    }),
    ("values of a list in a query", |n| {
        get(format!(
            "/api/v3/list-sync-risk-operations?syncTaskId=1000{}",
            "&status=PENDING".repeat(n)
        ))
    }),
    // Bodies.
    ("ids in a body", |n| {
        let ids = list(n, |i| i.to_string());
        let body = format!("{{\"syncRiskOperationIds\":[{ids}]}}");
        json(Method::POST, "/api/v3/cancel-sync-risk-operation", body)
    }),
    ("members of a body", |n| {
        let members = list(n, |i| format!("\"m{i}\":1"));
        json(Method::POST, "/api/v3/create-sync-task", format!("{{{members}}}"))
    }),
    ("a list of objects in a body", |n| {
        let mapping = list(n, |_| "{}".to_owned());
        json(Method::POST, "/api/v3/create-sync-task", format!("{{\"fieldMapping\":[{mapping}]}}"))
    }),
    ("depth of a body", |n| {
        json(
            Method::POST,
            "/api/v3/create-sync-task",
            format!("{{\"clientConfig\":{}", "[".repeat(n)),
        )
    }),
    ("a job with much in it", |n| {
        let members = list(n, |i| format!("\"m{i}\":{{}}"));
        let path = "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs";
        json(Method::POST, path, format!("{{\"jobs\":[{{\"base_info\":{{{members}}}}}]}}"))
    }),
    ("too many jobs", |n| {
        let path = "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs";
        json(Method::POST, path, format!("{{\"jobs\":[{}]}}", list(n, |_| "{}".to_owned())))
    }),
    ("a task with a long name", |n| {
        let path = "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks";
        json(Method::POST, path, format!("{{\"src_bucket\":\"{}\"}}", "a".repeat(n)))
    }),
    ("objects to synchronize", |n| {
        let objects = list(n, |i| format!("{{\"DBName\":\"d{i}\"}}"));
        let action = "/?Action=ConfigureSynchronizationJob&Version=2020-01-01&Format=JSON\
                      &SynchronizationJobId=a&DataInitialization=true&StructureInitialization=true";
        form(&[], action, format!("SynchronizationObjects=[{objects}]"))
    }),
    // Credentials.
    ("an id that is no key", |n| get_verified("AccessKeyId", &"a".repeat(n))),
    ("an id that is no key of many", |n| {
        let wrong = asked(
            Method::GET,
            &format!("{EIAM}{}", V1.replace("testid", "id-x")),
            &[],
            String::new(),
        );
        answering(world(&[VERIFIED, &keys(n / 4)]), wrong)
    }),
    ("fields of a signature", |n| wrong_v3(&format!(",{}", "a=b,".repeat(n.min(16_000))), "")),
    ("a header that is signed very often", |n| {
        let n = n.min(32_000);
        wrong_v3(&";x-acs-long".repeat(n / 4), &"x".repeat(n))
    }),
    ("a header that is signed very often, elsewhere", |n| {
        let n = n.min(32_000);
        wrong_huawei(&";x-long".repeat(n / 4), &"x".repeat(n), "")
    }),
    ("signed headers that were not sent", |n| {
        wrong_v3(&each(n.min(8_000), |i| format!(";x{i}")), "")
    }),
    ("a wrong signature of many parameters", |n| {
        form(&[VERIFIED], &format!("{EIAM}{V1}"), each(n, |i| format!("&p{i}=1")))
    }),
    ("a wrong signature of a long parameter", |n| {
        form(&[VERIFIED], &format!("{EIAM}{V1}"), format!("a={}", "%2B".repeat(n)))
    }),
    ("a wrong signature of a long query", |n| {
        wrong_huawei("", "", &each(n, |i| format!("p{i}=1&")))
    }),
    ("a wrong signature of many members", |n| {
        authing("", Some(format!("{{{}}}", list(n, |i| format!("\"m{i}\":1")))))
    }),
    ("a wrong signature of many names", |n| authing(&each(n, |i| format!("p{i}=1&")), None)),
    ("a wrong signature of one name", |n| authing(&"p=1&".repeat(n), None)),
    ("a wrong signature where there are many keys", |n| {
        let wrong = asked(
            Method::GET,
            &format!("{EIAM}{}", V1.replace("testid", "id-0")),
            &[],
            String::new(),
        );
        answering(world(&[VERIFIED, &keys(n / 16)]), wrong)
    }),
    ("a wrong signature of much where there are many keys", |n| {
        let query = format!("{EIAM}{}", V1.replace("testid", "id-0"));
        let body = each(n / 16, |i| format!("&p{i}=secret-n"));
        form(&[VERIFIED, &keys(n / 64)], &query, body)
    }),
    ("a long token", |n| {
        let headers = [("x-auth-token", &*"MII".repeat(n.min(40_000)))];
        let path = "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs";
        answering(world(&[VERIFIED]), asked(Method::GET, path, &headers, String::new()))
    }),
    // Control.
    ("faults", |n| {
        json(
            Method::PUT,
            "/_syncmock/faults",
            format!("{{\"faults\":[{}]}}", list(n, |_| r#"{"do":{"status":503}}"#.to_owned())),
        )
    }),
    ("faults of one name", |n| {
        json(
            Method::PUT,
            "/_syncmock/faults",
            format!(
                "{{\"faults\":[{}]}}",
                list(n, |_| r#"{"name":"a","do":{"status":503}}"#.to_owned())
            ),
        )
    }),
    ("faults on keys that do not exist", |n| {
        let faults = list(n, |i| {
            format!("{{\"on\":{{\"credential\":\"id-x{i}\"}},\"do\":{{\"status\":503}}}}")
        });
        let request =
            asked(Method::PUT, "/_syncmock/faults", &[JSON], format!("{{\"faults\":[{faults}]}}"));
        answering(world(&[&keys(n / 16)]), request)
    }),
    ("faults on operations that do not exist", |n| {
        json(
            Method::PUT,
            "/_syncmock/faults",
            format!(
                "{{\"faults\":[{}]}}",
                list(n, |i| format!(
                    "{{\"on\":{{\"operation\":\"ListSync{i}\"}},\"do\":{{\"status\":503}}}}"
                ))
            ),
        )
    }),
    ("members of a clock", |n| {
        json(
            Method::PUT,
            "/_syncmock/clock",
            format!("{{{}}}", list(n, |i| format!("\"now{i}\":1"))),
        )
    }),
    ("a state of many changes", |n| {
        let world = world(&[]);
        let shown = world.answer(&asked(Method::GET, "/_syncmock/state", &[], String::new()));
        let shown = String::from_utf8(shown.body().to_vec()).unwrap();
        let changes = list(n.min(40_000), |i| {
            format!(
                r#"{{"number":{},"at":"2026-03-02T10:00:00Z","change":{{"authing":{{"trigger_task":{{"sync_task_id":1000}}}}}}}}"#,
                i + 1
            )
        });
        let state = shown.replace("\"journal\":[]", &format!("\"journal\":[{changes}]"));
        answering(world, asked(Method::PUT, "/_syncmock/state", &[JSON], state))
    }),
    // Changes of one world, one after another: one copied all that was changed before.
    ("EIAM jobs that are run", |n| {
        changes(
            n / 4,
            &["eiam.target=[{ id = \"app_one\", type = \"application\" }]"],
            |world, _| {
                let run = format!(
                    "{}&TargetType=application&TargetId=app_one",
                    EIAM.replace("ListSynchronizationJobs", "RunSynchronizationJob")
                );
                succeed(world, Method::POST, &run, "");
            },
        )
    }),
    ("a DTS instance that is suspended and started", |n| {
        changes(n / 4, &["dts.job=[{ SynchronizationJobId = \"dtsone\" }]"], |world, i| {
            let action = ["Suspend", "Start"][i % 2];
            let change = format!(
                "/?Action={action}SynchronizationJob&Version=2020-01-01&Format=JSON\
                 &SynchronizationJobId=dtsone"
            );
            succeed(world, Method::POST, &change, "");
        })
    }),
    ("an OMS task that is stopped and started", |n| {
        changes(n / 4, &[], |world, i| {
            let (action, keys) = match i % 2 {
                0 => ("stop", ""),
                _ => ("start", r#"{"src_ak":"A","src_sk":"S","dst_ak":"A","dst_sk":"S"}"#),
            };
            let path = format!(
                "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks/\
                 4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb/{action}"
            );
            succeed(world, Method::POST, &path, keys);
        })
    }),
    ("an Authing task that is updated", |n| {
        changes(n / 4, &[], |world, i| {
            let body = format!(r#"{{"syncTaskId":1000,"syncTaskName":"name {i}"}}"#);
            succeed(world, Method::POST, "/api/v3/update-sync-task", &body);
        })
    }),
    ("DRS batches that are created", |n| {
        changes(n / 8, &[], |world, i| {
            let path = "/v5/054ba152d480d55b2f5dc0069e7ddef0/jobs/batch-async-create";
            let body = format!(r#"{{"jobs":[{{"base_info":{{"name":"DRS-{i}"}}}}]}}"#);
            succeed(world, Method::POST, path, &body);
        })
    }),
    // Scenarios.
    ("[[fault]]", |n| scenario(format!("version = 1\n{}", FAULT.repeat(n / 2)))),
    ("[[fault]] with problems", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 2, |i| format!(
                "[[fault]]\non = {{ operation = \"ListSync{i}\" }}\ndo = {{ status = 503 }}\n"
            ))
        ))
    }),
    ("[[fault]] on keys that do not exist", |n| {
        let faults = each(n / 4, |i| {
            format!("[[fault]]\non = {{ credential = \"id-x{i}\" }}\ndo = {{ status = 503 }}\n")
        });
        let keys = each(n / 4, |i| format!("[[credentials]]\nid = \"id-{i}\"\nsecret = \"s\"\n"));
        scenario(format!("version = 1\n{faults}{keys}"))
    }),
    ("unknown keys of [[fault]]", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 2, |i| format!("[[fault]]\nanounce{i} = 1\ndo = {{ status = 503 }}\n"))
        ))
    }),
    ("problems in one line", |n| {
        scenario(format!(
            "version = 1\nfault = [{}]",
            list(n / 2, |i| format!("{{ anounce{i} = 1, do = {{ status = 503 }} }}"))
        ))
    }),
    ("[[credentials]]", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 2, |i| format!(
                "[[credentials]]\nid = \"id-{i}\"\nsecret = \"secret-number-{i}\"\n"
            ))
        ))
    }),
    ("[[credentials]] of one id", |n| {
        scenario(format!(
            "version = 1\n{}",
            "[[credentials]]\nid = \"a\"\nsecret = \"b\"\n".repeat(n / 2)
        ))
    }),
    ("secrets that begin with each other", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 2, |i| format!(
                "[[credentials]]\nid = \"id-{i}\"\nsecret = \"{}\"\n",
                "a".repeat(1 + i % 256)
            ))
        ))
    }),
    ("[[gateway.quota]]", |n| {
        let quotas =
            each(n / 2, |i| format!("[[gateway.quota]]\nlimit = 5\ncredential = \"id-{i}\"\n"));
        scenario(format!("version = 1\n{quotas}"))
    }),
    ("[[eiam.target]]", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 4, |i| format!("[[eiam.target]]\nid = \"idp_{i}\"\n"))
        ))
    }),
    ("[[eiam.job]] of as many targets", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 4, |i| format!("[[eiam.job]]\nTargetId = \"idp_{i}\"\n"))
        ))
    }),
    ("[[eiam.job]] of a type", |n| {
        let jobs = each(n / 8, |_| "[[eiam.job]]\nTargetType = \"application\"\n".to_owned());
        let targets =
            each(n / 8, |i| format!("[[eiam.target]]\nid = \"app_{i}\"\ntype = \"application\"\n"));
        scenario(format!("version = 1\n{jobs}{targets}"))
    }),
    ("[[dts.job]]", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 4, |i| format!("[[dts.job]]\nSynchronizationJobId = \"dts{i}\"\n"))
        ))
    }),
    ("[[dts.job]] of one id", |n| {
        scenario(format!(
            "version = 1\n{}",
            "[[dts.job]]\nSynchronizationJobId = \"dtsa\"\n".repeat(n / 4)
        ))
    }),
    ("[[dts.tag]]", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 4, |i| format!("[[dts.tag]]\nKey = \"k{i}\"\n"))
        ))
    }),
    ("[[dts.tag]] of one key", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 4, |i| format!("[[dts.tag]]\nKey = \"k\"\nValue = \"{i}\"\n"))
        ))
    }),
    ("directions of one job", |n| {
        scenario(format!(
            "version = 1\n[[dts.job]]\n{}",
            each(n / 4, |_| {
                "[[dts.job.SynchronizationDirectionInfoList]]\nSynchronizationDirection = \"Forward\"\n".to_owned()
            })
        ))
    }),
    ("[[authing.task]]", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 32, |i| format!("[[authing.task]]\nsyncTaskId = {}\n", i + 1))
        ))
    }),
    ("[[authing.task]] of one id", |n| {
        scenario(format!("version = 1\n{}", "[[authing.task]]\nsyncTaskId = 7\n".repeat(n / 4)))
    }),
    ("[[authing.job]]", |n| {
        scenario(format!("version = 1\n{}", "[[authing.job]]\n".repeat(n / 4)))
    }),
    ("[[authing.job]] of as many tasks", |n| {
        let tasks = each(n / 32, |i| format!("[[authing.task]]\nsyncTaskId = {}\n", i + 1));
        scenario(format!(
            "version = 1\n{tasks}{}",
            each(n / 32, |i| format!("[[authing.job]]\nsyncTaskId = {}\n", i + 1))
        ))
    }),
    ("[[drs.job]]", |n| scenario(format!("version = 1\n{}", "[[drs.job]]\n".repeat(n / 4)))),
    ("[[drs.job]] of as many users", |n| {
        let users = list((n / 16).min(9_000), |i| format!("\"user-{i}\""));
        let tenant = format!("[[drs.tenant]]\ndomain_name = \"d\"\nuser_names = [{users}]\n");
        scenario(format!(
            "version = 1\n{tenant}{}",
            "[[drs.job]]\ndomain_name = \"d\"\n".repeat(n / 16)
        ))
    }),
    ("[[oms.task]]", |n| {
        scenario(format!("version = 1\n{}", "[[oms.task]]\nsrc_bucket = \"b\"\n".repeat(n / 8)))
    }),
    ("[[iam.project]]", |n| {
        scenario(format!(
            "version = 1\n{}",
            each(n / 2, |i| format!("[[iam.project]]\nid = \"{i:032x}\"\nname = \"region-{i}\"\n"))
        ))
    }),
    ("a long path of states", |n| {
        scenario(format!(
            "version = 1\n[eiam.created]\npaths = [[{}]]\n",
            list(n, |_| "\"pendign\"".to_owned())
        ))
    }),
    ("keys of one table", |n| {
        scenario(format!("version = 1\n[drs.jobs]\n{}", each(n, |i| format!("cuont{i} = 1\n"))))
    }),
    ("tables that do not exist", |n| {
        scenario(format!("version = 1\n{}", each(n, |i| format!("[drss.t{i}]\n"))))
    }),
    ("a long key", |n| scenario(format!("version = 1\n{} = 1\n", "count".repeat(n)))),
    ("a long text", |n| scenario(format!("version = 1\nlanguage = \"{}\"\n", "zh_CN".repeat(n)))),
    ("a long line", |n| scenario(format!("version = 1\nname = [{}]", "1,".repeat(n)))),
    ("many lines that are no TOML", |n| scenario("nothing\n".repeat(n))),
    ("a key given again and again", |n| {
        scenario(format!("version = 1\n{}", "seed = 1\n".repeat(n)))
    }),
    ("headers that are not closed", |n| scenario(format!("version = 1\n{}", "[drs\n".repeat(n)))),
    ("brackets that are not closed", |n| scenario(format!("version = 1\na = {}", "[".repeat(n)))),
    ("statements that are not closed", |n| {
        scenario(format!("version = 1\n{}", "a = [\n".repeat(n)))
    }),
    ("a dotted key", |n| scenario(format!("version = 1\n{}a = 1\n", "a.".repeat(n)))),
    ("a dotted header", |n| scenario(format!("version = 1\n[{}a]\n", "a.".repeat(n)))),
    ("quotes", |n| scenario(format!("version = 1\nname = {}\n", "\"".repeat(n)))),
    ("comments", |n| scenario(format!("version = 1\n{}", "# [ \"\n".repeat(n)))),
];

/// That many changes of a new world, each given with its number.
fn changes(
    count: usize,
    settings: &'static [&'static str],
    change: fn(&InProcess, usize),
) -> Box<dyn FnMut()> {
    Box::new(move || {
        let world = world(settings);
        (0..count).for_each(|number| change(&world, number));
    })
}

fn succeed(world: &InProcess, method: Method, target: &str, body: &str) {
    let answer = world.answer(&asked(method, target, &[JSON], body.to_owned()));
    assert!(answer.status().is_success(), "{target}: {:?}", answer.body());
}

fn get_verified(parameter: &str, value: &str) -> Box<dyn FnMut()> {
    let query =
        format!("{EIAM}{}", V1.replace("AccessKeyId=testid", &format!("{parameter}={value}")));
    answering(world(&[VERIFIED]), asked(Method::GET, &query, &[], String::new()))
}

/// The least CPU time of some runs; of one run, if that takes very long.
fn cost(make: Make, size: usize, runs: usize) -> Duration {
    let mut work = make(size);
    let mut least = cpu_time::of(&mut *work);
    for _ in 1..runs {
        if least < Duration::from_secs(1) {
            least = least.min(cpu_time::of(&mut *work));
        }
    }
    least
}

/// The size that is large enough to be measured, and what it costs.
fn measurable(make: Make) -> Option<(usize, Duration)> {
    let smallest = cost(make, 32, 3);
    let mut size = 128;
    while size * 4 <= MAX_SIZE {
        let taken = cost(make, size, 2);
        if taken >= MEASURABLE && taken >= smallest * ABOVE_SMALLEST {
            return Some((size, taken));
        }
        size *= 2;
    }
    None
}

#[test]
fn every_family_is_answered() {
    for (_, make) in FAMILIES {
        make(64)();
    }
}

#[test]
#[ignore = "measures CPU time: run it alone"]
fn cost_grows_as_the_input_does() {
    let mut grown = Vec::new();
    let wanted = std::env::var("SYNCMOCK_FUZZ_FAMILY").unwrap_or_default();
    for (name, make) in FAMILIES.iter().filter(|(name, _)| name.contains(&wanted)) {
        let Some((size, _)) = measurable(*make) else {
            println!("{name:<60} under {MEASURABLE:?} up to {MAX_SIZE}");
            continue;
        };
        let (one, four) = (cost(*make, size, 3), cost(*make, size * 4, 2));
        let ratio = four.as_secs_f64() / one.as_secs_f64();
        println!("{name:<60} {size:>7} {one:>10.1?}  four times that {four:>10.1?}  {ratio:>5.1}");
        if ratio > ALLOWED {
            grown.push(format!("{name}: {size} cost {one:?}, {} cost {four:?}", size * 4));
        }
    }
    assert!(grown.is_empty(), "cost grew faster than the input:\n{}", grown.join("\n"));
}
