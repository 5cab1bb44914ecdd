//! One answer, without a server: the request is built from the operation's own route.

use std::io::IsTerminal;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::{CliError, complain, say};
use super::source::{Changes, world};
use crate::engine::{Past, respond_after};
use crate::fault::Faults;
use crate::gateway::{Gateway, nearest::nearest};
use crate::plan::{Credentials, Plan};
use crate::service::{self, Operation, Route, SERVICES, Service};
use crate::wire::Request;

/// Print one answer, without a server
///
/// Examples:
///   syncmock call drs ListAsyncJobs limit=2
///   syncmock call eiam ListSynchronizationJobs InstanceId=idaas_ue2jvisn35ea5lmthk267xxxxx --format xml
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct Call {
    /// eiam, dts, authing, drs, oms or iam
    service: String,
    /// The vendor's name of the operation, see syncmock operations
    operation: String,
    /// Parameters, named as on the wire
    #[arg(value_name = "KEY=VALUE")]
    parameters: Vec<String>,
    /// A path, or the name of a shipped scenario
    #[arg(long, default_value = "default", value_name = "SCENARIO")]
    scenario: String,
    /// Alibaba's services know both
    #[arg(long, value_enum, default_value_t = CallFormat::Json)]
    format: CallFormat,
    /// Answer as to the call of this number, for the faults of the scenario
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    call: u64,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CallFormat {
    Json,
    Xml,
}

impl Call {
    pub fn run(self) -> Result<(), CliError> {
        let service = service(&self.service)?;
        let operation = operation(service, &self.operation)?;
        if self.format == CallFormat::Xml && service.gateway != Gateway::Alibaba {
            return Err(CliError::usage(format!("{} answers JSON only", service.name)));
        }
        let mut parameters = Vec::new();
        for text in &self.parameters {
            let (name, value) = text.split_once('=').ok_or_else(|| {
                CliError::usage(format!("{text} is not KEY=VALUE")).hint("such as limit=10")
            })?;
            parameters.push((name.to_owned(), value.to_owned()));
        }
        let (mut plan, state) = world(&self.scenario, &self.changes)?;
        // A call is a question to the world; credentials are the business of clients.
        plan.gateway.credentials = Credentials::Open;
        let request = self.request(&plan, service, operation, parameters)?;
        let past = Past::new(&plan);
        past.replace_faults(Faults::of(&plan).after(self.call - 1));
        let mut now = plan.clock.start;
        if let Some(state) = state {
            now = state.now;
            let journal = state.journal(&plan);
            past.replace_journal(journal.map_err(|refused| CliError::failed(refused.to_string()))?);
        }
        let answer = respond_after(&plan, &past, &request, now);

        let body = String::from_utf8_lossy(answer.reply.body()).into_owned();
        say(&if std::io::stdout().is_terminal() { pretty(body) } else { body })?;
        if let Some(fault) = &answer.fault {
            complain(&format!("fault: {}{}", fault.fault.name, fault.effects));
        }
        if answer.granted() {
            return Ok(());
        }
        if let Some(hint) = answer.hint() {
            complain(&format!("hint: {hint}"));
        }
        Err(CliError::failed(format!("refused, HTTP {}", answer.reply.status())))
    }

    fn request(
        &self,
        plan: &Plan,
        service: &Service,
        operation: &Operation,
        mut parameters: Vec<(String, String)>,
    ) -> Result<Request, CliError> {
        let (method, path) = match &operation.route {
            Route::Action { version, .. } => {
                let format = if self.format == CallFormat::Xml { "XML" } else { "JSON" };
                for (name, value) in
                    [("Action", operation.name), ("Version", version), ("Format", format)]
                {
                    parameters.push((name.into(), value.into()));
                }
                (Method::POST, "/".to_owned())
            }
            Route::Path { method, template } => {
                (method.clone(), fill(template, plan, service, &mut parameters)?)
            }
        };
        let writes = method == Method::POST || method == Method::PUT;
        let in_body = writes && service.gateway != Gateway::Alibaba;
        let query: Vec<String> = parameters
            .iter()
            .filter(|_| !in_body)
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
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

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

fn escape(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Numbers, booleans and JSON values are sent as what they look like.
fn json_body(parameters: Vec<(String, String)>) -> Bytes {
    let member = |(name, value): (String, String)| {
        let value = serde_json::from_str(&value).unwrap_or(serde_json::Value::String(value));
        (name, value)
    };
    let body: serde_json::Map<_, _> = parameters.into_iter().map(member).collect();
    serde_json::Value::Object(body).to_string().into()
}

/// Fills the names in a path from the parameters; the project is the scenario's own unless
/// it is given.
fn fill(
    template: &str,
    plan: &Plan,
    service: &Service,
    parameters: &mut Vec<(String, String)>,
) -> Result<String, CliError> {
    let mut path = Vec::new();
    for segment in template.split('/') {
        let Some(name) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) else {
            path.push(segment.to_owned());
            continue;
        };
        let given = parameters.iter().position(|(n, _)| n == name);
        let value = match (given, name, service.name) {
            (Some(at), ..) => parameters.remove(at).1,
            (None, "project_id", "drs") => plan.drs.project_id.clone(),
            (None, "project_id", "oms") => plan.oms.project_id.clone(),
            _ => {
                return Err(CliError::usage(format!("{name} is part of the path"))
                    .hint(format!("add {name}=VALUE")));
            }
        };
        path.push(escape(&value));
    }
    Ok(path.join("/"))
}

/// The one of that name, or all of them.
pub fn services(name: Option<&str>) -> Result<Vec<&'static Service>, CliError> {
    match name {
        Some(name) => Ok(vec![service(name)?]),
        None => Ok(SERVICES.to_vec()),
    }
}

fn service(name: &str) -> Result<&'static Service, CliError> {
    service::find(name).ok_or_else(|| {
        let names: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
        CliError::usage(format!("there is no service {name}"))
            .hint(format!("it is one of {}", names.join(", ")))
    })
}

fn operation(service: &'static Service, name: &str) -> Result<&'static Operation, CliError> {
    let found = service.operations.iter().find(|o| o.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let error = CliError::usage(format!("{} has no operation {name}", service.name));
        match nearest(name, service.operations.iter().map(|o| o.name)) {
            Some(nearest) => error.hint(format!("did you mean {nearest}?")),
            None => {
                let names: Vec<&str> = service.operations.iter().map(|o| o.name).collect();
                error.hint(format!("it has {}", names.join(", ")))
            }
        }
    })
}

/// For eyes; what is not JSON stays as it is.
fn pretty(body: String) -> String {
    serde_json::from_str::<serde_json::Value>(&body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or(body)
}
