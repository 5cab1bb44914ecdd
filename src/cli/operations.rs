use clap::Args;

use super::call::services;
use super::error::{CliError, say};
use crate::gateway::Gateway;
use crate::service::Service;
use crate::wire::refusal::CatalogueEntry;

/// List every impersonated operation, and how sure we are of it
///
/// Examples:
///   syncmock operations
///   syncmock operations drs --errors
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct Operations {
    /// Only those of this service
    service: Option<String>,
    /// List the errors that the services and their gateways answer, and how to meet each
    #[arg(long)]
    errors: bool,
}

impl Operations {
    pub fn run(self) -> Result<(), CliError> {
        let services = services(self.service.as_deref())?;
        if self.errors {
            return errors(&services);
        }
        let rows: Vec<[String; 4]> = services
            .iter()
            .flat_map(|service| {
                service.operations.iter().map(|operation| {
                    [
                        service.name.to_owned(),
                        operation.name.to_owned(),
                        operation.evidence.to_string(),
                        operation.route.to_string(),
                    ]
                })
            })
            .collect();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        for [service, operation, evidence, route] in &rows {
            let [a, b, c] = widths;
            say(&format!("{service:<a$}  {operation:<b$}  {evidence:<c$}  {route}"))?;
        }
        Ok(())
    }
}

/// Those of the gateways first, then each service's own.
fn errors(services: &[&Service]) -> Result<(), CliError> {
    for gateway in Gateway::ALL {
        if services.iter().any(|service| service.gateway == gateway) {
            list(&format!("gateway {}", gateway.name()), gateway.catalogue())?;
        }
    }
    for service in services.iter().filter(|service| !service.catalogue.is_empty()) {
        list(&format!("service {}", service.name), service.catalogue)?;
    }
    Ok(())
}

fn list(whose: &str, catalogue: &[CatalogueEntry]) -> Result<(), CliError> {
    say(whose)?;
    let width = catalogue.iter().map(|entry| entry.code.len()).max().unwrap_or(0);
    for CatalogueEntry { status, code, message, provoke, .. } in catalogue {
        say(&format!("  {status}  {code:<width$}  {message}"))?;
        say(&format!("       {:<width$}  ↳ {provoke}", ""))?;
    }
    Ok(())
}
