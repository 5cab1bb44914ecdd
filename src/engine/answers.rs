//! The latest answers. An answer is a function of the plan, the journal, the request and the
//! instant, as long as nothing is counted for it (a quota, a nonce, a fault); so a question that
//! comes again at the same instant, as under load or on a clock that stands still, has its
//! answer already. Those who never ask the same twice pay nothing for it: an answer is kept
//! when its question comes a second time.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use bytes::Bytes;

use super::Answer;
use crate::journal::Journal;
use crate::service::Target;
use crate::wire::{Reply, Request};
use crate::world::time::Timestamp;

/// So many are kept at most, and none that is larger (bytes): 5 MB in all. A page of 100 jobs
/// of EIAM in XML has 300 KB.
const KEPT: usize = 16;
const LARGEST: usize = 320 << 10;

pub struct Answers([Slot; KEPT]);

#[derive(Default)]
struct Slot {
    /// Of the request that found nothing here, the latest.
    missed: AtomicU64,
    kept: ArcSwapOption<Kept>,
}

struct Kept {
    now: Timestamp,
    journal: Arc<Journal>,
    request: Request,
    target: Option<Target>,
    reply: Reply,
}

impl Default for Answers {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Slot::default()))
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answers")
    }
}

impl Answers {
    /// What the very request was answered at that instant with that journal.
    pub fn get(&self, request: &Request, now: Timestamp, journal: &Arc<Journal>) -> Option<Answer> {
        let kept = self.slot(hash(request)).kept.load();
        let kept = kept.as_deref()?;
        let same = kept.now == now
            && Arc::ptr_eq(&kept.journal, journal)
            && kept.request.uri() == request.uri()
            && kept.request.method() == request.method()
            && kept.request.body() == request.body()
            && kept.request.headers() == request.headers();
        same.then(|| Answer {
            reply: kept.reply.clone(),
            target: kept.target,
            refused: None,
            fault: None,
        })
    }

    /// A granted one that changed nothing, if it is not the first to its question.
    pub fn keep(
        &self,
        request: &Request,
        now: Timestamp,
        journal: Arc<Journal>,
        target: Option<Target>,
        reply: &Reply,
    ) {
        if reply.body().len() + request.body().len() > LARGEST {
            return;
        }
        let hash = hash(request);
        let slot = self.slot(hash);
        if slot.missed.swap(hash, Ordering::Relaxed) == hash {
            // A body can have more room than it needs.
            let reply = reply.clone().map(|body| Bytes::copy_from_slice(&body));
            let request = request.clone();
            slot.kept.store(Some(Arc::new(Kept { now, journal, request, target, reply })));
        }
    }

    fn slot(&self, hash: u64) -> &Slot {
        &self.0[(hash ^ (hash >> 4)) as usize % KEPT]
    }
}

/// Requests that differ in their last bytes, as pages do, have different ones.
fn hash(request: &Request) -> u64 {
    let uri = request.uri();
    let end = uri.query().unwrap_or(uri.path()).bytes().rev().take(12);
    end.fold(request.body().len() as u64, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u64::from(byte))
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use crate::engine::{Past, respond, respond_after};
    use crate::fault::Faults;
    use crate::plan::Plan;
    use crate::scenario::{Options, load};
    use crate::wire::Request;
    use crate::world::time::Timestamp;

    const NOW: i64 = 1_772_445_600_000;

    fn plan(text: &str) -> Box<Plan> {
        let text = format!("version = 1\n{text}");
        let now = Timestamp::from_millis(NOW);
        load("test", &text, &Options::default(), now).unwrap().outcome.expect("no problems")
    }

    fn get(uri: &str, headers: &[(&str, &str)]) -> Request {
        let mut request = http::Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Bytes::new()).unwrap()
    }

    #[test]
    fn an_answer_is_the_same_whether_it_was_given_before_or_not() {
        let plan =
            plan("[drs.jobs]\ncount = 30\nevery = \"1s\"\n[[eiam.target]]\nid = \"app_one\"");
        let past = Past::new(&plan);
        let list = format!("/v5/{}/batch-async-jobs?limit=3", plan.drs.project_id);
        let run = format!(
            "/?Action=RunSynchronizationJob&Version=2021-12-01&InstanceId={}\
             &TargetType=application&TargetId=app_one",
            plan.eiam.instance_id
        );
        let post = http::Request::post(run).body(Bytes::new()).unwrap();
        let asked = [
            get(&list, &[]),
            get(&list, &[("x-language", "zh-cn")]),
            get(&format!("{list}&offset=3"), &[]),
            get("/api/v3/list-sync-jobs?syncTaskId=1000", &[]),
            get("/api/v3/list-sync-jobs?syncTaskId=nobody", &[]),
            post.clone(),
        ];
        for round in 0..3 {
            let now = Timestamp::from_millis(NOW + 1_000 * (round / 2));
            for request in &asked {
                // Of what went before, only what clients changed counts.
                let without = Past::new(&plan);
                without.replace_journal((*past.journal()).clone());
                let wanted = respond_after(&plan, &without, request, now).reply;
                let given = respond_after(&plan, &past, request, now).reply;
                assert_eq!(given.body(), wanted.body(), "{round} {}", request.uri());
                assert_eq!(given.headers(), wanted.headers(), "{round} {}", request.uri());
                for _ in 0..2 {
                    let again = respond_after(&plan, &past, request, now).reply;
                    if request.method() == http::Method::GET {
                        assert_eq!(again.body(), given.body(), "{round} {}", request.uri());
                    }
                }
            }
        }
        assert_eq!(past.journal().entries().len(), 9, "changes are made each time");
    }

    #[test]
    fn what_is_left_of_a_quota_is_told_anew_each_time() {
        let quota = "[gateway]\nquota = [{ limit = 9, window = \"1h\" }]";
        let plan = plan(quota);
        let past = Past::new(&plan);
        let uri = format!("/v5/{}/batch-async-jobs", plan.drs.project_id);
        let request = get(&uri, &[("x-apig-mode", "debug")]);
        let left = || {
            let now = Timestamp::from_millis(NOW);
            let reply = respond_after(&plan, &past, &request, now).reply;
            reply.headers()["x-apig-ratelimit-user"].to_str().unwrap().to_owned()
        };
        assert!(left().starts_with("remain:8,") && left().starts_with("remain:7,"));
        assert!(respond(&plan, &request, Timestamp::from_millis(NOW)).granted());
    }

    #[test]
    fn where_only_one_service_has_a_quota_the_others_answers_are_given_again() {
        let plan = plan("[gateway]\nquota = [{ service = \"drs\", limit = 2, window = \"1h\" }]");
        let past = Past::new(&plan);
        let ask = |uri: &str| {
            let request = get(uri, &[]);
            let reply = respond_after(&plan, &past, &request, Timestamp::from_millis(NOW)).reply;
            (reply.status().as_u16(), reply.into_body().as_ptr())
        };
        let drs = format!("/v5/{}/batch-async-jobs", plan.drs.project_id);
        assert_eq!([ask(&drs).0, ask(&drs).0, ask(&drs).0], [200, 200, 429]);
        let authing = "/api/v3/list-sync-jobs?syncTaskId=1000";
        let [_, _, third, fourth] = [(); 4].map(|()| ask(authing));
        assert_eq!(third, fourth, "the very same bytes, not such as are equal");
    }

    #[test]
    fn a_fault_that_comes_later_happens_though_the_answer_is_known() {
        let plan = plan("");
        let faulty = self::plan("[[fault]]\non = { call = \"2\" }\ndo = { status = 503 }");
        let past = Past::new(&plan);
        let request = get(&format!("/v5/{}/batch-async-jobs", plan.drs.project_id), &[]);
        let status = || {
            let now = Timestamp::from_millis(NOW);
            respond_after(&plan, &past, &request, now).reply.status().as_u16()
        };
        assert_eq!([status(), status()], [200, 200]);
        past.replace_faults(Faults::of(&faulty));
        assert_eq!([status(), status(), status()], [200, 503, 200]);
        past.replace_faults(Faults::of(&plan));
        assert_eq!(status(), 200);
    }
}
