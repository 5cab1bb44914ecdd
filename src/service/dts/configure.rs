//! ConfigureSynchronizationJob: says what a task synchronizes, and starts it with a precheck
//! at once (vendor's page).
//!
//! Everything is in the query but `SynchronizationObjects`, which is in the form (captures
//! of alibabacloud-dts20200101 5.11.7 and aliyun-python-sdk-dts 5.1.29).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::asked;
use super::change::{Change, Whom};
use super::configuration::{Configuration, Given, Schema, Table};
use super::state::CONFIGURE;
use super::steer::{living, may};
use super::task::{Direction, task};
use super::verdict::{Verdict, legacy, render};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule};

const OBJECTS: &str = "SynchronizationObjects";
const RESERVED: &str = "MigrationReserved";
/// The SDKs send either spelling.
const BOOLEANS: &[&str] = &["true", "false", "True", "False"];
const PARTITION_KEYS: [&str; 5] = [
    "PartitionKey.ModifyTime_Year",
    "PartitionKey.ModifyTime_Month",
    "PartitionKey.ModifyTime_Day",
    "PartitionKey.ModifyTime_Hour",
    "PartitionKey.ModifyTime_Minute",
];

/// The parameters of one end, spelt differently at either (doc comments).
struct End {
    instance_type: &'static str,
    instance_id: &'static str,
    ip: &'static str,
    port: &'static str,
    user_name: &'static str,
    password: &'static str,
    database_name: &'static str,
    instance_types: &'static [&'static str],
    /// Reached by an address, which is then required.
    by_ip: &'static [&'static str],
}

/// Of these, port, account and password are required.
const SELF_MANAGED: &[&str] = &["ECS", "Express", "dg", "cen"];

const SOURCE: End = End {
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

const DESTINATION: End = End {
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

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    legacy(call, configure(call))
}

fn configure(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let id = asked::id(call.arguments())?;
    let asked_for = asked::direction(call.arguments())?;
    let configuration = configuration(call.arguments())?;
    let member = living(call, &view, id)?;
    // Reverse takes effect with two-way topology only (doc comment).
    let reverse = task(&view, member, asked_for).map(|task| (asked_for, task));
    let forward = || Some((Direction::Forward, task(&view, member, Direction::Forward)?));
    let (direction, task) =
        reverse.or_else(forward).ok_or_else(|| asked::unknown(call, &view, id))?;
    may(CONFIGURE, id, &task)?;
    let change = Change::Configure {
        task: Whom::new(id, direction),
        configuration: Box::new(configuration),
    };
    Ok(render(call, "", &Verdict::granted(call))?.changing(change))
}

fn configuration(arguments: &Arguments) -> Result<Configuration, Refusal> {
    let flag = |name| {
        let value = arguments.one_of(name, BOOLEANS)?;
        let value = value.ok_or_else(|| {
            Refusal::parameter(name, Rule::Required).hint(format!("{name} is true or false"))
        })?;
        Ok::<_, Refusal>(value.eq_ignore_ascii_case("true"))
    };
    let data_initialization = flag("DataInitialization")?;
    let structure_initialization = flag("StructureInitialization")?;
    for name in PARTITION_KEYS {
        // Partitions of a table in MaxCompute, which no answer shows.
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

impl End {
    fn read(&self, arguments: &Arguments) -> Result<Given, Refusal> {
        let text = |name| arguments.text(name).map(str::to_owned);
        // The page's default.
        let instance_type = arguments.one_of(self.instance_type, self.instance_types)?;
        let instance_type = instance_type.unwrap_or("RDS");
        let required = |there: bool, name: &'static str| {
            let hint = || format!("{name} is needed with {}={instance_type}", self.instance_type);
            if there && arguments.text(name).is_none() {
                return Err(Refusal::parameter(name, Rule::Required).hint(hint()));
            }
            Ok(())
        };
        let own = SELF_MANAGED.contains(&instance_type);
        required(self.by_ip.contains(&instance_type), self.ip)?;
        for name in [self.port, self.user_name, self.password] {
            required(own, name)?;
        }
        arguments.whole(self.port, 1..=65_535)?;
        Ok(Given {
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
/// parameter). What it says of columns and conditions no answer shows.
fn objects(arguments: &Arguments) -> Result<Vec<Schema>, Refusal> {
    let refused = |rule| {
        Refusal::parameter(OBJECTS, rule)
            .hint(format!("{OBJECTS} is a JSON array such as [{{\"DBName\":\"orders\"}}]"))
    };
    let text = arguments.text(OBJECTS).ok_or_else(|| refused(Rule::Required))?;
    let list: Vec<Map<String, Value>> =
        serde_json::from_str(text).map_err(|_| refused(Rule::List))?;
    if list.is_empty() {
        return Err(refused(Rule::AtLeast(1)));
    }
    list.iter().map(|object| schema(object).ok_or_else(|| refused(Rule::Object))).collect()
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

fn reserved(arguments: &Arguments) -> Result<Option<String>, Refusal> {
    let Some(text) = arguments.text(RESERVED) else { return Ok(None) };
    let object: Result<Map<String, Value>, _> = serde_json::from_str(text);
    match object {
        Ok(_) => Ok(Some(text.to_owned())),
        Err(_) => {
            Err(Refusal::parameter(RESERVED, Rule::Object)
                .hint(format!("{RESERVED} is a JSON object")))
        }
    }
}
