//! ConfigureSynchronizationJob: configures what a task synchronizes, and starts it at once, with a
//! precheck (vendor's page).
//!
//! Everything is in the query but `SynchronizationObjects`, which is in the form (captures
//! of alibabacloud-dts20200101 5.11.7 and aliyun-python-sdk-dts 5.1.29).

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::configuration::{Configuration, ConfiguredEndpoint, Schema, Table};
use super::dts_parts::BOOLEANS;
use super::event::{DtsEvent, TaskName};
use super::job_arguments::{direction, job_id, living_member};
use super::response::render_success;
use super::state::CONFIGURE;
use super::task::{Direction, forward_task, task};
use super::transitions::check_allowed;
use super::{DtsCall, DtsResult};
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};

const OBJECTS: &str = "SynchronizationObjects";
const RESERVED: &str = "MigrationReserved";
const PARTITION_KEYS: [&str; 5] = [
    "PartitionKey.ModifyTime_Year",
    "PartitionKey.ModifyTime_Month",
    "PartitionKey.ModifyTime_Day",
    "PartitionKey.ModifyTime_Hour",
    "PartitionKey.ModifyTime_Minute",
];

/// The names of the parameters of an endpoint: the two endpoints spell them differently (doc
/// comments).
struct EndpointParameters {
    instance_type: &'static str,
    instance_id: &'static str,
    ip: &'static str,
    port: &'static str,
    user_name: &'static str,
    password: &'static str,
    database_name: &'static str,
    instance_types: &'static [&'static str],
    /// The instance types that require an address.
    by_ip: &'static [&'static str],
}

/// The instance types that require a port, an account and a password.
const SELF_MANAGED: &[&str] = &["ECS", "Express", "dg", "cen"];

const SOURCE: EndpointParameters = EndpointParameters {
    instance_type: "SourceEndpoint.InstanceType",
    instance_id: "SourceEndpoint.InstanceId",
    ip: "SourceEndpoint.IP",
    port: "SourceEndpoint.Port",
    user_name: "SourceEndpoint.UserName",
    password: "SourceEndpoint.Password",
    database_name: "SourceEndpoint.DatabaseName",
    instance_types: &["RDS", "Redis", "PolarDB", "ECS", "Express", "dg", "cen"],
    by_ip: SELF_MANAGED,
};

const DESTINATION: EndpointParameters = EndpointParameters {
    instance_type: "DestinationEndpoint.InstanceType",
    instance_id: "DestinationEndpoint.InstanceId",
    ip: "DestinationEndpoint.IP",
    port: "DestinationEndpoint.Port",
    user_name: "DestinationEndpoint.UserName",
    password: "DestinationEndpoint.Password",
    database_name: "DestinationEndpoint.DataBaseName",
    instance_types: &[
        "Redis",
        "RDS",
        "PolarDB",
        "ECS",
        "Express",
        "dg",
        "cen",
        "DataHub",
        "MaxCompute",
        "AnalyticDB",
        "Greenplum",
    ],
    by_ip: &["Express", "dg", "cen"],
};

pub(crate) fn configure_synchronization_job(call: &DtsCall<'_>) -> DtsResult {
    let view = call.view();
    let id = job_id(call.arguments())?;
    let requested = direction(call.arguments())?;
    let configuration = configuration(call.arguments())?;
    let member = living_member(call, &view, id)?;
    // Reverse takes effect with two-way topology only (doc comment).
    let (direction, task) = match task(&view, member, requested) {
        Some(task) => (requested, task),
        None => (Direction::Forward, forward_task(&view, member)),
    };
    check_allowed(CONFIGURE, id, &task)?;
    let event = DtsEvent::Configure {
        task: TaskName::new(id, direction),
        configuration: Arc::new(configuration),
    };
    Ok(render_success(call)?.recording(event))
}

fn configuration(arguments: &Arguments<'_>) -> Result<Configuration, ApiError> {
    let flag = |name| {
        let value = arguments.one_of(name, BOOLEANS)?;
        let value = value.ok_or_else(|| {
            ApiError::parameter(name, Rule::Required).hint(format!("{name} is true or false"))
        })?;
        Ok::<_, ApiError>(value.eq_ignore_ascii_case("true"))
    };
    let data_initialization = flag("DataInitialization")?;
    let structure_initialization = flag("StructureInitialization")?;
    for name in PARTITION_KEYS {
        // They partition a table in MaxCompute; no answer shows them.
        arguments.one_of(name, BOOLEANS)?;
    }
    Ok(Configuration {
        synchronization_job_name: arguments.text("SynchronizationJobName").map(str::to_owned),
        structure_initialization,
        data_initialization,
        synchronization_objects: objects(arguments)?,
        source_endpoint: SOURCE.read(arguments)?,
        destination_endpoint: DESTINATION.read(arguments)?,
        checkpoint: arguments.whole("Checkpoint", 0..=i64::MAX / 1_000)?,
        migration_reserved: reserved(arguments)?,
    })
}

impl EndpointParameters {
    fn read(&self, arguments: &Arguments<'_>) -> Result<ConfiguredEndpoint, ApiError> {
        let text = |name| arguments.text(name).map(str::to_owned);
        // The page's default.
        let instance_type = arguments.one_of(self.instance_type, self.instance_types)?;
        let instance_type = instance_type.unwrap_or("RDS");
        let required = |is_required: bool, name: &'static str| {
            let hint = || format!("{name} is needed with {}={instance_type}", self.instance_type);
            if is_required && arguments.text(name).is_none() {
                return Err(ApiError::parameter(name, Rule::Required).hint(hint()));
            }
            Ok(())
        };
        let is_self_managed = SELF_MANAGED.contains(&instance_type);
        required(self.by_ip.contains(&instance_type), self.ip)?;
        for name in [self.port, self.user_name, self.password] {
            required(is_self_managed, name)?;
        }
        arguments.whole(self.port, 1..=65_535)?;
        Ok(ConfiguredEndpoint {
            instance_type: instance_type.to_owned(),
            instance_id: text(self.instance_id),
            ip: text(self.ip),
            port: text(self.port),
            user_name: text(self.user_name),
            database_name: text(self.database_name),
        })
    }
}

/// `[{"DBName": …, "NewDBName": …, "TableIncludes": [{"TableName": …, "NewTableName": …}],
/// "TableExcludes": […]}, …]`; a schema may stand for the database (vendor's page on the
/// parameter). No answer shows its columns and conditions.
fn objects(arguments: &Arguments<'_>) -> Result<Vec<Schema>, ApiError> {
    let invalid = |rule| {
        ApiError::parameter(OBJECTS, rule)
            .hint(format!("{OBJECTS} is a JSON array such as [{{\"DBName\":\"orders\"}}]"))
    };
    let text = arguments.text(OBJECTS).ok_or_else(|| invalid(Rule::Required))?;
    let list: Vec<Map<String, Value>> =
        serde_json::from_str(text).map_err(|_| invalid(Rule::List))?;
    if list.is_empty() {
        return Err(invalid(Rule::AtLeast(1)));
    }
    list.iter().map(|object| schema(object).ok_or_else(|| invalid(Rule::Object))).collect()
}

fn schema(object: &Map<String, Value>) -> Option<Schema> {
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = text("DBName").or_else(|| text("SchemaName"))?;
    let new_name = text("NewDBName").or_else(|| text("NewSchemaName"));
    let tables = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Some(vec![]),
        Some(list) => list.as_array()?.iter().map(table).collect::<Option<Vec<Table>>>(),
    };
    Some(Schema {
        new_name: new_name.unwrap_or_else(|| name.clone()).into(),
        name: name.into(),
        includes: tables("TableIncludes")?,
        excludes: tables("TableExcludes")?.into_iter().map(|table| table.name).collect(),
    })
}

fn table(value: &Value) -> Option<Table> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let name: Cow<'static, str> = text("TableName")?.into();
    Some(Table { new_name: text("NewTableName").map_or_else(|| name.clone(), Cow::from), name })
}

fn reserved(arguments: &Arguments<'_>) -> Result<Option<String>, ApiError> {
    let Some(text) = arguments.text(RESERVED) else { return Ok(None) };
    let object: Result<Map<String, Value>, _> = serde_json::from_str(text);
    match object {
        Ok(_) => Ok(Some(text.to_owned())),
        Err(_) => Err(ApiError::parameter(RESERVED, Rule::Object)
            .hint(format!("{RESERVED} is a JSON object"))),
    }
}
