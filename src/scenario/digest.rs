//! What a scenario says, as digests: of its values with all overrides, whatever its name, its
//! comments and the order of its keys.

use std::collections::BTreeMap;

use super::document::Document;
use crate::world::draw::hash_bytes;

/// Parts that do not decide what a change comes to, or are compared on their own, as seed and start
/// are. Secrets have no digest, either: it could be tried for common passwords.
const LEFT_OUT: [&str; 6] = ["version", "name", "summary", "seed", "clock", "credentials"];

/// A digest of each top-level part of a scenario, by what it is called in the file: `[dts]`,
/// `[[fault]]`, `language`. A table that says nothing is left out, as if it were not there.
pub(crate) fn digests(document: &Document) -> BTreeMap<String, String> {
    let toml::Value::Table(parts) = document.to_value() else { return BTreeMap::new() };
    let parts = parts.iter().filter(|(key, value)| {
        !LEFT_OUT.contains(&key.as_str()) && value.as_table().is_none_or(|table| !table.is_empty())
    });
    parts.map(|(key, value)| (heading(key, value), digest(value))).collect()
}

fn heading(key: &str, value: &toml::Value) -> String {
    match value {
        toml::Value::Table(_) => format!("[{key}]"),
        toml::Value::Array(items) if items.iter().all(toml::Value::is_table) => {
            format!("[[{key}]]")
        }
        _ => key.to_owned(),
    }
}

fn digest(value: &toml::Value) -> String {
    let mut text = String::new();
    spell(value, &mut text);
    format!("{:016x}", hash_bytes(text.as_bytes()))
}

/// Every value begins with its type, and says how long it is: no two values are spelt alike.
fn spell(value: &toml::Value, to: &mut String) {
    let mut text = |kind: &str, text: &str| to.push_str(&format!("{kind}{}:{text}", text.len()));
    match value {
        toml::Value::String(value) => text("text", value),
        toml::Value::Integer(value) => text("integer", &value.to_string()),
        toml::Value::Float(value) => text("float", &value.to_string()),
        toml::Value::Boolean(value) => text("boolean", &value.to_string()),
        toml::Value::Datetime(value) => text("datetime", &value.to_string()),
        toml::Value::Array(items) => {
            text("array", &items.len().to_string());
            items.iter().for_each(|item| spell(item, to));
        }
        toml::Value::Table(table) => {
            text("table", &table.len().to_string());
            let mut entries: Vec<_> = table.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            for (key, value) in entries {
                to.push_str(&format!("key{}:{key}", key.len()));
                spell(value, to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, set: &[&str]) -> BTreeMap<String, String> {
        let (mut document, problems) = Document::parse("a.toml", text);
        assert_eq!(problems, []);
        for assignment in set {
            document.set(assignment).expect("an override");
        }
        digests(&document)
    }

    const WRITTEN: &str = "version = 1\nname = \"a\"\nseed = 3\nlanguage = \"en\"\n\
                           [dts.jobs]\ncount = 5\nevery = \"1m\"\n[[fault]]\non = {}\n[oms]\n\
                           [[credentials]]\nid = \"a\"\nsecret = \"b\"\n[clock]\nspeed = 1\n";

    #[test]
    fn only_what_a_scenario_says_has_a_digest() {
        let parts = of(WRITTEN, &[]);
        let names: Vec<&str> = parts.keys().map(String::as_str).collect();
        assert_eq!(names, ["[[fault]]", "[dts]", "language"]);
        let same = "# A comment.\nlanguage = 'en'\nversion = 1\nfault = [{ on = {} }]\n\
                    dts = { jobs = { every = \"1m\", count = 0x5 } }\n[clock]\nspeed = 9\n";
        assert_eq!(of(same, &[]), parts);
        assert_eq!(
            of(
                "version = 1\nlanguage = \"en\"\n[[fault]]\non = {}\n",
                &["dts.jobs.count=5", "dts.jobs.every=\"1m\""]
            ),
            parts
        );
    }

    #[test]
    fn whatever_differs_has_another_digest() {
        let parts = of(WRITTEN, &[]);
        for (set, part) in [
            ("dts.jobs.count=6", "[dts]"),
            ("dts.jobs.every=\"60s\"", "[dts]"),
            ("dts.job=[]", "[dts]"),
            ("oms.tasks.count=1", "[oms]"),
            ("language=\"zh\"", "language"),
        ] {
            let mut others = of(WRITTEN, &[set]);
            assert_ne!(others.remove(part), parts.get(part).cloned(), "{set}");
            let mut rest = parts.clone();
            rest.remove(part);
            assert_eq!(others, rest, "{set}");
        }
        let values = [
            "1",
            "1.0",
            "true",
            "\"1\"",
            "[1]",
            "[[1]]",
            "{ a = 1 }",
            "[{ a = 1 }]",
            "2026-01-01",
            "\"2026-01-01\"",
            "[1, 1]",
            "[11]",
            "[]",
            "\"\"",
        ];
        let digests: std::collections::BTreeSet<String> = values
            .iter()
            .flat_map(|value| of(&format!("x = {value}"), &[]).into_values())
            .collect();
        assert_eq!(digests.len(), values.len());
    }
}
