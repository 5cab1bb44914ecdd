//! `[drs.quirks]`: the vendor's behaviour where it is not known, and what real services of its kind
//! do to their clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::paging::{
    EmptyListQuirk, NumbersQuirk, OverLimit, PagingAnomalyQuirk, PastTheEnd, ReportedTotalQuirk,
    check_lengths,
};
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::value::Length;
use crate::wire::EncodingVariant;

/// Where the vendor's behaviour is not known, or known to vary.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Quirks {
    /// Anomalies between two pages of ListAsyncJobs, ListJobs and ListAsyncJobDetail. Bites:
    /// clients that count rows, or trust that each comes once; with "short" those that stop at a
    /// page that is not full, with "empty_second" those that stop at an empty one, as Terraform's
    /// provider does. Evidence: inferred; lists that change between two pages do all of these.
    pub(crate) pages: PagingAnomalyQuirk,
    /// The `total_count` that the lists report. Bites: clients that stop at the total, or make
    /// pages of it; with "missing" the Python SDK has None for it, and no error. Evidence:
    /// inferred.
    pub(crate) total: ReportedTotalQuirk,
    /// The maximum `limit`; the vendor documents none. Default 1000. Bites: clients that ask for
    /// all rows at once. Evidence: inferred; Terraform's provider asks for 1000.
    #[schemars(range(min = 1, max = 100_000))]
    pub(crate) max_limit: u64,
    /// How a `limit` above `max_limit` is answered. Bites: clients that ask for more and take a
    /// page that is shorter than they asked for to be the last. Evidence: inferred; the vendor
    /// documents no bound.
    pub(crate) over_limit: OverLimit,
    /// How an `offset` other than 0 is answered if no row is at it or behind it; "refuse" is 400
    /// DRS.M00202. Bites: clients that read on until a page is empty, as Terraform's provider
    /// does: with "last" they never end. Evidence: that provider for "empty"; the others are
    /// inferred.
    pub(crate) past_the_end: PastTheEnd,
    /// How `jobs` is written when a list has no rows. Bites: clients that iterate over it without
    /// a check: to the Python SDK both null and an absent member are None. Evidence: inferred.
    pub(crate) empty_list: EmptyListQuirk,
    /// How the lists write numbers: `total_count` and those within jobs. Bites: clients in typed
    /// languages; the Python SDK converts them back where it expects numbers. Evidence:
    /// inferred.
    pub(crate) numbers: NumbersQuirk,
    /// ListAsyncJobs, ListJobs and ListAsyncJobDetail show the state of this long ago: a batch that
    /// was just created is not there yet, and one that was committed still waits. Update and commit
    /// see the present state. Bites: clients that read what they just wrote, and those that commit
    /// again what still seems to wait. Evidence: inferred; reads from replicas do so.
    pub(crate) stale_reads: Option<Length>,
    pub(crate) errors: Errors,
    pub(crate) bad_request: BadRequest,
    /// Show and filter by the statuses of SDKs before 3.1.44: ASYNC_JOB_CREATING for
    /// AUTO_PARAM_VALIDATE_SUCCESS, ASYNC_JOB_COMPLETED for COMMIT_SUCCESS. Bites: clients that
    /// wait for one of the newer statuses, or filter by it. Evidence: huaweicloudsdkdrs@3.1.43
    /// and before; which of them stands for which is inferred.
    pub(crate) legacy_statuses: bool,
    pub(crate) unknown_project: UnknownProject,
    pub(crate) checks: Checks,
    pub(crate) failed_checks: FailedChecks,
    pub(crate) create_status: CreateStatus,
    /// Maximum number of jobs in one batch; the vendor documents none. Default 10. Bites: clients
    /// that put all they have into one batch. Evidence: inferred.
    #[schemars(range(min = 1, max = 16))]
    pub(crate) max_jobs: usize,
    /// Whether DRS.10000010 says "Task not found. Check the task ID.", as newer pages have it. Bites:
    /// clients that look for words of the message. Evidence: documented, both of them.
    pub(crate) newer_wording: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            pages: PagingAnomalyQuirk::default(),
            total: ReportedTotalQuirk::default(),
            max_limit: 1_000,
            over_limit: OverLimit::default(),
            past_the_end: PastTheEnd::default(),
            empty_list: EmptyListQuirk::default(),
            numbers: NumbersQuirk::default(),
            stale_reads: None,
            errors: Errors::default(),
            bad_request: BadRequest::default(),
            legacy_statuses: false,
            unknown_project: UnknownProject::default(),
            checks: Checks::default(),
            failed_checks: FailedChecks::default(),
            create_status: CreateStatus::default(),
            max_jobs: 10,
            newer_wording: false,
        }
    }
}

/// The HTTP status of the service's own errors. The gateway's errors (APIGW) keep theirs, as do
/// errors that a request or a fault asks for by code. Bites: clients that look at the status alone:
/// the Python SDK gives an answer all of whose members are None, and no exception. Evidence: inferred for these operations; documented for DRS.M01504, which comes
/// with 202, and in that StopJobAction, UpdateJob and ImportBatchCreateJobs of the same version
/// have error_code and error_msg in their answers of success (huaweicloudsdkdrs@3.1.219).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Errors {
    /// As the vendor lists them: 400, 403 or 422.
    #[default]
    Hard,
    /// 200, with the same body.
    Soft,
}

/// The error for bad parameters. Bites: clients that look for the code, or for the name of the
/// parameter in the message. Evidence: documented, both of them: the list of codes, and the
/// sample on the page of ListAsyncJobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BadRequest {
    /// DRS.M00202, with the name of the parameter.
    #[default]
    Specific,
    /// DRS.10000001 "Failed." for every mistake, as in the sample of the vendor's page.
    Generic,
}

/// How a request for another project is answered. Bites: clients with the wrong project, which
/// take an empty list for "no jobs". Evidence: the code of the 403 is documented, the empty list is
/// inferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnknownProject {
    /// 403 DRS.M00261.
    #[default]
    Refuse,
    /// A list without jobs.
    Empty,
}

/// When the parameters of jobs are checked one by one. Bites: clients that take a created batch
/// for a valid one, or expect its creation to be refused. Evidence: inferred; the documented states
/// of a batch speak for "later".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Checks {
    /// By the validation.
    #[default]
    Later,
    /// By the request that creates the batch, which is then refused, and by the validation.
    AtOnce,
    /// Never.
    None,
}

impl Checks {
    /// Whether the validation checks them.
    pub(crate) fn by_validation(self) -> bool {
        self != Self::None
    }
}

/// How ListAsyncJobDetail shows what the validation of a batch found. Bites: clients that expect
/// text where an object stands; the Python SDK makes Python's text of that object, which is not
/// JSON. Evidence: a fragment of the vendor's page for "inline"; "logs" is
/// inferred from the member of that name (huaweicloudsdkdrs@3.1.219).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FailedChecks {
    /// Instead of the parameter, as {"value": …, "error_message": …}.
    #[default]
    Inline,
    /// In the job's logs; the parameter is shown as it was sent.
    Logs,
}

/// The HTTP status of BatchCreateJobsAsync. Bites: clients that compare with one status; the
/// Python SDK accepts any below 400. Evidence: inferred, both of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CreateStatus {
    /// 202
    #[default]
    Accepted,
    /// 200
    Ok,
}

impl Quirks {
    /// How the lists are encoded.
    pub(crate) fn encoding_variant(self) -> EncodingVariant {
        let Self { numbers, empty_list, .. } = self;
        EncodingVariant {
            numbers: numbers.into(),
            empty_list: empty_list.into(),
            always_xml: false,
        }
    }

    /// `place` is that of the service's section.
    pub(crate) fn check(self, place: &DocumentPath, problems: &mut Vec<Problem>) {
        check_lengths(&[("stale_reads", self.stale_reads)], place, problems);
        let needs_two_rows =
            matches!(self.pages, PagingAnomalyQuirk::Repeat | PagingAnomalyQuirk::Short);
        if self.max_limit == 1 && needs_two_rows {
            let place = place.clone().key("quirks").key("pages");
            problems.push(
                Problem::value(place, "this has no effect on pages of one row")
                    .hint("make max_limit larger, or take another value"),
            );
        }
    }
}
