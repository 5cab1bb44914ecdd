//! The vendors and services of a world, with their types erased. `vendors` has the one list that
//! is served; a test may make its own.

use std::any::Any;
use std::fmt::{self, Debug};
use std::io;
use std::marker::PhantomData;
use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};

use super::call::{AuthorizedCall, RoutedCall};
use super::dialect::{AnyDialect, Claim};
use super::event_log::Projections;
use super::plan::Plan;
use super::service::{Call, Event, File, FileError, OperationInfo, Outcome, Service, View};
use crate::fault::RequestedPage;
use crate::scenario::catalog::ServiceCatalog;
use crate::scenario::problem::Problem;
use crate::scenario::{Base, Parts, Section};
use crate::wire::error::{ApiError, ErrorCatalog, ErrorEntry, Reason, VendorError};
use crate::wire::{Arguments, Payload, Request};
use crate::world::lifecycle_table::DescribeLifecycle;
use crate::world::time::Timestamp;

/// A vendor and the services behind its gateway.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vendor {
    pub(crate) dialect: &'static dyn AnyDialect,
    pub(crate) services: &'static [&'static dyn AnyService],
}

/// Every vendor of a world. Services are numbered in this order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registry(pub(crate) &'static [Vendor]);

impl Registry {
    pub(crate) fn services(self) -> impl Iterator<Item = ServiceRef> {
        let all = self.0.iter().flat_map(|vendor| {
            vendor.services.iter().map(move |service| (vendor.dialect, *service))
        });
        all.enumerate().map(|(index, (dialect, service))| ServiceRef { index, dialect, service })
    }

    pub(crate) fn service(self, name: &str) -> Option<ServiceRef> {
        self.services().find(|found| found.service.name() == name)
    }

    /// The index of the vendor that a request is for: the first of those with the strongest claim,
    /// or the last vendor if none claims it.
    pub(crate) fn claimed_by(self, request: &Request) -> usize {
        let mut strongest: Option<(Claim, usize)> = None;
        for (index, vendor) in self.0.iter().enumerate() {
            if let Some(claim) = vendor.dialect.claim(request)
                && strongest.is_none_or(|(best, _)| claim > best)
            {
                strongest = Some((claim, index));
            }
        }
        strongest.map_or(self.0.len().saturating_sub(1), |(_, index)| index)
    }

    /// Every section that the vendors and services add to a scenario file.
    pub(crate) fn sections(self) -> Vec<Section> {
        let settings = self.0.iter().filter_map(|vendor| vendor.dialect.section());
        let services = self.services().map(|found| found.service.section());
        settings.chain([crate::fault::section()]).chain(services).collect()
    }

    /// The names that a scenario may refer to.
    pub(crate) fn catalog(self) -> Vec<ServiceCatalog> {
        let catalog = |found: ServiceRef| ServiceCatalog {
            name: found.service.name(),
            vendor: found.dialect.name(),
            operations: found.operations().map(|operation| operation.info().name).collect(),
            errors: found.errors(),
        };
        self.services().map(catalog).collect()
    }
}

/// A service and the dialect it is spoken to in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceRef {
    /// Its number in the registry.
    pub(crate) index: usize,
    pub(crate) dialect: &'static dyn AnyDialect,
    pub(crate) service: &'static dyn AnyService,
}

impl ServiceRef {
    pub(crate) fn operations(self) -> impl Iterator<Item = OperationRef> {
        let infos = (0..).map_while(move |index| self.service.operation(index));
        infos.enumerate().map(move |(operation, info)| OperationRef { of: self, operation, info })
    }

    /// The errors that its calls can be answered with.
    pub(crate) fn errors(self) -> ErrorCatalog {
        ErrorCatalog { service: self.service.errors(), vendor: self.dialect.errors() }
    }
}

/// An operation of a service.
#[derive(Clone, Copy)]
pub(crate) struct OperationRef {
    pub(crate) of: ServiceRef,
    /// Its number among the service's operations.
    operation: usize,
    info: &'static OperationInfo,
}

impl OperationRef {
    pub(crate) fn info(self) -> &'static OperationInfo {
        self.info
    }

    pub(crate) fn name(self) -> &'static str {
        self.info.name
    }

    pub(crate) fn service(self) -> &'static dyn AnyService {
        self.of.service
    }

    /// The page that a call of it asks for.
    pub(super) fn page(self, call: &RoutedCall<'_>) -> RequestedPage {
        self.of.service.page(self.operation, call)
    }

    /// Answers a call of it.
    pub(super) fn handle(self, call: &AuthorizedCall<'_>) -> Result<ErasedOutcome, ApiError> {
        self.of.service.handle(self.operation, call)
    }
}

impl Debug for OperationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for OperationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.of.service.name(), self.info.name)
    }
}

/// The outcome of a handler, its event's type erased.
pub(crate) struct ErasedOutcome {
    pub(crate) payload: Payload,
    pub(crate) event: Option<Arc<dyn AnyEvent>>,
}

/// A service's plan or a dialect's settings, the type erased.
pub(crate) trait AnyPlan: Any + Debug + Send + Sync {}

impl<T: Any + Debug + Send + Sync> AnyPlan for T {}

/// A service's event, its type erased.
pub(crate) trait AnyEvent: Any + Debug + Send + Sync {
    fn is_poll(&self) -> bool;
    fn to_json(&self) -> Result<Box<RawValue>, serde_json::Error>;
    /// The number of bytes that it has as JSON.
    fn json_size(&self) -> usize;
}

impl<T: Event> AnyEvent for T {
    fn is_poll(&self) -> bool {
        Event::is_poll(self)
    }

    fn to_json(&self) -> Result<Box<RawValue>, serde_json::Error> {
        to_raw_value(self)
    }

    fn json_size(&self) -> usize {
        let mut counted = CountedBytes(0);
        // An event that cannot be written is not exported, either.
        let _ = serde_json::to_writer(&mut counted, self);
        counted.0
    }
}

struct CountedBytes(usize);

impl io::Write for CountedBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A service's projection, its type erased.
pub(crate) trait AnyProjection: Any + Debug + Send + Sync {
    fn shared_clone(&self) -> Arc<dyn AnyProjection>;
}

impl<T: Any + Clone + Debug + Send + Sync> AnyProjection for T {
    fn shared_clone(&self) -> Arc<dyn AnyProjection> {
        Arc::new(self.clone())
    }
}

/// A [`Service`] with its types erased, as the registry holds it.
pub(crate) trait AnyService: Debug + Sync {
    fn name(&self) -> &'static str;
    fn title(&self) -> &'static str;
    fn product(&self) -> &'static str;
    fn operation(&self, index: usize) -> Option<&'static OperationInfo>;
    fn lifecycles(&self) -> &'static [&'static dyn DescribeLifecycle];
    fn errors(&self) -> &'static [ErrorEntry];
    fn common_parameters(&self) -> &'static [&'static str];
    fn section(&self) -> Section;
    /// Reads its section and plans it.
    ///
    /// # Errors
    /// Problems that the schema cannot express.
    fn plan(
        &self,
        parts: &mut Parts,
        base: &Base,
        problems: &mut Vec<Problem>,
    ) -> Result<Box<dyn AnyPlan>, Problem>;
    /// The projection of no events.
    fn projection(&self) -> Arc<dyn AnyProjection>;
    /// Reads an event of an exported event log.
    ///
    /// # Errors
    /// If it is not an event of this service.
    fn read_event(&self, event: &RawValue) -> Result<Arc<dyn AnyEvent>, serde_json::Error>;
    fn apply(
        &self,
        projection: &mut dyn AnyProjection,
        plan: &Plan,
        ordinal: u64,
        at: Timestamp,
        event: &dyn AnyEvent,
    );
    fn page(&self, operation: usize, call: &RoutedCall<'_>) -> RequestedPage;
    fn handle(
        &self,
        operation: usize,
        call: &AuthorizedCall<'_>,
    ) -> Result<ErasedOutcome, ApiError>;
    fn vendor_error(&self, call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError>;
    fn soft_error(
        &self,
        call: &RoutedCall<'_>,
        error: &ApiError,
        vendor_error: &VendorError,
    ) -> Option<Payload>;
    fn default_argument<'p>(&self, plan: &'p Plan, name: &str) -> Option<&'p str>;
    fn file(
        &self,
        plan: &Plan,
        projections: &Projections,
        now: Timestamp,
        path: &str,
        query: &Arguments<'_>,
    ) -> Option<Result<File, FileError>>;
}

/// Erases the types of a service.
pub(crate) struct ErasedService<S>(PhantomData<fn() -> S>);

impl<S> ErasedService<S> {
    pub(crate) const NEW: Self = Self(PhantomData);
}

impl<S: Service> Debug for ErasedService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(S::NAME)
    }
}

impl<S: Service> ErasedService<S> {
    const SECTION: Section = Section::new::<S::Section>(&[S::NAME]);
}

impl<S: Service> AnyService for ErasedService<S> {
    fn name(&self) -> &'static str {
        S::NAME
    }

    fn title(&self) -> &'static str {
        S::TITLE
    }

    fn product(&self) -> &'static str {
        S::PRODUCT
    }

    fn operation(&self, index: usize) -> Option<&'static OperationInfo> {
        S::OPERATIONS.get(index).map(|operation| &operation.info)
    }

    fn lifecycles(&self) -> &'static [&'static dyn DescribeLifecycle] {
        S::LIFECYCLES
    }

    fn errors(&self) -> &'static [ErrorEntry] {
        S::ERRORS
    }

    fn common_parameters(&self) -> &'static [&'static str] {
        S::COMMON_PARAMETERS
    }

    fn section(&self) -> Section {
        Self::SECTION
    }

    fn plan(
        &self,
        parts: &mut Parts,
        base: &Base,
        problems: &mut Vec<Problem>,
    ) -> Result<Box<dyn AnyPlan>, Problem> {
        let section: S::Section = parts.take(&Self::SECTION)?;
        Ok(Box::new(S::plan(section, base, Self::SECTION.place(), problems)))
    }

    fn projection(&self) -> Arc<dyn AnyProjection> {
        Arc::new(S::Projection::default())
    }

    fn read_event(&self, event: &RawValue) -> Result<Arc<dyn AnyEvent>, serde_json::Error> {
        let event: S::Event = serde_json::from_str(event.get())?;
        Ok(Arc::new(event))
    }

    #[expect(clippy::expect_used, reason = "projections and events are stored by service")]
    fn apply(
        &self,
        projection: &mut dyn AnyProjection,
        plan: &Plan,
        ordinal: u64,
        at: Timestamp,
        event: &dyn AnyEvent,
    ) {
        let (projection, event): (&mut dyn Any, &dyn Any) = (projection, event);
        let projection = projection.downcast_mut().expect("the projection of this service");
        let event = event.downcast_ref().expect("an event of this service");
        let plan = plan.get::<S>().expect("the plan of a registered service");
        S::apply(projection, plan, ordinal, at, event);
    }

    #[expect(clippy::expect_used, reason = "a call is routed to an operation of the registry")]
    fn page(&self, operation: usize, call: &RoutedCall<'_>) -> RequestedPage {
        let operation = S::OPERATIONS.get(operation).expect("an operation of this service");
        let plan = call.context.plan.get::<S>().expect("the plan of a registered service");
        (operation.page)(plan, &call.arguments)
    }

    fn handle(
        &self,
        operation: usize,
        call: &AuthorizedCall<'_>,
    ) -> Result<ErasedOutcome, ApiError> {
        let operation = S::OPERATIONS.get(operation).zip(Call::<S>::new(call));
        let Some((operation, call)) = operation else { return Err(Reason::Internal.into()) };
        let Outcome { payload, event } = (operation.handler)(&call)?;
        let event = event.map(|event| Arc::new(event) as Arc<dyn AnyEvent>);
        Ok(ErasedOutcome { payload, event })
    }

    fn vendor_error(&self, call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
        S::vendor_error(call, reason)
    }

    fn soft_error(
        &self,
        call: &RoutedCall<'_>,
        error: &ApiError,
        vendor_error: &VendorError,
    ) -> Option<Payload> {
        S::soft_error(call, error, vendor_error)
    }

    fn default_argument<'p>(&self, plan: &'p Plan, name: &str) -> Option<&'p str> {
        plan.get::<S>().and_then(|plan| S::default_argument(plan, name))
    }

    fn file(
        &self,
        plan: &Plan,
        projections: &Projections,
        now: Timestamp,
        path: &str,
        query: &Arguments<'_>,
    ) -> Option<Result<File, FileError>> {
        let view = View::<S> { plan: plan.get::<S>()?, projection: projections.get::<S>()?, now };
        S::file(&view, path, query)
    }
}
