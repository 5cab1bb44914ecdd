//! Answers one request without a server. The request is built from the operation's route.

use std::io::IsTerminal;
use std::str::FromStr;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::Method;

use super::error::{CliError, complain, say};
use super::source::{Overrides, world};
use crate::engine::{
    ClockReading, FaultCounts, OperationRef, Plan, Route, ServiceRef, WorldState, respond,
};
use crate::scenario::access::CredentialsMode;
use crate::vendors::VENDORS;
use crate::wire::{Request, nearest, percent_encoded};

/// Answer one request without a server, and print the response body
///
/// Examples:
///   syncmock call drs ListAsyncJobs limit=2
///   syncmock call eiam ListSynchronizationJobs InstanceId=idaas_ue2jvisn35ea5lmthk267xxxxx --format xml
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Call {
    /// Service: eiam, dts, authing, drs, oms or iam
    service: String,
    /// Operation, by the vendor's name; syncmock operations lists all
    operation: String,
    /// Request parameters, named as on the wire
    #[arg(value_name = "KEY=VALUE")]
    parameters: Vec<String>,
    /// Path of a scenario file, or the name of a shipped scenario
    #[arg(long, default_value = "default", value_name = "SCENARIO")]
    scenario: String,
    /// Response format; only some services support XML
    #[arg(long, value_enum, default_value_t = CallFormat::Json)]
    format: CallFormat,
    /// Number of this call, which decides whether the scenario's faults fire: of every fault, or
    /// of one as the log names it, and then the other faults do not fire
    #[arg(long, default_value = "1", value_name = "[FAULT=]N")]
    call: CallNumber,
    #[command(flatten)]
    overrides: Overrides,
}

/// Faults count calls apart from each other, so a number alone may be that of several.
#[derive(Clone)]
struct CallNumber {
    /// The only fault that is considered; None: all.
    fault: Option<String>,
    /// From 1.
    number: u64,
}

impl FromStr for CallNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A name may have an equals sign in it.
        let (fault, number) = match text.rsplit_once('=') {
            Some((fault, number)) => (Some(fault.to_owned()), number),
            None => (None, text),
        };
        match number.parse() {
            Ok(number @ 1..) => Ok(Self { fault, number }),
            _ => Err("calls are counted from 1; write it like 3, or like FAULT=3".into()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CallFormat {
    Json,
    Xml,
}

impl Call {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let service = service(&self.service)?;
        let operation = operation(service, &self.operation)?;
        if self.format == CallFormat::Xml && !service.dialect.has_xml() {
            return Err(CliError::usage(format!("{} answers JSON only", service.service.name())));
        }
        let mut parameters = Vec::new();
        for text in &self.parameters {
            let (name, value) = text.split_once('=').ok_or_else(|| {
                CliError::usage(format!("{text} is not KEY=VALUE")).hint("write it like limit=10")
            })?;
            parameters.push((name.to_owned(), value.to_owned()));
        }
        let (mut plan, export) = world(&self.scenario, &self.overrides)?;
        // `call` shows what the world holds; credentials are tested with real clients.
        plan.access.credentials = CredentialsMode::Open;
        let request = self.request(&plan, operation, parameters)?;
        let state = WorldState::new(&plan);
        state.replace_faults(self.faults(&plan)?);
        let mut now = plan.clock.start;
        if let Some(export) = export {
            now = export.now;
            let log = export.event_log(&plan);
            state.replace_event_log(log.map_err(|error| CliError::failed(error.to_string()))?);
        }
        let clock = ClockReading { now, speed: plan.clock.speed };
        let answer = respond(&plan, &state, &request, clock);

        let body = String::from_utf8_lossy(answer.reply.body()).into_owned();
        say(&if std::io::stdout().is_terminal() { pretty(body) } else { body })?;
        if let Some(fired) = &answer.fault {
            complain(&format!("fault: {}{}", fired.fault.name, fired.effects));
        }
        if answer.succeeded() {
            return Ok(());
        }
        if let Some(hint) = answer.hint().filter(|_| answer.fault.is_none()) {
            complain(&format!("hint: {hint}"));
        }
        Err(CliError::failed(format!("refused, HTTP {}", answer.reply.status())))
    }

    /// The scenario's faults, as before the call of that number.
    fn faults(&self, plan: &Plan) -> Result<FaultCounts, CliError> {
        let CallNumber { fault, number } = &self.call;
        let all = FaultCounts::of(plan);
        let chosen = match fault {
            None => all,
            Some(name) => all.only(name).map_err(|names| {
                let error = CliError::usage(format!("--call: there is no fault {name}"));
                match nearest(name, names.iter().map(String::as_str)) {
                    Some(meant) => error.hint(format!("did you mean {meant}?")),
                    None if names.is_empty() => error.hint("the scenario has no faults"),
                    None => error.hint(format!("its faults are {}", names.join(", "))),
                }
            })?,
        };
        Ok(chosen.after(number - 1))
    }

    fn request(
        &self,
        plan: &Plan,
        operation: OperationRef,
        mut parameters: Vec<(String, String)>,
    ) -> Result<Request, CliError> {
        let (method, path, in_body) = match &operation.info().route {
            Route::Action { version, .. } => {
                let format = if self.format == CallFormat::Xml { "XML" } else { "JSON" };
                for (name, value) in
                    [("Action", operation.name()), ("Version", version), ("Format", format)]
                {
                    parameters.push((name.into(), value.into()));
                }
                (Method::POST, "/".to_owned(), false)
            }
            Route::Path { method, template } => {
                let writes = method == Method::POST || method == Method::PUT;
                (method.clone(), fill(template, plan, operation, &mut parameters)?, writes)
            }
        };
        let query: Vec<String> = parameters
            .iter()
            .filter(|_| !in_body)
            .map(|(name, value)| format!("{}={}", percent_encoded(name), percent_encoded(value)))
            .collect();
        let uri = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
        let body = if in_body { json_body(parameters) } else { Bytes::new() };
        http::Request::builder()
            .method(method)
            .uri(uri)
            .header("Host", "127.0.0.1")
            .header("Content-Type", "application/json")
            .body(body)
            .map_err(|error| CliError::usage(error.to_string()))
    }
}

/// A value that is valid JSON is sent as that JSON value, every other value as a string.
fn json_body(parameters: Vec<(String, String)>) -> Bytes {
    let member = |(name, value): (String, String)| {
        let value = serde_json::from_str(&value).unwrap_or(serde_json::Value::String(value));
        (name, value)
    };
    let body: serde_json::Map<_, _> = parameters.into_iter().map(member).collect();
    serde_json::Value::Object(body).to_string().into()
}

/// Fills the path parameters. One that is not given has the service's default, such as the
/// scenario's own project.
fn fill(
    template: &str,
    plan: &Plan,
    operation: OperationRef,
    parameters: &mut Vec<(String, String)>,
) -> Result<String, CliError> {
    let mut path = Vec::new();
    for segment in template.split('/') {
        let Some(name) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) else {
            path.push(segment.to_owned());
            continue;
        };
        let value = match parameters.iter().position(|(n, _)| n == name) {
            Some(at) => parameters.remove(at).1,
            None => match operation.service().default_argument(plan, name) {
                Some(default) => default.to_owned(),
                None => {
                    return Err(CliError::usage(format!("the path parameter {name} is missing"))
                        .hint(format!("add {name}=VALUE")));
                }
            },
        };
        path.push(percent_encoded(&value));
    }
    Ok(path.join("/"))
}

/// The service with that name, or all services.
pub(crate) fn services(name: Option<&str>) -> Result<Vec<ServiceRef>, CliError> {
    match name {
        Some(name) => Ok(vec![service(name)?]),
        None => Ok(VENDORS.services().collect()),
    }
}

fn service(name: &str) -> Result<ServiceRef, CliError> {
    VENDORS.service(name).ok_or_else(|| {
        let names: Vec<&str> = VENDORS.services().map(|found| found.service.name()).collect();
        CliError::usage(format!("there is no service {name}"))
            .hint(format!("the services are {}", names.join(", ")))
    })
}

fn operation(service: ServiceRef, name: &str) -> Result<OperationRef, CliError> {
    let found = service.operations().find(|found| found.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let error = CliError::usage(format!("{} has no operation {name}", service.service.name()));
        match nearest(name, service.operations().map(OperationRef::name)) {
            Some(nearest) => error.hint(format!("did you mean {nearest}?")),
            None => {
                let names: Vec<&str> = service.operations().map(OperationRef::name).collect();
                error.hint(format!("its operations are {}", names.join(", ")))
            }
        }
    })
}

/// Indents JSON; leaves other bodies unchanged.
fn pretty(body: String) -> String {
    serde_json::from_str::<serde_json::Value>(&body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or(body)
}
