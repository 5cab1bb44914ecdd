//! `[authing.quirks]`: the vendor's behaviour where it is not known, and what real services of its
//! kind do to their clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::paging::{
    EmptyListQuirk, NumbersQuirk, PageZero, PagingAnomalyQuirk, PastTheEnd, ReportedTotalQuirk,
    check_lengths,
};
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::value::Length;
use crate::wire::EncodingVariant;

/// Where the vendor's behaviour is not known, or known to vary.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Quirks {
    pub(crate) list: ListShape,
    /// Anomalies between two pages of a list. Bites: clients that count rows, or rely on getting
    /// each row once; with "short" and "empty_second" those that stop at a page that is not full;
    /// with "lose" those that go on until they have totalCount rows. Evidence: inferred; lists that
    /// change between two pages do all of these.
    pub(crate) pages: PagingAnomalyQuirk,
    /// The totalCount that lists report. Bites: clients that stop when they have that many rows, or
    /// compute the number of pages from it; in Python, indexing a missing one is a KeyError.
    /// Evidence: inferred.
    pub(crate) total: ReportedTotalQuirk,
    pub(crate) limit_over_50: LimitOver50,
    /// The answer to page = 0. Bites: clients that count pages from 0: they are refused, or see
    /// the first page twice. Evidence: documented for "refuse" (vendor's SDK tests of other calls),
    /// inferred for "first".
    pub(crate) page_zero: PageZero,
    /// The answer to a page past the last one, unless it is the first. Bites: clients that read
    /// until a page is empty: they are refused, or with "last" never stop. Evidence: inferred
    /// (vendor's pages do not say).
    pub(crate) past_the_end: PastTheEnd,
    /// How list is written when it has no rows. Bites: clients that iterate over it without
    /// checking: in Python null is a TypeError, a missing one a KeyError. Evidence: inferred;
    /// services write lists that they never filled so.
    pub(crate) empty_list: EmptyListQuirk,
    /// How the numbers in data are written, including ids and counters. statusCode and apiCode
    /// stay numbers, and so does expires_in of get-management-token: as text it would make the
    /// Python SDK fail before its first call. Bites: clients that compare ids or add up counters,
    /// and those in typed languages. Evidence: inferred; gateways that protect JavaScript
    /// clients from 64-bit numbers do so.
    pub(crate) numbers: NumbersQuirk,
    /// How far reads lag behind: what was just created is not there yet, and what was just
    /// changed is as it was before. Writes see everything at once. Bites: clients that read what
    /// they just wrote, or look for the job that they just triggered. Evidence: inferred; reads
    /// from replicas do so.
    pub(crate) stale_reads: Option<Length>,
    /// The message of every success. Default: empty. Bites: clients that compare it with a
    /// text, or treat an empty one as a failure. Evidence: documented: empty in the vendor's
    /// SDK tests and on its error page, 操作成功 in the samples of its pages.
    pub(crate) success_message: String,
    /// An apiCode that every success has beside its statusCode 200. Default: none. Bites:
    /// clients that treat every answer with an apiCode as a failure. Evidence: both are
    /// documented: the error page has it with failures only, samples of the permission endpoints
    /// have 20001 with successes.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub(crate) success_api_code: Option<u32>,
    pub(crate) http_status: HttpStatus,
    pub(crate) request_id: RequestId,
    pub(crate) unknown_task: UnknownTask,
    pub(crate) err_msg: ErrMsg,
    pub(crate) validation: Validation,
    pub(crate) trigger_while_running: TriggerWhileRunning,
    pub(crate) cancel_executing: CancelExecuting,
    pub(crate) written_task: WrittenTask,
    pub(crate) job_logs: JobLogs,
}

/// The JSON type of a list in the answer. Bites: clients that iterate over it without checking: in
/// Python they see the names of an object's members; the SDK of Java gives null, that of Go nil
/// (their sources). Evidence: both are documented: "array" in the vendor's OpenAPI document and SDK
/// tests, "object" in the samples of its pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListShape {
    /// All rows of the page.
    #[default]
    Array,
    /// The first row of the page, or null, as in the samples on the vendor's pages.
    Object,
}

/// The HTTP status of an answer whose statusCode is not 200. Bites: clients that check only one of
/// the two: Node's SDK (4.0.1) throws only at the HTTP status, Python's (5.1.0) never
/// looks at it. Evidence: documented for "always_200" (vendor's error page), inferred for "mirror".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum HttpStatus {
    /// 200 all the same.
    #[default]
    #[serde(rename = "always_200")]
    Always200,
    /// The statusCode; 502 if it is above 599, which HTTP does not have.
    #[serde(rename = "mirror")]
    Mirror,
}

/// The effect of a limit above 50, the documented maximum. Bites: clients that ask for more;
/// with "clamp" those that take a page shorter than they asked for as the last one, and those
/// that compute with their own limit. Evidence: documented, in prose, for the bound, and for
/// "refuse" in the vendor's SDK tests of other calls; the others are inferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LimitOver50 {
    #[default]
    Refuse,
    /// It counts as 50.
    Clamp,
    /// It is accepted, up to 10000.
    Allow,
}

/// The answer for a task or job that does not exist. (trigger-sync-task answers 602 in any
/// case.) Bites: clients that expect one statusCode; with "empty_list" those that take a
/// wrong id for a task without jobs. Evidence: documented for 602 on trigger-sync-task (vendor's
/// SDK tests), inferred for all else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnknownTask {
    /// 404.
    #[default]
    NotFound,
    /// 602, no identity provider config found.
    NoProvider,
    /// 200 and an empty list; 404 where no list is asked for.
    EmptyList,
}

/// The answer of trigger-sync-task while the task's newest job has not ended. Bites: clients that
/// trigger again when an answer was lost: with "start" there are two jobs then. Evidence: inferred;
/// both statusCodes are documented, but not for this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TriggerWhileRunning {
    /// 422.
    #[default]
    InvalidOperation,
    /// 499.
    ClientError,
    /// A second job, beside the other.
    Start,
}

/// Whether a risk operation can be canceled while it is executed. Bites: clients that do not
/// look at faildList: the call is a success either way. Evidence: documented for "allow"
/// (vendor's SDK tests), inferred for "refuse".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CancelExecuting {
    /// As the vendor's SDK tests do.
    #[default]
    Allow,
    /// Its id is in faildList.
    Refuse,
}

/// The answer of create-sync-task and update-sync-task. Bites: clients that read syncTaskId from
/// the other shape. Evidence: both are documented: the vendor's SDK tests read a task, its pages
/// declare a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WrittenTask {
    /// The task, as the vendor's SDK tests read it.
    #[default]
    Single,
    /// A page with the task, as the vendor's pages declare it.
    Page,
}

/// The answer of list-sync-job-logs. Bites: clients that rely on the declared type: typed SDKs have
/// no member for lines. Evidence: documented for "declared", which must be a mistake of the
/// vendor's pages; inferred for "list".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobLogs {
    /// A list of lines.
    #[default]
    List,
    /// {"syncJobId": …}, as the vendor's pages declare it.
    Declared,
}

/// Whether a success has a requestId; failures always have one. Bites: clients that log it
/// without checking that it is there. Evidence: both are documented: the error page says
/// that it comes with failures, samples of successes have one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RequestId {
    #[default]
    Always,
    Never,
}

/// The errMsg of a job or risk operation that did not fail. Bites: clients that treat any errMsg
/// as a failure. Evidence: documented, in that it is optional and its example is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrMsg {
    #[default]
    Absent,
    Empty,
}

/// How invalid parameters are reported. Bites: clients that look for the name of a parameter in
/// the message, or show it to people. Evidence: both are documented: the vendor's SDK tests
/// have both, whatever the language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Validation {
    /// In the English of class-validator, all at once, as the sync endpoints do.
    #[default]
    English,
    /// 参数 page 格式错误, only the first one, as other endpoints do.
    Localized,
}

impl Quirks {
    pub(crate) fn check(&self, place: &DocumentPath, problems: &mut Vec<Problem>) {
        check_lengths(&[("stale_reads", self.stale_reads)], place, problems);
        if self.list == ListShape::Object && self.empty_list != EmptyListQuirk::List {
            let place = place.clone().key("quirks").key("empty_list");
            problems.push(
                Problem::key(place, "empty_list has no effect beside list = \"object\"")
                    .hint("a list that is an object is null without rows; leave out one of them"),
            );
        }
    }

    /// How the data of answers is encoded.
    pub(crate) fn encoding_variant(&self) -> EncodingVariant {
        let Self { numbers, empty_list, .. } = *self;
        EncodingVariant {
            numbers: numbers.into(),
            empty_list: empty_list.into(),
            always_xml: false,
        }
    }
}
