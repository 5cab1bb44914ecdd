//! Tests of `credentials = "verified"`: the sheet's vectors, the captures of real SDKs, and every
//! signing mistake.

// The attribute ends what the rules of the house look at (tests/it/house.rs).
#[cfg(test)]
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use proptest::prelude::*;
use serde_json::Value;

use super::digest::Algorithm;
use super::{Alibaba, signature_v1 as v1, signature_v3 as v3, signing_mistakes};
use crate::engine::{
    Answer, Claim, Dialect, Options, Plan, QuotaAndNonceStore, WorldState, authenticate, respond,
    respond_first,
};
use crate::scenario::access::shortened;
use crate::vendors::load;
use crate::wire::error::{ApiError, CredentialProblem, Reason};
use crate::wire::{Arguments, Request, header, percent_encoded};
use crate::world::time::{MINUTE, SECOND, Timestamp};

const DATE: &str = "2026-01-02T03:04:05Z";

fn at(text: &str) -> Timestamp {
    Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn plan(more: &str) -> Box<Plan> {
    let text = format!(
        "version = 1\n{}\n[eiam.jobs]\ncount = 5\n",
        if more.contains("[gateway]") {
            more.to_owned()
        } else {
            format!("[gateway]\ncredentials = \"verified\"\n{more}")
        }
    );
    load("test", &text, &Options::default(), at(DATE)).unwrap().outcome.unwrap()
}

const KEYS: &str = "\
    [[credentials]]\nid = \"testid\"\nsecret = \"testsecret\"\n\
    [[credentials]]\nid = \"fakeAccessKeyId0001\"\nsecret = \"fakeAccessKeySecret0001\"\n\
    [[credentials]]\nid = \"otherid\"\nsecret = \"othersecret\"\n";

/// Both capture keys, once plain and once temporary.
fn temporary_keys() -> Box<Plan> {
    plan(
        "[[credentials]]\nid = \"testid\"\nsecret = \"testsecret\"\n\
         session_token = \"STS.faketoken\"\n\
         [[credentials]]\nid = \"fakeAccessKeyId0001\"\nsecret = \"fakeAccessKeySecret0001\"\n\
         session_token = \"fakeStsToken0001\"\n\
         [[credentials]]\nid = \"bearerid\"\nsecret = \"x\"\nsession_token = \"fake-bearer\"\n",
    )
}

fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut builder = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Bytes::from(body.to_owned())).unwrap()
}

fn check(plan: &Plan, request: &Request, now: Timestamp) -> Result<usize, ApiError> {
    authenticate::<Alibaba>(plan, &QuotaAndNonceStore::new(&plan.access), request, now)
}

fn problem(outcome: Result<usize, ApiError>) -> CredentialProblem {
    match outcome.unwrap_err().reason {
        Reason::Credentials(problem) => problem,
        other => panic!("{other:?}"),
    }
}

fn cause(outcome: Result<usize, ApiError>) -> &'static str {
    let error = outcome.unwrap_err();
    error.diagnosis.unwrap_or_else(|| panic!("{:?}", error.reason)).cause
}

// The inputs "Q" of the sheet.
const Q: &str = "Direction=ingress&InstanceId=idaas_ue2jvisn35ea5lmthk267xxxxx&MaxResults=20&\
                 NextToken=NT%2Ba%2Fb%3Dc+d~*%C3%A9&TargetIds.1=idp_111xxxx&\
                 TargetIds.2=idp_222xxxx&TargetType=identity_provider";
const NONCE: &str = "0123456789abcdef0123456789abcdef";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn v1_common(format: &str, signature: &str) -> String {
    format!(
        "Action=ListSynchronizationJobs&Format={format}&Version=2021-12-01&\
         Timestamp=2026-01-02T03%3A04%3A05Z&SignatureNonce={NONCE}&SignatureMethod=HMAC-SHA1&\
         SignatureVersion=1.0&AccessKeyId=testid&Signature={}",
        percent_encoded(signature)
    )
}

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

#[test]
fn the_vectors_of_v1_verify_in_query_form_or_both() {
    let plain = plan(KEYS);
    let post = v1_common("json", "hRDf8Bvf2DSeI8YTlzftyYZOZuQ=");
    for request in [
        request("POST", &format!("/?{post}&{Q}"), &[], ""),
        request("POST", "/", &[FORM], &format!("{Q}&{post}")),
        request("POST", &format!("/?{post}"), &[FORM], Q),
        request("POST", &format!("/?{Q}"), &[FORM], &post),
    ] {
        assert_eq!(check(&plain, &request, at(DATE)), Ok(0));
    }
    let get = v1_common("json", "/g5E52mQp8ACwux18IbCkcuheXc=");
    assert_eq!(check(&plain, &request("GET", &format!("/?{get}&{Q}"), &[], ""), at(DATE)), Ok(0));
    let sts = v1_common("json", "SSzvIZ6HSN3vvO2PTJ1YZFfL54c=");
    let sts = request("POST", &format!("/?{sts}&{Q}&SecurityToken=STS.faketoken"), &[], "");
    assert_eq!(check(&temporary_keys(), &sts, at(DATE)), Ok(0));
    let legacy = v1_common("JSON", "3cvw7oVB6Bj2oFvXrbHHyIqZp4c=");
    let uri = format!("/?{legacy}&{Q}&SignatureType=&RegionId=cn-hangzhou");
    let legacy = request("POST", &uri, &[], "");
    assert_eq!(check(&plain, &legacy, at(DATE)), Ok(0));
    assert_eq!(
        v1::Material::from_request(&legacy).string_to_sign(&v1::Signer::correct()),
        "POST&%2F&AccessKeyId%3Dtestid%26Action%3DListSynchronizationJobs%26Direction%3Dingress\
         %26Format%3DJSON%26InstanceId%3Didaas_ue2jvisn35ea5lmthk267xxxxx%26MaxResults%3D20\
         %26NextToken%3DNT%252Ba%252Fb%253Dc%2520d~%252A%25C3%25A9%26RegionId%3Dcn-hangzhou\
         %26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D0123456789abcdef0123456789abcdef\
         %26SignatureType%3D%26SignatureVersion%3D1.0%26TargetIds.1%3Didp_111xxxx\
         %26TargetIds.2%3Didp_222xxxx%26TargetType%3Didentity_provider\
         %26Timestamp%3D2026-01-02T03%253A04%253A05Z%26Version%3D2021-12-01"
    );
}

#[test]
fn the_published_examples_verify() {
    let v1_request = request(
        "GET",
        "/?Action=DescribeRegions&Version=2014-05-26&Format=XML&AccessKeyId=testid&\
         SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&Timestamp=2016-02-23T12%3A46%3A24Z&\
         SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Signature=x",
        &[],
        "",
    );
    let signer = v1::Signer::correct();
    let text = v1::Material::from_request(&v1_request).string_to_sign(&signer);
    assert_eq!((signer.sign)("testsecret&", &text), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");

    let v3_request = request(
        "POST",
        "/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
        &[
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-action", "RunInstances"),
            ("x-acs-version", "2014-05-26"),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-content-sha256", EMPTY),
        ],
        "",
    );
    let authorization = v3::Authorization {
        algorithm: Algorithm::Sha256,
        signed_headers: "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;\
                         x-acs-version",
        signature: "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
    };
    let signer = v3::Signer::correct();
    let text =
        v3::Material::from_request(&v3_request, authorization).unwrap().string_to_sign(&signer);
    let right = (signer.sign)(Algorithm::Sha256, "YourAccessKeySecret", &text);
    assert_eq!(right, authorization.signature);
}

/// With the headers common to all of V3; others come before or after, as their names do.
fn v3_request(
    method: &str,
    uri: &str,
    host: &str,
    more: &[(&str, &str)],
    body: (&str, &str),
    signature: &str,
) -> Request {
    let mut headers = vec![
        ("host", host),
        ("x-acs-action", "ListSynchronizationJobs"),
        ("x-acs-version", "2021-12-01"),
        ("x-acs-date", DATE),
        ("x-acs-signature-nonce", NONCE),
        ("x-acs-content-sha256", body.1),
    ];
    headers.extend(more);
    let mut names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let authorization = format!(
        "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders={},Signature={signature}",
        names.join(";")
    );
    headers.push(("authorization", &authorization));
    request(method, uri, &headers, body.0)
}

const HOST: &str = "eiam.cn-hangzhou.aliyuncs.com";
const V3_A: &str = "719a71a21832c57aa1d8592a9f4634806fe397f45ac0a4d0d03f8f2eb1c325b2";

fn v3_a() -> Request {
    v3_request("POST", &format!("/?{Q}"), HOST, &[], ("", EMPTY), V3_A)
}

#[test]
fn the_vectors_of_v3_verify() {
    let plain = plan(KEYS);
    let uri = format!("/?{Q}");
    assert_eq!(check(&plain, &v3_a(), at(DATE)), Ok(0));
    // Let in: it is the service that does not know the token.
    assert_eq!(code(&respond_first(&plain, &v3_a(), at(DATE))), "InvalidNextToken");
    let b = v3_request(
        "POST",
        &uri,
        HOST,
        &[("accept", "application/json"), ("user-agent", "syncmock-test/1.0")],
        ("", EMPTY),
        "4c104c46dfd79bea1cefb79d880b062422974b30dc0e7d7e93c10371c758610a",
    );
    assert_eq!(check(&plain, &b, at(DATE)), Ok(0));
    let c = v3_request(
        "POST",
        &uri,
        HOST,
        &[("x-acs-accesskey-id", "testid"), ("x-acs-security-token", "STS.faketoken")],
        ("", EMPTY),
        "1712b0c608873279a0f45621ddcfcac3bfcc61f1ff148850d8bc48a7f5b8e454",
    );
    assert_eq!(check(&temporary_keys(), &c, at(DATE)), Ok(0));
    let d = v3_request(
        "POST",
        "/",
        "127.0.0.1:8080",
        &[("content-type", "application/x-www-form-urlencoded")],
        (
            "InstanceId=idaas_ue2jvisn35ea5lmthk267xxxxx&NextToken=NT%2Ba%2Fb%3Dc+d~%2A%C3%A9&\
             TargetIds.1=idp_111xxxx&TargetIds.2=idp_222xxxx",
            "da90992d55b5454db97bf83fec8b2855612b8b0542c17edad79840dc73e6e72e",
        ),
        "6ce0e25a87a11fe9b06196d6eba5d34ddf3fbf457a0af949e13a304784840c32",
    );
    assert_eq!(check(&plain, &d, at(DATE)), Ok(0));
    let e = v3_request(
        "GET",
        &uri,
        HOST,
        &[],
        ("", EMPTY),
        "9890889ddcd2a6768ff64adf59308029e5618a06d6b4b7a121bc37f00475e3de",
    );
    assert_eq!(check(&plain, &e, at(DATE)), Ok(0));
}

/// Signed here, as no SDK was seen to; both spellings of the header that has the hash.
#[test]
fn sm3_verifies_and_rsa_and_roa_are_refused_by_name() {
    let plain = plan(KEYS);
    for name in ["x-acs-content-sha256", "x-acs-content-sm3"] {
        let hash = Algorithm::Sm3.hash(b"");
        let list =
            format!("host;x-acs-action;{name};x-acs-date;x-acs-signature-nonce;x-acs-version");
        let signed = |signature: &str| {
            let authorization = format!(
                "ACS3-HMAC-SM3 Credential=testid,SignedHeaders={list},Signature={signature}"
            );
            request(
                "POST",
                "/",
                &[
                    ("host", HOST),
                    ("x-acs-action", "ListSynchronizationJobs"),
                    ("x-acs-version", "2021-12-01"),
                    ("x-acs-date", DATE),
                    ("x-acs-signature-nonce", NONCE),
                    (name, &hash),
                    ("authorization", &authorization),
                ],
                "",
            )
        };
        let claimed =
            v3::Authorization { algorithm: Algorithm::Sm3, signed_headers: &list, signature: "" };
        let material = v3::Material::from_request(&signed("0"), claimed).unwrap();
        let text = material.string_to_sign(&v3::Signer::correct());
        assert!(text.starts_with("ACS3-HMAC-SM3\n"));
        let right = Algorithm::Sm3.hex_mac("testsecret", &text);
        assert_eq!(check(&plain, &signed(&right), at(DATE)), Ok(0));
        assert_eq!(cause(check(&plain, &signed("00"), at(DATE))), "wrong-secret");
    }
    // GB/T 32905-2016, example 1
    let abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
    assert_eq!(Algorithm::Sm3.hash(b"abc"), abc);

    for authorization in [
        "ACS3-RSA-SHA256 Credential=testid,SignedHeaders=host,Signature=00",
        "acs testid:c2lnbmF0dXJl",
    ] {
        let mut request = v3_a();
        request
            .headers_mut()
            .insert("authorization", HeaderValue::from_str(authorization).unwrap());
        let error = check(&plain, &request, at(DATE)).unwrap_err();
        assert_eq!(error.reason, Reason::Credentials(CredentialProblem::UnknownMethod));
        assert_eq!(error.diagnosis.unwrap().cause, "unsupported-algorithm");
    }
}

fn captures() -> Vec<(String, Request)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files: Vec<PathBuf> = ["eiam/requests", "dts/requests"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "http"))
        .collect();
    files.sort();
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), capture(&std::fs::read(path).unwrap()))).collect()
}

fn capture(bytes: &[u8]) -> Request {
    let text = std::str::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let mut start = lines.next().unwrap().split(' ');
    let (method, uri) = (start.next().unwrap(), start.next().unwrap());
    let headers: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    let whole = request(method, uri, &headers, body);
    let length = header(&whole, "content-length").map(|length| length.parse().unwrap());
    let kept = &body[..length.unwrap_or(body.len())];
    request(method, uri, &headers, kept)
}

fn sent_at(request: &Request) -> Timestamp {
    let arguments = Arguments::of(request);
    at(header(request, "x-acs-date").or(arguments.text("Timestamp")).unwrap())
}

fn is_temporary(request: &Request) -> bool {
    ["x-acs-security-token", "x-acs-bearer-token"].iter().any(|n| header(request, n).is_some())
}

#[test]
fn what_real_sdks_sent_verifies() {
    let (plain, temporary) = (plan(KEYS), temporary_keys());
    let captures = captures();
    assert!(captures.len() >= 35, "{}", captures.len());
    let mut signed = 0;
    for (name, request) in captures {
        let plan = if is_temporary(&request) { &temporary } else { &plain };
        let key = check(plan, &request, sent_at(&request));
        let id = &plan.access.keys[key.unwrap_or_else(|r| panic!("{name}: {r:?}"))].id;
        let named = Arguments::of(&request).text("AccessKeyId").map(str::to_owned).or_else(|| {
            header(&request, "authorization")
                .map(|fields| fields.split_once(' ').unwrap().1)
                .and_then(|fields| crate::wire::field(fields, "Credential").map(str::to_owned))
        });
        signed += usize::from(named.is_some());
        assert_eq!(*id, named.unwrap_or_else(|| "bearerid".into()), "{name}");
    }
    assert!(signed >= 24, "{signed}");
}

/// Everything that is signed, as (where, text): a name or value of the query or form, decoded;
/// the value of a signed header; the method; the signature.
#[derive(Clone, Debug)]
enum Part {
    Method,
    Query(usize, bool),
    Form(usize, bool),
    Header(String),
    Authorization,
}

fn parts(request: &Request) -> Vec<Part> {
    let mut parts = vec![Part::Method];
    let both = |n: usize, part: fn(usize, bool) -> Part| {
        (0..n).flat_map(move |i| [part(i, true), part(i, false)])
    };
    parts.extend(both(v1::query(request).len(), Part::Query));
    parts.extend(both(v1::form(request).len(), Part::Form));
    if let Some(authorization) = header(request, "authorization") {
        let names = crate::wire::field(authorization, "SignedHeaders").unwrap();
        parts.extend(names.split(';').map(|name| Part::Header(name.to_owned())));
        parts.push(Part::Authorization);
    }
    parts
}

/// None if the result cannot be sent, or has nothing to flip.
fn flipped(request: &Request, part: &Part, at: usize) -> Option<Request> {
    let flip = |text: &[u8]| {
        let bit = at.checked_rem(text.len() * 8)?;
        let mut bytes = text.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        Some(bytes)
    };
    let encode = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs = |pairs: v1::Pairs, place: usize, name: bool| {
        let mut coded: Vec<[Vec<u8>; 2]> =
            pairs.into_iter().map(|(n, v)| [n.into_bytes(), v.into_bytes()]).collect();
        let text = &mut coded[place][usize::from(!name)];
        *text = flip(text)?;
        let pair = |[name, value]: &[Vec<u8>; 2]| format!("{}={}", encode(name), encode(value));
        Some(coded.iter().map(pair).collect::<Vec<_>>().join("&"))
    };
    let mut other = Request::new(request.body().clone());
    *other.method_mut() = request.method().clone();
    *other.uri_mut() = request.uri().clone();
    *other.headers_mut() = request.headers().clone();
    match part {
        Part::Method => {
            let method = flip(request.method().as_str().as_bytes())?;
            *other.method_mut() = http::Method::from_bytes(&method).ok()?;
        }
        Part::Query(place, name) => {
            let query = pairs(v1::query(request), *place, *name)?;
            *other.uri_mut() = format!("/?{query}").parse().ok()?;
        }
        // V3 signs the bytes of the body unchanged.
        Part::Form(..) if header(request, "authorization").is_some() => {
            *other.body_mut() = flip(request.body())?.into();
        }
        Part::Form(place, name) => {
            *other.body_mut() = pairs(v1::form(request), *place, *name)?.into();
        }
        Part::Header(name) => {
            let value = HeaderValue::from_bytes(&flip(header(request, name)?.as_bytes())?).ok()?;
            other.headers_mut().insert(HeaderName::try_from(name).ok()?, value);
        }
        Part::Authorization => {
            let text = flip(header(request, "authorization")?.as_bytes())?;
            other.headers_mut().insert("authorization", HeaderValue::from_bytes(&text).ok()?);
        }
    }
    Some(other)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_flipped_bit_in_anything_signed_is_refused(
        which in any::<prop::sample::Index>(),
        part in any::<prop::sample::Index>(),
        bits in prop::collection::vec(any::<u16>(), 16),
    ) {
        let (plain, temporary) = (plan(KEYS), temporary_keys());
        let captures: Vec<_> =
            captures().into_iter().filter(|(_, r)| header(r, "x-acs-bearer-token").is_none()).collect();
        let (name, request) = &captures[which.index(captures.len())];
        let plan = if is_temporary(request) { &temporary } else { &plain };
        let parts = parts(request);
        let part = &parts[part.index(parts.len())];
        let store = QuotaAndNonceStore::new(&plan.access);
        for bit in bits {
            if let Some(other) = flipped(request, part, usize::from(bit)) {
                let outcome = authenticate::<Alibaba>(plan, &store, &other, sent_at(request));
                prop_assert!(outcome.is_err(), "{} {:?} {} {:?}", name, part, bit, other);
            }
        }
        prop_assert!(authenticate::<Alibaba>(plan, &store, request, sent_at(request)).is_ok());
    }

    #[test]
    fn whatever_is_sent_nothing_panics_and_nothing_is_let_in(
        authorization in prop_oneof![
            ".{0,40}",
            "(ACS3-HMAC-SHA256|ACS3-HMAC-SM3|ACS3-RSA-SHA256|acs) (Credential=testid)?,?\
             (SignedHeaders=[a-z;-]{0,20})?,?(Signature=[0-9a-zA-Z+/=]{0,70})?",
        ],
        date in prop_oneof!["\\PC{0,24}", "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"],
        raw in prop::collection::vec(any::<u8>(), 0..60),
        signature in "\\PC{0,30}",
        long in 0usize..2,
    ) {
        let plan = plan(KEYS);
        let long = "é*/ +".repeat(long * 13_000);
        let uri = format!(
            "/?Action=ListSynchronizationJobs&Version=2021-12-01&AccessKeyId=testid&a=1&a=2&a=&\
             SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=n&SignatureNonce=m&\
             Timestamp={}&Signature={}&Signature=x",
            percent_encoded(&date), percent_encoded(&signature)
        );
        let body = [b"x=", percent_encoded(&long).as_bytes(), b"&y=", &raw].concat();
        let mut request = request("POST", &uri, &[FORM], "");
        *request.body_mut() = body.into();
        prop_assert!(!respond_first(&plan, &request, at(DATE)).succeeded());
        let mut add = |name: &'static str, value: &[u8]| {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request.headers_mut().append(name, value);
            }
        };
        add("x-acs-date", date.as_bytes());
        add("x-acs-date", DATE.as_bytes());
        add("x-acs-signature-nonce", &raw);
        add("x-acs-content-sha256", &raw);
        add("host", &raw);
        add("authorization", authorization.as_bytes());
        prop_assert!(!respond_first(&plan, &request, at(DATE)).succeeded());
    }

    #[test]
    fn no_more_than_four_characters_of_a_token_secret_or_signature_are_shown(
        token in "[a-z]{4}[A-Z+/=%& *~é]{2,6}[0-9]{12}",
        secret in "[a-z]{4}[A-Z0-9]{14}",
        signature in "[a-f]{4}[0-9]{36}",
        misplaced in any::<bool>(),
    ) {
        let plan = plan(&format!(
            "[[credentials]]\nid = \"testid\"\nsecret = {secret:?}\nsession_token = {token:?}\n"
        ));
        let other = if misplaced {
            format!("&InstanceId={}&NextToken={}{}", percent_encoded(&token), percent_encoded(&secret), percent_encoded(&signature))
        } else {
            String::new()
        };
        let v1_request = request(
            "POST",
            &format!("/?{}&SecurityToken={}{other}", v1_common("JSON", &signature), percent_encoded(&token)),
            &[],
            "",
        );
        let mut requests = vec![v1_request];
        if token.is_ascii() {
            requests.push(v3_request(
                "POST",
                &format!("/?Format=JSON{other}"),
                HOST,
                &[("x-acs-security-token", &token)],
                ("", EMPTY),
                &signature,
            ));
        }
        for request in requests {
            let answer = respond_first(&plan, &request, at(DATE));
            let refused = answer.refused.as_ref().unwrap();
            prop_assert_eq!(&refused.code, "SignatureDoesNotMatch");
            let hint = header_of(&answer.reply, "x-syncmock-hint");
            let shown = format!(
                "{}\n{:?}\n{:?}\n{hint}",
                String::from_utf8_lossy(answer.reply.body()), refused.diagnosis, refused.hint
            );
            // The tails are enough: they do not depend on the encoding.
            for text in [&token[token.len() - 12..], &secret[4..], &signature[4..]] {
                prop_assert!(!shown.contains(text), "{text} in {shown}");
            }
            prop_assert!(shown.contains(&shortened(&token)[..4]));
        }
    }
}

fn code(answer: &Answer) -> &str {
    answer.refused.as_ref().map(|refused| refused.code.as_str()).unwrap_or_default()
}

fn header_of(reply: &crate::wire::Reply, name: &str) -> String {
    reply.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[test]
fn every_character_of_the_signature_counts() {
    let plain = plan(KEYS);
    // The last digits of this Base64 differ in bits that carry nothing.
    for signature in [
        "hRDf8Bvf2DSeI8YTlzftyYZOZuR=",
        "hRDf8Bvf2DSeI8YTlzftyYZOZuQ",
        "hRDf8Bvf2DSeI8YTlzftyYZOZuQ==",
        "hRDf8Bvf2DSeI8YTlzftyYZOZuQ=\n",
        "=",
    ] {
        let uri = format!("/?{}&{Q}", v1_common("json", signature));
        let outcome = check(&plain, &request("POST", &uri, &[], ""), at(DATE));
        assert!(matches!(problem(outcome), CredentialProblem::SignatureMismatch(_)));
    }
    let upper = v3_request("POST", &format!("/?{Q}"), HOST, &[], ("", EMPTY), &V3_A.to_uppercase());
    assert_eq!(cause(check(&plain, &upper, at(DATE))), "hex-case");
}

#[test]
fn a_header_that_is_added_or_sent_twice_is_refused() {
    let plain = plan(KEYS);
    let mut request = v3_a();
    request.headers_mut().append("x-acs-retry-attempts", HeaderValue::from_static("1"));
    assert_eq!(cause(check(&plain, &request, at(DATE))), "header-not-signed");
    let mut request = v3_a();
    request.headers_mut().append("x-acs-action", HeaderValue::from_static("Other"));
    assert!(check(&plain, &request, at(DATE)).is_err());
    // Unsigned headers may be added: aiohttp does so.
    let mut request = v3_a();
    let kind = HeaderValue::from_static("application/octet-stream");
    request.headers_mut().append("content-type", kind);
    assert_eq!(check(&plain, &request, at(DATE)), Ok(0));
    let mut request = v3_a();
    request.headers_mut().remove("host");
    assert_eq!(cause(check(&plain, &request, at(DATE))), "header-signed-not-sent");
}

#[test]
fn a_header_cannot_change_the_action_of_a_v1_request() {
    let plain = plan(KEYS);
    let uri = format!("/?{}&{Q}", v1_common("json", "hRDf8Bvf2DSeI8YTlzftyYZOZuQ="));
    let bare = uri.replace("Action=ListSynchronizationJobs&", "");
    let headers = [("x-acs-action", "ListSynchronizationJobs")];
    let outcome = check(&plain, &request("POST", &bare, &headers, ""), at(DATE));
    assert_eq!(problem(outcome), CredentialProblem::Missing("Action"));
    let scheme = [("authorization", "Basic eDp5")];
    let outcome = check(&plain, &request("POST", &uri, &scheme, ""), at(DATE));
    assert_eq!(problem(outcome), CredentialProblem::UnknownMethod);
}

#[test]
fn a_nonce_is_used_once_and_only_by_what_verified() {
    let plain = plan(KEYS);
    let state = WorldState::new(&plain);
    let wrong = v3_request("POST", &format!("/?{Q}"), HOST, &[], ("", EMPTY), "00");
    let ask = |request: &Request, now| authenticate::<Alibaba>(&plain, &state.store, request, now);
    assert!(ask(&wrong, at(DATE)).is_err());
    assert_eq!(ask(&v3_a(), at(DATE)), Ok(0));
    assert_eq!(cause(ask(&v3_a(), at(DATE).plus(SECOND))), "nonce-reused");
    // Known nonces come before signatures.
    assert_eq!(problem(ask(&wrong, at(DATE))), CredentialProblem::NonceUsed);
    let answer = respond(&plain, &state, &v3_a(), at(DATE));
    assert_eq!(answer.refused.unwrap().code, "SignatureNonceUsed");
    // The form of V1 counts the same nonces.
    let uri = format!("/?{}&{Q}", v1_common("json", "hRDf8Bvf2DSeI8YTlzftyYZOZuQ="));
    assert_eq!(cause(ask(&request("POST", &uri, &[], ""), at(DATE))), "nonce-reused");
}

#[test]
fn a_quarter_of_an_hour_of_skew_is_allowed_on_both_sides() {
    let plain = plan(KEYS);
    let ask = |now| check(&plain, &v3_a(), now);
    assert_eq!(ask(at(DATE).plus(15 * MINUTE)), Ok(0));
    assert_eq!(ask(at(DATE).minus(15 * MINUTE)), Ok(0));
    assert_eq!(cause(ask(at(DATE).plus(15 * MINUTE + 1))), "clock-skew");
    assert_eq!(cause(ask(at(DATE).minus(15 * MINUTE + 1))), "clock-skew");
    assert_eq!(cause(ask(at(DATE).minus(480 * MINUTE))), "local-time-as-utc");
    let wide = plan(&format!("[gateway]\ncredentials = \"verified\"\nclock_skew = \"1h\"\n{KEYS}"));
    assert_eq!(check(&wide, &v3_a(), at(DATE).plus(60 * MINUTE)), Ok(0));
}

#[test]
fn keys_are_checked_before_tokens_and_tokens_before_time() {
    let late = at(DATE).plus(60 * MINUTE);
    let key = |more: &str| {
        plan(&format!(
            "[[credentials]]\nid = \"testid\"\nsecret = \"testsecret\"\n{more}\n\
             [[credentials]]\nid = \"otherid\"\nsecret = \"o\"\nsession_token = \"STS.faketoken\"\n"
        ))
    };
    let token = [("x-acs-security-token", "STS.faketoken")];
    let with_token = v3_request("POST", "/", HOST, &token, ("", EMPTY), "00");
    let ask = |more: &str, request: &Request| problem(check(&key(more), request, late));
    use CredentialProblem::*;
    let nobody = plan("[[credentials]]\nid = \"a\"\nsecret = \"testid\"\n");
    let error = check(&nobody, &v3_a(), late).unwrap_err();
    assert_eq!(error.reason, Reason::Credentials(UnknownKey("test...".into())));
    assert!(error.hint.unwrap().contains("swapped"));
    assert_eq!(ask("state = \"inactive\"", &with_token), InactiveKey);
    assert_eq!(ask("state = \"expired\"", &v3_a()), ExpiredKey);
    assert_eq!(ask("", &with_token), TokenMismatch);
    assert_eq!(ask("session_token = \"STS.mine\"", &with_token), TokenMismatch);
    assert_eq!(ask("session_token = \"STS.mine\"", &v3_a()), Missing("SecurityToken"));
    let strange = [("x-acs-security-token", "STS.nobodys")];
    let strange = v3_request("POST", "/", HOST, &strange, ("", EMPTY), "00");
    assert_eq!(ask("session_token = \"STS.mine\"", &strange), TokenMalformed);
    let expired = "session_token = \"STS.faketoken\"\nstate = \"expired\"";
    assert!(matches!(ask(expired, &with_token), TokenExpired { .. }));
    assert!(matches!(ask("", &v3_a()), Skewed { .. }));
}

#[test]
fn a_bearer_token_is_a_session_token_and_names_its_key() {
    let plan = temporary_keys();
    let common = "/?Action=ListSynchronizationJobs&Version=2021-12-01";
    let ask = |uri: &str, headers: &[(&str, &str)]| {
        check(&plan, &request("POST", &format!("{common}{uri}"), headers, ""), at(DATE))
    };
    assert_eq!(ask("&SignatureType=BEARERTOKEN&BearerToken=fake-bearer", &[]), Ok(2));
    let header = [("x-acs-bearer-token", "fake-bearer")];
    assert_eq!(ask("&SignatureType=BEARERTOKEN", &header), Ok(2));
    assert_eq!(problem(ask("", &header)), CredentialProblem::Absent);
    let outcome = ask("&SignatureType=BEARERTOKEN&BearerToken=fake-beare", &[]);
    assert_eq!(problem(outcome), CredentialProblem::TokenMalformed);
    let outcome = ask("&SignatureType=BEARERTOKEN", &[]);
    assert_eq!(problem(outcome), CredentialProblem::Missing("BearerToken"));
    let late = "&SignatureType=BEARERTOKEN&BearerToken=fake-bearer&Timestamp=2026-01-01T00:00:00Z";
    assert_eq!(cause(ask(late, &[])), "clock-skew");
}

/// The corpus: independent signers, each with one mistake.
#[test]
fn each_signing_mistake_is_diagnosed() {
    let plain = plan(KEYS);
    let corpus: Vec<Value> =
        serde_json::from_str(include_str!("../../../../fixtures/wrong-signers/alibaba.json"))
            .unwrap();
    assert!(corpus.len() >= 14);
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let mut seen = std::collections::BTreeSet::from(["nonce-reused", "token-not-sent"]);
    let mut wrong = Vec::new();
    for case in &corpus {
        let headers: Vec<(String, String)> =
            serde_json::from_value(case["headers"].clone()).unwrap();
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let (method, uri, body) = (text(case, "method"), text(case, "uri"), text(case, "body"));
        let request = request(&method, &uri, &headers, &body);
        let answer = respond_first(&plain, &request, at(&text(case, "now")));
        let refused = answer.refused.unwrap_or_else(|| panic!("{case} was let in"));
        let diagnosis = refused.diagnosis.unwrap_or_else(|| panic!("{case}: {}", refused.code));
        if diagnosis.cause != text(case, "cause") {
            wrong.push(format!("{}: {} is not {}", case["name"], diagnosis.cause, case["cause"]));
        }
        assert!(!diagnosis.detail.is_empty());
        assert!(!signing_mistakes::meaning(diagnosis.cause).is_empty(), "{}", diagnosis.cause);
        assert!(refused.hint.unwrap().starts_with(diagnosis.cause));
        if refused.code == "SignatureDoesNotMatch" {
            assert!(!diagnosis.signed.string_to_sign.is_empty());
            let changed = diagnosis.client.is_some_and(|client| client != diagnosis.signed);
            assert_eq!(diagnosis.first_difference.is_some(), changed, "{case}");
        }
        seen.insert(diagnosis.cause);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let documented = signing_mistakes::CAUSES.iter().map(|(cause, _)| *cause);
    let unseen: Vec<&str> = documented.filter(|cause| !seen.contains(cause)).collect();
    let elsewhere = ["token-not-signed", "too-large-to-explain", "unknown-token"];
    assert_eq!(unseen, elsewhere, "tested elsewhere");
}

#[test]
fn a_token_missing_from_the_signature_is_named() {
    let plan = temporary_keys();
    let uri = format!(
        "/?{}&{Q}&SecurityToken=STS.faketoken",
        v1_common("json", "hRDf8Bvf2DSeI8YTlzftyYZOZuQ=")
    );
    assert_eq!(cause(check(&plan, &request("POST", &uri, &[], ""), at(DATE))), "token-not-signed");
}

#[test]
fn the_secret_of_another_key_is_named_by_its_id() {
    let plain = plan(KEYS);
    let uri = format!("/?{}&{Q}", v1_common("json", "hRDf8Bvf2DSeI8YTlzftyYZOZuQ="));
    let uri = uri.replace("AccessKeyId=testid", "AccessKeyId=otherid");
    let material = v1::Material::from_request(&request("POST", &uri, &[], ""));
    let text = material.string_to_sign(&v1::Signer::correct());
    let signature = super::digest::base64_sha1_mac("fakeAccessKeySecret0001&", &text);
    let uri = uri.replace("hRDf8Bvf2DSeI8YTlzftyYZOZuQ%3D", &percent_encoded(&signature));
    let error = check(&plain, &request("POST", &uri, &[], ""), at(DATE)).unwrap_err();
    let diagnosis = error.diagnosis.unwrap();
    assert_eq!(diagnosis.cause, "wrong-secret");
    assert!(diagnosis.detail.contains("fakeAccessKeyId0001"), "{}", diagnosis.detail);
}

/// The bodies of an error, in both formats.
fn bodies(plan: &Plan, uri: &str, headers: &[(&str, &str)]) -> (u16, Value, String) {
    let ask = |format: &str| {
        let uri =
            format!("/?Version=2021-12-01&Action=ListSynchronizationJobs&{uri}&Format={format}");
        respond_first(plan, &request("POST", &uri, headers, ""), at(DATE)).reply
    };
    let (json, xml) = (ask("JSON"), ask("XML"));
    assert_eq!(json.status(), xml.status());
    let text = String::from_utf8(xml.body().to_vec()).unwrap();
    (json.status().as_u16(), serde_json::from_slice(json.body()).unwrap(), text)
}

#[test]
fn every_error_of_the_gateway_can_be_had_in_json_and_xml() {
    let open = plan("[gateway]\ncredentials = \"open\"");
    for entry in Alibaba::ERRORS {
        let (status, json, xml) = bodies(&open, "", &[("x-syncmock-refuse", entry.code)]);
        assert_eq!((status, json["Code"].as_str()), (entry.status, Some(entry.code)));
        assert!(
            xml.starts_with("<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>"),
            "{xml}"
        );
        assert!(xml.contains(&format!("<Code>{}</Code>", entry.code)), "{xml}");
        assert!(!entry.trigger.is_empty());
        if entry.trigger.starts_with("header ") {
            assert!(entry.trigger.ends_with(entry.code));
        }
        let denied = matches!(entry.code, "NoPermission" | "Forbidden.RAM");
        assert_eq!(json.get("AccessDeniedDetail").is_some(), denied);
    }
}

#[test]
fn errors_of_credentials_have_their_bodies_in_json_and_xml() {
    let plain = plan(KEYS);
    let signed = "AccessKeyId=testid&SignatureNonce=n&SignatureMethod=HMAC-SHA1&\
                  SignatureVersion=1.0&Timestamp=2026-01-02T03%3A04%3A05Z";
    let without = |name: &str| {
        let kept = signed.split('&').filter(|pair| !pair.starts_with(&format!("{name}=")));
        kept.collect::<Vec<_>>().join("&") + "&Signature=x"
    };
    let with = |name: &str, value: &str| format!("{}&{name}={value}", without(name));
    for (uri, status, code) in [
        (String::new(), 400, "MissingAccessKeyId"),
        (without("AccessKeyId"), 400, "MissingAccessKeyId"),
        (without("Timestamp"), 400, "MissingTimestamp"),
        (without("SignatureNonce"), 400, "MissingSignatureNonce"),
        (without("SignatureMethod"), 400, "MissingSignatureMethod"),
        (signed.to_owned(), 400, "MissingSignature"),
        (with("AccessKeyId", "nobody"), 404, "InvalidAccessKeyId.NotFound"),
        (with("Timestamp", "2026-01-02%2003:04:05Z"), 400, "InvalidTimeStamp.Format"),
        (with("Timestamp", "2026-13-02T03:04:05Z"), 400, "InvalidTimeStamp.Format"),
        (with("Timestamp", "2025-01-02T03:04:05Z"), 400, "InvalidTimeStamp.Expired"),
        (with("SignatureMethod", "HMAC-SHA256"), 400, "InvalidSignatureMethod"),
        (with("SecurityToken", "t"), 400, "InvalidSecurityToken.MismatchWithAccessKey"),
        (format!("{signed}&Signature=x"), 400, "SignatureDoesNotMatch"),
    ] {
        let (got, json, xml) = bodies(&plain, &uri, &[]);
        assert_eq!((got, json["Code"].as_str()), (status, Some(code)), "{uri}");
        assert!(xml.contains(&format!("<Code>{code}</Code>")), "{xml}");
        assert!(json["Message"].as_str().is_some_and(|message| !message.is_empty()));
    }
    let (_, json, _) = bodies(&plain, &format!("{signed}&Signature=x"), &[]);
    let message = json["Message"].as_str().unwrap();
    let start = "Specified signature is not matched with our calculation. server string to sign \
                 is:POST&%2F&AccessKeyId%3Dtestid%26Action%3D";
    assert!(message.starts_with(start), "{message}");
    let wrong = v3_request("POST", "/?Format=JSON", HOST, &[], ("", EMPTY), "00");
    let answer = respond_first(&plain, &wrong, at(DATE));
    let json: Value = serde_json::from_slice(answer.reply.body()).unwrap();
    let message = json["Message"].as_str().unwrap();
    let start = "Specified signature does not match our calculation. server StringToSign is \
                 [ACS3-HMAC-SHA256\n";
    assert!(message.starts_with(start), "{message}");
    assert!(message.contains("] server CanonicalRequest is [POST\n/\nFormat=JSON\nhost:"));
    for authorization in ["ACS3-HMAC-SHA256", "ACS3-HMAC-SHA256 Credential=testid,Signature=00"] {
        let (_, json, _) =
            bodies(&plain, "", &[("authorization", authorization), ("x-acs-date", DATE)]);
        assert_eq!(json["Code"], "IncompleteSignature");
    }
}

#[test]
fn a_call_that_the_key_does_not_allow_is_refused_with_the_detail() {
    let only = |operations: &str| {
        plan(&format!(
            "[[credentials]]\nid = \"testid\"\nsecret = \"testsecret\"\n\
             operations = [\"{operations}\"]\n\
             [[credentials]]\nid = \"fakeAccessKeyId0001\"\n\
             secret = \"fakeAccessKeySecret0001\"\noperations = [\"eiam:*\"]\n"
        ))
    };
    assert_eq!(code(&respond_first(&only("eiam:*"), &v3_a(), at(DATE))), "InvalidNextToken");
    let answer = respond_first(&only("dts:*"), &v3_a(), at(DATE));
    assert_eq!(code(&answer), "NoPermission");
    assert_eq!(answer.reply.status(), 403);
    let text = String::from_utf8(answer.reply.body().to_vec()).unwrap();
    for part in [
        "<AccessDeniedDetail><PolicyType>AccountLevelIdentityBasedPolicy</PolicyType>",
        "<AuthPrincipalType>SubUser</AuthPrincipalType>",
        "<AuthPrincipalDisplayName>testid</AuthPrincipalDisplayName>",
        "<NoPermissionType>ImplicitDeny</NoPermissionType>",
        "<AuthAction>eiam:ListSynchronizationJobs</AuthAction></AccessDeniedDetail>",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let (_, request) =
        captures().into_iter().find(|(name, _)| name == "tea-status-list.http").unwrap();
    let answer = respond_first(&only("*"), &request, sent_at(&request));
    assert_eq!(code(&answer), "Forbidden.RAM");
    let json: Value = serde_json::from_slice(answer.reply.body()).unwrap();
    let detail = &json["AccessDeniedDetail"];
    assert_eq!(detail["AuthAction"], "dts:DescribeSynchronizationJobStatusList");
    assert_eq!(detail["AuthPrincipalDisplayName"], "fakeAccessKeyId0001");
    assert_eq!(detail["AuthPrincipalOwnerId"].as_str().map(str::len), Some(16));
}

#[test]
fn throttled_calls_say_when_to_come_again() {
    let quota = |more: &str, status: &str| {
        plan(&format!(
            "[gateway]\ncredentials = \"open\"\n\
             [[gateway.quota]]\nlimit = 0\nwindow = \"1m\"\n{more}\n\
             [gateway.alibaba]\nthrottling_status = \"{status}\"\n"
        ))
    };
    for (more, setting, status, code) in
        [("", "400", 400, "Throttling.User"), ("shared = true", "429", 429, "Throttling.Api")]
    {
        let plan = quota(more, setting);
        let answer = respond_first(&plan, &v3_a(), at(DATE));
        assert_eq!(answer.reply.status(), status);
        assert_eq!(answer.refused.unwrap().code, code);
        assert_eq!(header_of(&answer.reply, "x-acs-retry-after"), "55000");
    }
    let mut request_with_format = v3_a();
    request_with_format
        .headers_mut()
        .insert("x-syncmock-refuse", HeaderValue::from_static("Throttling"));
    let plan = plan("[gateway]\ncredentials = \"open\"");
    let reply = respond_first(&plan, &request_with_format, at(DATE)).reply;
    assert_eq!(header_of(&reply, "x-acs-retry-after"), "1000");
}

#[test]
fn the_etag_wraps_the_digest_in_the_lengths_first_and_last_digits() {
    // A body of 52 bytes gives an ETag that begins with 5 and ends with 2, as in the dump
    // the rule was read from.
    let etag = super::etag(&[b'x'; 52]);
    assert!(etag.starts_with('5') && etag.ends_with('2'));
    assert_eq!(etag.len(), 24);
}

#[test]
fn requests_are_claimed_by_path_header_and_signature_and_strays_by_style_alone() {
    let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let v3 = [("authorization", "ACS3-HMAC-SHA256 Credential=testid")];
    let roa = [("authorization", "acs testid:c2ln")];
    let header = [("x-acs-action", "ListInstances")];
    let foreign = [("authorization", "SDK-HMAC-SHA256 Access=testid"), header[0]];
    let signed = "Action=ListInstances&SignatureMethod=HMAC-SHA1";
    let (none, query): (&[(&str, &str)], _) = (&[], format!("/?{signed}"));
    for (uri, headers, body, claim) in [
        ("/", none, "", Some(Claim::Path)),
        ("/?Action=ListInstances", none, "", Some(Claim::Path)),
        ("/", &header, "", Some(Claim::Header)),
        ("/", &foreign, "", Some(Claim::Header)),
        ("/", &v3, "", Some(Claim::Signature)),
        (&query, none, "", Some(Claim::Signature)),
        ("/", &form, signed, Some(Claim::Signature)),
        ("/", none, signed, Some(Claim::Path)),
        ("/jobs", &v3, "", Some(Claim::Stray)),
        ("/jobs", &roa, "", Some(Claim::Stray)),
        ("/jobs", &header, "", Some(Claim::Stray)),
        ("/jobs?SignatureMethod=HMAC-SHA1", none, "", Some(Claim::Stray)),
        ("/jobs?Action=ListInstances", none, "", None),
    ] {
        let found = Alibaba::claim(&request("POST", uri, headers, body));
        assert_eq!(found, claim, "{uri} {headers:?} {body}");
    }
}
