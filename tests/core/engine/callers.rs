//! Quotas and faults count the calls of each access key by themselves, whether or not the scenario
//! lists the key.

use crate::core_tests::asking::{DRS, INSTANCE, NOW, request};
use crate::engine::{Options, Plan, WorldState, respond};
use crate::vendors::load;

const QUOTA: &str = "[[gateway.quota]]\nlimit = 2\nwindow = \"1h\"\n";
const SHARED: &str = "[[gateway.quota]]\nlimit = 2\nwindow = \"1h\"\nshared = true\n";
const FAULT: &str = "[[fault]]\non = { call = \"3..9999\" }\ndo = { status = 429 }\n";
const KEYS: &str = "[[credentials]]\nid = \"one\"\nsecret = \"1\"\n[[credentials]]\nid = \"two\"\nsecret = \"2\"\n";

/// The gateways, each with a call that names an access key.
const GATEWAYS: [&str; 3] = ["alibaba", "huawei", "authing"];

struct World {
    plan: Box<Plan>,
    state: WorldState,
}

impl World {
    fn new(rules: &str) -> Self {
        let text = format!("version = 1\n{rules}{KEYS}");
        let loaded = load("callers", &text, &Options::default(), NOW).expect("options");
        let plan = loaded.outcome.expect("a scenario without problems");
        Self { state: WorldState::new(&plan), plan }
    }

    /// The status of a call; without a key if it is empty.
    fn call(&self, gateway: &str, key: &str) -> u16 {
        let list =
            format!("/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}");
        let (uri, authorization) = match gateway {
            "alibaba" if key.is_empty() => (list, String::new()),
            "alibaba" => (format!("{list}&AccessKeyId={key}"), String::new()),
            "huawei" => (
                DRS.to_owned(),
                format!("SDK-HMAC-SHA256 Access={key}, SignedHeaders=host, Signature=00"),
            ),
            _ => ("/api/v3/list-sync-tasks".to_owned(), format!("authing {key}:c2ln")),
        };
        let headers =
            [("Authorization", authorization.as_str()), ("X-Sdk-Date", "20260302T100000Z")];
        let headers = if authorization.is_empty() || key.is_empty() { &[][..] } else { &headers };
        respond(&self.plan, &self.state, &request("GET", &uri, headers, b""), NOW)
            .reply
            .status()
            .as_u16()
    }
}

#[test]
fn each_access_key_has_a_count_of_its_own_whether_or_not_the_scenario_lists_it() {
    for rules in [QUOTA, FAULT] {
        for gateway in GATEWAYS {
            let world = World::new(rules);
            for key in ["one", "AKnobodyknows", "", "AKanother", "two", "AKthird"] {
                let statuses: Vec<u16> = (0..4).map(|_| world.call(gateway, key)).collect();
                assert_eq!(statuses[..2], [200, 200], "{gateway} {key} {rules}");
                assert!(
                    statuses[2..].iter().all(|status| *status >= 400),
                    "{gateway} {key} {rules}"
                );
            }
        }
    }
}

#[test]
fn a_shared_quota_counts_unlisted_keys_with_all_others() {
    let world = World::new(SHARED);
    assert_eq!(world.call("huawei", "AKnobodyknows"), 200);
    assert_eq!(world.call("alibaba", "one"), 200);
    for key in ["AKnobodyknows", "AKanother", "one", ""] {
        assert!(world.call("huawei", key) >= 400, "{key}");
    }
}

#[test]
fn the_calls_that_a_fault_has_matched_are_those_of_all_keys() {
    let world = World::new(FAULT);
    for number in 0..3_000 {
        assert_eq!(world.call("huawei", &format!("AK{number}")), 200);
    }
    for _ in 0..3 {
        world.call("huawei", "one");
    }
    let faults = world.state.faults();
    let counted: Vec<_> = faults.counted().map(|(_, calls, fired)| (calls, fired)).collect();
    assert_eq!(counted, [(3_003, 1)]);
}
