//! What a refused request may cost grows with its size, and what is kept of it does not.

use serde_json::Value;

use crate::core_tests::asking::plan;
use crate::engine::diagnosis::{MAX_EXPLAINED, TOO_LARGE};
use crate::engine::{Answer, respond_first};
use crate::wire::Request;
use crate::world::time::Timestamp;

fn entries(corpus: &str) -> Vec<Value> {
    serde_json::from_str(corpus).unwrap()
}

/// A request of a client that signs wrongly, with that body, and its instant.
fn signed_wrongly(entry: &Value, body: String) -> (Request, Timestamp) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut request = http::Request::builder().method(&*text(&entry["method"]));
    request = request.uri(text(&entry["uri"]));
    for pair in entry["headers"].as_array().unwrap() {
        request = request.header(text(&pair[0]), text(&pair[1]));
    }
    let now = match &entry["now"] {
        Value::Number(millis) => millis.as_i64().unwrap(),
        at => text(at).parse::<jiff::Timestamp>().unwrap().as_millisecond(),
    };
    let mut request = request.body(body.into()).unwrap();
    // V1 signs the parameters of a form.
    let form = "application/x-www-form-urlencoded".parse().unwrap();
    request.headers_mut().entry("content-type").or_insert(form);
    (request, Timestamp::from_millis(now))
}

/// All that is shown of a refusal: in the answer, in the log, in the list of refusals.
fn shown(answer: &Answer) -> usize {
    let headers = answer.reply.headers().values().map(|value| value.len());
    let refused = answer.refused.as_ref().unwrap();
    let diagnosis = format!("{:?} {:?}", refused.hint, refused.diagnosis);
    headers.sum::<usize>() + answer.reply.body().len() + diagnosis.len()
}

const CORPORA: [&str; 3] = [
    include_str!("../../fixtures/wrong-signers/alibaba.json"),
    include_str!("../../fixtures/wrong-signers/authing.json"),
    include_str!("../../fixtures/wrong-signers/huawei.json"),
];

/// A diagnosis tries combinations of what a client sent, and the client chooses how many there are.
#[test]
fn a_wrong_signature_over_however_many_headers_and_parameters_is_refused_by_each_vendor() {
    let plan = plan("default", &["gateway.credentials=verified"]);
    for (entry, count) in CORPORA
        .into_iter()
        .flat_map(entries)
        .flat_map(|entry| [1, 7, 8, 63, 64, 65, 90].map(|count| (entry.clone(), count)))
    {
        let (mut request, now) = signed_wrongly(&entry, String::new());
        let mut signed = String::new();
        for number in 0..count {
            for prefix in ["x-authing-", "x-acs-", "x-sdk-"] {
                let name: http::HeaderName = format!("{prefix}{number}").parse().unwrap();
                signed.push_str(&format!(";{name}"));
                request.headers_mut().append(name, "a".parse().unwrap());
            }
        }
        // Alibaba's V3 and Huawei's scheme sign the headers that they name.
        if let Some(credentials) = request.headers_mut().get_mut("authorization") {
            let text = credentials.to_str().unwrap().to_owned();
            if let Some((head, tail)) = text.split_once("SignedHeaders=") {
                let (names, rest) = tail.split_at(tail.find(',').unwrap_or(tail.len()));
                let longer = format!("{head}SignedHeaders={names}{signed}{rest}");
                *credentials = longer.parse().unwrap();
            }
        }
        let uri = request.uri().to_string();
        let parameters: String = (0..count).map(|number| format!("&p{number}=1")).collect();
        let mark = if uri.contains('?') { "" } else { "?" };
        *request.uri_mut() = format!("{uri}{mark}{parameters}").parse().unwrap();
        let answer = respond_first(&plan, &request, now);
        assert!(!answer.succeeded(), "{} with {count}", entry["name"]);
    }
}

#[test]
fn a_wrong_signature_of_a_large_request_is_not_explained_by_any_vendor() {
    let plan = plan("default", &["gateway.credentials=verified"]);
    for corpus in CORPORA {
        let mut unexplained = 0;
        for entry in entries(corpus) {
            let name = &entry["name"];
            let large = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_EXPLAINED));
            let (request, now) = signed_wrongly(&entry, large);
            let answer = respond_first(&plan, &request, now);
            assert!(!answer.succeeded(), "{name}");
            assert!(shown(&answer) < 4_000, "{name}: {} bytes are shown", shown(&answer));
            let diagnosis = answer.refused.and_then(|refused| refused.diagnosis);
            let Some(diagnosis) = diagnosis.filter(|d| d.cause == TOO_LARGE.0) else { continue };
            assert!(diagnosis.detail.contains("65536"), "{name}: {}", diagnosis.detail);
            unexplained += 1;
        }
        assert!(unexplained > 5, "{unexplained}");
    }
}
