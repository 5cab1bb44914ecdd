//! A checked scenario: everything the pure core needs, prepared once.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::dialect::{Dialect, Settings};
use super::event_log::Projections;
use super::registry::{AnyPlan, OperationRef, Registry, Vendor};
use super::service::Service;
use crate::fault::{self, Fault, FaultList};
use crate::scenario::access::{self, AccessPlan};
use crate::scenario::base::Language;
use crate::scenario::document::Document;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::{self, Base, Parts, report};
use crate::wire::Request;
use crate::world::draw::Seed;
use crate::world::names::Locale;
use crate::world::time::Timestamp;

pub(crate) struct Plan {
    pub(crate) name: String,
    /// One line for lists.
    pub(crate) summary: String,
    /// What the scenario says, with all overrides: a digest of each top-level part.
    pub(crate) digests: BTreeMap<String, String>,
    pub(crate) seed: Seed,
    pub(crate) clock: ClockPlan,
    pub(crate) access: AccessPlan,
    pub(crate) faults: Vec<Arc<Fault>>,
    pub(crate) registry: Registry,
    /// The projections of no events: one value for all worlds, so that they cost nothing.
    pub(super) no_events: Arc<Projections>,
    vendors: Vec<VendorPlan>,
    /// In the order of the registry.
    services: Vec<Box<dyn AnyPlan>>,
}

struct VendorPlan {
    settings: Settings,
    operations: Vec<OperationRef>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockPlan {
    /// Virtual time when the server starts.
    pub(crate) start: Timestamp,
    /// Virtual milliseconds per real second; 0 is frozen.
    pub(crate) speed: u64,
    /// Whether it starts at the machine's time: at normal speed it then stays with it.
    pub(crate) follows_machine: bool,
}

/// The time and the speed of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockReading {
    pub(crate) now: Timestamp,
    /// Virtual milliseconds per real second; 0 is frozen.
    pub(crate) speed: u64,
}

/// An instant of a clock at the speed of real time.
#[cfg(test)]
impl From<Timestamp> for ClockReading {
    fn from(now: Timestamp) -> Self {
        Self { now, speed: 1_000 }
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, seed, clock, services, .. } = self;
        f.debug_struct("Plan")
            .field("name", name)
            .field("seed", seed)
            .field("clock", clock)
            .field("services", services)
            .finish_non_exhaustive()
    }
}

/// The vendor that a request is for, with its settings and operations.
#[derive(Clone, Copy)]
pub(super) struct ClaimedBy<'p> {
    pub(crate) vendor: &'static Vendor,
    pub(crate) settings: &'p Settings,
    pub(crate) operations: &'p [OperationRef],
}

impl Plan {
    /// The plan of a service; None if this world does not have it.
    pub(crate) fn get<S: Service>(&self) -> Option<&S::Plan> {
        self.services.iter().find_map(|plan| (&**plan as &dyn Any).downcast_ref())
    }

    /// The plan of a service that this world is known to have.
    #[cfg(test)]
    pub(crate) fn of<S: Service>(&self) -> &S::Plan {
        self.get::<S>().expect("the service is registered")
    }

    /// The settings of a vendor's gateway; None if this world does not have the vendor.
    pub(super) fn settings<D: Dialect>(&self) -> Option<&D::Settings> {
        self.vendors.iter().find_map(|vendor| (&*vendor.settings as &dyn Any).downcast_ref())
    }

    /// A vendor as if the request were for it.
    #[cfg(test)]
    pub(super) fn claimed_by_dialect<D: Dialect>(&self) -> ClaimedBy<'_> {
        let mut vendors = self.registry.0.iter().zip(&self.vendors);
        let found = vendors.find(|(vendor, _)| vendor.dialect.name() == D::NAME);
        let (vendor, plan) = found.expect("the vendor is registered");
        ClaimedBy { vendor, settings: &plan.settings, operations: &plan.operations }
    }

    /// The vendor that the request is for; None in a world without vendors.
    pub(super) fn claimed_by(&self, request: &Request) -> Option<ClaimedBy<'_>> {
        let index = self.registry.claimed_by(request);
        let (vendor, plan) = self.registry.0.get(index).zip(self.vendors.get(index))?;
        Some(ClaimedBy { vendor, settings: &plan.settings, operations: &plan.operations })
    }
}

/// Options of the command line, which override the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) seed: Option<u64>,
    pub(crate) start: Option<Timestamp>,
    /// Virtual ms per real second.
    pub(crate) speed: Option<u64>,
    /// `KEY=VALUE` overrides of single values of the file.
    pub(crate) set: Vec<String>,
}

/// A file that was read, whether or not it has problems.
pub(crate) struct Loaded {
    document: Document,
    pub(crate) outcome: Result<Box<Plan>, Vec<Problem>>,
}

impl Loaded {
    /// The report on all problems, ready to print; empty if there are none.
    pub(crate) fn report(&self, colour: bool) -> String {
        match &self.outcome {
            Ok(_) => String::new(),
            Err(problems) => report::render(&self.document, problems, colour),
        }
    }
}

/// Reads a scenario file for the vendors and services of a registry. `machine_now` is the start
/// of the clock where neither the file nor the options give one.
///
/// # Errors
/// An override that cannot be applied.
pub(crate) fn load(
    registry: Registry,
    name: &str,
    text: &str,
    options: &Options,
    machine_now: Timestamp,
) -> Result<Loaded, String> {
    let mut file = scenario::read(name, text, &options.set, &registry.sections())?;
    let planned = match file.parts.take() {
        Some(parts) => plan(registry, name, parts, options, machine_now),
        None => Err(Vec::new()),
    };
    let (plan, meaning) = match planned {
        Ok(plan) => {
            let digests = scenario::digests(&file.document);
            (Some(Box::new(Plan { digests, ..plan })), Vec::new())
        }
        Err(meaning) => (None, meaning),
    };
    let problems = file.problems_with(meaning);
    let outcome = plan.filter(|_| problems.is_empty()).ok_or(problems);
    Ok(Loaded { document: file.document, outcome })
}

fn plan(
    registry: Registry,
    name: &str,
    mut parts: Parts,
    options: &Options,
    machine_now: Timestamp,
) -> Result<Plan, Vec<Problem>> {
    let file = parts.base.clone();
    let start = file.clock.start.map(|start| Timestamp::from_millis(start.0));
    let start = options.start.or(start);
    let follows_machine = start.is_none();
    let start = start.unwrap_or(machine_now);
    let speed = options.speed.unwrap_or(file.clock.speed.unwrap_or(1) * 1_000);
    let base = Base {
        seed: Seed(options.seed.unwrap_or(file.seed)),
        start,
        locale: match file.language {
            Language::Chinese => Locale::Chinese,
            Language::English => Locale::English,
        },
    };
    let mut problems = Vec::new();
    let catalog = registry.catalog();
    let access = access::plan(file.gateway, file.credentials, &catalog, &mut problems);
    let tables: FaultList = keep(parts.take(&fault::section()), &mut problems).unwrap_or_default();
    let path = DocumentPath::root().key("fault");
    let faults = fault::plan(tables.0, &access.keys, &catalog, &path, &mut problems);
    let mut vendors = Vec::new();
    let mut services = Vec::new();
    for vendor in registry.0 {
        let operations =
            registry.services().filter(|found| found.dialect.name() == vendor.dialect.name());
        let operations = operations.flat_map(|found| found.operations()).collect();
        let settings = keep(vendor.dialect.settings(&mut parts), &mut problems);
        vendors.extend(settings.map(|settings| VendorPlan { settings, operations }));
        for service in vendor.services {
            let plan = service.plan(&mut parts, &base, &mut problems);
            services.extend(keep(plan, &mut problems));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Plan {
        name: file.name.unwrap_or_else(|| name.to_owned()),
        summary: file.summary,
        digests: BTreeMap::new(),
        seed: base.seed,
        clock: ClockPlan { start, speed, follows_machine },
        access,
        faults,
        registry,
        no_events: Arc::new(Projections::new(
            registry.services().map(|found| found.service.projection()).collect(),
        )),
        vendors,
        services,
    })
}

fn keep<T>(outcome: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    outcome.map_err(|problem| problems.push(problem)).ok()
}
