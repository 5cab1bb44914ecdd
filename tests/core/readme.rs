//! The examples of the README work.

use crate::embed::Builder;
use crate::engine::Options;
use crate::scenario::reference::keys;
use crate::vendors::{VENDORS, load, schema};

use crate::core_tests::asking::{NOW, get, plan, text};
use crate::core_tests::http_client::{ask, get as wire_get};

fn readme() -> String {
    std::fs::read_to_string("README.md").unwrap()
}

/// The address of a `$ curl` line, with the shell's `$(…)` worked out as at [`NOW`].
fn address(line: &str) -> Option<String> {
    let quoted = line.strip_prefix("$ curl")?.split('"').nth(1)?;
    let path = quoted.strip_prefix("http://127.0.0.1:4740")?;
    let seconds = NOW.seconds();
    Some(
        path.replace("$(( $(date +%s) - 900 ))", &(seconds - 900).to_string())
            .replace("$(date +%s)", &seconds.to_string()),
    )
}

#[test]
fn each_of_the_readmes_five_curl_lines_succeeds() {
    let plan = plan("default", &[]);
    let readme = readme();
    let lines: Vec<String> = readme.lines().filter_map(address).collect();
    assert!(lines.len() >= 6, "{} lines", lines.len());
    for path in &lines[..5] {
        let answer = get(&plan, path);
        assert!(answer.succeeded(), "{path}: {}", text(&answer));
    }
    assert_eq!(
        get(&plan, lines.last().unwrap()).hint(),
        Some("did you mean Action=ListSynchronizationJobs?")
    );
}

#[test]
fn the_readmes_scenarios_check() {
    let readme = readme();
    let files: Vec<&str> = readme.split("```toml\n").skip(1).collect();
    assert_eq!(files.len(), 4);
    for (file, head) in files.iter().zip(["", "version = 1\n", "version = 1\n", "version = 1\n"]) {
        let text = format!("{head}{}", file.split("```").next().unwrap());
        let loaded = load("nightly.toml", &text, &Options::default(), NOW).unwrap();
        assert!(loaded.outcome.is_ok(), "{}", loaded.report(false));
    }
}

/// Trigger and poll: each line is requests, and answered as it is shown; `…` stands for the rest.
#[test]
fn the_readmes_tour_goes_as_it_says() {
    let readme = readme();
    let tour = readme.split("## Trigger, poll").nth(1).unwrap();
    let tour = tour.split("```console\n").nth(1).unwrap().split("```").next().unwrap();
    let builder = Builder::new().now("2026-03-01T08:00:00Z").frozen();
    let server = builder.start().unwrap_or_else(|error| panic!("{error}"));
    let mut requests = 0;
    for step in tour.split("\n\n").filter(|step| step.starts_with("$ curl")) {
        let (line, shown) = step.split_once('\n').unwrap();
        let target = line.split("http://127.0.0.1:4740").nth(1).unwrap().trim_end_matches('"');
        let reply = match line.split('\'').nth(1) {
            Some(body) => ask(server.authority(), "POST", target, body),
            None => wire_get(server.authority(), target),
        };
        let (head, rest) = shown.trim_end().split_once('…').unwrap_or((shown.trim_end(), ""));
        let text = reply.text();
        assert!(text.starts_with(head) && text.ends_with(rest), "{line}\n{text}");
        requests += 1;
    }
    assert_eq!(requests, 6);
}

#[test]
fn the_reference_of_scenarios_is_up_to_date() {
    let published = std::fs::read_to_string("docs/scenarios.md").unwrap();
    let made = crate::scenario::reference::markdown(&crate::vendors::schema());
    assert!(
        published.trim_end() == made.trim_end(),
        "run: syncmock schema --markdown > docs/scenarios.md"
    );
}

#[test]
fn the_example_on_the_page_on_life_cycles_checks() {
    let page = std::fs::read_to_string("docs/lifecycles.md").unwrap();
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let file = format!("version = 1\n{example}");
    let loaded = load("lifecycles.toml", &file, &Options::default(), NOW).unwrap();
    assert!(loaded.outcome.is_ok(), "{}", loaded.report(false));
}

#[test]
fn the_examples_on_the_pages_on_testing_clients_and_on_pagination_check() {
    for (name, at_least) in [("testing-clients.md", 80), ("pagination.md", 1)] {
        let page = std::fs::read_to_string(format!("docs/{name}")).unwrap();
        let examples: Vec<&str> = page.split("```toml\n").skip(1).collect();
        assert!(examples.len() >= at_least, "{name}: {}", examples.len());
        for example in examples {
            let text = format!("version = 1\n{}", example.split("```").next().unwrap());
            let loaded = load(name, &text, &Options::default(), NOW).unwrap();
            assert!(loaded.outcome.is_ok(), "{}", loaded.report(false));
        }
    }
}

#[test]
fn the_page_on_testing_clients_has_every_switch() {
    let page = std::fs::read_to_string("docs/testing-clients.md").unwrap();
    for found in VENDORS.services() {
        let service = found.service.name();
        for key in keys(&schema(), &[service, "quirks"]) {
            let named = |line: &str| line.contains(&format!("`{}`", key.name));
            let set = |line: &str| line.starts_with(&format!("{} ", key.name));
            let found = page.lines().any(|line| named(line) || set(line));
            assert!(found, "{service}.quirks.{}", key.name);
        }
    }
}

#[test]
fn the_page_on_signing_lists_every_cause() {
    let page = std::fs::read_to_string("docs/signing.md").unwrap();
    for vendor in VENDORS.0 {
        for (cause, meaning) in vendor.dialect.causes() {
            let row = format!("| `{cause}` | {meaning} |");
            let name = vendor.dialect.name();
            assert!(page.contains(&row), "docs/signing.md lacks, for {name}: {row}");
        }
    }
}
