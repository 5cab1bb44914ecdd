use clap::Args;

use super::error::{CliError, say};
use crate::service::SERVICES;

/// List every impersonated operation, and how sure we are of it
///
/// Example: syncmock operations
#[derive(Args)]
pub struct Operations {
    /// Only those of this service
    service: Option<String>,
}

impl Operations {
    pub fn run(self) -> Result<(), CliError> {
        if let Some(name) = &self.service {
            super::call::service(name)?;
        }
        let wanted = |name: &str| self.service.as_ref().is_none_or(|wanted| wanted == name);
        let rows: Vec<[String; 4]> = SERVICES
            .iter()
            .filter(|service| wanted(service.name))
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
