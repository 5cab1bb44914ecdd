//! `[[fault]]` of a scenario file, and of `PUT /_syncmock/faults`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Action, CallFilter, CallNumbers, Corruption, Cut, End, Fault, Replacement, RequestedPage, Wire,
};
use crate::scenario::Section;
use crate::scenario::access::{AccessKey, check_counts, check_names};
use crate::scenario::catalog::ServiceCatalog;
use crate::scenario::problem::{DocumentPath, Problem, are_enough};
use crate::scenario::spread::Spread;
use crate::scenario::value::{Length, Moment, Size};
use crate::wire::nearest;
use crate::world::time::Timestamp;

/// Faults that are injected on purpose.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub(crate) struct FaultList(pub(crate) Vec<FaultTable>);

/// The faults of a running world, as the control API takes them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultsDocument {
    pub(crate) faults: Vec<FaultTable>,
}

/// A fault that is injected on purpose.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultTable {
    /// Its name in logs and in the header x-syncmock-fault. Default: fault-1, fault-2 …
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub(crate) name: Option<String>,
    /// The calls that it applies to. Left out: all calls.
    #[serde(default)]
    pub(crate) on: OnTable,
    /// The effect of the fault.
    #[serde(rename = "do")]
    pub(crate) act: ActTable,
    /// Whether affected answers have the header x-syncmock-fault. Default true.
    #[serde(default = "yes")]
    pub(crate) announce: bool,
}

fn yes() -> bool {
    true
}

/// A call must match all of these. `call` and `ratio` count the calls that match the others,
/// separately for each access key.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OnTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    /// The vendor's name of it, see syncmock operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<String>,
    /// The id of an access key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) credential: Option<String>,
    /// The page that is asked for, from 1, or "later" for all but the first. A request with a
    /// token does not say which page it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<PageTable>,
    /// From this instant of virtual time on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Moment>,
    /// Before this instant of virtual time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Moment>,
    /// "3" is the third call, "3..5" the third to the fifth, "every 10" each tenth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) call: Option<String>,
    /// "1/20": one call in twenty, chosen from the seed and the number of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ratio: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum PageTable {
    Number(u64),
    Later(Later),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Later {
    Later,
}

/// One effect, or several that can be combined.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ActTable {
    /// Answer with this error of the catalogue instead (syncmock operations --errors).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refuse: Option<String>,
    /// With `refuse`: the value of the vendor's header that says when to retry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after: Option<Length>,
    /// Answer with this HTTP status instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 200, max = 599))]
    pub(crate) status: Option<u16>,
    /// With `status`. Default: empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<String>,
    /// With `body`. Default: application/json.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    /// Delay of the answer, in real time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay: Option<Spread>,
    /// Where the answer breaks off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cut: Option<CutTable>,
    /// With `cut`: how the connection ends. Default reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<EndTable>,
    /// How fast the answer is sent, such as "1 KB/s".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drip: Option<String>,
    /// Pause in the middle of the body, in real time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stall: Option<Length>,
    /// How the bytes of the answer are corrupted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) garble: Option<GarbleTable>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CutTable {
    /// Before the answer begins.
    BeforeResponse,
    /// In the middle of the headers.
    MidHeaders,
    /// In the middle of the body.
    MidBody,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EndTable {
    /// With RST: the client sees a reset connection.
    Reset,
    /// With FIN: the client sees the end of the stream.
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum GarbleTable {
    /// The document ends half-way; Content-Length is that of the shorter body.
    Json,
    /// The last end tag has another name; a body that is not XML ends half-way.
    Xml,
    /// Chunk sizes that are not numbers.
    Chunk,
    /// A byte in the middle that is not valid UTF-8.
    Utf8,
    /// text/plain.
    ContentType,
    /// No body.
    Empty,
    /// A proxy's HTML page with status 502.
    #[serde(rename = "html-502")]
    Html502,
}

const CALL_HINT: &str = r#"write it like "3", "3..5" or "every 10"; calls are counted from 1"#;
const RATIO_HINT: &str = r#"write it like "1/20", whole numbers"#;
const DRIP_HINT: &str = r#"write it like "1 KB/s""#;

/// Plans the faults, or reports their problems. A fault that can never fire is a problem, too.
pub(crate) fn plan(
    tables: Vec<FaultTable>,
    keys: &[AccessKey],
    catalog: &[ServiceCatalog],
    path: &DocumentPath,
    problems: &mut Vec<Problem>,
) -> Vec<Arc<Fault>> {
    let mut faults: Vec<Arc<Fault>> = Vec::new();
    let mut names = HashSet::new();
    let indexes: HashMap<&str, usize> = keys.iter().map(|key| key.id.as_str()).zip(0..).collect();
    check_counts("faults", tables.len(), keys.len(), path.clone(), problems);
    for (i, table) in tables.into_iter().enumerate() {
        if are_enough(problems) {
            break;
        }
        let path = path.clone().index(i);
        let name = table.name.clone().unwrap_or_else(|| format!("fault-{}", i + 1));
        if !names.insert(name.clone()) {
            let text = format!("there are two faults {name}");
            problems.push(Problem::value(path.clone().key("name"), text));
        }
        let on = table.on.plan(&indexes, keys, catalog, &path.clone().key("on"), problems);
        let action = table.act.plan(&on, catalog, &path.key("do"), problems);
        let announced = table.announce;
        faults.push(Arc::new(Fault { name, on, action, announced, table }));
    }
    faults
}

impl OnTable {
    fn plan(
        &self,
        indexes: &HashMap<&str, usize>,
        keys: &[AccessKey],
        catalog: &[ServiceCatalog],
        path: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> CallFilter {
        let at = |key: &str| path.clone().key(key);
        let (service, operation) = (self.service.as_deref(), self.operation.as_deref());
        check_names(
            catalog,
            service.unwrap_or("*"),
            operation.unwrap_or("*"),
            &at("service"),
            &at("operation"),
            problems,
        );
        let credential = self.credential.as_ref().and_then(|id| {
            let found = indexes.get(id.as_str()).copied();
            if found.is_none() {
                let text = format!("there is no access key {id:?}");
                let near = nearest(id, keys.iter().map(|key| key.id.as_str()));
                problems.push(Problem::value(at("credential"), text).hint(match near {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => "it is the id of one of [[credentials]]".into(),
                }));
            }
            found
        });
        if self.page == Some(PageTable::Number(0)) {
            problems.push(Problem::value(at("page"), "pages are counted from 1"));
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until <= from
        {
            let text = "it can never happen: until is not after from";
            problems.push(Problem::value(at("until"), text));
        }
        let instant = |moment: Moment| Timestamp::from_millis(moment.0);
        CallFilter {
            service: self.service.clone(),
            operation: self.operation.clone(),
            credential,
            page: self.page.map(|page| match page {
                PageTable::Number(number) => RequestedPage::Number(number),
                PageTable::Later(Later::Later) => RequestedPage::AfterToken,
            }),
            from: self.from.map(instant),
            until: self.until.map(instant),
            calls: self.call.as_ref().map_or(CallNumbers::All, |text| {
                read(text, calls, &at("call"), CALL_HINT, problems).unwrap_or_default()
            }),
            ratio: self
                .ratio
                .as_ref()
                .and_then(|text| read(text, ratio, &at("ratio"), RATIO_HINT, problems)),
        }
    }
}

/// Parses a text, or reports a problem.
fn read<T>(
    text: &str,
    reader: fn(&str) -> Result<T, &'static str>,
    place: &DocumentPath,
    hint: &'static str,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    reader(text).map_err(|why| problems.push(Problem::value(place.clone(), why).hint(hint))).ok()
}

fn calls(text: &str) -> Result<CallNumbers, &'static str> {
    let number = |text: &str| match text.trim().parse::<u64>() {
        Ok(0) => Err("there is no call 0"),
        Ok(number) => Ok(number),
        Err(_) => Err("this says no calls"),
    };
    if let Some(n) = text.strip_prefix("every ") {
        return Ok(CallNumbers::Every(number(n)?));
    }
    let (first, last) = match text.split_once("..") {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(text)?, number(text)?),
    };
    if last < first {
        Err("it can never happen: the last call is before the first")
    } else {
        Ok(CallNumbers::From(first, last))
    }
}

fn ratio(text: &str) -> Result<(u64, u64), &'static str> {
    let (some, of) = text.split_once('/').ok_or("this is no ratio")?;
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| "this is no ratio");
    match (number(some)?, number(of)?) {
        (0, _) => Err("it can never happen: none of them"),
        (_, 0) => Err("this is no ratio"),
        (some, of) if some > of => Err("the first number is greater than the second"),
        ratio => Ok(ratio),
    }
}

/// In bytes a second.
fn rate(text: &str) -> Result<u64, &'static str> {
    let amount = text.trim().strip_suffix("/s").ok_or("this is no rate")?;
    let amount: String = amount.split_whitespace().collect();
    let size: Size = amount.parse().map_err(|_| "this is no rate")?;
    if size.0 == 0 {
        Err("nothing would ever arrive; stall is the word for that")
    } else {
        Ok(size.0)
    }
}

impl ActTable {
    fn plan(
        &self,
        on: &CallFilter,
        catalog: &[ServiceCatalog],
        place: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> Action {
        self.check(place, problems);
        let replacement = match (&self.refuse, self.status) {
            (Some(code), _) => {
                check_code(code, on, catalog, &place.clone().key("refuse"), problems);
                let retry_after = self.retry_after.map(|length| length.0);
                Some(Replacement::Refuse { code: code.clone(), retry_after })
            }
            (None, Some(status)) => Some(Replacement::Raw {
                status: StatusCode::from_u16(status).unwrap_or(StatusCode::OK),
                body: self.body.clone().unwrap_or_default(),
                content_type: self
                    .content_type
                    .clone()
                    .unwrap_or_else(|| "application/json".to_owned()),
            }),
            (None, None) => None,
        };
        let cut = self.cut.map(|cut| {
            let cut = match cut {
                CutTable::BeforeResponse => Cut::BeforeResponse,
                CutTable::MidHeaders => Cut::MidHeaders,
                CutTable::MidBody => Cut::MidBody,
            };
            let end = if self.by == Some(EndTable::Close) { End::Close } else { End::Reset };
            (cut, end)
        });
        let drip = self
            .drip
            .as_ref()
            .and_then(|text| read(text, rate, &place.clone().key("drip"), DRIP_HINT, problems));
        Action {
            replacement,
            corruption: self.garble.and_then(|garble| match garble {
                GarbleTable::Json => Some(Corruption::Half),
                GarbleTable::Xml => Some(Corruption::EndTag),
                GarbleTable::Utf8 => Some(Corruption::Utf8),
                GarbleTable::ContentType => Some(Corruption::ContentType),
                GarbleTable::Empty => Some(Corruption::Empty),
                GarbleTable::Html502 => Some(Corruption::BadGateway),
                GarbleTable::Chunk => None,
            }),
            delay: self.delay.map(Spread::quantiles),
            wire: Wire {
                cut,
                drip,
                stall: self.stall.map(|stall| stall.0),
                bad_chunks: self.garble == Some(GarbleTable::Chunk),
            },
        }
    }

    /// Checks which effects require or exclude each other.
    fn check(&self, place: &DocumentPath, problems: &mut Vec<Problem>) {
        let at = |key: &str| place.clone().key(key);
        let there = [
            ("refuse", self.refuse.is_some()),
            ("retry_after", self.retry_after.is_some()),
            ("status", self.status.is_some()),
            ("body", self.body.is_some()),
            ("content_type", self.content_type.is_some()),
            ("delay", self.delay.is_some()),
            ("cut", self.cut.is_some()),
            ("by", self.by.is_some()),
            ("drip", self.drip.is_some()),
            ("stall", self.stall.is_some()),
            ("garble", self.garble.is_some()),
        ];
        let has = |name: &str| there.iter().any(|&(key, there)| key == name && there);
        if there.iter().all(|(_, there)| !there) {
            problems.push(
                Problem::value(place.clone(), "nothing happens here")
                    .hint("give refuse, status, delay, cut, drip, stall or garble"),
            );
        }
        let needs = [
            ("retry_after", "refuse"),
            ("body", "status"),
            ("content_type", "body"),
            ("by", "cut"),
        ];
        for (key, other) in needs {
            if has(key) && !has(other) {
                let text = format!("{key} says nothing without {other}");
                problems.push(Problem::key(at(key), text));
            }
        }
        if has("refuse") && has("status") {
            let text = "an answer has one status: that of refuse, or this";
            problems.push(Problem::key(at("status"), text));
        }
        // Effects after the cut are never seen.
        let unseen: &[&str] = match self.cut {
            Some(CutTable::BeforeResponse) => &["drip", "stall", "garble", "refuse", "status"],
            Some(CutTable::MidHeaders) => &["stall", "garble"],
            _ => &[],
        };
        for key in unseen.iter().filter(|key| has(key)) {
            let text = format!("{key} is never seen: the answer is cut before that");
            problems.push(Problem::key(at(key), text));
        }
        if self.garble == Some(GarbleTable::Empty) && (has("stall") || has("body")) {
            problems.push(Problem::value(at("garble"), "there is no body then"));
        }
        if let Some(delay) = self.delay {
            delay.check(at("delay"), problems);
        }
    }
}

/// A code must be one of the errors that the calls can be answered with.
fn check_code(
    code: &str,
    on: &CallFilter,
    catalog: &[ServiceCatalog],
    path: &DocumentPath,
    problems: &mut Vec<Problem>,
) {
    let is_meant = |service: &&ServiceCatalog| {
        on.service.as_deref().is_none_or(|name| name == service.name)
            && on.operation.as_deref().is_none_or(|name| service.operations.contains(&name))
    };
    let meant: Vec<&ServiceCatalog> = catalog.iter().filter(is_meant).collect();
    let has_code = |service: &&ServiceCatalog| service.errors.named(code).is_some();
    if meant.is_empty() || meant.iter().any(has_code) {
        return;
    }
    let here = meant.iter().flat_map(|service| service.errors.iter()).map(|entry| entry.code);
    let text = format!("{code:?} is no error of these calls");
    problems.push(Problem::value(path.clone(), text).hint(
        match (catalog.iter().find(has_code), nearest(code, here)) {
            (Some(service), _) => {
                format!("{} of the gateway {} answers it", service.name, service.vendor)
            }
            (None, Some(near)) => format!("did you mean {near:?}?"),
            (None, None) => "syncmock operations --errors lists them".into(),
        },
    ));
}

/// The key `[[fault]]` of the file.
pub(crate) const fn section() -> Section {
    Section::new::<FaultList>(&["fault"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_ratios_and_rates_are_read_and_refused() {
        assert_eq!(calls("3"), Ok(CallNumbers::From(3, 3)));
        assert_eq!(calls("3..5"), Ok(CallNumbers::From(3, 5)));
        assert_eq!(calls("every 10"), Ok(CallNumbers::Every(10)));
        for text in ["0", "", "x", "5..3", "every 0", "every", "-1", "1..", "0..2"] {
            assert!(calls(text).is_err(), "{text}");
        }
        assert_eq!(ratio("1/20"), Ok((1, 20)));
        assert_eq!(ratio("1 / 1"), Ok((1, 1)));
        for text in ["0/20", "1/0", "3/2", "0.5", "1", "/", "-1/2"] {
            assert!(ratio(text).is_err(), "{text}");
        }
        assert_eq!(rate("1 KB/s"), Ok(1_000));
        assert_eq!(rate("64KiB/s"), Ok(65_536));
        for text in ["1 KB", "0B/s", "fast", "1 KB/m", "/s"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
