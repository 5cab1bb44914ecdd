//! The parameters of a job on the wire: the members of a body of BatchCreateJobsAsync and
//! UpdateBatchAsyncJobs (names, order and which are mandatory: huaweicloudsdkdrs 3.1.219; bounds
//! and patterns: the texts of its models).
//!
//! The table decides what is kept of a body: only members that it lists, and of a password only
//! that there was one.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::transfer_state::TASK_TYPES;
use crate::wire::error::{Rule, Violation};

struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

enum Kind {
    /// With its maximum number of characters.
    Text(usize),
    /// Text that the function accepts.
    Formed(fn(&str) -> bool),
    Choice(&'static [&'static str]),
    Flag,
    Whole(i64, i64),
    /// A whole number as text; a number is accepted, too.
    Digits(i64, i64),
    /// Never kept.
    Secret,
    Object(&'static [Field]),
    /// With its maximum number of items.
    List(&'static Kind, usize),
    /// An object whose keys the client chooses.
    Named(&'static Kind),
}

use Kind::*;

const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// For texts whose length the vendor does not bound (inferred).
const LONG: usize = 4_096;
const ID: Kind = Text(64);

const JOB_TYPES: &[&str] = &["migration", "sync", "cloudDataGuard"];
/// Those of the v5 pages, and the older name of the third (captured from an SDK's user).
const ENGINE_TYPES: &[&str] = &[
    "oracle-to-gaussdbv5",
    "redis-to-gaussredis",
    "rediscluster-to-gaussredis",
    "mysql-to-mysql",
    "mysql",
];
pub(crate) const DIRECTIONS: &[&str] = &["down", "non-dbs", "up"];
pub(crate) const NET_TYPES: &[&str] = &["eip", "vpc", "vpn"];
pub(crate) const CHARGING_MODES: &[&str] = &["on_demand", "period"];

/// One job of the body.
static JOB: &[Field] = &[
    must("base_info", Object(BASE_INFO)),
    must("source_endpoint", List(&Object(ENDPOINT_INFO), 100)),
    must("target_endpoint", List(&Object(ENDPOINT_INFO), 100)),
    may("alarm_notify", Object(ALARM_NOTIFY)),
    may("speed_limit", List(&Object(SPEED_LIMIT), 24)),
    may("user_migration", Object(USER_MIGRATION)),
    must("policy_config", Object(POLICY_CONFIG)),
    must("db_object", Object(DB_OBJECT)),
    may("db_param", Object(DB_PARAM)),
    may("tuning_params", Object(TUNING_PARAMS)),
    may("period_order", Object(PERIOD_ORDER)),
    must("node_info", Object(NODE_INFO)),
    may("public_ip_list", List(&Object(PUBLIC_IP), 100)),
];

static BASE_INFO: &[Field] = &[
    must("name", Formed(is_name)),
    must("job_type", Choice(JOB_TYPES)),
    may("multi_write", Flag),
    must("engine_type", Choice(ENGINE_TYPES)),
    must("job_direction", Choice(DIRECTIONS)),
    must("task_type", Choice(TASK_TYPES)),
    must("net_type", Choice(NET_TYPES)),
    may("charging_mode", Choice(CHARGING_MODES)),
    may("enterprise_project_id", ID),
    may("description", Formed(is_description)),
    may("start_time", Text(32)),
    may("expired_days", Digits(14, 100)),
    may("tags", List(&Object(TAG), 10)),
    may("is_open_fast_clean", Flag),
];

static TAG: &[Field] = &[may("key", Formed(is_tag_key)), may("value", Text(43))];

static ENDPOINT_INFO: &[Field] = &[
    must("db_type", Text(64)),
    must("endpoint_type", Choice(&["offline", "ecs", "cloud"])),
    must("endpoint_role", Choice(&["so", "ta"])),
    must("endpoint", Object(ENDPOINT)),
    may("cloud", Object(CLOUD)),
    may("vpc", Object(VPC)),
    may("config", Object(ENDPOINT_CONFIG)),
    may("ssl", Object(SSL)),
    may("customized_dns", Object(CUSTOMIZED_DNS)),
];

static ENDPOINT: &[Field] = &[
    may("id", ID),
    must("endpoint_name", Text(64)),
    may("ip", Text(LONG)),
    may("db_port", Digits(1, 65_535)),
    must("db_user", Text(256)),
    must("db_password", Secret),
    may("instance_id", ID),
    may("instance_name", Text(256)),
    may("db_name", Text(256)),
    may("source_sharding", List(&Object(SHARD), 100)),
];

/// The members of an endpoint, without shards of its own.
static SHARD: &[Field] = &[
    may("id", ID),
    must("endpoint_name", Text(64)),
    may("ip", Text(LONG)),
    may("db_port", Digits(1, 65_535)),
    must("db_user", Text(256)),
    must("db_password", Secret),
    may("instance_id", ID),
    may("instance_name", Text(256)),
    may("db_name", Text(256)),
];

static CLOUD: &[Field] =
    &[must("region", Text(64)), must("project_id", ID), may("az_code", Text(64))];

static VPC: &[Field] = &[must("vpc_id", ID), must("subnet_id", ID), may("security_group_id", ID)];

static ENDPOINT_CONFIG: &[Field] =
    &[may("is_target_readonly", Flag), may("node_num", Whole(1, 16))];

/// A certificate may hold a private key.
static SSL: &[Field] = &[
    may("ssl_link", Flag),
    may("ssl_cert_name", Text(256)),
    may("ssl_cert_key", Secret),
    may("ssl_cert_check_sum", Text(256)),
    may("ssl_cert_password", Secret),
];

static CUSTOMIZED_DNS: &[Field] = &[
    must("is_set_dns", Flag),
    must("set_dns_action", Choice(&["add", "keep", "update", "recover"])),
    must("dns_ip", Text(256)),
];

static ALARM_NOTIFY: &[Field] = &[
    must("alarm_to_user", Flag),
    may("topic_urn", Text(256)),
    may("delay_time", Whole(0, 3_600)),
    may("rpo_delay", Whole(0, 3_600)),
    may("rto_delay", Whole(0, 3_600)),
];

static SPEED_LIMIT: &[Field] = &[
    must("begin", Formed(is_time_of_day)),
    must("end", Formed(is_end_of_hour)),
    must("speed", Digits(1, 9_999)),
];

static USER_MIGRATION: &[Field] = &[
    must("is_migrate_user", Flag),
    must("is_set_password", Flag),
    may("password", Secret),
    may("user_list", List(&Object(MIGRATED_USER), 1_000)),
    may("role_list", List(&Object(&[must("role", Text(256))]), 1_000)),
];

static MIGRATED_USER: &[Field] = &[
    must("id", Text(256)),
    must("account", Text(256)),
    may("is_set_password", Flag),
    may("password", Secret),
];

static POLICY_CONFIG: &[Field] = &[
    may("filter_ddl_policy", Choice(&["drop_database", ""])),
    may("conflict_policy", Choice(&["ignore", "stop", "overwrite"])),
    may("index_trans", Flag),
    may("ddl_trans", Flag),
    may("data_sync_topology_type", Choice(&["one2one", "one2many", "many2one"])),
    may("support_ddl_info", Text(LONG)),
    may("sync_type_policy", Text(LONG)),
    may("increment_read_mode", Choice(&["logminer", "xstream"])),
    may("dml_types", Text(LONG)),
    may("is_create_table_with_index", Flag),
];

static DB_OBJECT: &[Field] = &[
    must("object_scope", Choice(&["all", "database", "table"])),
    may("target_root_db", Object(&[may("db_name", Text(256)), may("db_encoding", Text(64))])),
    may("object_info", Named(&Object(DATABASE))),
];

static DATABASE: &[Field] = &[
    may("sync_type", Text(64)),
    may("name", Text(256)),
    may("all", Flag),
    may("schemas", Named(&Object(SCHEMA))),
    may("tables", Named(&Object(TABLE))),
    may("total_table_num", Whole(0, i64::MAX)),
    may("is_synchronized", Flag),
];

static SCHEMA: &[Field] = &[
    may("sync_type", Text(64)),
    may("name", Text(256)),
    may("all", Flag),
    may("tables", Named(&Object(TABLE))),
];

static TABLE: &[Field] = &[
    may("sync_type", Text(64)),
    may("type", Choice(&["table", "view", "procedure"])),
    may("name", Text(256)),
    may("all", Flag),
    may("db_alias_name", Text(256)),
    may("schema_alias_name", Text(256)),
    may("filtered", Flag),
    may("filter_conditions", List(&Text(512), 1_000)),
    may("config_conditions", List(&Text(512), 1_000)),
    may("is_synchronized", Flag),
    may("columns", Named(&Object(COLUMN))),
];

static COLUMN: &[Field] = &[
    may("sync_type", Text(64)),
    may("primary_key_for_data_filtering", Text(256)),
    may("index_for_data_filtering", Text(256)),
    may("name", Text(256)),
    may("type", Text(256)),
    may("primary_key_for_column_filtering", Text(256)),
    may("filtered", Flag),
    may("additional", Flag),
    may("operation_type", Text(256)),
    may("value", Text(LONG)),
];

static DB_PARAM: &[Field] =
    &[may("common", List(&DB_PARAM_VALUE, 100)), may("performance", List(&DB_PARAM_VALUE, 100))];

static DB_PARAM_VALUE: Kind = Object(&[must("key", Text(256)), must("target_value", Text(256))]);

static TUNING_PARAMS: &[Field] = &[
    must("full_sync", List(&TUNING_PARAM, 1_000)),
    must("incre_capture", List(&TUNING_PARAM, 1_000)),
    must("incre_apply", List(&TUNING_PARAM, 1_000)),
    must("incre_relay", List(&TUNING_PARAM, 1_000)),
];

static TUNING_PARAM: Kind = Object(&[
    must("param_name", Text(256)),
    must("param_value", Text(256)),
    must("availability", Flag),
]);

static PERIOD_ORDER: &[Field] = &[
    must("period_type", Whole(2, 3)),
    must("period_num", Whole(1, i64::MAX)),
    may("is_auto_renew", Whole(0, 1)),
];

static NODE_INFO: &[Field] = &[
    must("spec", Object(&[must("node_type", Choice(&["micro", "small", "medium", "high"]))])),
    may(
        "vpc",
        Object(&[
            must("vpc_id", ID),
            must("subnet_id", ID),
            may("custom_node_ip", Text(256)),
            may("security_group_id", ID),
        ]),
    ),
    may(
        "base_info",
        Object(&[
            must("instance_type", Choice(&["single", "ha"])),
            must("arch", Choice(&["x86", "arm"])),
            must("availability_zone", Text(256)),
            may("status", Text(64)),
            may("role", Text(64)),
        ]),
    ),
];

static PUBLIC_IP: &[Field] =
    &[must("id", ID), must("public_ip", Text(64)), must("type", Choice(&["master", "slave"]))];

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (4..=50).contains(&text.len()) && text.chars().all(allowed)
}

fn is_description(text: &str) -> bool {
    text.chars().count() <= 256 && !text.contains(['!', '<', '>', '&', '\'', '"', '\\'])
}

fn is_tag_key(text: &str) -> bool {
    let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || chinese(c);
    text.chars().count() <= 36 && text.chars().all(allowed)
}

fn is_time_of_day(text: &str) -> bool {
    let Some((hour, minute)) = text.split_once(':') else { return false };
    let below = |text: &str, bound: u8| {
        text.len() == 2 && text.parse::<u8>().is_ok_and(|number| number < bound)
    };
    below(hour, 24) && below(minute, 60)
}

fn is_end_of_hour(text: &str) -> bool {
    is_time_of_day(text) && text.ends_with(":59")
}

/// Replaces a secret that was sent, and whatever may hold one.
const MASK: &str = "******";

/// The parameters that are kept of those sent: the members of the table, in its order. Idempotent.
pub(crate) fn kept(sent: &Map<String, Value>) -> Map<String, Value> {
    members(JOB, sent)
}

fn members(fields: &[Field], sent: &Map<String, Value>) -> Map<String, Value> {
    let member = |field: &Field| {
        let value = sent.get(field.name).filter(|value| !value.is_null())?;
        Some((field.name.to_owned(), value_kept(&field.kind, value)))
    };
    fields.iter().filter_map(member).collect()
}

fn value_kept(kind: &Kind, value: &Value) -> Value {
    match (kind, value) {
        (Object(fields), Value::Object(sent)) => Value::Object(members(fields, sent)),
        (List(item, _), Value::Array(sent)) => {
            sent.iter().map(|value| value_kept(item, value)).collect()
        }
        (Named(item), Value::Object(sent)) => {
            let entry = |(name, value): (&String, &Value)| (name.clone(), value_kept(item, value));
            Value::Object(sent.iter().map(entry).collect())
        }
        (Secret, Value::String(text)) if text.is_empty() => "".into(),
        (Secret, _) => MASK.into(),
        // It has the wrong type, so it may hold anything.
        (_, Value::Object(_) | Value::Array(_)) => MASK.into(),
        (kind, scalar) if holds_secrets(kind) => match scalar {
            Value::String(text) if text == MASK => scalar.clone(),
            _ => MASK.into(),
        },
        (_, scalar) => scalar.clone(),
    }
}

fn holds_secrets(kind: &Kind) -> bool {
    match kind {
        Secret => true,
        Object(fields) => fields.iter().any(|field| holds_secrets(&field.kind)),
        List(item, _) | Named(item) => holds_secrets(item),
        _ => false,
    }
}

/// The parameters without any trace of secrets, as answers show them.
pub(crate) fn shown(kept: &Map<String, Value>) -> Map<String, Value> {
    without_secrets(JOB, kept)
}

fn without_secrets(fields: &[Field], kept: &Map<String, Value>) -> Map<String, Value> {
    let member = |field: &Field| {
        let value = kept.get(field.name)?;
        let value = match field.kind {
            Secret => return None,
            _ => value_shown(&field.kind, value),
        };
        Some((field.name.to_owned(), value))
    };
    fields.iter().filter_map(member).collect()
}

fn value_shown(kind: &Kind, value: &Value) -> Value {
    match (kind, value) {
        (Object(fields), Value::Object(kept)) => Value::Object(without_secrets(fields, kept)),
        (List(item, _), Value::Array(kept)) => {
            kept.iter().map(|value| value_shown(item, value)).collect()
        }
        _ => value.clone(),
    }
}

/// The violations that the validation finds, in the order of the table. Parameters are named by
/// their path.
pub(crate) fn violations(job: &Map<String, Value>) -> Vec<Violation> {
    let mut violations = Vec::new();
    check_members(JOB, job, "", &mut violations);
    check_together(job, &mut violations);
    violations
}

fn check_members(
    fields: &[Field],
    job: &Map<String, Value>,
    path: &str,
    violations: &mut Vec<Violation>,
) {
    for field in fields {
        let path = format!("{path}{}", field.name);
        match job.get(field.name) {
            Some(value) if !(field.required && is_empty(value)) => {
                check(&field.kind, value, path, violations);
            }
            None if !field.required => {}
            _ => violations.push(Violation { parameter: path.into(), rule: Rule::Required }),
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn check(kind: &Kind, value: &Value, path: String, violations: &mut Vec<Violation>) {
    let whole = |number: Option<i64>, (least, most): (i64, i64)| match number {
        None => Some(Rule::WholeNumber),
        Some(number) if number < least => Some(Rule::AtLeast(least)),
        Some(number) if number > most => Some(Rule::AtMost(most)),
        Some(_) => None,
    };
    let rule = match (kind, value) {
        (Text(most), Value::String(text)) => {
            (text.chars().count() > *most).then_some(Rule::Length(*most))
        }
        (Formed(is_formed), Value::String(text)) => (!is_formed(text)).then_some(Rule::Ascii),
        (Choice(values), Value::String(text)) => {
            (!values.contains(&text.as_str())).then_some(Rule::OneOf(values))
        }
        (Secret, Value::String(_)) => None,
        (Text(_) | Formed(_) | Choice(_) | Secret, _) => Some(Rule::Text),
        (Flag, value) => (!value.is_boolean()).then_some(Rule::Boolean),
        (Whole(least, most), value) => whole(value.as_i64(), (*least, *most)),
        (Digits(least, most), Value::String(text)) => whole(text.parse().ok(), (*least, *most)),
        (Digits(least, most), value) => whole(value.as_i64(), (*least, *most)),
        (Object(fields), Value::Object(object)) => {
            return check_members(fields, object, &format!("{path}."), violations);
        }
        (List(_, most), Value::Array(items)) if items.len() > *most => {
            Some(Rule::AtMost(*most as i64))
        }
        (List(item, _), Value::Array(items)) => {
            for (i, value) in items.iter().enumerate() {
                check(item, value, format!("{path}[{i}]"), violations);
            }
            return;
        }
        (Named(item), Value::Object(entries)) => {
            for (name, value) in entries {
                check(item, value, format!("{path}.{name}"), violations);
            }
            return;
        }
        (List(..), _) => Some(Rule::List),
        (Object(_) | Named(_), _) => Some(Rule::Object),
    };
    violations.extend(rule.map(|rule| Violation { parameter: path.into(), rule }));
}

/// Checks what one member requires of others (texts of the models; that an instance's id is needed
/// is inferred).
fn check_together(job: &Map<String, Value>, violations: &mut Vec<Violation>) {
    let mut missing = |path: String| {
        if at(job, &path).is_none_or(is_empty) {
            violations.push(Violation { parameter: path.into(), rule: Rule::Required });
        }
    };
    for side in ["source_endpoint", "target_endpoint"] {
        let endpoints = job.get(side).and_then(Value::as_array).map_or(0, Vec::len);
        for path in (0..endpoints).map(|i| format!("{side}[{i}]")) {
            let kind = text_at(job, &format!("{path}.endpoint_type"));
            if matches!(kind, "ecs" | "cloud") {
                missing(format!("{path}.cloud"));
            }
            match kind {
                "cloud" => missing(format!("{path}.endpoint.instance_id")),
                "offline" | "ecs" => missing(format!("{path}.endpoint.ip")),
                _ => {}
            }
        }
    }
    if text_at(job, "base_info.charging_mode") == "period" {
        missing("period_order".to_owned());
    }
    if text_at(job, "base_info.job_type") == "cloudDataGuard" {
        missing("base_info.multi_write".to_owned());
    }
    if matches!(text_at(job, "db_object.object_scope"), "database" | "table") {
        missing("db_object.object_info".to_owned());
    }
    if at(job, "user_migration.is_set_password") == Some(&Value::Bool(true)) {
        missing("user_migration.password".to_owned());
    }
    let high = &["high"];
    let node = text_at(job, "node_info.spec.node_type");
    if text_at(job, "base_info.job_type") == "migration" && !node.is_empty() && node != "high" {
        let parameter = "node_info.spec.node_type".into();
        violations.push(Violation { parameter, rule: Rule::OneOf(high) });
    }
}

/// The steps of a path like `source_endpoint[0].endpoint.ip`: a member, and its index if it is a
/// list.
fn steps(path: &str) -> impl Iterator<Item = (&str, Option<usize>)> {
    path.split('.').map(|step| match step.strip_suffix(']').and_then(|s| s.split_once('[')) {
        Some((name, place)) => (name, place.parse().ok()),
        None => (step, None),
    })
}

pub(crate) fn at<'v>(job: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    let mut found: Option<&Value> = None;
    for (name, place) in steps(path) {
        let members = match found {
            None => job,
            Some(value) => value.as_object()?,
        };
        let value = members.get(name)?;
        found = Some(match place {
            Some(place) => value.get(place)?,
            None => value,
        });
    }
    found
}

pub(crate) fn text_at<'v>(job: &'v Map<String, Value>, path: &str) -> &'v str {
    at(job, path).and_then(Value::as_str).unwrap_or_default()
}

/// Replaces a member by what is wrong with it: `{"value": …, "error_message": …}`.
pub(crate) fn mark(job: &mut Map<String, Value>, path: &str, message: &str) {
    let mut all: Vec<(&str, Option<usize>)> = steps(path).collect();
    let Some((last, last_place)) = all.pop() else { return };
    let mut members = job;
    for (name, place) in all {
        let mut value = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
        if let Some(place) = place {
            let Some(item) = value.get_mut(place) else { return };
            value = item;
        }
        // A member that is marked already is not marked again inside.
        let Some(inner) = value.as_object_mut().filter(|o| !o.contains_key("error_message")) else {
            return;
        };
        members = inner;
    }
    let value = members.entry(last).or_insert(Value::Null);
    let value = match last_place {
        Some(place) => match value.get_mut(place) {
            Some(item) => item,
            None => return,
        },
        None => value,
    };
    let mut marked = Map::new();
    marked.insert("value".into(), value.take());
    marked.insert("error_message".into(), message.into());
    *value = Value::Object(marked);
}

/// The parameters by their paths, for a hint.
pub(crate) fn listed(violations: &[Violation]) -> String {
    let mut out = String::new();
    for violation in violations {
        let separator = if out.is_empty() { "" } else { ", " };
        let _ = write!(out, "{separator}{}", violation.parameter);
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    /// The sample request of the vendor's page.
    pub(crate) fn sample() -> Map<String, Value> {
        object(json!({
            "base_info": {
                "name": "DRS-1234", "job_type": "sync", "engine_type": "oracle-to-gaussdbv5",
                "job_direction": "up", "task_type": "FULL_INCR_TRANS", "net_type": "eip",
                "charging_mode": "on_demand", "enterprise_project_id": "0", "description": "",
                "expired_days": "14", "tags": [{"key": "test", "value": "test"}],
            },
            "source_endpoint": [{
                "db_type": "oracle", "endpoint_type": "offline", "endpoint_role": "so",
                "endpoint": {
                    "endpoint_name": "oracle", "ip": "10.154.217.239", "db_port": "1521",
                    "db_user": "ORACLE_USER", "db_name": "serviceName.orcl",
                    "db_password": "very-secret",
                },
                "ssl": {"ssl_link": false},
            }],
            "target_endpoint": [{
                "db_type": "gaussdbv5", "endpoint_type": "cloud", "endpoint_role": "ta",
                "endpoint": {
                    "endpoint_name": "cloud_gaussdbv5", "db_user": "root",
                    "instance_id": "c2c7579bc09c490b9d8009db715aeb0ain14",
                    "db_password": "very-secret",
                },
                "cloud": {"region": "cn-north-4", "project_id": "p"},
            }],
            "policy_config": {"conflict_policy": "ignore"},
            "db_object": {"object_scope": "all"},
            "node_info": {"spec": {"node_type": "high"}},
        }))
    }

    fn broken(path: &str, value: Value) -> Vec<(String, Rule)> {
        let mut job = sample();
        let mut all: Vec<_> = steps(path).collect();
        let (last, _) = all.pop().expect("a step");
        let mut members = &mut job;
        for (name, place) in all {
            let mut inner = members.get_mut(name).expect("a member");
            if let Some(place) = place {
                inner = inner.get_mut(place).expect("an item");
            }
            members = inner.as_object_mut().expect("an object");
        }
        members.insert(last.to_owned(), value);
        let violations = violations(&kept(&job));
        violations.into_iter().map(|found| (found.parameter.into_owned(), found.rule)).collect()
    }

    #[test]
    fn the_vendors_sample_has_no_violation() {
        assert_eq!(violations(&kept(&sample())), []);
    }

    #[test]
    fn violations_are_named_by_their_path() {
        let one = |path: &str, rule: Rule| vec![(path.to_owned(), rule)];
        let name = "base_info.name";
        assert_eq!(broken(name, "".into()), one(name, Rule::Required));
        assert_eq!(broken(name, "ab!d".into()), one(name, Rule::Ascii));
        assert_eq!(broken(name, Value::Null), one(name, Rule::Required));
        assert_eq!(broken(name, 5.into()), one(name, Rule::Text));
        let tags = "base_info.tags";
        assert_eq!(broken(tags, "a".into()), one(tags, Rule::List));
        assert_eq!(broken(tags, vec![json!({}); 11].into()), one(tags, Rule::AtMost(10)));
        let net = "base_info.net_type";
        assert_eq!(broken(net, "lan".into()), one(net, Rule::OneOf(NET_TYPES)));
        let days = "base_info.expired_days";
        assert_eq!(broken(days, 13.into()), one(days, Rule::AtLeast(14)));
        let port = "source_endpoint[0].endpoint.db_port";
        assert_eq!(broken(port, "x".into()), one(port, Rule::WholeNumber));
        let password = "source_endpoint[0].endpoint.db_password";
        assert_eq!(broken(password, "".into()), one(password, Rule::Required));
        let instance = "target_endpoint[0].endpoint.instance_id";
        assert_eq!(broken(instance, "".into()), one(instance, Rule::Required));
        assert_eq!(broken("source_endpoint", json!([])), one("source_endpoint", Rule::Required));
        assert_eq!(
            broken("base_info.charging_mode", "period".into()),
            one("period_order", Rule::Required)
        );
        assert_eq!(
            broken("db_object.object_scope", "table".into()),
            one("db_object.object_info", Rule::Required)
        );
        let tables = json!({"db": {"tables": {"t": {"columns": {"c": {"filtered": 1}}}}}});
        let column = "db_object.object_info.db.tables.t.columns.c.filtered";
        assert_eq!(broken("db_object.object_info", tables), one(column, Rule::Boolean));
    }

    #[test]
    fn nothing_secret_is_kept_wherever_it_stands() {
        let secret = "very-secret";
        let mut job = sample();
        job.insert("token".into(), secret.into());
        job.insert(
            "user_migration".into(),
            json!({
                "is_migrate_user": true, "is_set_password": true, "password": secret,
                "user_list": [{"id": "1", "account": "a", "password": secret, "secret": secret}],
            }),
        );
        for (path, value) in [
            ("", Value::Null),
            ("source_endpoint", secret.into()),
            ("source_endpoint", json!({"endpoint": {"db_password": secret}})),
            ("target_endpoint", json!([{"endpoint": secret}, secret, [secret]])),
            ("target_endpoint", json!([{"endpoint": {"db_password": [secret]}}])),
            ("base_info", json!({"name": {"password": secret}, "tags": {"password": secret}})),
            ("ssl", json!(secret)),
        ] {
            if !path.is_empty() {
                job.insert(path.to_owned(), value);
            }
            let kept = kept(&job);
            assert!(!Value::Object(kept.clone()).to_string().contains(secret), "{path}");
            assert_eq!(super::kept(&kept), kept, "{path}");
            let shown = Value::Object(shown(&kept)).to_string();
            assert!(!shown.contains("db_password") && !shown.contains("\"password\""), "{path}");
        }
    }

    #[test]
    fn a_violation_takes_the_place_of_the_member() {
        let mut job = shown(&kept(&sample()));
        mark(&mut job, "base_info.tags", "base_info.tags parse object failed.");
        mark(&mut job, "base_info.tags.key", "inside of it");
        mark(&mut job, "source_endpoint[0].endpoint.ip", "no");
        mark(&mut job, "source_endpoint[7].endpoint.ip", "not there");
        mark(&mut job, "period_order", "missing");
        let tags = json!({
            "value": [{"key": "test", "value": "test"}],
            "error_message": "base_info.tags parse object failed.",
        });
        assert_eq!(job["base_info"]["tags"], tags);
        let ip = json!({"value": "10.154.217.239", "error_message": "no"});
        assert_eq!(job["source_endpoint"][0]["endpoint"]["ip"], ip);
        assert_eq!(job["period_order"], json!({"value": null, "error_message": "missing"}));
    }
}
