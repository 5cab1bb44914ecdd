//! Alibaba Cloud DTS: what a client sees with each switch. States stand behind the ids.

use std::fmt::Write;

use crate::world::time::{HOUR, MINUTE, SECOND};
use serde_json::Value;

use super::hold as hold_for;
use crate::core_tests::asking::text;
use crate::core_tests::life::Session;

const JOBS: &str = "DescribeSynchronizationJobs";
const DTS_JOBS: &str = "DescribeDtsJobs";
const STATUS_LIST: &str = "DescribeSynchronizationJobStatusList";
const STATUS: &str = "DescribeSynchronizationJobStatus";
const DETAIL: &str = "DescribeDtsJobDetail";
const TABLES: &str = "DescribeInitializationStatus";
const NOBODY: &str = "dts000000000000000";

/// Seven instances, which stay as they are; one of them is about to be initialized.
const SET: [&str; 5] = [
    "dts.jobs.count=6",
    "dts.jobs.outcomes={synchronizing=1,others=0}",
    "dts.jobs.pay_types={pre_paid=0}",
    "dts.jobs.topology={bidirectional=0}",
    "dts.job=[{SynchronizationJobId=\"dtsinit0000000000a\",SynchronizationJobName=\"init\",\
     PayType=\"PostPaid\",RegionId=\"cn-beijing\",path=[\"Initializing 1h\",\"Synchronizing\"]}]",
];
const INIT: &str = "dtsinit0000000000a";
const OBJECTS: &str = "%5B%7B%22DBName%22%3A%22shop%22%2C%22TableIncludes%22%3A%5B%7B%22TableName%22%3A%22a%22%7D%2C%7B%22TableName%22%3A%22b%22%7D%2C%7B%22TableName%22%3A%22c%22%7D%5D%7D%5D";

fn session(set: &[&str]) -> Session {
    Session::new("default", &[&SET[..], set].concat())
}

fn hold(name: &str, seen: &str) {
    hold_for("dts", name, seen);
}

/// Records what `observe` sees with each value of `key`.
fn golden(key: &str, values: &[&str], observe: impl Fn(&mut Session) -> String) {
    let mut all = String::new();
    for value in values {
        let quote = if value.parse::<u64>().is_ok() { "" } else { "\"" };
        let set = format!("dts.quirks.{key}={quote}{value}{quote}");
        let _ = writeln!(all, "{key} = {value}\n{}", observe(&mut session(&[&set])));
    }
    hold(key, &all);
}

/// Status and body, as text.
fn sent(session: &Session, operation: &str, query: &str) -> (u16, String) {
    let uri = format!("/?Action={operation}&Version=2020-01-01&Format=JSON&{query}");
    let answer = session.ask("POST", &uri, "");
    (answer.reply.status().as_u16(), text(&answer))
}

fn status_and_body(session: &Session, operation: &str, query: &str) -> (u16, Value) {
    let (status, body) = sent(session, operation, query);
    (status, serde_json::from_str(&body).unwrap())
}

fn done(session: &Session, operation: &str, query: &str) -> Value {
    let (status, body) = status_and_body(session, operation, query);
    assert_eq!(status, 200, "{operation} {query}: {body}");
    body
}

/// The value as it is on the wire, or that it is not there.
fn wire(answer: &Value, name: &str) -> String {
    answer.get(name).map_or("absent".to_owned(), Value::to_string)
}

/// A refusal, hard or soft; none if the request succeeds.
fn refusal(status: u16, body: &Value) -> Option<String> {
    let soft = body.get("ErrCode").map(|_| "Success ErrCode ErrMessage");
    let keys = if status == 200 { soft? } else { "Code Message" };
    let outcome: Vec<String> = keys.split(' ').map(|key| wire(body, key)).collect();
    Some(format!("{status} {}", outcome.join(" ")))
}

/// The end of an id, which tells them apart.
fn short(id: &Value) -> &str {
    let id = id.as_str().unwrap();
    &id[id.len() - 4..]
}

fn state(value: &Value) -> String {
    let list = &value["SynchronizationDirectionInfoList"][0];
    let status = value.get("Status").unwrap_or(&list["Status"]);
    status.as_str().unwrap().to_owned()
}

/// A page of a list in a line.
fn page(session: &Session, operation: &str, query: &str) -> String {
    let (status, body) = status_and_body(session, operation, query);
    if let Some(refusal) = refusal(status, &body) {
        return format!("  {query}: {refusal}\n");
    }
    let (name, key) = match operation {
        JOBS => ("SynchronizationInstances", "SynchronizationJobId"),
        DTS_JOBS => ("DtsJobList", "DtsInstanceID"),
        _ => ("SynchronizationJobListStatusList", "SynchronizationJobId"),
    };
    let row = |row: &Value| format!("{} {}", short(&row[key]), state(row));
    let rows = match body[name].as_array() {
        Some(rows) => format!("[{}]", rows.iter().map(row).collect::<Vec<_>>().join(", ")),
        None => wire(&body, name),
    };
    let [number, count, total] =
        ["PageNumber", "PageRecordCount", "TotalRecordCount"].map(|key| wire(&body, key));
    format!("  {query}: {rows} page {number} of {count} rows, {total} in all\n")
}

/// Four pages of three in each of the two lists; nothing happens in between.
fn pages(session: &mut Session) -> String {
    let mut seen = String::new();
    for number in 1..=4 {
        seen += &page(session, JOBS, &format!("PageSize=3&PageNum={number}"));
    }
    for number in 1..=4 {
        let query = format!("JobType=SYNC&PageSize=3&PageNumber={number}");
        seen += &page(session, DTS_JOBS, &query);
    }
    seen
}

fn create(session: &Session) -> String {
    let order = "SourceRegion=cn-hangzhou&DestRegion=cn-hangzhou&SynchronizationJobClass=small\
                 &PayType=PostPaid";
    let answer = done(session, "CreateSynchronizationJob", order);
    answer["SynchronizationJobId"].as_str().unwrap().to_owned()
}

fn configure(session: &Session, id: &str) {
    let query = format!(
        "SynchronizationJobId={id}&DataInitialization=true&StructureInitialization=true\
         &SynchronizationObjects={OBJECTS}"
    );
    done(session, "ConfigureSynchronizationJob", &query);
}

fn steer(session: &Session, operation: &str, id: &str) {
    done(session, &format!("{operation}SynchronizationJob"), &format!("SynchronizationJobId={id}"));
}

/// All ids there are, newest first.
fn ids(session: &Session) -> Vec<String> {
    let rows = done(session, JOBS, "PageSize=100")["SynchronizationInstances"].clone();
    let id = |row: &Value| row["SynchronizationJobId"].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(id).collect()
}

/// The states of those ids, in a line with the ids that were requested.
fn statuses(session: &Session, ids: &[&str], more: &str) -> String {
    let list = ids.iter().map(|id| format!("%22{id}%22")).collect::<Vec<_>>().join(",");
    let query = format!("SynchronizationJobIdListJsonStr=[{list}]{more}");
    let short_ids: Vec<&str> = ids.iter().map(|id| &id[id.len() - 4..]).collect();
    let seen = page(session, STATUS_LIST, &query);
    let (_, seen) = seen.split_once(": ").unwrap();
    format!("  {}{more}: {seen}", short_ids.join(" "))
}

/// The answer of every read operation about an instance.
fn everywhere(session: &Session, id: &str) -> String {
    let job = format!("SynchronizationJobId={id}");
    let list = statuses(session, &[id], "");
    let listed = |operation: &str, query: &str, name: &str, key: &str| {
        let body = done(session, operation, query);
        let rows = body[name].as_array().unwrap().clone();
        rows.into_iter()
            .find(|row| row[key] == id)
            .map_or("not there".to_owned(), |row| state(&row))
    };
    let shown = |operation: &str, query: &str| {
        let (status, body) = status_and_body(session, operation, query);
        refusal(status, &body).unwrap_or_else(|| state(&body))
    };
    let jobs = listed(JOBS, "PageSize=100", "SynchronizationInstances", "SynchronizationJobId");
    let dts = listed(DTS_JOBS, "JobType=SYNC&PageSize=100", "DtsJobList", "DtsInstanceID");
    format!(
        "{list}  {JOBS}: {jobs}\n  {DTS_JOBS}: {dts}\n  {STATUS}: {}\n  {DETAIL}: {}\n",
        shown(STATUS, &job),
        shown(DETAIL, &format!("DtsInstanceID={id}"))
    )
}

/// Pages of one table each.
fn tables(session: &Session, id: &str) -> String {
    let mut seen = String::new();
    for number in 1..=4 {
        let query = format!("SynchronizationJobId={id}&PageSize=1&PageNum={number}");
        let (status, body) = status_and_body(session, TABLES, &query);
        let outcome = refusal(status, &body).unwrap_or_else(|| {
            let rows = body["DataInitializationDetails"].as_array().unwrap();
            let row = |row: &Value| wire(row, "TableName");
            format!("[{}]", rows.iter().map(row).collect::<Vec<_>>().join(", "))
        });
        let _ = writeln!(seen, "  tables, PageSize=1&PageNum={number}: {outcome}");
    }
    seen
}

fn pages_and_tables(session: &mut Session) -> String {
    let seen = pages(session);
    let id = create(session);
    configure(session, &id);
    session.advance(1);
    seen + &tables(session, &id)
}

#[test]
fn lists() {
    golden(
        "pages",
        &["exact", "repeat", "lose", "short", "empty_second", "unstable"],
        pages_and_tables,
    );
    let mut all = String::new();
    for value in ["exact", "off_by_one", "capped", "missing", "drifting"] {
        let quirk = format!("dts.quirks.total=\"{value}\"");
        let mut few = session(&[&quirk]);
        let many = session(&[&quirk, "dts.jobs.count=20000"]);
        let seen = pages(&mut few) + &statuses(&few, &[INIT, NOBODY], "");
        let of_many = page(&many, JOBS, "PageSize=1");
        let _ = writeln!(all, "total = {value}\n{seen}of 20001\n{of_many}");
    }
    hold("total", &all);
    golden("past_the_end", &["empty", "refuse", "last"], |session| {
        let seen = pages(session);
        seen + &page(session, JOBS, "SynchronizationJobName=nobody&PageNum=2")
            + &tables(session, INIT)
    });
    golden("page_zero", &["refuse", "first"], |session| {
        page(session, JOBS, "PageSize=3&PageNum=0")
            + &page(session, JOBS, "PageSize=3&PageNum=1")
            + &page(session, DTS_JOBS, "JobType=SYNC&PageSize=3&PageNumber=0")
    });
    golden("empty_list", &["list", "null", "absent"], |session| {
        page(session, JOBS, "PageNum=9")
            + &page(session, DTS_JOBS, "")
            + &statuses(session, &[NOBODY], "")
    });
    golden("numbers", &["number", "text"], |session| {
        let detail = done(session, DETAIL, &format!("DtsInstanceID={INIT}"));
        let figures = ["Code", "Delay", "HttpStatusCode", "Success"];
        let figures: Vec<String> = figures.map(|key| wire(&detail, key)).into();
        pages(session) + &format!("  {DETAIL}: {}\n", figures.join(" "))
    });
}

#[test]
fn bounds_of_pages() {
    let check_bounds = |name: &str, bounds: [(&str, u64); 2]| {
        let mut all = String::new();
        for (over_limit, most) in bounds {
            let set = [
                format!("dts.quirks.over_limit=\"{over_limit}\""),
                format!("dts.quirks.max_page_size={most}"),
            ];
            let session = session(&[&set[0], &set[1]]);
            let _ = writeln!(
                all,
                "over_limit = {over_limit}, max_page_size = {most}\n{}{}{}",
                page(&session, JOBS, ""),
                page(&session, JOBS, "PageSize=6"),
                page(&session, DTS_JOBS, "JobType=SYNC&PageSize=6"),
            );
        }
        hold(name, &all);
    };
    check_bounds("over_limit", [("refuse", 5), ("clamp", 5)]);
    check_bounds("max_page_size", [("refuse", 1000), ("refuse", 5)]);
}

/// Pages of three; before the second somebody buys an instance, before the third somebody
/// releases one that the first page had. It takes six minutes until that is gone from the list.
fn busy_pages(session: &mut Session) -> String {
    let mut seen = String::new();
    let first = ids(session)[0].clone();
    for (number, wait) in [(1, 1), (2, 1), (3, 6 * MINUTE), (4, 0)] {
        seen += &page(session, JOBS, &format!("PageSize=3&PageNum={number}"));
        session.advance(wait);
        match number {
            1 => drop(create(session)),
            2 => steer(session, "Delete", &first),
            _ => {}
        }
    }
    seen
}

#[test]
fn consistency() {
    let mut all = String::new();
    for value in ["live", "snapshot"] {
        let set = format!("dts.paging.consistency=\"{value}\"");
        let mut session = session(&[&set]);
        session.advance(HOUR);
        let _ = writeln!(all, "consistency = {value}\n{}", busy_pages(&mut session));
    }
    hold("consistency", &all);
}

/// An instance is bought, configured, and released again.
fn a_life(session: &mut Session) -> String {
    session.advance(MINUTE);
    let id = create(session);
    let mut seen = format!("bought\n{}", everywhere(session, &id));
    session.advance(SECOND);
    let _ = write!(seen, "1s later\n{}", everywhere(session, &id));
    session.advance(30 * SECOND);
    configure(session, &id);
    let _ = write!(seen, "30s later, and configured\n{}", everywhere(session, &id));
    session.advance(30 * SECOND);
    let _ = write!(seen, "30s later\n{}", everywhere(session, &id));
    steer(session, "Delete", &id);
    let _ = write!(seen, "released\n{}", everywhere(session, &id));
    session.advance(30 * SECOND);
    let _ = write!(seen, "30s later\n{}", everywhere(session, &id));
    seen
}

#[test]
fn reads_and_deletions() {
    golden("stale_reads", &["1ms", "30s"], a_life);
    golden("deleted_shown", &["0s", "30s", "5m"], |session| {
        steer(session, "Delete", INIT);
        let mut seen = format!("released\n{}", everywhere(session, INIT));
        session.advance(30 * SECOND);
        let _ = write!(seen, "30s later\n{}", everywhere(session, INIT));
        seen
    });
}

#[test]
fn the_status_list() {
    golden("unknown", &["leave_out", "refuse_if_all", "refuse"], |session| {
        statuses(session, &[INIT], "")
            + &statuses(session, &[INIT, NOBODY], "")
            + &statuses(session, &[NOBODY], "")
            + &statuses(session, &[], "")
    });
    golden("empty", &["answer", "refuse"], |session| statuses(session, &[], ""));
    golden("duplicates", &["collapse", "repeat"], |session| {
        let last = ids(session)[6].clone();
        statuses(session, &[&last, INIT, &last], "")
    });
    golden("status_list_order", &["as_asked", "reversed"], |session| {
        let last = ids(session)[6].clone();
        statuses(session, &[INIT, &last, NOBODY], "")
    });
    golden("max_ids", &["1", "2"], |session| {
        statuses(session, &[INIT], "") + &statuses(session, &[INIT, NOBODY], "")
    });
    golden("other_region", &["find", "leave_out"], |session| {
        statuses(session, &[INIT], "&RegionId=cn-beijing")
            + &statuses(session, &[INIT], "&RegionId=cn-hangzhou")
            + &page(session, JOBS, "RegionId=cn-shenzhen&SynchronizationJobName=init")
    });
    golden("client_token", &["forbidden", "bad_request", "ignore"], |session| {
        let mut seen = String::new();
        for token in ["x".repeat(64), "x".repeat(65), "%C3%A9".to_owned()] {
            let line = statuses(session, &[INIT], &format!("&ClientToken={token}"));
            let short = format!("{} letters", token.len());
            seen += &if token.len() < 64 { line } else { line.replace(&token, &short) };
        }
        seen
    });
}

/// The errors for a missing list, an invalid list, and some other mistakes.
fn mistakes(session: &mut Session) -> String {
    let first = ids(session)[0].clone();
    let mut seen = String::new();
    for (operation, query) in [
        (STATUS_LIST, ""),
        (STATUS_LIST, "SynchronizationJobIdListJsonStr=dtsa"),
        (STATUS, "SynchronizationJobId=dtsa"),
        ("StartSynchronizationJob", &*format!("SynchronizationJobId={first}")),
        (DETAIL, "DtsJobId=a"),
        (JOBS, "PageNum=x"),
    ] {
        let (status, body) = status_and_body(session, operation, query);
        let shown = query.replace(&first, "…");
        let outcome = refusal(status, &body).unwrap_or_else(|| "granted".to_owned());
        let _ = writeln!(seen, "  {operation} {shown}: {outcome}");
    }
    seen
}

#[test]
fn errors() {
    golden("errors", &["hard", "soft"], mistakes);
    golden("missing", &["hard", "soft"], mistakes);
    golden("malformed", &["hard", "soft"], mistakes);
    golden("wrong_state", &["job", "task"], |session| {
        let query = format!("SynchronizationJobId={INIT}");
        let (status, body) = status_and_body(session, "SuspendSynchronizationJob", &query);
        format!("  of one that initializes: {}\n", refusal(status, &body).unwrap())
    });
}

#[test]
fn spellings() {
    golden("spelling", &["documented", "modern", "older"], |session| {
        let mut seen = everywhere(session, INIT);
        session.advance(HOUR);
        seen += &everywhere(session, INIT);
        seen
    });
    golden("success", &["literal", "text"], |session| {
        let success = |operation: &str, query: &str| {
            format!("  {operation}: {}\n", wire(&done(session, operation, query), "Success"))
        };
        success(STATUS_LIST, "SynchronizationJobIdListJsonStr=[]")
            + &success(STATUS, &format!("SynchronizationJobId={INIT}"))
            + &success("DeleteSynchronizationJob", &format!("SynchronizationJobId={INIT}"))
            + &success(DTS_JOBS, "")
    });
    golden("initialization_status", &["keep", "vanish"], |session| {
        let mut seen = String::new();
        for _ in 0..2 {
            let body = done(session, STATUS, &format!("SynchronizationJobId={INIT}"));
            let outcome = |key: &str| match body.get(key) {
                Some(stage) => format!("{} {}", wire(stage, "Status"), wire(stage, "Percent")),
                None => "absent".to_owned(),
            };
            let [structure, data] =
                ["StructureInitializationStatus", "DataInitializationStatus"].map(outcome);
            let _ = writeln!(seen, "  {}: structure {structure}, data {data}", state(&body));
            session.advance(HOUR);
        }
        seen
    });
    golden("format", &["as_asked", "always_xml"], |session| {
        let answer = |operation: &str, query: &str| {
            let (status, body) = sent(session, operation, query);
            format!("  {operation} {query}: {status} {}\n", body.replace('\n', ""))
        };
        answer(STATUS_LIST, "SynchronizationJobIdListJsonStr=[]")
            + &answer("SuspendSynchronizationJob", "SynchronizationJobId=dtsa")
    });
}
