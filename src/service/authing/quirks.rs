//! `[authing.quirks]`: what the vendor's behaviour may be where it is not known, and what real
//! services of its kind do to their clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::paging::{PageZero, PastTheEnd, check_lengths};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::Length;
use crate::wire::{EmptyList, Numbers, Spelling};
use crate::world::pages::{Seam, Total};

/// Where the vendor's behaviour is not known, or known to vary.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    pub list: ListShape,
    /// What happens between two pages of a list. Bites: clients that count rows, or trust that
    /// each comes once; with "short" and "empty_second" those that stop at a page that is not
    /// full; with "lose" those that go on until they have totalCount rows. Evidence: inferred;
    /// lists that change between two pages do all of these.
    pub pages: Seam,
    /// What totalCount says. Bites: clients that stop when they have so many rows, or make
    /// pages of it; to those in Python that index a missing one it is a KeyError. Evidence:
    /// inferred.
    pub total: Total,
    pub limit_over_50: LimitOver50,
    /// What page = 0 is. Bites: clients that count pages from 0: they are refused, or see the
    /// first page twice. Evidence: documented for "refuse" (vendor's SDK tests of other calls),
    /// inferred for "first".
    pub page_zero: PageZero,
    /// What a page behind the last one is, unless it is the first. Bites: clients that read
    /// until a page is empty: they are refused, or with "last" never end. Evidence: inferred
    /// (vendor's pages do not say).
    pub past_the_end: PastTheEnd,
    /// How list is written when it has no rows. Bites: clients that go through it without
    /// looking: in Python null is a TypeError, a missing one a KeyError. Evidence: inferred;
    /// services write so what they never filled.
    pub empty_list: EmptyList,
    /// How the numbers in data are written, ids and counters, too; statusCode and apiCode
    /// stay numbers, and so does expires_in of get-management-token: as text the Python SDK
    /// would fail at it before its first call. Bites: clients that compare ids or add up counters, and those
    /// in typed languages. Evidence: inferred; gateways that fear for 64 bits in JavaScript do
    /// so.
    pub numbers: Numbers,
    /// Reads are as of so long ago: what was just created is not there yet, and what was just
    /// changed is as it was. Writes know at once. Bites: clients that read what they just
    /// wrote, or look for the job that they just triggered. Evidence: inferred; reads from
    /// replicas do so.
    pub stale_reads: Option<Length>,
    /// The message of every success. Default: empty. Bites: clients that compare it with a
    /// text, or take an empty one for a failure. Evidence: documented: empty in the vendor's
    /// SDK tests and on its error page, 操作成功 in the samples of its pages.
    pub success_message: String,
    /// An apiCode that every success has beside its statusCode 200. Default: none. Bites:
    /// clients that take whatever has an apiCode for a failure. Evidence: documented, both of
    /// them: the error page has it with failures only, samples of the permission endpoints
    /// have 20001 with successes.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub success_api_code: Option<u32>,
    pub http_status: HttpStatus,
    pub request_id: RequestId,
    pub unknown_task: UnknownTask,
    pub err_msg: ErrMsg,
    pub validation: Validation,
    pub trigger_while_running: TriggerWhileRunning,
    pub cancel_executing: CancelExecuting,
    pub written_task: WrittenTask,
    pub job_logs: JobLogs,
}

/// What a list is in the answer. Bites: clients that go through it without looking: in Python
/// they see the names of an object's members; the SDK of Java gives null, that of Go nil
/// (their sources). Evidence: documented, both of them: "array" in the vendor's OpenAPI document
/// and SDK tests, "object" in the samples of its pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListShape {
    /// All things of the page.
    #[default]
    Array,
    /// The first thing of the page, or null: the samples on the vendor's pages.
    Object,
}

/// The HTTP status of an answer whose statusCode is not 200. Bites: clients that look at one of
/// the two alone: Node's SDK (4.0.1) throws only at the HTTP status, Python's (5.1.0) never
/// looks at it. Evidence: documented for "always_200" (vendor's error page), inferred for "mirror".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HttpStatus {
    /// 200 all the same.
    #[default]
    #[serde(rename = "always_200")]
    Always200,
    /// The same number; 502 for those above 599, which HTTP does not have.
    #[serde(rename = "mirror")]
    Mirror,
}

/// What becomes of a limit above 50, the documented maximum. Bites: clients that ask for more;
/// with "clamp" those that take a page shorter than they asked for to be the last, and those
/// that reckon with their own limit. Evidence: documented, in prose, for the bound, and for
/// "refuse" in the vendor's SDK tests of other calls; the others are inferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitOver50 {
    #[default]
    Refuse,
    /// It counts as 50.
    Clamp,
    /// It is taken, up to 10000.
    Allow,
}

/// What a task that does not exist is answered, or a job. (trigger-sync-task answers 602 in any
/// case.) Bites: clients that look for one statusCode; with "empty_list" those that take a
/// wrong id for a task without jobs. Evidence: documented for 602 on trigger-sync-task (vendor's
/// SDK tests), inferred for all else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownTask {
    /// 404.
    #[default]
    NotFound,
    /// 602, no identity provider config found.
    NoProvider,
    /// 200 and an empty list; 404 where no list is asked for.
    EmptyList,
}

/// What trigger-sync-task answers while the task's newest job has not ended. Bites: clients
/// that trigger again when they lost an answer: with "start" there are two jobs then. Evidence:
/// inferred; both statusCodes are documented, but not for this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriggerWhileRunning {
    /// 422.
    #[default]
    InvalidOperation,
    /// 499.
    ClientError,
    /// A second job, beside the other.
    Start,
}

/// Whether a risk operation can be canceled that is being executed. Bites: clients that do not
/// look at faildList: the call is a success all the same. Evidence: documented for "allow"
/// (vendor's SDK tests), inferred for "refuse".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelExecuting {
    /// As the vendor's SDK tests do.
    #[default]
    Allow,
    /// Its id is in faildList.
    Refuse,
}

/// What create-sync-task and update-sync-task answer. Bites: clients that read syncTaskId from
/// the other shape. Evidence: documented, both of them: the vendor's SDK tests read a task, its
/// pages declare a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WrittenTask {
    /// The task, as the vendor's SDK tests read it.
    #[default]
    Single,
    /// A page with the task, as the vendor's pages declare it.
    Page,
}

/// What list-sync-job-logs answers. Bites: clients that trust the declared type: typed SDKs
/// have no member for lines. Evidence: documented for "declared", which must be a mistake of
/// the vendor's pages; inferred for "list".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobLogs {
    /// A list of lines.
    #[default]
    List,
    /// {"syncJobId": …}, as the vendor's pages declare it.
    Declared,
}

/// Whether a success has a requestId; failures always have one. Bites: clients that log it
/// without looking whether it is there. Evidence: documented, both of them: the error page says
/// that it comes with failures, samples of successes have one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestId {
    #[default]
    Always,
    Never,
}

/// The errMsg of a job or risk operation that did not fail. Bites: clients that take any errMsg
/// for a failure. Evidence: documented, in that it is optional and its example is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrMsg {
    #[default]
    Absent,
    Empty,
}

/// How parameters are complained of. Bites: clients that look for the name of a parameter in
/// the message, or show it to people. Evidence: documented, both of them: the vendor's SDK tests
/// have both, whatever the language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validation {
    /// In the English of class-validator, all at once: the sync endpoints' way.
    #[default]
    English,
    /// 参数 page 格式错误, the first one alone: other endpoints' way.
    Localized,
}

impl Quirks {
    pub fn check(&self, place: &Place, problems: &mut Vec<Problem>) {
        check_lengths(&[("stale_reads", self.stale_reads)], place, problems);
        if self.list == ListShape::Object && self.empty_list != EmptyList::List {
            let place = place.clone().key("quirks").key("empty_list");
            problems.push(
                Problem::key(place, "empty_list has no effect beside list = \"object\"")
                    .hint("a list that is an object is null without rows; leave out one of them"),
            );
        }
    }

    /// How the data of an answer is spelt.
    pub fn spelling(&self) -> Spelling {
        let Self { numbers, empty_list, .. } = *self;
        Spelling { numbers, empty_list, always_xml: false }
    }
}
