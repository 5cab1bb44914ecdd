//! Checks a document against the JSON Schema of the scenario types, collecting every problem.

use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;

use serde_json::{Map, Value};

use super::document::{Document, Kind, Node};
use super::problem::{Place, Problem, Step, quoted};
use super::value::{Length, Malformed, Moment, Size};

/// Deepest nesting of schemas followed, so that one referring to itself comes to an end.
const MAX_DEPTH: u32 = 160;
/// Most schemas applied, so that alternatives within alternatives come to an end.
const MAX_STEPS: u32 = 3_000_000;
/// References and alternatives looked through to learn about a schema without applying it.
const LOOK_AHEAD: u32 = 6;
/// Most names listed in one message.
const MAX_LISTED: usize = 8;

type Rules = Map<String, Value>;
type Entries = toml::map::Map<String, Node>;
type Property<'a> = (&'a str, &'a Value);

/// Every way in which `document` differs from what `schema` allows, without repetition.
///
/// Says nothing about values with syntax errors in them, nor about missing keys in a file that
/// has any: they may be there, unreadable. A misspelt required key is reported once, as unknown.
pub fn check(document: &Document, schema: &Value) -> Vec<Problem> {
    let mut walk = Walk {
        book: Book(schema),
        damaged: document.is_damaged(),
        place: Place::root(),
        found: Vec::new(),
        depth: 0,
        steps: MAX_STEPS,
    };
    walk.visit(document.root(), schema);
    let mut seen = HashSet::new();
    walk.found.retain(|problem| seen.insert(problem.clone()));
    walk.found
}

struct Walk<'a> {
    book: Book<'a>,
    damaged: bool,
    place: Place,
    found: Vec<Problem>,
    depth: u32,
    steps: u32,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, node: &Node, schema: &'a Value) {
        if self.depth >= MAX_DEPTH || self.steps == 0 || node.kind == Kind::Unreadable {
            return;
        }
        self.steps -= 1;
        self.depth += 1;
        match schema {
            Value::Object(rules) => self.apply(node, rules),
            Value::Bool(false) => self.here("no value is allowed here", None),
            _ => {}
        }
        self.depth -= 1;
    }

    fn apply(&mut self, node: &Node, rules: &'a Rules) {
        let constants = own_constants(rules);
        if let Some(all) = constants.filter(|all| !all.iter().any(|it| equal(node, it))) {
            return self.not_among(node, &all);
        }
        let shapes = own_shapes(rules);
        if let Some(all) = shapes.filter(|all| !all.iter().any(|it| it.fits(&node.kind))) {
            return self.mismatch(node, &all);
        }
        match &node.kind {
            Kind::Table(entries) => self.table(entries, rules),
            Kind::Array(items) => self.list(items, rules),
            Kind::Text(text) => self.text(text, rules),
            Kind::Datetime(it) if format(rules) == "instant" => {
                self.malformed(Moment::try_from(it).err());
            }
            Kind::Integer(_) | Kind::Float(_) => self.number(&node.kind, rules),
            _ => {}
        }
        if let Some(target) = self.book.target(rules) {
            self.visit(node, target);
        }
        for part in list(rules, "allOf") {
            self.visit(node, part);
        }
        self.choose(node, list(rules, "anyOf"));
        self.choose(node, list(rules, "oneOf"));
    }

    fn inside(&mut self, step: Step, node: &Node, schema: &'a Value) {
        self.place.0.push(step);
        self.visit(node, schema);
        self.place.0.pop();
    }

    fn here(&mut self, message: impl Into<String>, hint: Option<String>) {
        let problem = Problem::value(self.place.clone(), message);
        self.found.push(Problem { hint, ..problem });
    }

    fn table(&mut self, entries: &Entries, rules: &'a Rules) {
        let own = rules.get("properties").and_then(Value::as_object);
        let (known, rest) = self.book.known_keys(rules);
        let mut misspelt = Vec::new();
        for (key, node) in entries {
            let step = Step::Key(key.clone());
            if let Some(schema) = own.and_then(|own| own.get(key)) {
                self.inside(step, node, schema);
            } else if !known.contains(&key.as_str()) {
                match rest {
                    Some(Value::Bool(false)) => misspelt.extend(self.unknown_key(key, &known)),
                    Some(schema) => self.inside(step, node, schema),
                    None => {}
                }
            }
        }
        for key in strings(rules, "required") {
            if !entries.contains_key(key) && !misspelt.contains(&key) {
                let schema = own.and_then(|own| own.get(key));
                let about = schema.and_then(|schema| self.book.description(schema));
                self.missing_key(key, about);
            }
        }
    }

    /// Reports `key`, and returns the one it was probably meant to be.
    fn unknown_key(&mut self, key: &str, known: &[&'a str]) -> Option<&'a str> {
        let meant = nearest(key, known);
        let hint = match (meant, known) {
            (Some(meant), _) => format!("did you mean \"{meant}\"?"),
            (None, []) => "this table must be empty".to_owned(),
            (None, _) => format!("known keys are {}", listed(key, known)),
        };
        let place = self.place.clone().key(key);
        let message = format!("unknown key {}", quoted(key));
        self.found.push(Problem::key(place, message).hint(hint));
        meant
    }

    fn missing_key(&mut self, key: &str, hint: Option<String>) {
        if !self.damaged {
            let place = self.place.clone().key(key);
            let problem = Problem::key(place, format!("missing key {}", quoted(key)));
            self.found.push(Problem { hint, ..problem });
        }
    }

    fn list(&mut self, items: &[Node], rules: &'a Rules) {
        if let Some((bound, limit)) = beyond(items.len(), rules, "minItems", "maxItems") {
            let elements = if limit == 1 { "element" } else { "elements" };
            let message = format!("must have {bound} {limit} {elements}, has {}", items.len());
            self.here(message, None);
        }
        let first = list(rules, "prefixItems");
        for (index, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(index).or_else(|| rules.get("items")) {
                self.inside(Step::Index(index), item, schema);
            }
        }
    }

    fn text(&mut self, text: &str, rules: &Rules) {
        let length = text.chars().count();
        match beyond(length, rules, "minLength", "maxLength") {
            Some((_, 1)) if length == 0 => self.here("must not be empty", None),
            Some((bound, limit)) => {
                let letters = if limit == 1 { "character" } else { "characters" };
                let message = format!("must be {bound} {limit} {letters} long, is {length}");
                self.here(message, None);
            }
            None => {}
        }
        self.malformed(match format(rules) {
            "duration" => text.parse::<Length>().err(),
            "instant" => text.parse::<Moment>().err(),
            "size" => text.parse::<Size>().err(),
            _ => None,
        });
    }

    fn malformed(&mut self, problem: Option<Malformed>) {
        if let Some(Malformed { message, hint }) = problem {
            self.here(message, Some(hint.to_owned()));
        }
    }

    fn number(&mut self, kind: &Kind, rules: &Rules) {
        if matches!(kind, Kind::Float(number) if !number.is_finite()) {
            return self.here(format!("must be a finite number, is {}", shown(kind)), None);
        }
        let (least, most) = format_bounds(format(rules));
        for (rule, words, default, wrong, exclusive) in [
            ("minimum", "at least", least, Ordering::Less, false),
            ("maximum", "at most", most, Ordering::Greater, false),
            ("exclusiveMinimum", "more than", None, Ordering::Less, true),
            ("exclusiveMaximum", "less than", None, Ordering::Greater, true),
        ] {
            let default = default.map(Value::from);
            if let Some(limit) = rules.get(rule).or(default.as_ref()) {
                let order = compare(kind, limit);
                if order == Some(wrong) || (exclusive && order == Some(Ordering::Equal)) {
                    let message = format!("must be {words} {limit}, is {}", shown(kind));
                    self.here(message, None);
                }
            }
        }
    }

    fn not_among(&mut self, node: &Node, constants: &[&Value]) {
        let names = texts(constants);
        let (found, meant) = match &node.kind {
            Kind::Text(text) => (text.as_str(), nearest(text, &names)),
            _ => ("", None),
        };
        let expected = match constants {
            [only] => only.to_string(),
            _ if names.len() == constants.len() => format!("one of {}", listed(found, &names)),
            _ => format!("one of {}", joined(constants)),
        };
        let message = format!("expected {expected}, found {}", shown(&node.kind));
        self.here(message, meant.map(|meant| format!("did you mean \"{meant}\"?")));
    }

    fn mismatch(&mut self, node: &Node, shapes: &[Shape<'a>]) {
        let mut names: Vec<&str> = Vec::new();
        for shape in shapes {
            if !names.contains(&shape.name()) {
                names.push(shape.name());
            }
        }
        let expected = match names.as_slice() {
            [] => "no value".to_owned(),
            names => names.join(" or "),
        };
        let found = match &node.kind {
            Kind::Float(_) | Kind::Boolean(_) => shown(&node.kind),
            kind => kind.name().to_owned(),
        };
        let hint = shapes.iter().find_map(|shape| shape.advice(&node.kind));
        self.here(format!("expected {expected}, found {found}"), hint);
    }

    /// Applies whichever of the alternatives suits the node best.
    fn choose(&mut self, node: &Node, branches: &'a [Value]) {
        let live: Vec<&'a Value> = branches.iter().filter(|it| !is_null(it)).collect();
        let fits = |branch: &&'a Value| self.book.fits(node, branch);
        let fitting: Vec<&'a Value> = live.iter().copied().filter(fits).collect();
        let candidates = if fitting.is_empty() { &live } else { &fitting };
        match (candidates.as_slice(), self.book.all_constants(candidates)) {
            ([], _) => {}
            ([only], _) => self.visit(node, only),
            (_, Some(constants)) => {
                if !constants.iter().any(|it| equal(node, it)) {
                    self.not_among(node, &constants);
                }
            }
            (all, None) if fitting.is_empty() => {
                let shapes: Vec<_> = all.iter().flat_map(|it| self.book.shapes_of(it)).collect();
                self.mismatch(node, &shapes);
            }
            (all, None) => match &node.kind {
                Kind::Table(entries) => self.variant(node, entries, all),
                _ => self.closest(node, all),
            },
        }
    }

    /// Chooses by the tag or sole key that tells the variants of an enum apart, if there is one.
    fn variant(&mut self, node: &Node, entries: &Entries, branches: &[&'a Value]) {
        let book = self.book;
        if let Some((tag, values)) = book.tag(branches) {
            return self.tagged(node, entries, tag, &values, branches);
        }
        let names = branches.iter().map(|branch| book.sole_key(branch));
        let Some(names) = names.collect::<Option<Vec<_>>>() else {
            return self.closest(node, branches);
        };
        let present = |(name, _): &(&&str, _)| entries.contains_key(**name);
        if let Some((_, branch)) = names.iter().zip(branches).find(present) {
            self.visit(node, branch);
        } else if let Some(key) = entries.keys().next() {
            self.unknown_key(key, &names);
        } else if !self.damaged {
            let message = format!("expected one of the keys {}", listed("", &names));
            self.here(message, None);
        }
    }

    /// Chooses among variants told apart by the value of the key `tag`; `values` has those of
    /// each branch.
    fn tagged(
        &mut self,
        node: &Node,
        entries: &Entries,
        tag: &'a str,
        values: &[Vec<&'a Value>],
        branches: &[&'a Value],
    ) {
        let Some(value) = entries.get(tag) else {
            if branches.iter().all(|it| self.book.requires(it, tag)) {
                let hint = format!("one of {}", joined(&values.concat()));
                return self.missing_key(tag, Some(hint));
            }
            return self.closest(node, branches);
        };
        let matches = |(values, _): &(&Vec<&Value>, _)| values.iter().any(|it| equal(value, it));
        let pairs = values.iter().zip(branches).filter(matches);
        let matching: Vec<&'a Value> = pairs.map(|(_, branch)| *branch).collect();
        match matching.as_slice() {
            [only] => self.visit(node, only),
            [] if value.kind == Kind::Unreadable => {}
            [] => {
                self.place.0.push(Step::Key(tag.to_owned()));
                self.not_among(value, &values.concat());
                self.place.0.pop();
            }
            several => self.closest(node, several),
        }
    }

    /// Tries every alternative; reports nothing if one fits, else the problems of the closest.
    fn closest(&mut self, node: &Node, branches: &[&'a Value]) {
        let mut best: Option<((usize, Reverse<usize>), Vec<Problem>)> = None;
        let mut constants = Vec::new();
        for branch in branches {
            let before = std::mem::take(&mut self.found);
            self.visit(node, branch);
            let problems = std::mem::replace(&mut self.found, before);
            if problems.is_empty() {
                return;
            }
            if let Some(values) = self.book.constants(branch, LOOK_AHEAD) {
                constants.extend(values);
                continue;
            }
            let score = (self.book.shared_keys(node, branch), Reverse(problems.len()));
            if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
                best = Some((score, problems));
            }
        }
        let names = texts(&constants);
        let misspelt = matches!(&node.kind, Kind::Text(text) if nearest(text, &names).is_some());
        match best {
            Some((_, problems)) if constants.is_empty() => self.found.extend(problems),
            Some((_, problems)) if !misspelt => {
                let or = format!("or use {}", joined(&constants));
                self.found.extend(problems.into_iter().map(|problem| {
                    let hint = problem.hint.as_ref().map(|hint| format!("{hint}, {or}"));
                    problem.hint(hint.unwrap_or_else(|| or.clone()))
                }));
            }
            _ => self.not_among(node, &constants),
        }
    }
}

/// The whole schema, to look things up in.
#[derive(Clone, Copy)]
struct Book<'a>(&'a Value);

impl<'a> Book<'a> {
    fn target(self, rules: &Rules) -> Option<&'a Value> {
        let pointer = rules.get("$ref")?.as_str()?.strip_prefix('#')?;
        self.0.pointer(pointer)
    }

    /// The schema's own description or that of the one it refers to, on one line.
    fn description(self, schema: &'a Value) -> Option<String> {
        let mut rules = schema.as_object()?;
        for _ in 0..LOOK_AHEAD {
            if let Some(text) = rules.get("description").and_then(Value::as_str) {
                let paragraph = text.split("\n\n").next().unwrap_or_default();
                let words: Vec<&str> = paragraph.split_whitespace().collect();
                return Some(words.join(" "));
            }
            // An optional value of a named type is written as that type or null.
            let some = list(rules, "anyOf").iter().find(|it| !is_null(it));
            rules = self.target(rules).or(some)?.as_object()?;
        }
        None
    }

    /// The keys that other rules answer for, and the schema of all remaining ones.
    fn known_keys(self, rules: &'a Rules) -> (Vec<&'a str>, Option<&'a Value>) {
        let rest = rules.get("additionalProperties");
        let properties = if rest.is_none() && rules.contains_key("unevaluatedProperties") {
            let mut all = Vec::new();
            self.properties(rules, true, LOOK_AHEAD, &mut all);
            all
        } else {
            own_properties(rules).collect()
        };
        let names = properties.into_iter().map(|(name, _)| name).collect();
        let rest = rest.or_else(|| rules.get("unevaluatedProperties"));
        // The schema of a map with numbers for keys has one pattern; serde checks the keys.
        let patterns = rules.get("patternProperties").and_then(Value::as_object);
        (names, patterns.and_then(|it| it.values().next()).or(rest))
    }

    fn properties_of(self, schema: &'a Value) -> Vec<Property<'a>> {
        let mut found = Vec::new();
        if let Value::Object(rules) = schema {
            self.properties(rules, false, LOOK_AHEAD, &mut found);
        }
        found
    }

    /// The properties of a schema and all it includes, with those of all alternatives if asked.
    fn properties(self, rules: &'a Rules, any: bool, depth: u32, into: &mut Vec<Property<'a>>) {
        into.extend(own_properties(rules));
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        let mut parts: Vec<&'a Value> = list(rules, "allOf").iter().collect();
        parts.extend(self.target(rules));
        if any {
            parts.extend(alternatives(rules));
        }
        for part in parts.into_iter().filter_map(Value::as_object) {
            self.properties(part, any, depth, into);
        }
    }

    fn shared_keys(self, node: &Node, branch: &'a Value) -> usize {
        let Kind::Table(entries) = &node.kind else {
            return 0;
        };
        let properties = self.properties_of(branch).into_iter();
        properties.filter(|(name, _)| entries.contains_key(*name)).count()
    }

    /// Whether `schema`, or what it refers to, requires `key`.
    fn requires(self, schema: &'a Value, key: &str) -> bool {
        let Some(rules) = schema.as_object() else {
            return false;
        };
        let target = self.target(rules).and_then(Value::as_object);
        let mut required = strings(rules, "required")
            .chain(target.into_iter().flat_map(|rules| strings(rules, "required")));
        required.any(|name| name == key)
    }

    /// The one key of a schema that has only that one and requires it.
    fn sole_key(self, branch: &'a Value) -> Option<&'a str> {
        match self.properties_of(branch).as_slice() {
            [(name, _)] if self.requires(branch, name) => Some(name),
            _ => None,
        }
    }

    /// A key that allows only certain values in every branch, and those values by branch.
    fn tag(self, branches: &[&'a Value]) -> Option<(&'a str, Vec<Vec<&'a Value>>)> {
        let variants: Vec<_> = branches.iter().map(|it| self.properties_of(it)).collect();
        let values = |variant: &Vec<Property<'a>>, tag: &str| {
            let (_, schema) = variant.iter().find(|(name, _)| *name == tag)?;
            self.constants(schema, LOOK_AHEAD)
        };
        variants.first()?.iter().find_map(|(tag, _)| {
            let each = variants.iter().map(|variant| values(variant, tag));
            Some((*tag, each.collect::<Option<Vec<_>>>()?))
        })
    }

    fn all_constants(self, branches: &[&'a Value]) -> Option<Vec<&'a Value>> {
        let each = branches.iter().map(|it| self.constants(it, LOOK_AHEAD));
        Some(each.collect::<Option<Vec<_>>>()?.concat())
    }

    /// The only values a schema allows, if it allows only certain ones.
    fn constants(self, schema: &'a Value, depth: u32) -> Option<Vec<&'a Value>> {
        let depth = depth.checked_sub(1)?;
        let rules = schema.as_object()?;
        if let Some(constants) = own_constants(rules) {
            return Some(constants);
        }
        if let Some(target) = self.target(rules) {
            return self.constants(target, depth);
        }
        let mut all = Vec::new();
        for branch in alternatives(rules).filter(|it| !is_null(it)) {
            all.extend(self.constants(branch, depth)?);
        }
        (!all.is_empty()).then_some(all)
    }

    fn fits(self, node: &Node, branch: &'a Value) -> bool {
        let shapes = self.shapes_of(branch);
        shapes.is_empty() || shapes.iter().any(|shape| shape.fits(&node.kind))
    }

    /// The shapes a schema asks for at its top, none if it takes any.
    fn shapes_of(self, schema: &'a Value) -> Vec<Shape<'a>> {
        let mut found = Vec::new();
        self.shapes(schema, LOOK_AHEAD, &mut found);
        found
    }

    fn shapes(self, schema: &'a Value, depth: u32, into: &mut Vec<Shape<'a>>) {
        let (Some(rules), Some(depth)) = (schema.as_object(), depth.checked_sub(1)) else {
            return;
        };
        if let Some(own) = own_shapes(rules) {
            into.extend(own);
        } else if let Some(target) = self.target(rules) {
            self.shapes(target, depth, into);
        } else {
            for branch in alternatives(rules) {
                self.shapes(branch, depth, into);
            }
        }
    }
}

/// A JSON type with the format that narrows it.
#[derive(Clone, Copy)]
struct Shape<'a> {
    json: &'a str,
    format: &'a str,
}

impl Shape<'_> {
    fn fits(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Text(_) => self.json == "string",
            Kind::Integer(_) => matches!(self.json, "integer" | "number"),
            Kind::Float(_) => self.json == "number",
            Kind::Boolean(_) => self.json == "boolean",
            Kind::Datetime(_) => self.json == "string" && self.format == "instant",
            Kind::Array(_) => self.json == "array",
            Kind::Table(_) => self.json == "object",
            Kind::Unreadable => true,
        }
    }

    fn name(&self) -> &'static str {
        match (self.json, self.format) {
            ("string", "duration") => "a duration",
            ("string", "instant") => "an instant",
            ("string", "size") => "a size",
            ("string", _) => "text",
            ("integer", _) => "a whole number",
            ("number", _) => "a number",
            ("boolean", _) => "true or false",
            ("array", _) => "a list",
            ("object", _) => "a table",
            _ => "something else",
        }
    }

    /// How to turn what was found into this shape, if that is plain.
    fn advice(&self, kind: &Kind) -> Option<String> {
        let text = match (self.json, kind) {
            ("string", _) if self.format == "duration" => Length::HINT,
            ("string", _) if self.format == "instant" => Moment::HINT,
            ("string", _) if self.format == "size" => Size::HINT,
            (
                "string",
                Kind::Integer(_) | Kind::Float(_) | Kind::Boolean(_) | Kind::Datetime(_),
            ) => "put it in quotes",
            ("integer", Kind::Float(_)) => {
                "ratios are written as whole numbers, such as 1 and 3 for 0.25 and 0.75"
            }
            ("integer", Kind::Text(text)) if text.parse::<i64>().is_ok() => "remove the quotes",
            ("number", Kind::Text(text)) if text.parse::<f64>().is_ok() => "remove the quotes",
            ("boolean", Kind::Text(text)) if text.parse::<bool>().is_ok() => "remove the quotes",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// The shapes a schema names itself: none at all for one that only null satisfies.
fn own_shapes(rules: &Rules) -> Option<Vec<Shape<'_>>> {
    let shape = |json| Shape { json, format: format(rules) };
    let not_null = |json: &&str| *json != "null";
    match (rules.get("type"), own_constants(rules)) {
        (Some(Value::String(json)), _) => {
            Some(vec![shape(json.as_str())].into_iter().filter(|it| it.json != "null").collect())
        }
        (Some(Value::Array(all)), _) => {
            Some(all.iter().filter_map(Value::as_str).filter(not_null).map(shape).collect())
        }
        (_, Some(constants)) => {
            Some(constants.into_iter().map(|it| shape(json_type(it))).collect())
        }
        _ => rules.contains_key("properties").then(|| vec![shape("object")]),
    }
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn own_constants(rules: &Rules) -> Option<Vec<&Value>> {
    let all = rules.get("const").map(std::slice::from_ref);
    let all = all.or_else(|| rules.get("enum")?.as_array().map(Vec::as_slice))?;
    let all: Vec<&Value> = all.iter().filter(|it| !it.is_null()).collect();
    (!all.is_empty()).then_some(all)
}

fn own_properties(rules: &Rules) -> impl Iterator<Item = Property<'_>> {
    let own = rules.get("properties").and_then(Value::as_object);
    own.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema))
}

fn alternatives(rules: &Rules) -> impl Iterator<Item = &Value> {
    list(rules, "anyOf").iter().chain(list(rules, "oneOf"))
}

fn list<'a>(rules: &'a Rules, key: &str) -> &'a [Value] {
    let all = rules.get(key).and_then(Value::as_array);
    all.map_or(&[], Vec::as_slice)
}

fn strings<'a>(rules: &'a Rules, key: &str) -> impl Iterator<Item = &'a str> {
    list(rules, key).iter().filter_map(Value::as_str)
}

fn format(rules: &Rules) -> &str {
    rules.get("format").and_then(Value::as_str).unwrap_or_default()
}

fn is_null(schema: &Value) -> bool {
    let null = Value::from("null");
    let only = |key: &str, value: &Value| match schema.get(key) {
        Some(Value::Array(all)) => !all.is_empty() && all.iter().all(|it| it == value),
        Some(one) => one == value,
        None => false,
    };
    only("type", &null) || only("const", &Value::Null) || only("enum", &Value::Null)
}

fn equal(node: &Node, constant: &Value) -> bool {
    match (&node.kind, constant) {
        (Kind::Text(text), Value::String(other)) => text == other,
        (Kind::Boolean(truth), Value::Bool(other)) => truth == other,
        (Kind::Integer(_) | Kind::Float(_), Value::Number(_)) => {
            compare(&node.kind, constant) == Some(Ordering::Equal)
        }
        // Nothing we generate has constants of these kinds, so leave them to serde.
        (Kind::Array(_), Value::Array(_)) | (Kind::Table(_), Value::Object(_)) => true,
        (kind, _) => *kind == Kind::Unreadable,
    }
}

fn compare(kind: &Kind, limit: &Value) -> Option<Ordering> {
    let whole = limit.as_i64().map(i128::from);
    let whole = whole.or_else(|| limit.as_u64().map(i128::from));
    match (kind, whole) {
        (Kind::Integer(number), Some(limit)) => Some(i128::from(*number).cmp(&limit)),
        (Kind::Integer(number), None) => (*number as f64).partial_cmp(&limit.as_f64()?),
        (Kind::Float(number), _) => number.partial_cmp(&limit.as_f64()?),
        _ => None,
    }
}

/// The bounds schemars leaves to the format.
fn format_bounds(format: &str) -> (Option<i64>, Option<i64>) {
    match format {
        "int32" => (Some(i32::MIN.into()), Some(i32::MAX.into())),
        "uint32" => (Some(0), Some(u32::MAX.into())),
        "uint64" | "uint128" | "uint" => (Some(0), None),
        _ => (None, None),
    }
}

fn beyond(size: usize, rules: &Rules, least: &str, most: &str) -> Option<(&'static str, u64)> {
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    let limit = |rule: &str| rules.get(rule).and_then(Value::as_u64);
    let short = limit(least).filter(|least| size < *least);
    let long = limit(most).filter(|most| size > *most);
    short.map(|it| ("at least", it)).or(long.map(|it| ("at most", it)))
}

fn shown(kind: &Kind) -> String {
    match kind {
        Kind::Text(text) => quoted(text),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => format!("{number:?}"),
        Kind::Boolean(truth) => truth.to_string(),
        _ => kind.name().to_owned(),
    }
}

fn texts<'v>(values: &[&'v Value]) -> Vec<&'v str> {
    values.iter().filter_map(|value| value.as_str()).collect()
}

fn joined(values: &[&Value]) -> String {
    let names: Vec<String> = values.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// How unlike two names are, in letters to change, without regard to case.
fn distance(one: &str, other: &str) -> usize {
    strsim::damerau_levenshtein(&one.to_lowercase(), &other.to_lowercase())
}

/// The name that `word` is probably a misspelling of.
fn nearest<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let length = word.chars().count();
    // Comparing takes time by length squared, and no name is that long.
    let names = names.iter().filter(|_| length <= 64);
    let near = names.map(|name| (distance(word, name), *name));
    let near = near.filter(|(distance, _)| *distance <= (length / 3).max(1));
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// The names in quotes: all of them if few, else those most like `word`.
fn listed(word: &str, names: &[&str]) -> String {
    let mut names = names.to_vec();
    let more = names.len().saturating_sub(MAX_LISTED);
    if more > 0 {
        let word: String = word.chars().take(64).collect();
        names.sort_by_key(|name| distance(&word, name));
        names.truncate(MAX_LISTED);
    }
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    match more {
        0 => names.join(", "),
        _ => format!("{} and {more} more", names.join(", ")),
    }
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
        Drop,
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
    fn an_unknown_key_is_underlined_with_its_nearest_neighbour() {
        let problems = found("[jobs]\ncuont = 5\nzzz = 1\n[[job]]\nstatus = 1\nxyz = 1");
        assert_eq!(
            problems,
            [
                r#"jobs.cuont: unknown key "cuont" | did you mean "count"?"#,
                r#"jobs.zzz: unknown key "zzz" | known keys are "count", "every", "since", "size", "outcomes", "tags", "name", "rate""#,
                r#"job[0].status: unknown key "status" | did you mean "Status"?"#,
                r#"job[0].xyz: unknown key "xyz" | known keys are "Status", "Code""#,
            ]
        );
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
    fn a_value_of_the_wrong_type_is_named_in_plain_words() {
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
    fn durations_instants_and_sizes_are_read_to_check_them() {
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
            ("5", "retry: expected text or a table, found a whole number | put it in quotes"),
        ] {
            assert_eq!(found(&format!("retry = {value}")), [expected]);
        }
    }

    #[test]
    fn of_untagged_alternatives_the_closest_is_reported() {
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
                r#"every: expected text or a duration or a whole number, found a table | write it like "40s", "5m", "1h30m" or "7d""#,
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
    fn a_syntax_error_hides_no_other_problem_and_causes_none() {
        let (document, problems) =
            Document::parse("x", "version 1\nauth = open\n[jobs]\ncuont = 5");
        assert_eq!(problems.len(), 2);
        assert_eq!(
            lines(&document, &schema()),
            [r#"jobs.cuont: unknown key "cuont" | did you mean "count"?"#]
        );
    }

    #[test]
    fn keys_of_flattened_and_included_tables_are_known() {
        let schema = json!({
            "type": "object",
            "properties": { "a": {} },
            "allOf": [{ "$ref": "#/$defs/b" }],
            "oneOf": [{ "properties": { "c": {} }, "required": ["c"] }, { "properties": { "d": {} }, "required": ["d"] }],
            "unevaluatedProperties": false,
            "$defs": { "b": { "properties": { "b": { "type": "integer" } }, "required": ["b"] } },
        });
        let (document, _) = Document::parse("x", "a = 1\nb = 'x'\nc = 1\ne = 1");
        assert_eq!(
            lines(&document, &schema),
            [r#"e: unknown key "e" | did you mean "a"?"#, "b: expected a whole number, found text",]
        );
    }

    #[test]
    fn a_schema_that_refers_to_itself_comes_to_an_end() {
        let schema = json!({
            "$ref": "#",
            "allOf": [{ "$ref": "#" }, { "$ref": "#" }],
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
            "prefixItems",
            "minItems",
            "maximum",
            "maxLength",
            "anyOf",
            "oneOf",
            "allOf",
            "format",
            "unevaluatedProperties",
            "patternProperties",
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
        fn no_schema_and_no_mutation_of_a_file_panics(
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
            // What passes the check must be acceptable to serde, which cannot say where it fails.
            if problems.is_empty() && check(&document, &schema()).is_empty() {
                let scenario = document.to_value().try_into::<Scenario>();
                prop_assert!(scenario.is_ok(), "{}\n{:?}", text, scenario.err());
            }
        }
    }
}
