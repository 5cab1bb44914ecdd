//! What mutations start from: real requests, shipped scenarios, exported states.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::Value;
use syncmock::embed::{Builder, InProcess};

pub(crate) struct Corpus {
    /// As text: a line with method and target, the headers, an empty line, the body.
    pub(crate) requests: Vec<Vec<u8>>,
    /// The same, of the control API.
    pub(crate) control: Vec<Vec<u8>>,
    /// In TOML.
    pub(crate) scenarios: Vec<Vec<u8>>,
    /// In JSON.
    pub(crate) states: Vec<Vec<u8>>,
    pub(crate) words: Vec<Vec<u8>>,
}

/// The instant of the captures.
const NOW: &str = "2026-11-21T21:20:00Z";

impl Corpus {
    pub(crate) fn read() -> Self {
        let mut corpus = Self {
            requests: requests(),
            control: CONTROL.iter().map(|text| text.as_bytes().to_vec()).collect(),
            scenarios: scenarios(),
            states: Vec::new(),
            words: Vec::new(),
        };
        corpus.states = corpus.export_states();
        let texts = [&corpus.requests, &corpus.control, &corpus.scenarios, &corpus.states];
        let words: BTreeSet<Vec<u8>> =
            texts.into_iter().flatten().flat_map(|text| words(text)).collect();
        corpus.words = words.into_iter().collect();
        corpus
    }

    /// The keys of the captures are known, and their dates are near enough.
    pub(crate) fn world(&self, mode: &str) -> InProcess {
        let builder = Builder::new().now(NOW).frozen();
        let builder = builder.set(format!("gateway.credentials={mode:?}"));
        let builder = builder.set("gateway.clock_skew=\"1000d\"").set(CREDENTIALS);
        let builder = SETTINGS.iter().fold(builder, |builder, setting| builder.set(*setting));
        builder.in_process().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The states of a world that all captured requests have changed.
    fn export_states(&self) -> Vec<Vec<u8>> {
        let state = |requests: &[Vec<u8>]| {
            let world = self.world("open");
            for text in requests {
                world.answer(&request(text));
            }
            world.answer(&request(b"GET /_syncmock/state\n\n")).into_body().to_vec()
        };
        let half = self.requests.len() / 2;
        vec![state(&[]), state(&self.requests), state(&self.requests[half..])]
    }
}

/// The keys that the captures are signed with.
const CREDENTIALS: &str = r#"credentials=[
    { id = "testid", secret = "testsecret" },
    { id = "tempid", secret = "tempsecret", session_token = "STS.token-of-tempid" },
    { id = "inactive", secret = "inactivesecret", state = "inactive" },
    { id = "limited", secret = "limitedsecret", operations = ["eiam:*"] }]"#;

/// Something of each kind, so that requests find it.
const SETTINGS: &[&str] = &[
    r#"dts.job=[{ SynchronizationJobId = "dtsexjk1alb116abcd" }, { path = ["Prechecking 2 looks", "Synchronizing"] }]"#,
    r#"authing.task=[{ syncTaskId = 1000, syncFlow = "downstream" }]"#,
    r#"drs.job=[{ async_job_id = "bd4193aa-072d-4ce6-beec-adffc7252341" }]"#,
    r#"fault=[{ on = { call = "every 7" }, do = { garble = "json" } }]"#,
];

const CONTROL: &[&str] = &[
    "GET /_syncmock/health\n\n",
    "GET /_syncmock/clock\n\n",
    "PUT /_syncmock/clock\n\n{\"now\":\"2026-03-01T08:00:00Z\",\"speed\":60}",
    "PUT /_syncmock/clock\n\n{\"speed\":\"frozen\"}",
    "POST /_syncmock/clock/advance\n\n{\"by\":\"5m\"}",
    "GET /_syncmock/refusals\n\n",
    "GET /_syncmock/faults\n\n",
    "PUT /_syncmock/faults\n\n{\"faults\":[{\"on\":{\"call\":\"3\"},\"do\":{\"status\":503}}]}",
    "PUT /_syncmock/faults\n\n{\"faults\":[{\"name\":\"slow\",\"on\":{\"service\":\"drs\",\
     \"ratio\":\"1/20\",\"from\":\"2026-03-01T08:00:00Z\",\"page\":\"later\"},\
     \"do\":{\"delay\":{\"median\":\"1s\",\"p99\":\"9s\"},\"cut\":\"mid-body\",\"by\":\"close\"}},\
     {\"on\":{\"credential\":\"testid\",\"call\":\"2..4\"},\"do\":{\"refuse\":\"Throttling.User\",\
     \"retry_after\":\"2s\"}},{\"do\":{\"drip\":\"1 KB/s\",\"stall\":\"3s\",\"garble\":\"utf8\"}}]}",
    "POST /_syncmock/reset\n\n",
    "GET /_syncmock/files/eiam/report.csv?x=1\n\n",
    "GET /_syncmock/nothing\nhost: 127.0.0.1\norigin: http://evil.example\n\n",
];

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|found| found == extension));
    found.sort();
    found
}

/// The captures of the SDKs, and the requests of clients that sign wrongly.
fn requests() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for service in ["authing", "drs", "dts", "eiam", "iam", "oms"] {
        for path in files(&Path::new("fixtures").join(service).join("requests"), "http") {
            let text = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
            let mut parts: Vec<&str> = text.split("\n### ").collect();
            // A file of several requests begins with comments and titles each of them.
            if parts.len() > 1 {
                let titled = parts.drain(1..);
                parts = titled.filter_map(|part| Some(part.split_once('\n')?.1)).collect();
            }
            found.extend(parts.iter().map(|part| part.trim_end().as_bytes().to_vec()));
        }
    }
    for path in files(Path::new("fixtures/wrong-signers"), "json") {
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for case in cases.as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let mut request = format!("{} {}\n", text(&case["method"]), text(&case["uri"]));
            for header in case["headers"].as_array().into_iter().flatten() {
                request += &format!("{}: {}\n", text(&header[0]), text(&header[1]));
            }
            found.push(format!("{request}\n{}", text(&case["body"])).into_bytes());
        }
    }
    assert!(found.len() > 100, "the fixtures have requests");
    // As many headers as a server reads: a shift by their number once overflowed.
    let names = ["x-authing-", "x-acs-", "x-sdk-"].iter().cycle().zip(0..90);
    let headers: String = names.map(|(prefix, number)| format!("{prefix}{number}: a\n")).collect();
    found.extend(MANY_HEADERS.iter().map(|first| format!("{first}{headers}\n").into_bytes()));
    found
}

/// Signed wrongly, in each vendor's way.
const MANY_HEADERS: [&str; 3] = [
    "GET /api/v3/list-sync-tasks?page=1\nauthorization: authing testid:AAAA\n\
     x-authing-signature-method: HMAC-SHA1\ndate: Sat, 21 Nov 2026 21:20:00 GMT\n",
    "POST /?Action=ListInstances&Version=2021-12-01\nauthorization: ACS3-HMAC-SHA256 \
     Credential=testid,SignedHeaders=host;x-acs-1;x-acs-4,Signature=00\n",
    "GET /v5/1/jobs\nx-sdk-date: 20261121T212000Z\nauthorization: SDK-HMAC-SHA256 Access=testid, \
     SignedHeaders=host;x-sdk-2;x-sdk-date, Signature=00\n",
];

/// The shipped ones, and one that has something of each table in it.
fn scenarios() -> Vec<Vec<u8>> {
    let shipped = files(Path::new("scenarios"), "toml");
    let mut found: Vec<Vec<u8>> = shipped.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let settings: String = SETTINGS.iter().map(|text| format!("{text}\n")).collect();
    let one_line = |text: &str| text.replace('\n', " ");
    let dotted = settings.lines().map(|line| format!("{}\n", one_line(line))).collect::<String>();
    found.push(format!("version = 1\n{}\n{dotted}", one_line(CREDENTIALS)).into_bytes());
    found.push(EVERYTHING.as_bytes().to_vec());
    found
}

const EVERYTHING: &str = r#"version = 1
name = "everything"
seed = 7
language = "en"
[clock]
start = 2026-03-01T18:00:00Z
speed = 0
[gateway]
credentials = "verified"
clock_skew = "15m"
quota = [{ service = "drs", operation = "ShowJobList", limit = 5, window = "1s" }]
[[credentials]]
id = "testid"
secret = "testsecret"
operations = ["eiam:*", "dts:DescribeSynchronizationJobs"]
[[fault]]
name = "slow"
on = { service = "eiam", call = "every 10", ratio = "1/20" }
do = { delay = { median = "1s", p99 = "9s" } }
[eiam]
instance_id = "idaas_ue2jvisn35ea5lmthk267xyzab"
[eiam.jobs]
count = 250
every = "5m"
outcomes = { success = 90, partial_success = 6, failed = 4 }
duration = { median = "40s", p99 = "15m" }
[[eiam.job]]
SynchronizationJobId = "sync_0000347vjovtcf41li0fgsd98gn24q9njabcd"
Status = "partial_success"
[[dts.tag]]
Key = "env"
Value = "production"
weight = 5
[[dts.job]]
SynchronizationJobId = "dtsexjk1alb116abcd"
SynchronizationDirectionInfoList = [{ SynchronizationDirection = "Forward", Status = "Failed" }]
[authing.created]
paths = [["pending 2 looks", "onProgress 20s", "success"]]
[[authing.task]]
syncTaskId = 1000
[[drs.job]]
status = "COMMIT_SUCCESS"
[[oms.task]]
status = "STOPPED"
"#;

/// Letters, digits and what stands inside names.
fn words(text: &[u8]) -> Vec<Vec<u8>> {
    let is_in_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let words = text.split(|byte| !is_in_word(byte));
    words.filter(|word| (2..48).contains(&word.len())).map(<[u8]>::to_vec).collect()
}

/// Reads a text as a request, whatever it is: what HTTP cannot carry is left out, as a server's
/// parser would have refused it.
pub(crate) fn request(text: &[u8]) -> Request<Bytes> {
    let end = text.windows(2).position(|pair| pair == b"\n\n").unwrap_or(text.len());
    let (head, body) = (&text[..end], text.get(end + 2..).unwrap_or_default());
    let mut lines = head.split(|&byte| byte == b'\n');
    let mut first = lines.next().unwrap_or_default().split(|&byte| byte == b' ');
    let method = first.next().and_then(|name| Method::from_bytes(name).ok()).unwrap_or_default();
    let target = uri(first.next().unwrap_or_default());
    let mut request = Request::new(Bytes::copy_from_slice(body));
    (*request.method_mut(), *request.uri_mut()) = (method, target);
    for line in lines.take(100) {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { continue };
        let name = HeaderName::from_bytes(line[..colon].trim_ascii());
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            request.headers_mut().append(name, value);
        }
    }
    request
}

/// A target; bytes that none can have are escaped.
fn uri(target: &[u8]) -> Uri {
    let mut text = String::new();
    if target.first() != Some(&b'/') {
        text.push('/');
    }
    for &byte in target {
        match byte {
            b'!'..=b'~' if !b"\"<>\\^`{|}#".contains(&byte) => text.push(byte.into()),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text.truncate(65_000);
    text.parse().unwrap_or_else(|_| Uri::from_static("/"))
}
