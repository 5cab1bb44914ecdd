//! Golden traversals: a client that reads EIAM's lists until the server says they end.
//! Jobs are letters, the newest is `a`, those that come later are `+`.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::Value;

use crate::core_tests::asking::{INSTANCE, text};
use crate::core_tests::life::Session;
use crate::core_tests::traversals::hold;

const FEW: &[&str] =
    &["eiam.jobs.count=8", "eiam.targets.identity_providers=5", "eiam.targets.applications=4"];
/// Maximum number of pages that a client reads.
const PAGES: usize = 6;

struct Client {
    session: Session,
    /// The names of the rows that existed at the start.
    letters: HashMap<String, char>,
}

/// A way to read a list.
#[derive(Clone, Copy)]
enum Way {
    /// By tokens, as long as there is one.
    Tokens,
    /// By numbers, up to a page without rows.
    Numbers,
}

/// (operation, its list, the id of a row)
type List = (&'static str, &'static str, &'static str);
const JOBS: List = ("ListSynchronizationJobs", "SynchronizationJobs", "SynchronizationJobId");
const PROVIDERS: List = ("ListIdentityProviders", "IdentityProviders", "IdentityProviderId");
const APPLICATIONS: List = ("ListApplications", "Applications", "ApplicationId");

impl Client {
    fn new(set: &[&str]) -> Self {
        let plain = Session::new("default", FEW);
        let mut letters = HashMap::new();
        for (operation, list, id) in [JOBS, PROVIDERS, APPLICATIONS] {
            let all = plain.json("POST", &uri(operation, "PageSize=100"), "");
            for (row, letter) in all[list].as_array().unwrap().iter().zip('a'..) {
                letters.insert(row[id].as_str().unwrap().to_owned(), letter);
            }
        }
        Self { session: Session::new("default", &[FEW, set].concat()), letters }
    }

    fn traverse(&mut self, list: List, way: Way, size: u64, between: fn(&mut Session)) -> String {
        let how = match way {
            Way::Tokens => "tokens",
            Way::Numbers => "numbers",
        };
        let mut out = format!("{}, by {how}, {size} a page\n", list.0);
        let mut token: Option<String> = None;
        for number in 1..=PAGES {
            let rest = match (way, &token) {
                (Way::Numbers, _) => format!("PageNumber={number}&PageSize={size}"),
                (Way::Tokens, None) => format!("MaxResults={size}"),
                (Way::Tokens, Some(token)) => format!("MaxResults={size}&NextToken={token}"),
            };
            let page = match self.page(list, &rest) {
                Ok(page) => page,
                Err(other) => {
                    let _ = writeln!(out, "  {number}: {other}");
                    return out;
                }
            };
            let _ = writeln!(out, "  {number}: {}", self.line(list, &page));
            let next = page.get("NextToken").and_then(Value::as_str).map(str::to_owned);
            let ends = match way {
                Way::Tokens => next.is_none(),
                Way::Numbers => page[list.1].as_array().is_none_or(Vec::is_empty),
            };
            if ends {
                return out;
            }
            token = next;
            between(&mut self.session);
        }
        out + "  and so on\n"
    }

    /// A page; or the code of a refusal, or how something begins that is no JSON.
    fn page(&self, list: List, rest: &str) -> Result<Value, String> {
        let answer = self.session.ask("POST", &uri(list.0, rest), "");
        let text = text(&answer);
        let begins = || text.split("<RequestId>").next().unwrap_or_default().to_owned();
        let page: Value = serde_json::from_str(&text).map_err(|_| begins())?;
        match page["Code"].as_str() {
            Some(code) => Err(code.to_owned()),
            None => Ok(page),
        }
    }

    /// The line of that page.
    fn page_summary(&self, list: List, rest: &str) -> String {
        self.page(list, rest).map_or_else(|other| other, |page| self.line(list, &page))
    }

    /// `a b c  total 8  token`
    fn line(&self, (_, list, id): List, page: &Value) -> String {
        let letter =
            |row: &Value| self.letters.get(row[id].as_str().unwrap()).unwrap_or(&'+').to_string();
        let rows = match page.get(list) {
            None => "no list".to_owned(),
            Some(Value::Array(rows)) if rows.is_empty() => "-".to_owned(),
            Some(Value::Array(rows)) => rows.iter().map(letter).collect::<Vec<_>>().join(" "),
            Some(other) => other.to_string(),
        };
        let total = page.get("TotalCount").map_or("no total".to_owned(), |n| format!("total {n}"));
        let token = match page.get("NextToken").and_then(Value::as_str) {
            None => "",
            Some("") => "  empty token",
            Some(_) => "  token",
        };
        format!("{rows}  {total}{token}")
    }
}

fn uri(operation: &str, rest: &str) -> String {
    format!("/?Action={operation}&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}&{rest}")
}

fn golden(name: &str, pages: &str) {
    hold("eiam", name, pages);
}

fn nothing(_: &mut Session) {}

/// Jobs by tokens and by numbers, and providers, with each of the settings.
fn switch(name: &str, settings: &[&[&str]]) {
    let mut out = String::new();
    for set in settings {
        let _ = writeln!(out, "# {}", set.join(", "));
        let mut client = Client::new(set);
        out += &client.traverse(JOBS, Way::Tokens, 3, nothing);
        out += &client.traverse(JOBS, Way::Numbers, 3, nothing);
        out += &client.traverse(PROVIDERS, Way::Numbers, 3, nothing);
    }
    golden(name, &out);
}

#[test]
fn pages() {
    switch(
        "pages",
        &[
            &["eiam.quirks.pages=exact"],
            &["eiam.quirks.pages=repeat"],
            &["eiam.quirks.pages=lose"],
            &["eiam.quirks.pages=short"],
            &["eiam.quirks.pages=empty_second"],
            &["eiam.quirks.pages=unstable"],
        ],
    );
}

#[test]
fn total() {
    switch(
        "total",
        &[
            &["eiam.quirks.total=off_by_one"],
            &["eiam.quirks.total=missing"],
            &["eiam.quirks.total=drifting"],
        ],
    );
}

#[test]
fn last_token() {
    switch(
        "last_token",
        &[
            &["eiam.quirks.last_token=empty_string"],
            &["eiam.quirks.last_token=leads_to_empty_page"],
        ],
    );
}

#[test]
fn repeated_token() {
    switch("repeated_token", &[&["eiam.quirks.repeated_token=true"]]);
}

#[test]
fn numbers() {
    switch("numbers", &[&["eiam.quirks.numbers=text"]]);
}

#[test]
fn empty_list() {
    let sets: [&[&str]; 2] = [&["eiam.quirks.empty_list=null"], &["eiam.quirks.empty_list=absent"]];
    switch("empty_list", &sets);
}

#[test]
fn format() {
    switch("format", &[&["eiam.quirks.format=always_xml"]]);
}

#[test]
fn over_limit() {
    let mut out = String::new();
    for set in ["eiam.quirks.over_limit=refuse", "eiam.quirks.over_limit=clamp"] {
        let client = Client::new(&[set, "eiam.jobs.count=130"]);
        let _ = writeln!(out, "# {set}");
        for rest in
            ["MaxResults=100", "MaxResults=200", "PageSize=200", "PageSize=200&PageNumber=2"]
        {
            let rows = |page: Value| page[JOBS.1].as_array().map_or(0, Vec::len);
            let outcome_text = client.page(JOBS, rest).map(|page| format!("{} rows", rows(page)));
            let _ = writeln!(out, "  {rest}: {}", outcome_text.unwrap_or_else(|code| code));
        }
    }
    golden("over_limit", &out);
}

#[test]
fn page_zero() {
    let mut out = String::new();
    for set in ["eiam.quirks.page_zero=refuse", "eiam.quirks.page_zero=first"] {
        let client = Client::new(&[set]);
        let _ = writeln!(out, "# {set}");
        for number in 0..=2 {
            let outcome_text =
                client.page_summary(JOBS, &format!("PageNumber={number}&PageSize=3"));
            let _ = writeln!(out, "  {number}: {outcome_text}");
        }
    }
    golden("page_zero", &out);
}

#[test]
fn past_the_end() {
    switch(
        "past_the_end",
        &[&["eiam.quirks.past_the_end=refuse"], &["eiam.quirks.past_the_end=last"]],
    );
}

#[test]
fn token_lasts() {
    let mut out = String::new();
    for set in ["eiam.quirks.token_lasts=10m", "eiam.quirks.token_lasts=9m"] {
        let _ = writeln!(out, "# {set}, pages every 10m");
        out +=
            &Client::new(&[set]).traverse(JOBS, Way::Tokens, 3, |session| session.advance(600_000));
    }
    golden("token_lasts", &out);
}

#[test]
fn token_bound() {
    let mut out = String::new();
    for set in ["eiam.quirks.token_bound=true", "eiam.quirks.token_bound=false"] {
        let client = Client::new(&[set]);
        let first = client.page(JOBS, "MaxResults=3").unwrap();
        let token = first["NextToken"].as_str().unwrap();
        let _ = writeln!(out, "# {set}, the second page with TargetType=application");
        let _ = writeln!(out, "  1: {}", client.line(JOBS, &first));
        let rest = format!("MaxResults=100&TargetType=application&NextToken={token}");
        let _ = writeln!(out, "  2: {}", client.page_summary(JOBS, &rest));
    }
    golden("token_bound", &out);
}

#[test]
fn stale_reads() {
    let mut out = String::new();
    for set in ["eiam.quirks.stale_reads=1ms", "eiam.quirks.stale_reads=30s"] {
        let paths = "eiam.created.paths=[[\"pending 10s\", \"running 20s\", \"success\"]]";
        let mut client = Client::new(&[set, paths]);
        let id = run(&mut client.session);
        let _ = writeln!(out, "# {set}, a job is run that is pending for 10s and running for 20s");
        for second in [0, 5, 15, 25, 35, 45, 55, 65] {
            let listed = client.page_summary(JOBS, "MaxResults=3");
            let get = uri("GetSynchronizationJob", &format!("SynchronizationJobId={id}"));
            let answer: Value =
                serde_json::from_str(&text(&client.session.ask("POST", &get, ""))).unwrap();
            let got = answer["SynchronizationJob"]["Status"].as_str();
            let got = got.or(answer["Code"].as_str()).unwrap_or_default();
            let _ = writeln!(out, "  {second:>2}s: listed {listed}, got {got}");
            client.session.advance(if second == 0 { 5_000 } else { 10_000 });
        }
    }
    golden("stale_reads", &out);
}

fn run(session: &mut Session) -> String {
    let targets = session.json("POST", &uri("ListApplications", "PageSize=100"), "");
    let target = targets["Applications"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["Status"] == "enabled")
        .and_then(|row| row["ApplicationId"].as_str())
        .unwrap()
        .to_owned();
    let rest = format!("TargetType=application&TargetId={target}");
    let run = session.json("POST", &uri("RunSynchronizationJob", &rest), "");
    run["SynchronizationJobId"].as_str().unwrap().to_owned()
}

/// A job is run between any two pages.
#[test]
fn consistency() {
    let mut out = String::new();
    for set in ["eiam.paging.consistency=live", "eiam.paging.consistency=snapshot"] {
        for wait in ["on a clock that stands still", "a minute apart"] {
            let _ = writeln!(out, "# {set}, a job is run between any two pages, {wait}");
            let between: fn(&mut Session) = match wait {
                "a minute apart" => |session| {
                    session.advance(60_000);
                    run(session);
                },
                _ => |session| {
                    run(session);
                },
            };
            let mut client = Client::new(&[set]);
            out += &client.traverse(JOBS, Way::Tokens, 3, between);
            out += &client.traverse(JOBS, Way::Numbers, 3, between);
        }
    }
    golden("consistency", &out);
}

/// The code of a refusal, or the names of the members that came.
fn outcome(session: &Session, operation: &str, rest: &str) -> String {
    let answer = session.ask("POST", &uri(operation, rest), "");
    let body: Value = serde_json::from_str(&text(&answer)).unwrap();
    let names = || body.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let outcome_text = body["Code"].as_str().map_or_else(names, str::to_owned);
    format!("  {operation}: {} {outcome_text}\n", answer.reply.status().as_u16())
}

#[test]
fn refusals_and_downloads() {
    let record = |key: &str, values: &[&str], set: &[&str], seen: fn(&mut Session) -> String| {
        let mut out = String::new();
        for value in values {
            let switch = format!("eiam.quirks.{key}={value}");
            let mut session = Session::new("default", &[&[switch.as_str()], set].concat());
            let _ = writeln!(out, "# {switch}\n{}", seen(&mut session));
        }
        golden(key, &out);
    };
    record("error_style", &["gateway", "product"], &[], |session| {
        let missing = "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON";
        let answer: Value = serde_json::from_str(&text(&session.ask("POST", missing, ""))).unwrap();
        let bad = outcome(session, "ListSynchronizationJobs", "PageSize=0");
        format!("  without InstanceId: {}\n{bad}", answer["Code"].as_str().unwrap())
    });
    let disabled = "eiam.target=[{id=\"app_disabled\",status=\"disabled\"}]";
    record("run_unready_targets", &["false", "true"], &[disabled], |session| {
        let target = "TargetType=application&TargetId=app_disabled";
        outcome(session, "RunSynchronizationJob", target)
    });
    let slow = "eiam.created.paths=[[\"pending 1m\", \"running 1m\", \"success\"]]";
    record("download_unfinished_jobs", &["false", "true"], &[slow], |session| {
        let job = format!("SynchronizationJobId={}", run(session));
        let early = outcome(session, "GenerateDownloadUrlForSynchronizationJob", &job);
        session.advance(120_000);
        early + &outcome(session, "GenerateDownloadUrlForSynchronizationJob", &job)
    });
    record("download_url_lasts", &["1h", "10s"], &[], |session| {
        let jobs = session.json("POST", &uri("ListSynchronizationJobs", "Status=success"), "");
        let id = jobs["SynchronizationJobs"][0]["SynchronizationJobId"].as_str().unwrap();
        let generate =
            uri("GenerateDownloadUrlForSynchronizationJob", &format!("SynchronizationJobId={id}"));
        let answer = session.json("POST", &generate, "");
        let url = answer["FileDownloadUrl"].as_str().unwrap();
        let expires = url.split("Expires=").nth(1).unwrap().split('&').next().unwrap();
        let lasts = expires.parse::<i64>().unwrap() - session.now.millis() / 1_000;
        format!("  good for {lasts} s\n")
    });
}
