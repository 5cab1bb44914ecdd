//! Rules of the house that the compiler does not know.

use std::path::{Path, PathBuf};

use syncmock::scenario::{SHIPPED, schema};
use syncmock::service::SERVICES;

use crate::asking::plan;

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

/// The part of a file that is not its tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn the_pure_core_knows_no_sockets_files_threads_or_clocks() {
    let strangers =
        ["tokio", "hyper", "std::net", "std::fs", "std::thread", "SystemTime", "async "];
    for folder in
        ["src/world", "src/wire", "src/service", "src/fault", "src/gateway", "src/scenario"]
    {
        for (path, text) in sources(folder) {
            for stranger in strangers {
                assert!(!code(&text).contains(stranger), "{} knows {stranger}", path.display());
            }
        }
    }
}

#[test]
fn layers_point_one_way() {
    let absences = [
        (
            "src/world",
            &[
                "crate::wire",
                "crate::gateway",
                "crate::service",
                "crate::plan",
                "crate::scenario",
                "http::",
            ][..],
        ),
        (
            "src/wire",
            &["crate::gateway", "crate::service", "crate::plan", "crate::scenario", "crate::world"]
                [..],
        ),
        ("src/gateway", &["crate::world::population", "crate::scenario", "crate::server"][..]),
        ("src/service", &["crate::server", "crate::cli", "crate::control"][..]),
    ];
    for (folder, strangers) in absences {
        for (path, text) in sources(folder) {
            for stranger in strangers {
                assert!(!code(&text).contains(stranger), "{} uses {stranger}", path.display());
            }
        }
    }
}

#[test]
fn every_shipped_scenario_checks_and_says_what_it_is() {
    for shipped in &SHIPPED {
        let plan = plan(shipped.name, &[]);
        assert_eq!(plan.name, shipped.name);
        assert!(!plan.summary.is_empty(), "{} has no summary", shipped.name);
    }
}

#[test]
fn every_service_has_operations_fixtures_and_a_section() {
    let schema = schema();
    for service in SERVICES {
        assert!(!service.operations.is_empty(), "{}", service.name);
        assert!(Path::new("fixtures").join(service.name).is_dir(), "{}", service.name);
        assert!(schema["properties"].get(service.name).is_some(), "{}", service.name);
    }
}

#[test]
fn the_published_schema_is_the_one_files_are_checked_against() {
    let published = std::fs::read_to_string("docs/scenario.schema.json").unwrap();
    let published: serde_json::Value = serde_json::from_str(&published).unwrap();
    assert!(published == schema(), "run: syncmock schema > docs/scenario.schema.json");
}

#[test]
fn no_file_is_called_util_helper_or_misc() {
    for (path, _) in sources("src").into_iter().chain(sources("tests")) {
        let name = path.file_stem().unwrap().to_string_lossy();
        assert!(!["util", "utils", "helper", "helpers", "manager", "misc"].contains(&&*name));
    }
}
