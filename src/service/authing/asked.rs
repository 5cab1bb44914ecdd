//! What requests ask, and all that is wrong with it at once, in the words and the order of
//! class-validator (vendor's SDK tests on some of these calls; that the others are alike is
//! inferred).

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::{Map, Value};

use super::job::{Flow, Trigger};
use super::logs::{Action, ObjectType};
use super::number::number;
use super::quirks::{LimitOver50, Quirks};
use super::risk;
use super::task::{Cycle, Kind};
use crate::scenario::paging::PageZero;
use crate::wire::Arguments;
use crate::wire::refusal::{Reason, Refusal, Rule, Violation};

/// A word that is one of a few, as on the wire.
pub trait Choice: DeserializeOwned {
    /// In the document's order.
    const NAMES: &'static [&'static str];

    fn named(name: &str) -> Option<Self> {
        let word: StrDeserializer<'_, Error> = name.into_deserializer();
        Self::deserialize(word).ok()
    }
}

impl Choice for Trigger {
    const NAMES: &'static [&'static str] = &["manually", "timed", "automatic"];
}

impl Choice for Flow {
    const NAMES: &'static [&'static str] = &["upstream", "downstream"];
}

impl Choice for Kind {
    const NAMES: &'static [&'static str] = &[
        "lark",
        "lark-international",
        "wechatwork",
        "dingtalk",
        "active-directory",
        "italent",
        "maycur",
        "ldap",
        "moka",
        "fxiaoke",
        "scim",
        "xiaoshouyi",
        "kayang",
        "custom",
    ];
}

impl Choice for Cycle {
    const NAMES: &'static [&'static str] = &["month", "week", "days", "sixHours", "twoHours"];
}

impl Choice for Action {
    const NAMES: &'static [&'static str] = &[
        "CreateUser",
        "UpdateUser",
        "DeleteUser",
        "UpdateUserIdentifier",
        "ChangeUserDepartment",
        "CreateDepartment",
        "UpdateDepartment",
        "DeleteDepartment",
        "MoveDepartment",
        "UpdateDepartmentLeader",
        "CreateGroup",
        "UpdateGroup",
        "DeleteGroup",
        "Updateless",
    ];
}

impl Choice for ObjectType {
    const NAMES: &'static [&'static str] = &["DEPARTMENT", "USER"];
}

impl Choice for risk::Status {
    const NAMES: &'static [&'static str] =
        &["PENDING", "SUCCESS", "FAILED", "CANCELED", "EXECUTING"];
}

/// More rows than this are not built for one answer, whatever the scenario allows.
const MOST_ROWS: u64 = 10_000;

/// Which page of a list.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// From 1.
    pub number: u64,
    pub limit: u64,
}

/// A query, read parameter by parameter.
pub struct Query<'a> {
    arguments: &'a Arguments<'a>,
    violations: Vec<Violation>,
}

impl<'a> Query<'a> {
    pub fn new(arguments: &'a Arguments) -> Self {
        Self { arguments, violations: Vec::new() }
    }

    fn broken(&mut self, parameter: String, rule: Rule) {
        self.violations.push(Violation { parameter: parameter.into(), rule });
    }

    /// An id that must be there.
    pub fn id(&mut self, name: &str) -> u64 {
        self.figure(name, f64::NAN, 1, None)
    }

    /// The bounds are those that the vendor's SDK tests show on other lists; that the sync
    /// endpoints enforce them, too, is inferred.
    pub fn page(&mut self, quirks: &Quirks) -> Asked {
        let over_50 = quirks.limit_over_50;
        let least = if quirks.page_zero == PageZero::First { 0 } else { 1 };
        let number = self.figure("page", 1.0, least, None).max(1);
        let most = (over_50 == LimitOver50::Refuse).then_some(50);
        let limit = self.figure("limit", 10.0, 1, most);
        let most = if over_50 == LimitOver50::Clamp { 50 } else { MOST_ROWS };
        Asked { number, limit: limit.min(most) }
    }

    /// A whole number in its bounds, or all that is wrong with it, in the order of
    /// class-validator (vendor's SDK tests on get-sync-task; that of the upper bound and that
    /// fractions are refused are inferred). A number that is sent empty is 0 to JavaScript.
    fn figure(&mut self, name: &str, unsent: f64, least: u32, most: Option<u32>) -> u64 {
        let value = self.arguments.sent(name).map_or(unsent, number);
        let mut broken = |rule| self.broken(name.to_owned(), rule);
        if let Some(most) = most.filter(|&most| value.is_nan() || value > f64::from(most)) {
            broken(Rule::AtMost(most.into()));
        }
        if value.is_nan() || value < f64::from(least) {
            broken(Rule::AtLeast(least.into()));
        }
        if !value.is_finite() {
            broken(Rule::Number);
        } else if value.fract() != 0.0 {
            broken(Rule::WholeNumber);
        }
        value as u64
    }

    pub fn choice<T: Choice>(&mut self, name: &str) -> Option<T> {
        let sent = self.arguments.sent(name)?;
        let found = T::named(sent);
        if found.is_none() {
            self.broken(name.to_owned(), Rule::OneOf(T::NAMES));
        }
        found
    }

    /// The SDKs write lists as `a=1&a=2` (python, php), `a[]=1&a[]=2` (node) and `a=[1 2]`
    /// (go, source).
    pub fn choices<T: Choice>(&mut self, name: &str, most: Option<usize>) -> Vec<T> {
        let bracketed = format!("{name}[]");
        let sent = self.arguments.iter().filter(|(n, _)| *n == name || *n == bracketed);
        let words: Vec<&str> = sent
            .flat_map(|(_, value)| {
                match value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
                    Some(list) => list.split([' ', ',']).filter(|word| !word.is_empty()).collect(),
                    None => vec![value],
                }
            })
            .collect();
        let found: Vec<Option<T>> = words.into_iter().map(T::named).collect();
        if found.iter().any(Option::is_none) {
            self.broken(format!("each value in {name}"), Rule::OneOf(T::NAMES));
        }
        if let Some(most) = most.filter(|&most| found.len() > most) {
            self.broken(name.to_owned(), Rule::MostItems(most));
        }
        found.into_iter().flatten().collect()
    }

    /// Python writes `True`.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.arguments.sent(name)?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.broken(name.to_owned(), Rule::Boolean);
                None
            }
        }
    }

    pub fn end(self) -> Result<(), Refusal> {
        complain(self.violations)
    }
}

pub fn complain(violations: Vec<Violation>) -> Result<(), Refusal> {
    if violations.is_empty() { Ok(()) } else { Err(Reason::Parameters(violations).into()) }
}

/// An object of a body, read member by member. `null` counts as not sent.
pub struct Members<'v> {
    members: &'v Map<String, Value>,
    /// Of this object, with a dot at its end; empty for the body itself.
    path: String,
}

impl<'v> Members<'v> {
    pub fn new(members: &'v Map<String, Value>) -> Self {
        Self { members, path: String::new() }
    }

    /// Whether the member is there at all.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn get(&self, name: &str) -> Option<&'v Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn broken(&self, name: &str, rule: Rule, violations: &mut Vec<Violation>) {
        violations.push(Violation { parameter: format!("{}{name}", self.path).into(), rule });
    }

    pub fn text(
        &self,
        name: &str,
        needed: bool,
        violations: &mut Vec<Violation>,
    ) -> Option<String> {
        let value = self.get(name);
        if needed && value.is_none_or(|value| value.as_str() == Some("")) {
            self.broken(name, Rule::Required, violations);
        }
        let text = value.and_then(Value::as_str);
        if text.is_none() && (needed || value.is_some()) {
            self.broken(name, Rule::Text, violations);
        }
        text.map(str::to_owned)
    }

    pub fn choice<T: Choice>(
        &self,
        name: &str,
        needed: bool,
        violations: &mut Vec<Violation>,
    ) -> Option<T> {
        let value = self.get(name);
        let found = value.and_then(Value::as_str).and_then(T::named);
        if found.is_none() && (needed || value.is_some()) {
            self.broken(name, Rule::OneOf(T::NAMES), violations);
        }
        found
    }

    /// A number that must be there.
    pub fn number(&self, name: &str, violations: &mut Vec<Violation>) -> Option<f64> {
        let value = self.get(name).and_then(Value::as_f64);
        if value.is_none() {
            self.broken(name, Rule::Number, violations);
        }
        value
    }

    /// One number at least.
    pub fn numbers(&self, name: &str, violations: &mut Vec<Violation>) -> Vec<f64> {
        let Some(list) = self.get(name).and_then(Value::as_array) else {
            self.broken(&format!("each value in {name}"), Rule::Number, violations);
            self.broken(name, Rule::FewestItems(1), violations);
            self.broken(name, Rule::List, violations);
            return Vec::new();
        };
        if list.is_empty() {
            self.broken(name, Rule::FewestItems(1), violations);
        }
        if list.iter().any(|value| !value.is_number()) {
            self.broken(&format!("each value in {name}"), Rule::Number, violations);
        }
        list.iter().filter_map(Value::as_f64).collect()
    }

    pub fn flag(&self, name: &str, violations: &mut Vec<Violation>) -> Option<bool> {
        let value = self.get(name)?;
        if !value.is_boolean() {
            self.broken(name, Rule::Boolean, violations);
        }
        value.as_bool()
    }

    pub fn object(&self, name: &str, violations: &mut Vec<Violation>) -> Option<Self> {
        let value = self.get(name)?;
        let Some(members) = value.as_object() else {
            self.broken(name, Rule::Object, violations);
            return None;
        };
        Some(Self { members, path: format!("{}{name}.", self.path) })
    }

    /// Of a list; the path of its items is class-validator's, `fieldMapping.0.`.
    pub fn objects(&self, name: &str, violations: &mut Vec<Violation>) -> Option<Vec<Self>> {
        let value = self.get(name)?;
        let Some(list) = value.as_array() else {
            self.broken(name, Rule::List, violations);
            return None;
        };
        let mut objects = Vec::new();
        for (i, value) in list.iter().enumerate() {
            match value.as_object() {
                Some(members) => {
                    objects.push(Self { members, path: format!("{}{name}.{i}.", self.path) });
                }
                None => self.broken(&format!("{name}.{i}"), Rule::Object, violations),
            }
        }
        Some(objects)
    }
}

/// An id in a body. What is no id of anything is that of nothing.
pub fn id(number: f64) -> u64 {
    if number.fract() == 0.0 && number >= 1.0 { number as u64 } else { 0 }
}
