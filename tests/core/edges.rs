//! The scenario edges: what a careful client ends up with, and a careless one.

use crate::engine::Plan;
use serde_json::Value;

use crate::core_tests::asking::{DRS, INSTANCE, OMS, get_json, plan};

/// The request and response shape of one list.
struct List {
    uri: String,
    /// The paths of the rows and the token in the answer, and the key of a row.
    rows: &'static str,
    id: &'static str,
    by: By,
}

/// The parameters that say where a page begins and how long it is.
enum By {
    Token(&'static str, &'static str),
    Number(&'static str, &'static str),
    Offset(&'static str, &'static str),
}

const SIZE: usize = 10;

fn lists() -> [List; 5] {
    let rpc = |action: &str, version: &str| {
        format!("/?Action={action}&Version={version}&Format=JSON&InstanceId={INSTANCE}")
    };
    [
        List {
            uri: rpc("ListSynchronizationJobs", "2021-12-01"),
            rows: "/SynchronizationJobs",
            id: "SynchronizationJobId",
            by: By::Token("NextToken", "MaxResults"),
        },
        List {
            uri: rpc("DescribeSynchronizationJobs", "2020-01-01") + "&RegionId=cn-hangzhou",
            rows: "/SynchronizationInstances",
            id: "SynchronizationJobId",
            by: By::Number("PageNum", "PageSize"),
        },
        List {
            uri: "/api/v3/list-sync-tasks?".to_owned(),
            rows: "/data/list",
            id: "syncTaskId",
            by: By::Number("page", "limit"),
        },
        List {
            uri: format!("{DRS}?"),
            rows: "/jobs",
            id: "async_job_id",
            by: By::Offset("offset", "limit"),
        },
        List {
            uri: format!("{}?", OMS.split_at(OMS.rfind("/4fb05").unwrap()).0),
            rows: "/tasks",
            id: "sync_task_id",
            by: By::Offset("offset", "limit"),
        },
    ]
}

fn page(plan: &Plan, uri: &str) -> Value {
    let (status, page) = get_json(plan, uri);
    assert_eq!(status, 200, "{uri}: {page}");
    page
}

impl List {
    fn ids(&self, page: &Value) -> Vec<String> {
        let rows = page.pointer(self.rows).and_then(Value::as_array);
        let id = |row: &Value| row[self.id].to_string().trim_matches('"').to_owned();
        rows.into_iter().flatten().map(id).collect()
    }

    /// Goes on while there is a token, or until a page is empty; counts the rows that came;
    /// keeps each id once.
    fn careful(&self, plan: &Plan) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        let (mut token, mut came) = (String::new(), 0);
        for number in 1..100 {
            let page = match self.by {
                By::Token(next, size) => {
                    page(plan, &format!("{}&{size}={SIZE}&{next}={token}", self.uri))
                }
                By::Number(number_is, size) => {
                    page(plan, &format!("{}&{size}={SIZE}&{number_is}={number}", self.uri))
                }
                By::Offset(offset, size) => {
                    page(plan, &format!("{}&{size}={SIZE}&{offset}={came}", self.uri))
                }
            };
            let ids = self.ids(&page);
            let is_last = match self.by {
                By::Token(next, _) => {
                    token = page[next].as_str().unwrap_or_default().to_owned();
                    token.is_empty()
                }
                By::Number(..) | By::Offset(..) => ids.is_empty(),
            };
            came += ids.len();
            seen.extend(ids.into_iter().filter(|id| !seen.contains(id)).collect::<Vec<_>>());
            if is_last {
                return seen;
            }
        }
        panic!("{} never ends", self.uri)
    }

    /// Goes on until a page is not full or has no token; counts what it asked for; keeps what comes.
    fn careless(&self, plan: &Plan) -> Vec<String> {
        let mut seen = Vec::new();
        let mut token = String::new();
        for number in 1..100 {
            let uri = match self.by {
                By::Token(next, size) => format!("{}&{size}={SIZE}&{next}={token}", self.uri),
                By::Number(name, size) => format!("{}&{size}={SIZE}&{name}={number}", self.uri),
                By::Offset(name, size) => {
                    format!("{}&{size}={SIZE}&{name}={}", self.uri, (number - 1) * SIZE)
                }
            };
            let page = page(plan, &uri);
            token = page["NextToken"].as_str().unwrap_or_default().to_owned();
            let ids = self.ids(&page);
            let is_full = ids.len() == SIZE;
            let no_token = matches!(self.by, By::Token(..)) && token.is_empty();
            seen.extend(ids);
            if !is_full || no_token {
                return seen;
            }
        }
        panic!("{} never ends", self.uri)
    }
}

#[test]
fn a_careful_client_reads_every_list_whole_and_a_careless_one_none() {
    let edges = plan("edges", &[]);
    let none: Vec<String> =
        ["eiam", "dts", "authing", "drs", "oms"].map(|name| format!("{name}.quirks={{}}")).into();
    let none: Vec<&str> = none.iter().map(String::as_str).collect();
    let plain = plan("edges", &none);
    for list in lists() {
        let truth = list.careless(&plain);
        assert!(truth.len() > 2 * SIZE, "{}: {}", list.uri, truth.len());
        assert_eq!(list.careful(&plain), truth, "{}", list.uri);
        assert_eq!(list.careful(&edges), truth, "{}", list.uri);
        assert_ne!(list.careless(&edges), truth, "{}", list.uri);
    }
}
