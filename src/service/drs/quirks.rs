//! `[drs.quirks]`: what the vendor's behaviour may be where it is not known, and what real
//! services of its kind do to their clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::paging::{OverLimit, PastTheEnd, check_lengths};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::Length;
use crate::wire::{EmptyList, Numbers, Spelling};
use crate::world::pages::{Seam, Total};

/// Where the vendor's behaviour is not known, or known to vary.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// What happens between two pages of ListAsyncJobs, ListJobs, and ListAsyncJobDetail. Bites:
    /// clients that count rows, or trust that each comes once; with "short" those that stop at a
    /// page that is not full, with "empty_second" those that stop at an empty one, as Terraform's
    /// provider does. Evidence: inferred; lists that change between two pages do all of these.
    pub pages: Seam,
    /// What `total_count` of the lists says. Bites: clients that stop at the total, or make
    /// pages of it; with "missing" the Python SDK has None for it, and no error. Evidence:
    /// inferred.
    pub total: Total,
    /// The largest limit that is granted; the vendor documents none. Default 1000. Bites: clients
    /// that ask for all at once. Evidence: inferred; Terraform's provider asks for 1000.
    #[schemars(range(min = 1, max = 100_000))]
    pub max_limit: u64,
    /// What becomes of a `limit` above `max_limit`. Bites: clients that ask for more and take a
    /// page that is shorter than they asked for to be the last. Evidence: inferred; the vendor
    /// documents no bound.
    pub over_limit: OverLimit,
    /// What becomes of an `offset`, other than 0, with no row at it or after it; "refuse" is 400
    /// DRS.M00202. Bites: clients that read on until a page is empty, as Terraform's provider
    /// does: with "last" they never end. Evidence: that provider for "empty"; the others are
    /// inferred.
    pub past_the_end: PastTheEnd,
    /// What `jobs` of a list is when there are none. Bites: clients that go through it without
    /// looking: to the Python SDK both null and nothing are None. Evidence: inferred.
    pub empty_list: EmptyList,
    /// How the lists write numbers, `total_count` and those within jobs. Bites: clients in typed
    /// languages; the Python SDK makes numbers of them again where it expects some. Evidence:
    /// inferred.
    pub numbers: Numbers,
    /// ListAsyncJobs, ListJobs and ListAsyncJobDetail are as of so long ago: what was just created
    /// is not there yet, and what was committed still waits. Update and commit know at once.
    /// Bites: clients that read what they just wrote, and those that commit again what still
    /// seems to wait. Evidence: inferred; reads from replicas do so.
    pub stale_reads: Option<Length>,
    pub errors: Errors,
    pub bad_request: BadRequest,
    /// Show and filter by the statuses of SDKs before 3.1.44: ASYNC_JOB_CREATING for
    /// AUTO_PARAM_VALIDATE_SUCCESS, ASYNC_JOB_COMPLETED for COMMIT_SUCCESS. Bites: clients that
    /// wait for one of the newer statuses, or filter by it. Evidence: huaweicloudsdkdrs@3.1.43
    /// and before; which of them stands for which is inferred.
    pub legacy_statuses: bool,
    pub unknown_project: UnknownProject,
    pub checks: Checks,
    pub failed_checks: FailedChecks,
    pub create_status: CreateStatus,
    /// So many jobs can be created at once; the vendor documents no bound. Default 10. Bites:
    /// clients that put all they have into one batch. Evidence: inferred.
    #[schemars(range(min = 1, max = 16))]
    pub max_jobs: usize,
    /// "Task not found. Check the task ID." of newer pages for DRS.10000010. Bites: clients that
    /// look for words of the message. Evidence: documented, both of them.
    pub newer_wording: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            pages: Seam::default(),
            total: Total::default(),
            // Terraform's provider asks for as many.
            max_limit: 1_000,
            over_limit: OverLimit::default(),
            past_the_end: PastTheEnd::default(),
            empty_list: EmptyList::default(),
            numbers: Numbers::default(),
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

/// The HTTP status of the service's own errors; the gateway's (APIGW) and those that a request
/// or a fault asks for by their codes are as they are listed. Bites: clients that look at the
/// status alone: the Python SDK gives an answer all of whose members are None, and no
/// exception. Evidence: inferred for these operations; documented for DRS.M01504, which comes
/// with 202, and in that StopJobAction, UpdateJob and ImportBatchCreateJobs of the same version
/// have error_code and error_msg in their answers of success (huaweicloudsdkdrs@3.1.219).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Errors {
    /// As the vendor lists them: 400, 403 or 422.
    #[default]
    Hard,
    /// 200, with the same body.
    Soft,
}

/// How bad parameters are refused. Bites: clients that look for the code, or for the name of the
/// parameter in the message. Evidence: documented, both of them: the list of codes, and the
/// sample on the page of ListAsyncJobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BadRequest {
    /// DRS.M00202, with the name of the parameter.
    #[default]
    Specific,
    /// DRS.10000001 "Failed.", the sample of the vendor's page, whatever is wrong.
    Generic,
}

/// What a request for another project gets. Bites: clients with the wrong project, which take
/// an empty list for "no jobs". Evidence: the code of the 403 is documented, the empty list is
/// inferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownProject {
    /// 403 DRS.M00261.
    #[default]
    Refuse,
    /// A list without jobs.
    Empty,
}

/// When parameters of jobs are checked one by one. Bites: clients that take a created batch for
/// a sound one, or expect its creation to be refused. Evidence: inferred; the documented states
/// of a batch speak for "later".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Checks {
    /// By the validation.
    #[default]
    Later,
    /// By the request that creates the batch, too, which is refused.
    AtOnce,
    /// Never.
    None,
}

impl Checks {
    /// Whether the validation looks at the parameters.
    pub fn look(self) -> bool {
        self != Self::None
    }
}

/// How the detail of a batch shows what its validation found. Bites: clients that read a
/// parameter as text where an object stands; the Python SDK makes Python's text of that object,
/// which is not JSON. Evidence: a fragment of the vendor's page for "inline"; "logs" is
/// inferred from the member of that name (huaweicloudsdkdrs@3.1.219).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailedChecks {
    /// In the place of the parameter, as {"value": …, "error_message": …}.
    #[default]
    Inline,
    /// In the job's logs; the parameter is shown as it was sent.
    Logs,
}

/// The HTTP status of a creation. Bites: clients that compare with one status; the Python SDK
/// takes any below 400. Evidence: inferred, both of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreateStatus {
    /// 202
    #[default]
    Accepted,
    /// 200
    Ok,
}

impl Quirks {
    /// How the lists are spelt.
    pub fn spelling(self) -> Spelling {
        let Self { numbers, empty_list, .. } = self;
        Spelling { numbers, empty_list, always_xml: false }
    }

    /// `place` is that of the service's section.
    pub fn check(self, place: &Place, problems: &mut Vec<Problem>) {
        check_lengths(&[("stale_reads", self.stale_reads)], place, problems);
        if self.max_limit == 1 && matches!(self.pages, Seam::Repeat | Seam::Short) {
            let place = place.clone().key("quirks").key("pages");
            problems.push(
                Problem::value(place, "this has no effect on pages of one row")
                    .hint("make max_limit larger, or take another value"),
            );
        }
    }
}
