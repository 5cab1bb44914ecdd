//! What docs/pagination.md promises of every list that is paged by number or offset, written down
//! once more from its text and held against all five services: each anomaly with each total and
//! each end, live and in windows, stale or not, and with a clock that jumps back and forth between
//! two pages.

use proptest::prelude::*;
use serde_json::Value;

use crate::core_tests::asking::{INSTANCE, NOW, plan, request, text};
use crate::engine::{Answer, Plan, WorldState, respond};
use crate::world::time::Timestamp;

#[derive(Debug)]
struct List {
    service: &'static str,
    /// The target, without the page.
    target: &'static str,
    paged: Paged,
    /// Where an answer has its rows and its total, as JSON pointers.
    rows: &'static str,
    total: &'static str,
    /// A page of the most rows.
    most: usize,
}

/// The names of the two parameters.
#[derive(Clone, Copy, Debug)]
enum Paged {
    Numbers(&'static str, &'static str),
    Offsets,
}

const EIAM: &str = "/?Version=2021-12-01&Format=JSON&InstanceId=INSTANCE&Action=";
const DTS: &str = "/?Version=2020-01-01&Format=JSON&RegionId=cn-hangzhou&Action=";

#[rustfmt::skip]
const LISTS: [List; 12] = [
    eiam("ListSynchronizationJobs", "/SynchronizationJobs"),
    eiam("ListSynchronizationJobs&Status=success", "/SynchronizationJobs"),
    eiam("ListIdentityProviders", "/IdentityProviders"),
    eiam("ListApplications", "/Applications"),
    List { service: "dts", target: "DescribeSynchronizationJobs",
        paged: Paged::Numbers("PageNum", "PageSize"), rows: "/SynchronizationInstances",
        total: "/TotalRecordCount", most: 1_000 },
    List { service: "dts", target: "DescribeDtsJobs&JobType=SYNC&OrderColumn=CreateTime",
        paged: Paged::Numbers("PageNumber", "PageSize"), rows: "/DtsJobList",
        total: "/TotalRecordCount", most: 1_000 },
    authing("list-sync-tasks?"),
    authing("list-sync-jobs?syncTaskId=1000"),
    authing("list-sync-risk-operations?syncTaskId=1000"),
    huawei("drs", "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs?sort_dir=desc", "/jobs", "/total_count", 1_000),
    huawei("drs", "/v5/054ba152d480d55b2f5dc0069e7ddef0/jobs?job_type=sync", "/jobs", "/total_count", 1_000),
    huawei("oms", "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks?", "/tasks", "/count", 100),
];

const fn eiam(target: &'static str, rows: &'static str) -> List {
    let paged = Paged::Numbers("PageNumber", "PageSize");
    List { service: "eiam", target, paged, rows, total: "/TotalCount", most: 100 }
}

const fn authing(target: &'static str) -> List {
    let (paged, total) = (Paged::Numbers("page", "limit"), "/data/totalCount");
    List { service: "authing", target, paged, rows: "/data/list", total, most: 50 }
}

const fn huawei(
    service: &'static str,
    target: &'static str,
    rows: &'static str,
    total: &'static str,
    most: usize,
) -> List {
    List { service, target, paged: Paged::Offsets, rows, total, most }
}

impl List {
    /// The page of that number, from 0.
    fn page(&self, plan: &Plan, now: Timestamp, number: usize, size: usize) -> Answer {
        let prefix = match self.service {
            "eiam" => EIAM.replace("INSTANCE", INSTANCE),
            "dts" => DTS.to_owned(),
            "authing" => "/api/v3/".to_owned(),
            _ => String::new(),
        };
        let page = match self.paged {
            Paged::Numbers(page, limit) => format!("&{page}={}&{limit}={size}", number + 1),
            Paged::Offsets => format!("&offset={}&limit={size}", number * size),
        };
        let uri = format!("{prefix}{}{page}", self.target);
        respond(plan, &WorldState::new(plan), &request("GET", &uri, &[], b""), now)
    }

    /// All rows of a world without quirks.
    fn whole(&self, plan: &Plan, now: Timestamp) -> Vec<Value> {
        let mut whole = Vec::new();
        for number in 0.. {
            let (rows, total) = self.read(&self.page(plan, now, number, self.most));
            let ends = rows.is_empty();
            whole.extend(rows);
            if ends || whole.len() as u64 == total.expect("a total") {
                break;
            }
        }
        whole
    }

    fn read(&self, answer: &Answer) -> (Vec<Value>, Option<u64>) {
        let body: Value = serde_json::from_str(&text(answer)).expect("JSON");
        assert!(answer.succeeded(), "{self:?} {body}");
        let rows = body.pointer(self.rows).and_then(Value::as_array).expect("rows").clone();
        (rows, body.pointer(self.total).and_then(Value::as_u64))
    }
}

/// The places of a list's rows, page by page, as the table of anomalies says: all pages up to the
/// last one that has rows; one that would only repeat a row does not count. A list without rows has
/// one page.
fn pages(anomaly: &str, total: usize, size: usize) -> Vec<Vec<usize>> {
    let exact = |size: usize| -> Vec<Vec<usize>> {
        let places: Vec<usize> = (0..total).collect();
        places.chunks(size).map(<[usize]>::to_vec).collect()
    };
    let mut pages = match anomaly {
        "short" => exact(size - 1),
        "empty_second" => {
            let mut pages = exact(size);
            if pages.len() > 1 {
                pages.insert(1, vec![]);
            }
            pages
        }
        "unstable" => {
            let mut pages = exact(size);
            for page in pages.iter_mut().skip(1) {
                page[0] -= 1;
            }
            pages
        }
        "repeat" | "lose" => {
            let mut pages: Vec<Vec<usize>> = Vec::new();
            let mut next = 0;
            while next < total {
                let from = match (pages.is_empty(), anomaly) {
                    (true, _) => 0,
                    (false, "repeat") => next - 1,
                    (false, _) => next + 1,
                };
                if from >= total {
                    break;
                }
                pages.push((from..(from + size).min(total)).collect());
                next = from + size;
            }
            pages
        }
        _ => exact(size),
    };
    if pages.is_empty() {
        pages.push(vec![]);
    }
    pages
}

fn millis(by: i64) -> Timestamp {
    Timestamp::from_millis(NOW.millis() + by)
}

const MINUTE: i64 = 60_000;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn each_page_is_that_of_the_list_of_its_instant_wherever_the_clock_was_before(
        list in 0..LISTS.len(),
        anomaly in prop::sample::select(
            vec!["exact", "repeat", "lose", "short", "empty_second", "unstable"]),
        claim in prop::sample::select(
            vec!["exact", "off_by_one", "capped", "missing", "drifting"]),
        end in prop::sample::select(vec!["empty", "refuse", "last"]),
        window in prop::option::of(1i64..90),
        stale in prop::option::of(1i64..600),
        size in 2usize..40,
        asked in prop::collection::vec((-3_000i64..6_000, any::<prop::sample::Index>()), 1..5),
    ) {
        let list = &LISTS[list];
        let service = list.service;
        let mut set = vec![
            format!("{service}.quirks.pages={anomaly}"),
            format!("{service}.quirks.total={claim}"),
            format!("{service}.quirks.past_the_end={end}"),
        ];
        set.extend(stale.map(|stale| format!("{service}.quirks.stale_reads={stale}s")));
        set.extend(window.map(|window| {
            format!("{service}.paging={{consistency='snapshot',snapshot_window='{window}m'}}")
        }));
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let (plain, quirky) = (plan("default", &[]), plan("default", &set));
        for (minutes, index) in asked {
            let now = millis(minutes * MINUTE);
            // "stale_reads moves the instant back, and a window begins there."
            let mut instant = now.millis() - stale.map_or(0, |seconds| seconds * 1_000);
            if let Some(window) = window {
                instant = instant - instant.rem_euclid(window * MINUTE) - 1;
            }
            let rows = list.whole(&plain, Timestamp::from_millis(instant));
            let mut pages = pages(anomaly, rows.len(), size);
            let last = (pages.len() - 1, pages[pages.len() - 1].clone());
            // By offset a client that adds what it asked for goes past the row that is not there.
            if anomaly == "short" && matches!(list.paged, Paged::Offsets) {
                let part = |from: usize| (from..(from + size - 1).min(rows.len())).collect();
                pages = (0..rows.len().max(1)).step_by(size).map(part).collect();
            }
            let number = index.index(pages.len() + 3);
            let answer = list.page(&quirky, now, number, size);
            let page = pages.get(number).cloned();
            let (shown, page) = match (end, page) {
                ("refuse", None) => {
                    prop_assert!(!answer.succeeded(), "{list:?} page {number}");
                    let hint = answer.refused.as_ref().and_then(|refused| refused.hint.as_deref());
                    prop_assert!(hint.is_some_and(|hint| hint.contains("past_the_end")));
                    continue;
                }
                // That of a client that adds what it got.
                ("last", None) => (last.0, Some(last.1)),
                (_, page) => (number, page),
            };
            let (got, total) = list.read(&answer);
            let expected: Vec<&Value> = match page {
                Some(page) => page.iter().map(|&place| &rows[place]).collect(),
                // Beyond the end `repeat` may show the last row again.
                None if anomaly == "repeat" && got.len() == 1 => rows.last().into_iter().collect(),
                None => vec![],
            };
            prop_assert_eq!(got.iter().collect::<Vec<_>>(), expected, "{:?} page {}", list, number);
            let exact = rows.len() as u64;
            prop_assert_eq!(total, match claim {
                "off_by_one" => Some(exact + 1),
                "capped" => Some(exact.min(10_000)),
                "missing" => None,
                "drifting" => Some(exact + shown as u64),
                _ => Some(exact),
            });
        }
    }
}
