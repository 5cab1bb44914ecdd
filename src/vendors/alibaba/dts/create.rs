//! CreateSynchronizationJob: buys an instance, which is not configured yet. A repeated call with
//! the same `ClientToken` gets the instance of the first one (inferred).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event::DtsEvent;
use super::job::{CLASSES, PAY_TYPES, PRE_PAID};
use super::response::{Success, render};
use super::scenario::DtsPlan;
use super::subject::{DRDS, Engine, MAXCOMPUTE, MYSQL, POLARDB, REDIS};
use super::{DtsCall, DtsResult, client_token, errors, ids};
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};
use crate::world::population::created_index;

/// Model of alibabacloud-dts20200101 5.11.7.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreateSynchronizationJobResponse {
    request_id: String,
    success: Success,
    synchronization_job_id: String,
}

/// The order of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) struct Order {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) region_id: Option<String>,
    pub(crate) source_region: String,
    pub(crate) dest_region: String,
    pub(crate) synchronization_job_class: String,
    pub(crate) pay_type: String,
    pub(crate) topology: String,
    pub(crate) source_instance_type: String,
    pub(crate) destination_instance_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) period: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) used_time: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) db_instance_count: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) network_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resource_group_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_token: Option<String>,
}

impl Order {
    /// "Set this parameter to the same value as DestRegion" (doc comment of RegionId).
    pub(crate) fn region(&self) -> &str {
        self.region_id.as_deref().unwrap_or(&self.dest_region)
    }

    pub(crate) fn is_two_way(&self) -> bool {
        self.topology == BIDIRECTIONAL
    }

    /// The duration of a subscription.
    pub(crate) fn months(&self) -> u64 {
        let months = if self.period.as_deref() == Some(YEAR) { 12 } else { 1 };
        self.used_time.unwrap_or(1).saturating_mul(months)
    }

    pub(crate) fn engines(&self) -> [&'static Engine; 2] {
        [&self.source_instance_type, &self.destination_instance_type].map(|wanted| {
            let found = ENGINES.iter().find(|(name, _)| name == wanted);
            // An imported event can name another type.
            found.map_or(&MYSQL, |(_, engine)| engine)
        })
    }
}

const BIDIRECTIONAL: &str = "bidirectional";
const YEAR: &str = "Year";
static ENGINES: [(&str, Engine); 5] = [
    ("MySQL", MYSQL),
    ("PolarDB", POLARDB),
    ("Redis", REDIS),
    ("DRDS", DRDS),
    ("MaxCompute", MAXCOMPUTE),
];
const SOURCES: &[&str] = &["MySQL", "PolarDB", "Redis", "DRDS"];
/// DRDS is in the sheet of the operation, the doc comments leave it out.
const DESTINATIONS: &[&str] = &["MySQL", "PolarDB", "Redis", "DRDS", "MaxCompute"];
/// The types that two-way synchronization is possible between (doc comment of Topology).
const TWO_WAY: &[&str] = &["MySQL", "PolarDB", "Redis"];

pub(crate) fn create_synchronization_job(call: &DtsCall<'_>) -> DtsResult {
    let view = call.view();
    let order = order(view.plan, call.arguments())?;
    let answer = |number| CreateSynchronizationJobResponse {
        request_id: call.request_id(),
        success: Success::new(view.plan, true),
        synchronization_job_id: ids::write(&view.plan.ids, created_index(number)),
    };
    let token = order.client_token.as_ref();
    let Some((number, first)) = token.and_then(|token| view.projection.purchase_with_token(token))
    else {
        let answer = render(call, "", &answer(call.change_ordinal()))?;
        return Ok(answer.recording(DtsEvent::Create(Arc::new(order))));
    };
    if *first.order == order {
        return render(call, "", &answer(number));
    }
    let hint = "this ClientToken came with other parameters before; take a new one for each \
                new instance";
    Err(ApiError::own(&errors::IDEMPOTENT_PARAMETER_MISMATCH, "").hint(hint))
}

fn order(plan: &DtsPlan, arguments: &Arguments<'_>) -> Result<Order, ApiError> {
    let missing = |name: &'static str| {
        ApiError::parameter(name, Rule::Required)
            .hint("SourceRegion, DestRegion, SynchronizationJobClass and PayType are required")
    };
    let required = |name: &'static str| {
        let text = arguments.text(name).ok_or_else(|| missing(name))?;
        Ok::<_, ApiError>(text.to_owned())
    };
    let chosen = |name: &'static str, values: &'static [&'static str]| {
        let value = arguments.one_of(name, values)?;
        Ok::<_, ApiError>(value.map(str::to_owned))
    };
    let chosen_required = |name, values| chosen(name, values)?.ok_or_else(|| missing(name));
    let text = |name: &str| arguments.text(name).map(str::to_owned);
    let mysql = || SOURCES[0].to_owned();

    let source_region = required("SourceRegion")?;
    let dest_region = required("DestRegion")?;
    let synchronization_job_class = chosen_required("SynchronizationJobClass", &CLASSES)?;
    let pay_type = chosen_required("PayType", &PAY_TYPES)?;
    let period = chosen("Period", &["Month", YEAR])?;
    let max_time = if period.as_deref() == Some(YEAR) { 5 } else { 60 };
    let used_time = arguments.whole("UsedTime", 1..=max_time)?.map(i64::unsigned_abs);
    if pay_type == PRE_PAID {
        for (name, is_sent) in [("Period", period.is_some()), ("UsedTime", used_time.is_some())] {
            if !is_sent {
                let hint = format!("{name} is needed with PayType={PRE_PAID}");
                return Err(ApiError::parameter(name, Rule::Required).hint(hint));
            }
        }
    }
    let topology = chosen("Topology", &["oneway", BIDIRECTIONAL])?;
    let order = Order {
        region_id: text("RegionId"),
        source_region,
        dest_region,
        synchronization_job_class,
        period: period.filter(|_| pay_type == PRE_PAID),
        used_time: used_time.filter(|_| pay_type == PRE_PAID),
        pay_type,
        topology: topology.unwrap_or_else(|| "oneway".to_owned()),
        source_instance_type: chosen("SourceEndpoint.InstanceType", SOURCES)?.unwrap_or_else(mysql),
        destination_instance_type: chosen("DestinationEndpoint.InstanceType", DESTINATIONS)?
            .unwrap_or_else(mysql),
        db_instance_count: arguments
            .whole("DBInstanceCount", 1..=i64::from(i32::MAX))?
            .map(i64::unsigned_abs),
        // Lower case on the wire.
        network_type: chosen("networkType", &["Intranet"])?,
        resource_group_id: text("ResourceGroupId"),
        client_token: text(client_token::NAME),
    };
    client_token::check(&plan.quirks, arguments)?;
    let types = [&order.source_instance_type, &order.destination_instance_type];
    if order.is_two_way() && !types.iter().all(|name| TWO_WAY.contains(&name.as_str())) {
        let hint = format!("{BIDIRECTIONAL} is possible between {}", TWO_WAY.join(", "));
        return Err(ApiError::parameter("Topology", Rule::OneOf(&["oneway"])).hint(hint));
    }
    Ok(order)
}
