//! Reading the parameters of queries and bodies. All violations are collected and reported at
//! once, in the words and the order of class-validator (vendor's SDK tests on some of these calls;
//! that the others are alike is inferred).

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::{Map, Value};

use super::job::{Flow, Trigger};
use super::job_logs::{Action, ObjectType};
use super::number::javascript_number;
use super::quirks::{LimitOver50, Quirks};
use super::scenario::AuthingPlan;
use super::state::RiskOperationStatus;
use super::task::{Cycle, SyncTaskType};
use crate::fault::RequestedPage;
use crate::scenario::paging::PageZero;
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Reason, Rule, Violation};

/// A type whose values have names on the wire.
pub(crate) trait WireEnum: DeserializeOwned {
    /// In the document's order.
    const NAMES: &'static [&'static str];

    fn named(name: &str) -> Option<Self> {
        let name: StrDeserializer<'_, Error> = name.into_deserializer();
        Self::deserialize(name).ok()
    }
}

impl WireEnum for Trigger {
    const NAMES: &'static [&'static str] = &["manually", "timed", "automatic"];
}

impl WireEnum for Flow {
    const NAMES: &'static [&'static str] = &["upstream", "downstream"];
}

impl WireEnum for SyncTaskType {
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

impl WireEnum for Cycle {
    const NAMES: &'static [&'static str] = &["month", "week", "days", "sixHours", "twoHours"];
}

impl WireEnum for Action {
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

impl WireEnum for ObjectType {
    const NAMES: &'static [&'static str] = &["DEPARTMENT", "USER"];
}

impl WireEnum for RiskOperationStatus {
    const NAMES: &'static [&'static str] =
        &["PENDING", "SUCCESS", "FAILED", "CANCELED", "EXECUTING"];
}

/// Maximum number of rows of one answer, whatever the scenario allows.
const MAX_ROWS: u64 = 10_000;
/// The documented maximum of `limit`.
const MAX_LIMIT: u32 = 50;
const DEFAULT_LIMIT: u32 = 10;

/// The page of a list that a call requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageQuery {
    /// From 1.
    pub(crate) number: u64,
    pub(crate) limit: u64,
}

/// The page that a call of any of the lists asks for.
pub(crate) fn requested_page(plan: &AuthingPlan, arguments: &Arguments<'_>) -> RequestedPage {
    let mut query = QueryReader::new(arguments);
    let PageQuery { number, .. } = query.page(&plan.quirks);
    query.finish().map_or(RequestedPage::FIRST, |()| RequestedPage::Number(number))
}

/// Reads a query parameter by parameter, and collects what is wrong with it.
pub(crate) struct QueryReader<'a> {
    arguments: &'a Arguments<'a>,
    violations: Vec<Violation>,
}

impl<'a> QueryReader<'a> {
    pub(crate) fn new(arguments: &'a Arguments<'a>) -> Self {
        Self { arguments, violations: Vec::new() }
    }

    fn violated(&mut self, parameter: String, rule: Rule) {
        self.violations.push(Violation { parameter: parameter.into(), rule });
    }

    /// A required id.
    pub(crate) fn id(&mut self, name: &str) -> u64 {
        self.whole(name, f64::NAN, 1, None)
    }

    /// The bounds are those that the vendor's SDK tests show on other lists; that the sync
    /// endpoints enforce them, too, is inferred.
    pub(crate) fn page(&mut self, quirks: &Quirks) -> PageQuery {
        let over_limit = quirks.limit_over_50;
        let least = if quirks.page_zero == PageZero::First { 0 } else { 1 };
        let number = self.whole("page", 1.0, least, None).max(1);
        let max = (over_limit == LimitOver50::Refuse).then_some(MAX_LIMIT);
        let limit = self.whole("limit", DEFAULT_LIMIT.into(), 1, max);
        let max = if over_limit == LimitOver50::Clamp { MAX_LIMIT.into() } else { MAX_ROWS };
        PageQuery { number, limit: limit.min(max) }
    }

    /// A whole number within bounds. Violations come in the order of class-validator (vendor's
    /// SDK tests on get-sync-task; that of the upper bound and that fractions are refused are
    /// inferred). A number that is sent empty is 0 to JavaScript.
    fn whole(&mut self, name: &str, default: f64, least: u32, max: Option<u32>) -> u64 {
        let value = self.arguments.sent(name).map_or(default, javascript_number);
        let mut violated = |rule| self.violated(name.to_owned(), rule);
        if let Some(max) = max.filter(|&max| value.is_nan() || value > f64::from(max)) {
            violated(Rule::AtMost(max.into()));
        }
        if value.is_nan() || value < f64::from(least) {
            violated(Rule::AtLeast(least.into()));
        }
        if !value.is_finite() {
            violated(Rule::Number);
        } else if value.fract() != 0.0 {
            violated(Rule::WholeNumber);
        }
        value as u64
    }

    pub(crate) fn one_of<T: WireEnum>(&mut self, name: &str) -> Option<T> {
        let sent = self.arguments.sent(name)?;
        let found = T::named(sent);
        if found.is_none() {
            self.violated(name.to_owned(), Rule::OneOf(T::NAMES));
        }
        found
    }

    /// The SDKs write lists as `a=1&a=2` (python, php), `a[]=1&a[]=2` (node) and `a=[1 2]`
    /// (go, source).
    pub(crate) fn each_of<T: WireEnum>(&mut self, name: &str, max: Option<usize>) -> Vec<T> {
        let bracketed = format!("{name}[]");
        let sent = self.arguments.iter().filter(|(n, _)| *n == name || *n == bracketed);
        let names = sent.flat_map(|(_, value)| {
            match value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
                Some(list) => list.split([' ', ',']).filter(|name| !name.is_empty()).collect(),
                None => vec![value],
            }
        });
        let found: Vec<Option<T>> = names.map(T::named).collect();
        if found.iter().any(Option::is_none) {
            self.violated(format!("each value in {name}"), Rule::OneOf(T::NAMES));
        }
        if let Some(max) = max.filter(|&max| found.len() > max) {
            self.violated(name.to_owned(), Rule::MostItems(max));
        }
        found.into_iter().flatten().collect()
    }

    /// Python writes `True`.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.arguments.sent(name)?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.violated(name.to_owned(), Rule::Boolean);
                None
            }
        }
    }

    /// # Errors
    /// If anything was wrong.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        refuse_violations(self.violations)
    }
}

/// # Errors
/// If there are violations.
pub(crate) fn refuse_violations(violations: Vec<Violation>) -> Result<(), ApiError> {
    if violations.is_empty() { Ok(()) } else { Err(Reason::Parameters(violations).into()) }
}

/// Reads a JSON object of a body member by member. `null` counts as not sent.
pub(crate) struct BodyReader<'v> {
    members: &'v Map<String, Value>,
    /// The path of this object, with a dot at its end; empty for the body itself.
    path: String,
}

impl<'v> BodyReader<'v> {
    pub(crate) fn new(members: &'v Map<String, Value>) -> Self {
        Self { members, path: String::new() }
    }

    /// Whether the member was sent.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn get(&self, name: &str) -> Option<&'v Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn violated(&self, name: &str, rule: Rule, violations: &mut Vec<Violation>) {
        violations.push(Violation { parameter: format!("{}{name}", self.path).into(), rule });
    }

    pub(crate) fn text(
        &self,
        name: &str,
        required: bool,
        violations: &mut Vec<Violation>,
    ) -> Option<String> {
        let value = self.get(name);
        if required && value.is_none_or(|value| value.as_str() == Some("")) {
            self.violated(name, Rule::Required, violations);
        }
        let text = value.and_then(Value::as_str);
        if text.is_none() && (required || value.is_some()) {
            self.violated(name, Rule::Text, violations);
        }
        text.map(str::to_owned)
    }

    pub(crate) fn one_of<T: WireEnum>(
        &self,
        name: &str,
        required: bool,
        violations: &mut Vec<Violation>,
    ) -> Option<T> {
        let value = self.get(name);
        let found = value.and_then(Value::as_str).and_then(T::named);
        if found.is_none() && (required || value.is_some()) {
            self.violated(name, Rule::OneOf(T::NAMES), violations);
        }
        found
    }

    /// A required number.
    pub(crate) fn number(&self, name: &str, violations: &mut Vec<Violation>) -> Option<f64> {
        let value = self.get(name).and_then(Value::as_f64);
        if value.is_none() {
            self.violated(name, Rule::Number, violations);
        }
        value
    }

    /// At least one number.
    pub(crate) fn numbers(&self, name: &str, violations: &mut Vec<Violation>) -> Vec<f64> {
        let Some(list) = self.get(name).and_then(Value::as_array) else {
            self.violated(&format!("each value in {name}"), Rule::Number, violations);
            self.violated(name, Rule::FewestItems(1), violations);
            self.violated(name, Rule::List, violations);
            return Vec::new();
        };
        if list.is_empty() {
            self.violated(name, Rule::FewestItems(1), violations);
        }
        if list.iter().any(|value| !value.is_number()) {
            self.violated(&format!("each value in {name}"), Rule::Number, violations);
        }
        list.iter().filter_map(Value::as_f64).collect()
    }

    pub(crate) fn flag(&self, name: &str, violations: &mut Vec<Violation>) -> Option<bool> {
        let value = self.get(name)?;
        if !value.is_boolean() {
            self.violated(name, Rule::Boolean, violations);
        }
        value.as_bool()
    }

    pub(crate) fn object(&self, name: &str, violations: &mut Vec<Violation>) -> Option<Self> {
        let value = self.get(name)?;
        let Some(members) = value.as_object() else {
            self.violated(name, Rule::Object, violations);
            return None;
        };
        Some(Self { members, path: format!("{}{name}.", self.path) })
    }

    /// The objects of a list. The path of an item is class-validator's, `fieldMapping.0.`.
    pub(crate) fn objects(&self, name: &str, violations: &mut Vec<Violation>) -> Option<Vec<Self>> {
        let value = self.get(name)?;
        let Some(list) = value.as_array() else {
            self.violated(name, Rule::List, violations);
            return None;
        };
        let mut objects = Vec::new();
        for (i, value) in list.iter().enumerate() {
            match value.as_object() {
                Some(members) => {
                    objects.push(Self { members, path: format!("{}{name}.{i}.", self.path) });
                }
                None => self.violated(&format!("{name}.{i}"), Rule::Object, violations),
            }
        }
        Some(objects)
    }
}

/// A number in a body as an id; 0, which is the id of nothing, if it cannot be one.
pub(crate) fn id_from_number(number: f64) -> u64 {
    if number.fract() == 0.0 && number >= 1.0 { number as u64 } else { 0 }
}
