use clap::Args;

use super::call::services;
use super::error::{CliError, say};
use crate::engine::{AnyDialect, ServiceRef, Vendor};
use crate::vendors::VENDORS;
use crate::wire::error::ErrorEntry;

/// List every impersonated operation, with its evidence: documented or seen in an SDK
///
/// Examples:
///   syncmock operations
///   syncmock operations oms --summaries
///   syncmock operations drs --errors
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Operations {
    /// List only the operations of this service
    service: Option<String>,
    /// List the errors of the services and their gateways instead, and how to trigger each
    #[arg(long)]
    errors: bool,
    /// List the causes that the diagnosis of rejected credentials can name instead
    #[arg(long, conflicts_with = "errors")]
    causes: bool,
    /// Say below each operation what it does
    #[arg(long, conflicts_with_all = ["errors", "causes"])]
    summaries: bool,
}

impl Operations {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let services = services(self.service.as_deref())?;
        if self.errors {
            return errors(&services);
        }
        if self.causes {
            return causes(&services);
        }
        let operations = || services.iter().flat_map(|found| found.operations());
        let rows: Vec<[String; 4]> = operations()
            .map(|operation| {
                [
                    operation.service().name().to_owned(),
                    operation.name().to_owned(),
                    operation.info().evidence.to_string(),
                    operation.info().route.to_string(),
                ]
            })
            .collect();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        for ([service, name, evidence, route], operation) in rows.iter().zip(operations()) {
            let [a, b, c] = widths;
            say(&format!("{service:<a$}  {name:<b$}  {evidence:<c$}  {route}"))?;
            if self.summaries {
                say(&format!("{:<a$}    {}", "", operation.info().summary))?;
            }
        }
        Ok(())
    }
}

/// Lists the errors of the gateways first, then those of each service.
fn errors(services: &[ServiceRef]) -> Result<(), CliError> {
    for dialect in dialects_of(services) {
        list(&format!("gateway {}", dialect.name()), dialect.errors())?;
    }
    for found in services.iter().filter(|found| !found.service.errors().is_empty()) {
        list(&format!("service {}", found.service.name()), found.service.errors())?;
    }
    Ok(())
}

fn causes(services: &[ServiceRef]) -> Result<(), CliError> {
    for dialect in dialects_of(services) {
        say(&format!("gateway {}", dialect.name()))?;
        let width = dialect.causes().iter().map(|(cause, _)| cause.len()).max().unwrap_or(0);
        for (cause, meaning) in dialect.causes() {
            say(&format!("  {cause:<width$}  {meaning}"))?;
        }
    }
    Ok(())
}

/// The gateways of the services, each once.
fn dialects_of(services: &[ServiceRef]) -> impl Iterator<Item = &'static dyn AnyDialect> {
    let is_used = |vendor: &&Vendor| {
        services.iter().any(|found| found.dialect.name() == vendor.dialect.name())
    };
    VENDORS.0.iter().filter(is_used).map(|vendor| vendor.dialect)
}

fn list(whose: &str, errors: &[ErrorEntry]) -> Result<(), CliError> {
    say(whose)?;
    let width = errors.iter().map(|entry| entry.code.len()).max().unwrap_or(0);
    for ErrorEntry { status, code, message, trigger, .. } in errors {
        say(&format!("  {status}  {code:<width$}  {message}"))?;
        say(&format!("       {:<width$}  ↳ {trigger}", ""))?;
    }
    Ok(())
}
