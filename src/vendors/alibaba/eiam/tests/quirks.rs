//! Each switch does what its documentation says.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::lifecycle::World;
use super::{INSTANCE, ask, ids, plan, problems, request, rows};
use crate::engine::{WorldExport, WorldState, respond};
use crate::wire::Request;
use crate::world::time::Timestamp;

const LIST: &str = "ListSynchronizationJobs";

/// 8 jobs and no more later, five identity providers and an application.
fn world(quirks: &str) -> World {
    World::new(&format!(
        "[eiam.jobs]\ncount = 8\n[eiam.targets]\nidentity_providers = 5\napplications = 1\n\
         [eiam.quirks]\n{quirks}\n"
    ))
}

/// All pages that a client reads until there is no NextToken, up to 20.
fn tokens(world: &World, size: u64) -> Vec<Value> {
    let (mut pages, mut sent) = (Vec::<Value>::new(), String::new());
    while pages.len() < 20 {
        let page = world.accepted(LIST, &format!("MaxResults={size}{sent}"));
        let next = page.get("NextToken").map(|token| token.as_str().unwrap().to_owned());
        pages.push(page);
        match next {
            Some(next) => sent = format!("&NextToken={next}"),
            None => break,
        }
    }
    pages
}

fn numbers(world: &World, size: u64, pages: u64) -> Vec<Value> {
    let page = |number| world.accepted(LIST, &format!("PageNumber={number}&PageSize={size}"));
    (1..=pages).map(page).collect()
}

fn all_ids(pages: &[Value]) -> Vec<Vec<String>> {
    let owned = |page| ids(&rows(page)).into_iter().map(str::to_owned).collect();
    pages.iter().map(owned).collect()
}

fn raw(world: &World, uri: Request) -> (http::HeaderMap, String) {
    let now = Timestamp::from_millis(world.now);
    let reply = respond(&world.plan, &world.state, &uri, now).reply;
    (reply.headers().clone(), String::from_utf8(reply.body().to_vec()).unwrap())
}

const PAGES: &[&str] = &["repeat", "lose", "short", "empty_second", "unstable"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn paging_anomalies_are_the_same_by_tokens_and_by_numbers(
        count in 0u64..14, size in 1u64..6, pages in proptest::sample::select(PAGES),
    ) {
        let world = World::new(&format!(
            "[eiam.jobs]\ncount = {count}\n[eiam.quirks]\npages = \"{pages}\"\n"
        ));
        let by_token = all_ids(&tokens(&world, size));
        let by_number = all_ids(&numbers(&world, size, by_token.len() as u64 + 2));
        let shown = |pages: &[Vec<String>]| {
            pages.iter().filter(|page| !page.is_empty()).cloned().collect::<Vec<_>>()
        };
        let (paged, mut numbered) = (shown(&by_token), shown(&by_number));
        // A page number that no page leads to may show the last row again.
        let last = paged.last().and_then(|page| page.last()).cloned();
        if pages == "repeat" && numbered.len() > paged.len() {
            prop_assert_eq!(numbered.pop(), Some(Vec::from_iter(last)));
        }
        prop_assert_eq!(paged, numbered);
        let empty = by_token.iter().skip(1).position(Vec::is_empty);
        prop_assert_eq!(empty, (pages == "empty_second" && count > size).then_some(0));
    }

    #[test]
    fn stale_reads_are_what_was_read_a_while_ago(
        lag in 1i64..120_000, late in 0i64..600_000, status in 0usize..5, run in 0i64..120_000,
    ) {
        let fresh = |quirk: &str| World::new(&format!(
            "[eiam.jobs]\ncount = 20\nevery = \"20s\"\n[[eiam.target]]\nid = \"app_one\"\n\
             [[eiam.job]]\nSynchronizationJobId = \"sync_pinned\"\npath = [\"pending 1m\", \"running 1m\", \"failed\"]\n\
             [eiam.created]\npaths = [[\"pending 20s\", \"running 30s\", \"success\"]]\n{quirk}"
        ));
        let mut stale = fresh(&format!("[eiam.quirks]\nstale_reads = \"{lag}ms\"\n"));
        let mut true_one = fresh("");
        for world in [&mut stale, &mut true_one] {
            world.now += run;
            world.run("app_one").unwrap();
        }
        stale.now += late;
        true_one.now = stale.now - lag;
        let status = ["pending", "running", "success", "partial_success", "failed"][status];
        let seen = |world: &World, action: &str, query: &str| {
            let mut answer = world.accepted(action, query);
            answer.as_object_mut().unwrap().shift_remove("RequestId");
            answer
        };
        for query in ["MaxResults=100", "PageSize=100", &format!("MaxResults=100&Status={status}")] {
            prop_assert_eq!(seen(&stale, LIST, query), seen(&true_one, LIST, query));
        }
        for id in ids(&rows(&true_one.accepted(LIST, "PageSize=100"))) {
            let query = format!("SynchronizationJobId={id}");
            let get = "GetSynchronizationJob";
            prop_assert_eq!(seen(&stale, get, &query), seen(&true_one, get, &query));
        }
    }
}

#[test]
fn a_job_that_has_ended_can_be_downloaded_though_reads_do_not_show_it_yet() {
    let mut world = World::new(
        "[[eiam.target]]\nid = \"app_one\"\n[eiam.quirks]\nstale_reads = \"30s\"\n\
         [eiam.created]\npaths = [[\"pending 1s\", \"running 10s\", \"success\"]]\n",
    );
    let query = format!("SynchronizationJobId={}", world.run("app_one").unwrap());
    let get = "GetSynchronizationJob";
    let (code, _) = world.refused(get, &query);
    assert_eq!(code, 404, "it is not there yet");
    let (headers, _) = raw(&world, request(get, &format!("InstanceId={INSTANCE}&{query}")));
    let hint = headers["x-syncmock-hint"].to_str().unwrap().to_owned();
    assert!(hint.contains("eiam.quirks.stale_reads"), "{hint}");
    world.now += 11_000;
    world.accepted("GenerateDownloadUrlForSynchronizationJob", &query);
    assert_eq!(world.refused(get, &query).0, 404);
    let status =
        |world: &World| world.accepted(get, &query)["SynchronizationJob"]["Status"].clone();
    world.now += 19_000;
    assert_eq!(status(&world), "pending");
    world.now += 1_000;
    assert_eq!(status(&world), "running");
    world.now += 10_000;
    assert_eq!(status(&world), "success");
}

#[test]
fn a_list_without_rows_has_no_token_that_leads_to_nothing() {
    let none = world("last_token = \"leads_to_empty_page\"");
    assert!(none.accepted(LIST, "MaxResults=3&Status=pending").get("NextToken").is_none());
}

#[test]
fn the_second_page_repeats_its_token_every_other_time() {
    let world = world("repeated_token = true");
    let exact = all_ids(&tokens(&super::quirks::world(""), 3));
    for _ in 0..3 {
        let pages = tokens(&world, 3);
        assert_eq!(pages[0]["NextToken"], pages[1]["NextToken"]);
        assert_ne!(pages[1]["NextToken"], pages[2]["NextToken"]);
        let pages = all_ids(&pages);
        assert_eq!([&pages[..1], &pages[2..]].concat(), exact);
        assert_eq!(pages[1], pages[2]);
    }
    // A client that checks continues after the first time. Whether the next answer repeats the
    // token depends on the event log alone, in any process.
    let first = world.accepted(LIST, "MaxResults=3");
    let second = format!("MaxResults=3&NextToken={}", first["NextToken"].as_str().unwrap());
    assert_eq!(world.accepted(LIST, &second)["NextToken"], first["NextToken"]);
    let now = Timestamp::from_millis(world.now);
    let export = WorldExport::of(&world.plan, &world.state.event_log(), now).unwrap();
    let document = serde_json::to_string(&export).unwrap();
    assert!(document.contains(r#"{"eiam":{"look":{"#), "{document}");
    assert!(document.contains("next_token"), "{document}");
    let export = WorldExport::read(document.as_bytes()).unwrap();
    let state = WorldState::new(&world.plan);
    state.replace_event_log(export.event_log(&world.plan).unwrap());
    let elsewhere = World {
        plan: plan(
            "[eiam.jobs]\ncount = 8\n[eiam.targets]\nidentity_providers = 5\napplications = 1\n[eiam.quirks]\nrepeated_token = true\n",
        ),
        state,
        now: world.now,
    };
    assert_eq!(elsewhere.accepted(LIST, &second), world.accepted(LIST, &second));
}

#[test]
fn a_token_lasts_as_long_as_it_says_from_when_it_was_given() {
    let mut world = world("token_lasts = \"10m\"");
    let go_on =
        |page: &Value| format!("MaxResults=2&NextToken={}", page["NextToken"].as_str().unwrap());
    let first = go_on(&world.accepted(LIST, "MaxResults=2"));
    world.now += 600_000;
    let second = go_on(&world.accepted(LIST, &first));
    world.now += 1;
    assert_eq!(world.refused(LIST, &first), (400, "InvalidNextToken".to_owned()));
    world.now += 599_999;
    world.accepted(LIST, &second);
    let (headers, _) = raw(&world, request(LIST, &format!("InstanceId={INSTANCE}&{first}")));
    let hint = headers["x-syncmock-hint"].to_str().unwrap().to_owned();
    assert_eq!(hint, "eiam.quirks.token_lasts = \"10m\" is over");
    let short = super::quirks::world("");
    let short = go_on(&short.accepted(LIST, "MaxResults=2"));
    assert_eq!(world.refused(LIST, &short), (400, "InvalidNextToken".to_owned()));
}

#[test]
fn a_made_up_token_is_refused_where_none_is_bound_too() {
    let loose = world("token_bound = false");
    assert_eq!(loose.refused(LIST, "NextToken=NTxxx").1, "InvalidNextToken");
}

#[test]
fn only_sizes_above_the_limit_are_cut_down_and_of_pages_below_1_only_0_is_the_first() {
    let plan = plan(
        "[eiam.jobs]\ncount = 150\n[eiam.quirks]\nover_limit = \"clamp\"\npage_zero = \"first\"\n",
    );
    let list = |query: &str| ask(&plan, &format!("InstanceId={INSTANCE}&{query}"), super::NOW);
    for query in ["PageSize=101", "MaxResults=101", "MaxResults=9223372036854775807"] {
        let (status, answer) = list(query);
        assert_eq!((status, rows(&answer).len()), (200, 100), "{query}");
    }
    for query in ["PageSize=0", "MaxResults=-1", "PageNumber=-1", "PageSize=x"] {
        assert_eq!(list(query).0, 400, "{query}");
    }
}

#[test]
fn a_page_behind_the_last_is_empty_refused_or_the_last_again_and_the_first_never_is() {
    let page = |world: &World, action: &str, number: u64| {
        let answer = world.accepted(action, &format!("PageSize=3&PageNumber={number}"));
        let list = if action == LIST { "SynchronizationJobs" } else { "IdentityProviders" };
        answer[list].clone()
    };
    for (action, last) in [(LIST, 3), ("ListIdentityProviders", 2)] {
        assert_eq!(page(&world(""), action, last + 1), json!([]));
        let refusing = world("past_the_end = \"refuse\"");
        page(&refusing, action, last);
        let refused = refusing.refused(action, &format!("PageSize=3&PageNumber={}", last + 1));
        assert_eq!(refused, (400, "InvalidPageNumber".to_owned()));
        let again = world("past_the_end = \"last\"");
        for number in [last + 1, last + 2, u64::MAX / 2] {
            assert_eq!(page(&again, action, number), page(&again, action, last));
        }
    }
    for quirk in ["refuse", "last"] {
        let world = world(&format!("past_the_end = \"{quirk}\""));
        assert_eq!(rows(&world.accepted(LIST, "Status=pending")), Vec::<Value>::new());
    }
}

#[test]
fn numbers_can_be_texts_in_every_json_answer() {
    fn as_text(value: &Value) -> Value {
        match value {
            Value::Number(number) => number.to_string().into(),
            Value::Array(items) => items.iter().map(as_text).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), as_text(value))).collect()
            }
            other => other.clone(),
        }
    }
    let (plain, texts) = (world(""), world("numbers = \"text\""));
    let job = ids(&rows(&plain.accepted(LIST, "")))[0].to_owned();
    for (action, query) in [
        (LIST, "MaxResults=3".to_owned()),
        ("GetSynchronizationJob", format!("SynchronizationJobId={job}")),
        ("ListIdentityProviders", String::new()),
        ("ListInstances", String::new()),
    ] {
        let (plain, texts) = (plain.accepted(action, &query), texts.accepted(action, &query));
        assert_eq!(texts, as_text(&plain), "{action}");
        assert_ne!(texts, plain, "{action}");
    }
}

#[test]
fn lists_of_applications_and_instances_without_rows_can_be_null_or_left_out() {
    for (action, list, query) in [
        ("ListApplications", "Applications", "PageNumber=9"),
        ("ListInstances", "Instances", "PageNumber=9"),
    ] {
        let member = |quirk: &str| {
            let answer = world(&format!("empty_list = \"{quirk}\"")).accepted(action, query);
            assert!(answer["TotalCount"].is_u64());
            answer.get(list).cloned()
        };
        assert_eq!(member("list"), Some(json!([])));
        assert_eq!(member("null"), Some(Value::Null));
        assert_eq!(member("absent"), None);
        let full = world("empty_list = \"absent\"").accepted(action, "");
        assert!(!full[list].as_array().unwrap().is_empty());
    }
}

#[test]
fn json_can_be_answered_with_xml_but_for_refusals() {
    let (plain, odd) = (world(""), world("format = \"always_xml\""));
    let uri = |format: &str, rest: &str| {
        let request = request(LIST, &format!("InstanceId={INSTANCE}&MaxResults=2&{rest}"));
        let (mut parts, body) = request.into_parts();
        let uri = parts.uri.to_string().replace("Format=JSON", &format!("Format={format}"));
        parts.uri = uri.parse().unwrap();
        Request::from_parts(parts, body)
    };
    let text = |text: &str| {
        let (before, rest) = text.split_once("<RequestId>").unwrap();
        format!("{before}{}", rest.split_once("</RequestId>").unwrap().1)
    };
    let (headers, body) = raw(&odd, uri("JSON", ""));
    let (wanted_headers, wanted) = raw(&plain, uri("XML", ""));
    assert_eq!(text(&body), text(&wanted));
    assert_eq!(headers["content-type"], wanted_headers["content-type"]);
    assert_eq!(headers["etag"].len(), wanted_headers["etag"].len());
    let (headers, body) = raw(&odd, uri("JSON", "Status=odd"));
    assert_eq!(headers["content-type"], "application/json;charset=utf-8");
    assert!(body.contains("\"InvalidStatus\""), "{body}");
}

#[test]
fn a_capped_total_is_ten_thousand_by_both_ways_of_paging() {
    let many = World::new("[eiam.jobs]\ncount = 10001\n[eiam.quirks]\ntotal = \"capped\"\n");
    assert_eq!(many.accepted(LIST, "")["TotalCount"], 10_000);
    assert_eq!(many.accepted(LIST, "MaxResults=1")["TotalCount"], 10_000);
}

#[test]
fn a_switch_that_can_have_no_effect_is_a_problem_of_the_scenario() {
    let none = "[eiam.targets]\nidentity_providers = 0\napplications = 0\n";
    for (text, wanted) in [
        ("token_lasts = \"0s\"", "must be longer than 0s"),
        ("stale_reads = \"0s\"", "must be longer than 0s"),
        ("numbers = \"text\"\nformat = \"always_xml\"", "numbers has no effect on answers in XML"),
        (
            "empty_list = \"null\"\nformat = \"always_xml\"",
            "empty_list has no effect on answers in XML",
        ),
        ("pages = \"rotate\"", "pages"),
    ] {
        let found = problems(&format!("[eiam.quirks]\n{text}\n")).join("\n");
        assert!(found.contains(wanted), "{text}: {found}");
    }
    for key in [
        "pages = \"short\"",
        "total = \"capped\"",
        "repeated_token = true",
        "token_lasts = \"1m\"",
        "token_bound = false",
        "stale_reads = \"1m\"",
    ] {
        let wanted =
            format!("{} has no effect on lists without rows", key.split(' ').next().unwrap());
        let found = problems(&format!("{none}[eiam.quirks]\n{key}\n")).join("\n");
        assert!(found.contains(&wanted), "{key}: {found}");
        for some in ["[eiam.jobs]\nevery = \"1m\"\n", "[[eiam.job]]\nStatus = \"failed\"\n", ""] {
            let targets = if some.is_empty() { "" } else { none };
            let found = problems(&format!("{targets}{some}[eiam.quirks]\n{key}\n")).join("\n");
            assert!(!found.contains(&wanted), "{key}: {found}");
        }
    }
}
