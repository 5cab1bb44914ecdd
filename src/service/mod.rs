//! The impersonated services: a folder each, and one line each in [`SERVICES`].
//!
//! A service parses what was asked, queries the world, and renders the answer. It knows no
//! sockets and no signatures.

mod as_of;
pub mod authing;
pub mod drs;
pub mod dts;
pub mod eiam;
pub mod iam;
pub mod oms;

pub use as_of::AsOf;

use std::fmt;
use std::sync::{Arc, LazyLock};

use http::Method;
use serde::{Deserialize, Serialize};

use crate::gateway::{Admitted, Exchange, Gateway};
use crate::plan::Plan;
use crate::wire::Payload;
use crate::wire::refusal::{CatalogueEntry, Reason, Refusal, VendorError};
use crate::world::machine::Machine;
use crate::world::time::Timestamp;

/// Every service there is. Adding one is a folder and a line here.
pub static SERVICES: [&Service; 6] =
    [&eiam::SERVICE, &dts::SERVICE, &authing::SERVICE, &drs::SERVICE, &oms::SERVICE, &iam::SERVICE];

pub struct Service {
    /// As scenario files and the command line call it.
    pub name: &'static str,
    /// As its vendor calls it.
    pub title: &'static str,
    pub gateway: Gateway,
    /// The vendor's product code, as error answers name it.
    pub product: &'static str,
    pub operations: &'static [Operation],
    /// The lives of its things.
    pub machines: &'static [&'static Machine],
    /// The service's own errors.
    pub catalogue: &'static [CatalogueEntry],
    /// Its codes and wordings; none leaves it to the gateway.
    pub errors: fn(&Exchange<'_>, &Reason) -> Option<VendorError>,
}

pub struct Operation {
    /// The vendor's name of it.
    pub name: &'static str,
    pub summary: &'static str,
    pub route: Route,
    pub evidence: Evidence,
    /// Whether it is answered without credentials.
    pub public: bool,
    pub handler: fn(&Admitted<'_>) -> Result<Granted, Refusal>,
}

/// What a granted request gets, and what it changes.
#[derive(Debug)]
pub struct Granted {
    pub payload: Payload,
    /// What goes into the journal.
    pub change: Option<Change>,
}

impl Granted {
    pub fn changing(self, change: impl Into<Option<Change>>) -> Self {
        Self { change: change.into(), ..self }
    }
}

impl From<Payload> for Granted {
    fn from(payload: Payload) -> Self {
        Self { payload, change: None }
    }
}

/// How an operation is recognised.
pub enum Route {
    /// RPC style at `/`, by its action and version.
    Action { version: &'static str, methods: &'static [Method] },
    /// By method and path; `{name}` stands for one segment.
    Path { method: Method, template: &'static str },
}

/// How sure we are of an operation's shape on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The vendor's documentation describes it.
    Documented,
    /// A published SDK sends it.
    Sdk,
    /// It must be there, for what is known needs it.
    Inferred,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::Sdk => "seen in an SDK",
            Self::Inferred => "inferred",
        })
    }
}

/// A service's part of the world at an instant.
#[derive(Debug)]
pub struct View<'a, P, C> {
    pub plan: &'a P,
    pub changes: &'a C,
    pub now: Timestamp,
}

impl<P, C> Clone for View<'_, P, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, C> Copy for View<'_, P, C> {}

/// Something that a client asked for and got, as the journal keeps it: what was asked, not
/// what came of it. No secret is part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    Eiam(eiam::Change),
    Dts(dts::Change),
    Authing(authing::Change),
    Drs(drs::Change),
    Oms(oms::Change),
}

/// What the changes so far have come to, for each service. A value: the next change makes
/// another one, which shares all that it leaves alone.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub eiam: Arc<eiam::Changes>,
    pub dts: Arc<dts::Changes>,
    pub authing: Arc<authing::Changes>,
    pub drs: Arc<drs::Changes>,
    pub oms: Arc<oms::Changes>,
}

impl Changes {
    /// No changes: one value for all worlds, so that it costs nothing to have.
    pub fn none() -> Arc<Self> {
        static NONE: LazyLock<Arc<Changes>> = LazyLock::new(Arc::default);
        NONE.clone()
    }

    /// Nothing that was changed before was changed later than `at`. A change that what came
    /// before it no longer allows changes nothing.
    pub fn apply(&mut self, plan: &Plan, number: u64, at: Timestamp, change: &Change) {
        match change {
            Change::Eiam(change) => {
                Arc::make_mut(&mut self.eiam).apply(&plan.eiam, number, at, change);
            }
            Change::Dts(change) => {
                Arc::make_mut(&mut self.dts).apply(&plan.dts, number, at, change);
            }
            Change::Authing(change) => {
                Arc::make_mut(&mut self.authing).apply(&plan.authing, number, at, change);
            }
            Change::Drs(change) => {
                Arc::make_mut(&mut self.drs).apply(&plan.drs, number, at, change);
            }
            Change::Oms(change) => {
                Arc::make_mut(&mut self.oms).apply(&plan.oms, number, at, change);
            }
        }
    }
}

/// An operation and the service it belongs to.
#[derive(Clone, Copy)]
pub struct Target {
    pub service: &'static Service,
    pub operation: &'static Operation,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.service.name, self.operation.name)
    }
}

impl Target {
    /// The error of that name that the service or its gateway has: its code, `code/status`
    /// where several share a code, its status where the vendor gives no code, or the message
    /// as it is listed.
    pub fn catalogued(self, name: &str) -> Option<&'static CatalogueEntry> {
        let named = |entry: &&CatalogueEntry| {
            entry.code == name
                || name.split_once('/') == Some((entry.code, &*entry.status.to_string()))
                || (entry.code.is_empty() && entry.status.to_string() == name)
                || entry.message == name
        };
        let service = self.service;
        service.catalogue.iter().chain(service.gateway.catalogue()).find(named)
    }
}

/// Every operation behind a gateway.
pub fn targets(gateway: Gateway) -> impl Iterator<Item = Target> {
    SERVICES.into_iter().filter(move |service| service.gateway == gateway).flat_map(|service| {
        service.operations.iter().map(move |operation| Target { service, operation })
    })
}

pub fn find(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name).copied()
}

impl Route {
    /// Matches a path against the template; gives the values of its `{names}`, still encoded.
    pub fn path_values<'p>(&self, path: &'p str) -> Option<Vec<(&'static str, &'p str)>> {
        let Self::Path { template, .. } = self else { return None };
        // Most templates are told from a path by what they begin with.
        if !path.starts_with(template.split('{').next().unwrap_or_default()) {
            return None;
        }
        let named = |segment: &'static str| segment.strip_prefix('{')?.strip_suffix('}');
        let (mut wanted, mut given) = (template.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => break,
                (Some(segment), Some(text)) if named(segment).is_some() && !text.is_empty() => {}
                (Some(segment), Some(text)) if segment == text => {}
                _ => return None,
            }
        }
        let pairs = template.split('/').zip(path.split('/'));
        Some(pairs.filter_map(|(segment, text)| Some((named(segment)?, text))).collect())
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action { version, methods } => {
                let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
                write!(f, "{} / Version={version}", methods.join("|"))
            }
            Self::Path { method, template } => write!(f, "{method} {template}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_matches_whole_paths_and_names_their_parts() {
        let route = Route::Path { method: Method::GET, template: "/v5/{project_id}/jobs/{id}" };
        assert_eq!(route.path_values("/v5/p/jobs/1"), Some(vec![("project_id", "p"), ("id", "1")]));
        for path in ["/v5//jobs/1", "/v5/p/jobs", "/v5/p/jobs/1/", "/v5/p/job/1", "/"] {
            assert_eq!(route.path_values(path), None, "{path}");
        }
    }
}
