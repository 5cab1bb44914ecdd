//! Checks a document against the JSON Schema of the scenario types and collects all problems.
//!
//! Supports only the JSON Schema keywords that this schema uses. A test fails when the schema
//! uses another one.

mod alternatives;
mod schema_lookup;
mod wording;

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::Value;

use self::schema_lookup::{
    SchemaLookup, SchemaObject, ValueType, array, compare_number, equals_constant, format,
    format_bounds, own_constants, own_properties, own_types, string_array,
};
use self::wording::{
    closest_name, join_values, list_names, names_that_end_in, string_values, value_text,
};
use super::document::{Document, Kind, Node};
use super::problem::{DocumentPath, Problem, Step, are_enough, quoted};
use super::value::{InvalidValue, Length, Moment, Size};

/// Maximum nesting depth of schemas. Limits a schema that refers to itself.
const MAX_SCHEMA_DEPTH: u32 = 160;

/// Maximum number of schemas applied per value, on average. Limits nested alternatives.
const MAX_CHECKS_PER_VALUE: usize = 300;

type Entries = toml::map::Map<String, Node>;

/// All problems that `schema` finds in `document`, without duplicates.
///
/// Ignores values with syntax errors. If the file has syntax errors, missing keys are not
/// reported either, as they may be in an unreadable part. A misspelt required key is reported
/// once, as unknown.
pub(crate) fn check(document: &Document, schema: &Value) -> Vec<Problem> {
    let mut checker = Checker {
        schemas: SchemaLookup(schema),
        damaged: document.is_damaged(),
        place: DocumentPath::root(),
        problems: Vec::new(),
        depth: 0,
        remaining: MAX_CHECKS_PER_VALUE * (10 + count_values(document.root())),
        siblings: Vec::new(),
    };
    checker.check(document.root(), schema);
    let mut seen = HashSet::new();
    checker.problems.retain(|problem| seen.insert(problem.clone()));
    checker.problems
}

struct Checker<'a> {
    schemas: SchemaLookup<'a>,
    /// Whether the file has syntax errors.
    damaged: bool,
    /// The place of the value being checked.
    place: DocumentPath,
    problems: Vec<Problem>,
    depth: u32,
    /// How many more schemas may be applied.
    remaining: usize,
    /// The keys that the table around the value may have.
    siblings: Vec<&'a str>,
}

/// The number of values in `node`, including itself.
fn count_values(node: &Node) -> usize {
    match &node.kind {
        Kind::Array(items) => 1 + items.iter().map(count_values).sum::<usize>(),
        Kind::Table(entries) => 1 + entries.values().map(count_values).sum::<usize>(),
        _ => 1,
    }
}

impl<'a> Checker<'a> {
    fn check(&mut self, node: &Node, schema: &'a Value) {
        if self.depth >= MAX_SCHEMA_DEPTH || self.remaining == 0 || node.kind == Kind::Unreadable {
            return;
        }
        if are_enough(&self.problems) {
            return;
        }
        self.remaining -= 1;
        self.depth += 1;
        match schema {
            Value::Object(object) => self.check_object(node, object),
            Value::Bool(false) => self.report("no value is allowed here", None),
            _ => {}
        }
        self.depth -= 1;
    }

    fn check_object(&mut self, node: &Node, object: &'a SchemaObject) {
        let constants = own_constants(object);
        if let Some(all) = constants.filter(|all| !all.iter().any(|it| equals_constant(node, it))) {
            return self.report_not_allowed(node, &all);
        }
        let types = own_types(object);
        if let Some(all) = types.filter(|all| !all.iter().any(|it| it.accepts(&node.kind))) {
            return self.report_wrong_type(node, &all);
        }
        match &node.kind {
            Kind::Table(entries) => self.check_table(entries, object),
            Kind::Array(items) => self.check_list(items, object),
            Kind::Text(text) => self.check_text(text, object),
            Kind::Datetime(it) if format(object) == "instant" => {
                self.report_malformed(Moment::try_from(it).err());
            }
            Kind::Integer(_) | Kind::Float(_) => self.check_number(&node.kind, object),
            _ => {}
        }
        if let Some(target) = self.schemas.referenced(object) {
            self.check(node, target);
        }
        self.check_alternatives(node, array(object, "anyOf"));
        self.check_alternatives(node, array(object, "oneOf"));
    }

    fn check_child(&mut self, step: Step, node: &Node, schema: &'a Value) {
        self.place.0.push(step);
        self.check(node, schema);
        self.place.0.pop();
    }

    fn report(&mut self, message: impl Into<String>, hint: Option<String>) {
        let problem = Problem::value(self.place.clone(), message);
        self.problems.push(Problem { hint, ..problem });
    }

    fn check_table(&mut self, entries: &Entries, object: &'a SchemaObject) {
        let own = object.get("properties").and_then(Value::as_object);
        let known: Vec<&str> = own_properties(object).map(|(name, _)| name).collect();
        let mut misspelt = Vec::new();
        for (key, node) in entries {
            if are_enough(&self.problems) {
                return;
            }
            match (own.and_then(|own| own.get(key)), object.get("additionalProperties")) {
                (None, Some(Value::Bool(false))) => {
                    misspelt.extend(self.report_unknown_key(key, &known));
                }
                (Some(schema), _) | (None, Some(schema)) => {
                    self.siblings.clone_from(&known);
                    self.check_child(Step::Key(key.clone()), node, schema);
                }
                (None, None) => {}
            }
        }
        for key in string_array(object, "required") {
            if !entries.contains_key(key) && !misspelt.contains(&key) {
                let schema = own.and_then(|own| own.get(key));
                let about = schema.and_then(|schema| self.schemas.description(schema));
                self.report_missing_key(key, about);
            }
        }
    }

    /// Reports `key` and returns the known keys that are probably meant.
    fn report_unknown_key(&mut self, key: &str, known: &[&'a str]) -> Vec<&'a str> {
        let meant = match closest_name(key, known) {
            Some(meant) => vec![meant],
            None => names_that_end_in(key, known),
        };
        let hint = match (meant.as_slice(), known) {
            ([], []) => "this table must be empty".to_owned(),
            ([], _) => format!("known keys are {}", list_names(key, known)),
            (meant, _) => {
                let meant: Vec<String> = meant.iter().map(|name| quoted(name)).collect();
                format!("did you mean {}?", meant.join(" or "))
            }
        };
        let place = self.place.clone().key(key);
        let message = format!("unknown key {}", quoted(key));
        self.problems.push(Problem::key(place, message).hint(hint));
        meant
    }

    fn report_missing_key(&mut self, key: &str, hint: Option<String>) {
        if !self.damaged {
            let place = self.place.clone().key(key);
            let problem = Problem::key(place, format!("missing key {}", quoted(key)));
            self.problems.push(Problem { hint, ..problem });
        }
    }

    fn check_list(&mut self, items: &[Node], object: &'a SchemaObject) {
        if let Some((bound, limit)) = outside_length(items.len(), object, "minItems", "maxItems") {
            let elements = if limit == 1 { "element" } else { "elements" };
            let message = format!("must have {bound} {limit} {elements}, has {}", items.len());
            self.report(message, None);
        }
        if let Some(schema) = object.get("items") {
            for (index, item) in items.iter().enumerate() {
                self.check_child(Step::Index(index), item, schema);
            }
        }
    }

    fn check_text(&mut self, text: &str, object: &SchemaObject) {
        let length = text.chars().count();
        match outside_length(length, object, "minLength", "maxLength") {
            Some((_, 1)) if length == 0 => self.report("must not be empty", None),
            Some((bound, limit)) => {
                let characters = if limit == 1 { "character" } else { "characters" };
                let message = format!("must be {bound} {limit} {characters} long, is {length}");
                self.report(message, None);
            }
            None => {}
        }
        self.report_malformed(match format(object) {
            "duration" => text.parse::<Length>().err(),
            "instant" => text.parse::<Moment>().err(),
            "size" => text.parse::<Size>().err(),
            _ => None,
        });
    }

    fn report_malformed(&mut self, problem: Option<InvalidValue>) {
        if let Some(InvalidValue { message, hint }) = problem {
            self.report(message, Some(hint.to_owned()));
        }
    }

    fn check_number(&mut self, kind: &Kind, object: &SchemaObject) {
        if matches!(kind, Kind::Float(number) if !number.is_finite()) {
            return self.report(format!("must be a finite number, is {}", value_text(kind)), None);
        }
        let (least, most) = format_bounds(format(object));
        for (keyword, relation, default, violation) in [
            ("minimum", "at least", least, Ordering::Less),
            ("maximum", "at most", most, Ordering::Greater),
        ] {
            let default = default.map(Value::from);
            let limit = object.get(keyword).or(default.as_ref());
            if let Some(limit) =
                limit.filter(|limit| compare_number(kind, limit) == Some(violation))
            {
                self.report(format!("must be {relation} {limit}, is {}", value_text(kind)), None);
            }
        }
    }

    fn report_not_allowed(&mut self, node: &Node, constants: &[&Value]) {
        let names = string_values(constants);
        let (found, meant) = match &node.kind {
            Kind::Text(text) => (text.as_str(), closest_name(text, &names)),
            _ => ("", None),
        };
        let expected = match constants {
            [only] => only.to_string(),
            _ if names.len() == constants.len() => format!("one of {}", list_names(found, &names)),
            _ => format!("one of {}", join_values(constants)),
        };
        let message = format!("expected {expected}, found {}", value_text(&node.kind));
        self.report(message, meant.map(|meant| format!("did you mean \"{meant}\"?")));
    }

    fn report_wrong_type(&mut self, node: &Node, types: &[ValueType<'a>]) {
        let mut names: Vec<&str> = Vec::new();
        for value_type in types {
            if !names.contains(&value_type.name()) {
                names.push(value_type.name());
            }
        }
        let expected = match names.as_slice() {
            [] => "no value".to_owned(),
            names => names.join(" or "),
        };
        let found = match &node.kind {
            Kind::Float(_) | Kind::Boolean(_) => value_text(&node.kind),
            kind => kind.name().to_owned(),
        };
        let hint = match types {
            [only] => only.hint_for(&node.kind).or_else(|| self.hint_for_plural(only, node)),
            several => match &node.kind {
                Kind::Table(_) | Kind::Array(_) => None,
                _ => several.iter().find_map(ValueType::format_hint),
            },
        };
        self.report(format!("expected {expected}, found {found}"), hint);
    }
}

impl<'a> Checker<'a> {
    /// `[dts.job]` was written where `[[dts.job]]` or `[dts.jobs]` is meant, or the reverse.
    fn hint_for_plural(&self, expected: &ValueType<'_>, node: &Node) -> Option<String> {
        let Some(Step::Key(key)) = self.place.0.last() else { return None };
        let place = &self.place;
        let has = |name: &str| self.siblings.contains(&name);
        let sibling = |name: String| {
            let mut sibling = place.clone();
            sibling.0.pop();
            has(&name).then(|| sibling.key(name))
        };
        match &node.kind {
            Kind::Table(_) if expected.is_list() => Some(match sibling(format!("{key}s")) {
                Some(population) => {
                    format!("[[{place}]] is one fixed record; is that or [{population}] meant?")
                }
                None => format!("write [[{place}]]"),
            }),
            Kind::Array(_) if expected.is_table() => {
                let record = key.strip_suffix('s').and_then(|key| sibling(key.to_owned()));
                Some(match record {
                    Some(record) => {
                        format!("[{place}] stands once; is that or [[{record}]] meant?")
                    }
                    None => format!("write [{place}], once"),
                })
            }
            _ => None,
        }
    }
}

/// The bound that `size` violates, such as `at least` and 1.
fn outside_length(
    size: usize,
    object: &SchemaObject,
    least: &str,
    most: &str,
) -> Option<(&'static str, u64)> {
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    let limit = |keyword: &str| object.get(keyword).and_then(Value::as_u64);
    let short = limit(least).filter(|least| size < *least);
    let long = limit(most).filter(|most| size > *most);
    short.map(|it| ("at least", it)).or(long.map(|it| ("at most", it)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::scenario::problem::On;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Scenario {
        /// The version of the format,
        /// always 1.
        ///
        /// Not shown.
        version: u32,
        #[serde(default)]
        auth: Auth,
        jobs: Option<Jobs>,
        #[serde(default)]
        job: Vec<Job>,
        #[serde(default)]
        fault: Vec<Fault>,
        retry: Option<Retry>,
        every: Option<Every>,
        source: Option<Source>,
    }

    #[derive(Debug, Default, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Auth {
        /// Anyone may call.
        #[default]
        Open,
        /// Calls are signed.
        Required,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Jobs {
        #[schemars(range(min = 1, max = 1000))]
        count: u64,
        every: Option<Length>,
        since: Option<Moment>,
        size: Option<Size>,
        #[serde(default)]
        outcomes: BTreeMap<String, u32>,
        #[schemars(length(min = 1, max = 2))]
        tags: Option<Vec<String>>,
        #[schemars(length(min = 1))]
        name: Option<String>,
        rate: Option<f64>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields, rename_all = "PascalCase")]
    #[allow(dead_code)]
    struct Job {
        status: Option<String>,
        code: Option<i32>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
    #[allow(dead_code)]
    enum Fault {
        Delay { by: Length },
        Status { code: u16 },
        Drop {},
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code)]
    enum Retry {
        Never,
        Always,
        After(Length),
        Times { count: u8 },
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum Every {
        Word(Word),
        Length(Length),
        Count(u32),
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Hourly,
        Daily,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum Source {
        File(FileSource),
        Made(MadeSource),
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct FileSource {
        path: String,
        encoding: Option<String>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct MadeSource {
        seed: u64,
        count: u64,
    }

    const GOOD: &str = r#"
version = 1
auth = "required"
every = "5m"
retry = { after = "5s" }
source = { path = "a" }
[jobs]
count = 5
every = "5m"
since = 2026-01-31T08:00:00Z
size = "3MB"
outcomes = { failed = 1, done = 3 }
tags = ["a"]
name = "x"
rate = 0.5
[[job]]
Status = "ok"
[[fault]]
kind = "delay"
by = "5s"
[[fault]]
kind = "drop"
"#;

    fn schema() -> Value {
        schemars::schema_for!(Scenario).to_value()
    }

    /// Each problem as `place: message | hint`.
    fn found(text: &str) -> Vec<String> {
        let (document, problems) = Document::parse("x", &format!("version = 1\n{text}"));
        assert_eq!(problems, []);
        lines(&document, &schema())
    }

    fn lines(document: &Document, schema: &Value) -> Vec<String> {
        let line = |problem: Problem| {
            let hint = problem.hint.map(|hint| format!(" | {hint}"));
            format!("{}: {}{}", problem.place, problem.message, hint.unwrap_or_default())
        };
        check(document, schema).into_iter().map(line).collect()
    }

    #[test]
    fn a_good_file_has_no_problems_and_serde_agrees() {
        let (document, problems) = Document::parse("x", GOOD);
        assert_eq!(problems, []);
        assert_eq!(check(&document, &schema()), []);
        assert_eq!(document.to_value().try_into::<Scenario>().err(), None);
    }

    #[test]
    fn an_unknown_key_is_reported_with_the_most_similar_known_key() {
        let problems = found("[jobs]\ncuont = 5\nzzz = 1\n[[job]]\nstatus = 1\nxyz = 1");
        let expected = [
            r#"jobs.cuont: unknown key "cuont" | did you mean "count"?"#,
            r#"jobs.zzz: unknown key "zzz" | known keys are ""#,
            r#"job[0].status: unknown key "status" | did you mean "Status"?"#,
            r#"job[0].xyz: unknown key "xyz" | known keys are ""#,
        ];
        assert_eq!(problems.len(), expected.len());
        for (problem, expected) in problems.iter().zip(expected) {
            assert!(problem.starts_with(expected), "{problem}");
        }
        let (document, _) = Document::parse("x", "version = 1\nwrong = 1");
        let all = check(&document, &schema());
        assert_eq!(all.iter().map(|it| it.on).collect::<Vec<_>>(), [On::Key]);
    }

    #[test]
    fn a_missing_key_is_explained_by_its_description() {
        let (document, _) = Document::parse("x", "[jobs]\n");
        assert_eq!(
            lines(&document, &schema()),
            [
                r#"jobs.count: missing key "count""#,
                r#"version: missing key "version" | The version of the format, always 1."#,
            ]
        );
    }

    #[test]
    fn a_wrong_type_is_reported_with_the_expected_one() {
        for (line, expected) in [
            ("count = \"x\"", "count: expected a whole number, found text"),
            ("count = \"5\"", "count: expected a whole number, found text | remove the quotes"),
            (
                "count = 0.5",
                "count: expected a whole number, found 0.5 | ratios are written as whole numbers, such as 1 and 3 for 0.25 and 0.75",
            ),
            ("count = {}", "count: expected a whole number, found a table"),
            ("count = 1\nname = true", "name: expected text, found true | put it in quotes"),
            ("count = 1\nrate = \"x\"", "rate: expected a number, found text"),
            ("count = 1\nrate = nan", "rate: must be a finite number, is NaN"),
            ("count = 1\ntags = 5", "tags: expected a list, found a whole number"),
            (
                "count = 1\ntags = [5]",
                "tags[0]: expected text, found a whole number | put it in quotes",
            ),
            (
                "count = 1\nevery = 5",
                r#"every: expected a duration, found a whole number | write it like "40s", "5m", "1h30m" or "7d""#,
            ),
            (
                "count = 1\noutcomes.failed = 0.5",
                "outcomes.failed: expected a whole number, found 0.5 | ratios are written as whole numbers, such as 1 and 3 for 0.25 and 0.75",
            ),
        ] {
            assert_eq!(found(&format!("[jobs]\n{line}")), [format!("jobs.{expected}")]);
        }
        assert_eq!(found("jobs = 5"), ["jobs: expected a table, found a whole number"]);
    }

    #[test]
    fn bounds_are_enforced_on_numbers_texts_and_lists() {
        for (line, expected) in [
            ("count = -5", "count: must be at least 1, is -5"),
            ("count = 1001", "count: must be at most 1000, is 1001"),
            ("count = 1\noutcomes.a = -1", "outcomes.a: must be at least 0, is -1"),
            (
                "count = 1\noutcomes.a = 5000000000",
                "outcomes.a: must be at most 4294967295, is 5000000000",
            ),
            ("count = 1\ntags = []", "tags: must have at least 1 element, has 0"),
            ("count = 1\ntags = ['a', 'b', 'c']", "tags: must have at most 2 elements, has 3"),
            ("count = 1\nname = ''", "name: must not be empty"),
        ] {
            assert_eq!(found(&format!("[jobs]\n{line}")), [format!("jobs.{expected}")]);
        }
    }

    #[test]
    fn durations_instants_and_sizes_are_parsed() {
        let problems =
            found("[jobs]\ncount = 1\nevery = '5 minuts'\nsize = '3'\nsince = 2026-01-31T08:00:00");
        assert_eq!(
            problems,
            [
                r#"jobs.every: not a duration: "5 minuts" (unknown unit "minuts") | write it like "40s", "5m", "1h30m" or "7d""#.to_owned(),
                r#"jobs.size: not a size: "3" (it needs a unit) | write it like "512B", "64KB", "3MB" or "1GiB""#.to_owned(),
                format!("jobs.since: not an instant: 2026-01-31T08:00:00 (it has no offset) | {}", Moment::OFFSET_HINT),
            ]
        );
    }

    #[test]
    fn a_misspelt_choice_lists_the_choices() {
        assert_eq!(
            found("auth = 'opne'"),
            [r#"auth: expected one of "open", "required", found "opne" | did you mean "open"?"#]
        );
        assert_eq!(found("auth = 5"), [r#"auth: expected one of "open", "required", found 5"#]);
    }

    #[test]
    fn a_tagged_variant_is_chosen_by_its_tag() {
        let problems = found(
            "[[fault]]\nkind = 'delay'\nby = '5x'\n[[fault]]\nkind = 'dealy'\n[[fault]]\nby = '5s'\n[[fault]]\nkind = 'drop'\ncode = 5",
        );
        assert_eq!(
            problems,
            [
                r#"fault[0].by: not a duration: "5x" (unknown unit "x") | write it like "40s", "5m", "1h30m" or "7d""#,
                r#"fault[1].kind: expected one of "delay", "status", "drop", found "dealy" | did you mean "delay"?"#,
                r#"fault[2].kind: missing key "kind" | one of "delay", "status", "drop""#,
                r#"fault[3].code: unknown key "code" | known keys are "kind""#,
            ]
        );
    }

    #[test]
    fn a_variant_named_by_its_key_is_chosen_by_that_key() {
        for (value, expected) in [
            (
                "'nevr'",
                r#"retry: expected one of "never", "always", found "nevr" | did you mean "never"?"#,
            ),
            ("{ aftr = '5s' }", r#"retry.aftr: unknown key "aftr" | did you mean "after"?"#),
            ("{ times = { count = 256 } }", "retry.times.count: must be at most 255, is 256"),
            ("{}", r#"retry: expected one of the keys "after", "times""#),
            ("5", "retry: expected text or a table, found a whole number"),
        ] {
            assert_eq!(found(&format!("retry = {value}")), [expected]);
        }
    }

    #[test]
    fn problems_of_the_closest_untagged_alternative_are_reported() {
        for (line, expected) in [
            (
                "every = 'daly'",
                r#"every: expected one of "hourly", "daily", found "daly" | did you mean "daily"?"#,
            ),
            (
                "every = '5 minuts'",
                r#"every: not a duration: "5 minuts" (unknown unit "minuts") | write it like "40s", "5m", "1h30m" or "7d", or use "hourly", "daily""#,
            ),
            ("every = -1", "every: must be at least 0, is -1"),
            (
                "every = {}",
                r#"every: expected text or a duration or a whole number, found a table"#,
            ),
            (
                "source = { path = 5 }",
                "source.path: expected text, found a whole number | put it in quotes",
            ),
            (
                "source = { seed = 5, cuont = 5 }",
                r#"source.cuont: unknown key "cuont" | did you mean "count"?"#,
            ),
        ] {
            assert_eq!(found(line), [expected]);
        }
    }

    #[test]
    fn a_syntax_error_neither_hides_nor_causes_other_problems() {
        let (document, problems) =
            Document::parse("x", "version 1\nauth = open\n[jobs]\ncuont = 5");
        assert_eq!(problems.len(), 2);
        assert_eq!(
            lines(&document, &schema()),
            [r#"jobs.cuont: unknown key "cuont" | did you mean "count"?"#]
        );
    }

    /// The keywords that the checker applies, and the annotations, which constrain nothing.
    const KNOWN_KEYWORDS: &str = "$defs $ref $schema additionalProperties anyOf const default \
        description enum examples format items maximum maxItems maxLength minimum minItems \
        minLength oneOf properties required title type";

    /// Adds the keywords in `schema` and its subschemas that the checker does not know.
    fn unknown_keywords(schema: &Value, unknown: &mut Vec<String>) {
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            match (keyword.as_str(), value) {
                ("properties" | "$defs", Value::Object(schemas)) => {
                    schemas.values().for_each(|it| unknown_keywords(it, unknown));
                }
                ("anyOf" | "oneOf", Value::Array(schemas)) => {
                    schemas.iter().for_each(|it| unknown_keywords(it, unknown));
                }
                ("items" | "additionalProperties", schema) => unknown_keywords(schema, unknown),
                (keyword, _) if KNOWN_KEYWORDS.split(' ').any(|known| known == keyword) => {}
                _ => unknown.push(keyword.clone()),
            }
        }
    }

    #[test]
    fn the_checker_knows_every_keyword_of_the_scenario_schema() {
        let mut unknown = Vec::new();
        unknown_keywords(&crate::vendors::schema(), &mut unknown);
        assert_eq!(unknown, [""; 0]);
        let wrong = json!({ "anyOf": [{ "items": { "multipleOf": 5 } }], "$defs": { "allOf": { "allOf": [] } } });
        unknown_keywords(&wrong, &mut unknown);
        assert_eq!(unknown, ["multipleOf", "allOf"]);
    }

    #[test]
    fn checking_a_recursive_schema_terminates() {
        let schema = json!({
            "$ref": "#",
            "oneOf": [{ "$ref": "#" }, { "$ref": "#" }],
            "anyOf": [{ "$ref": "#" }, { "type": "integer" }, { "$ref": "#" }],
            "additionalProperties": { "$ref": "#" },
        });
        let (document, _) = Document::parse("x", "a.b.c.d = [1, { e = 1 }]");
        let _ = check(&document, &schema);
    }

    fn any_schema() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(true)),
            Just(json!(false)),
            Just(json!(null)),
            Just(json!(-1)),
            Just(json!(1.5)),
            Just(json!("#")),
            Just(json!("#/$defs/Jobs")),
            Just(json!("string")),
            Just(json!("object")),
            Just(json!("null")),
            Just(json!("integer")),
            Just(json!("duration")),
            Just(json!(["jobs", "version"])),
        ];
        let keyword = prop::sample::select(vec![
            "$ref",
            "type",
            "properties",
            "required",
            "additionalProperties",
            "enum",
            "const",
            "items",
            "minItems",
            "maximum",
            "maxLength",
            "anyOf",
            "oneOf",
            "format",
            "jobs",
            "version",
            "count",
            "description",
        ]);
        leaf.prop_recursive(5, 60, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((keyword.clone(), inner), 0..6).prop_map(|pairs| {
                    Value::Object(pairs.into_iter().map(|(key, it)| (key.to_owned(), it)).collect())
                }),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..Default::default() })]

        #[test]
        fn no_schema_and_no_mutated_file_panics(
            random in any_schema(),
            edits in prop::collection::vec((0..GOOD.len(), 0..6_usize, r#"[\[\]{}="'.,\n a15日-]{0,3}"#), 0..6),
        ) {
            let mut text = GOOD.to_owned();
            for (at, remove, insert) in edits {
                let at = (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
                let end = (at + remove..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len());
                text.replace_range(at..end, &insert);
            }
            let (document, problems) = Document::parse("x", &text);
            let _ = check(&document, &random);
            // A file that passes the check must deserialize, as serde errors have no position.
            if problems.is_empty() && check(&document, &schema()).is_empty() {
                let scenario = document.to_value().try_into::<Scenario>();
                prop_assert!(scenario.is_ok(), "{}\n{:?}", text, scenario.err());
            }
        }

        #[test]
        fn values_that_pass_the_check_deserialize(
            changes in prop::collection::vec((
                prop::sample::select(vec![
                    "version", "auth", "every", "retry", "source", "source.path", "source.seed", "source.count",
                    "jobs", "jobs.count", "jobs.every", "jobs.since", "jobs.size", "jobs.outcomes", "jobs.outcomes.x",
                    "jobs.tags", "jobs.name", "jobs.rate", "jobs.wrong", "job", "job.0", "job.0.Status", "job.0.Code",
                    "fault", "fault.0", "fault.0.kind", "fault.0.by", "fault.1.code", "fault.1.kind", "retry.times",
                    "retry.times.count", "retry.after", "wrong",
                ]),
                prop::sample::select(vec![
                    "1", "-1", "256", "5000000000", "0.5", "true", "'x'", "5s", "'3MB'", "open", "hourly", "never",
                    "delay", "drop", "status", "{}", "[]", "[1]", "['a']", "[{}]", "{ count = 1 }", "{ after = '5s' }",
                    "{ times = { count = 5 } }", "{ seed = 1, count = 1 }", "{ path = 'x' }", "{ kind = 'drop' }",
                    "{ kind = 'status', code = 5 }", "[{ kind = 'delay', by = '5s' }]", "[{ Status = 'x' }]",
                    "2026-01-31T08:00:00Z", "2026-01-31T08:00:00", "2026-01-31",
                ]),
            ), 1..4),
        ) {
            let (mut document, _) = Document::parse("x", GOOD);
            for (key, value) in changes {
                let _ = document.set(&format!("{key}={value}"));
            }
            let problems = check(&document, &schema());
            let scenario = document.to_value().try_into::<Scenario>();
            // Serde ignores ranges and lengths and accepts a TOML date-time as text.
            let lenient = |it: &&Problem| {
                it.message.starts_with("must ") || it.message.ends_with("found a date-time")
            };
            let serious = problems.iter().find(|it| !lenient(it));
            match scenario {
                Ok(_) => prop_assert_eq!(serious, None),
                Err(error) => prop_assert!(!problems.is_empty(), "{}\n{}", error, document.to_value()),
            }
        }
    }
}
