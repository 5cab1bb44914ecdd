//! Golden traversals: the answers that a plain client gets with each switch of
//! `[SERVICE.quirks]` and `[SERVICE.paging]`, such as the successive pages of a list. One
//! snapshot for each switch, in `fixtures/SERVICE/traversals/`.
//! After a wanted change: `INSTA_UPDATE=always cargo test traversals`, and read the diff.

mod authing;
mod drs;
mod dts;
mod eiam;
mod oms;

/// Holds what was seen to `fixtures/<service>/traversals/<name>.snap`.
fn hold(service: &str, name: &str, seen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../../../fixtures/{service}/traversals"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, seen));
}

/// Without a traversal, a switch has no test.
#[test]
fn every_switch_has_a_traversal_and_states_its_impact_and_evidence() {
    let schema = crate::vendors::schema();
    for service in ["eiam", "dts", "authing", "drs", "oms"] {
        let keys = crate::scenario::reference::keys(&schema, &[service, "quirks"]);
        assert!(keys.len() >= 15, "{service}");
        for key in keys {
            let file = format!("fixtures/{service}/traversals/{}.snap", key.name);
            assert!(std::path::Path::new(&file).exists(), "{file}");
            for part in [" Bites: ", " Evidence: "] {
                assert!(key.about.contains(part), "{service}.quirks.{} has no{part}", key.name);
            }
        }
    }
}
