//! `[dts.quirks]`: alternatives where the vendor's behaviour is not known, and what real services
//! of its kind do to their clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::paging::{
    EmptyListQuirk, NumbersQuirk, OverLimit, PageZero, PagingAnomalyQuirk, PastTheEnd,
    ReportedTotalQuirk, check_lengths,
};
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::value::Length;
use crate::wire::EncodingVariant;
use crate::wire::error::{Reason, Rule};
use crate::world::time::MINUTE;

/// Where the vendor's behaviour is not known, or known to vary.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Quirks {
    /// How operations other than DescribeSynchronizationJobs report errors: with status 400 or
    /// 403 (hard), or with status 200, Success false and ErrCode (soft). Default hard. Bites:
    /// clients that wait for an exception: the SDKs raise none for a soft error, and the fields
    /// of the answer are empty or None. Evidence: the fields are documented, and reported of
    /// real answers (terraform-provider-alicloud 10412); which operation uses which form is
    /// inferred.
    pub(crate) errors: ErrorForm,
    /// How DescribeSynchronizationJobStatusList reports that its list of ids is missing. Default:
    /// as `errors`. Bites: clients that build the list from nothing, and read the soft answer
    /// as one of no jobs. Evidence: inferred.
    pub(crate) missing: Option<ErrorForm>,
    /// How DescribeSynchronizationJobStatusList reports that its list of ids is not a JSON array
    /// of texts. Default: as `errors`. Bites: clients that send a single id, or ids with commas,
    /// and read the soft answer as one of no jobs. Evidence: inferred.
    pub(crate) malformed: Option<ErrorForm>,
    /// What DescribeSynchronizationJobStatusList answers to a list of no ids: an empty list, or
    /// InvalidParameter. Default answer. Bites: clients that ask without checking that there is
    /// anything to ask for. Evidence: inferred.
    pub(crate) empty: Empty,
    /// What DescribeSynchronizationJobStatusList does with unknown ids: leaves them out, answers
    /// InvalidJobId if all ids are unknown, or InvalidJobId if any is. Default leave_out. Bites:
    /// clients that match rows to ids by position, which shifts by one with each row that is
    /// left out; with a refusal, one job that is gone hides all others. Evidence: inferred.
    pub(crate) unknown: Unknown,
    /// What DescribeSynchronizationJobStatusList shows for an id that is sent more than once: one
    /// row, or one each time. Default collapse. Bites: clients that expect as many rows as they
    /// sent ids, or that add rows up. Evidence: inferred.
    pub(crate) duplicates: Duplicates,
    /// The order of the rows of DescribeSynchronizationJobStatusList: that of the ids in the
    /// request, or reversed. Default as_asked. Bites: clients that match rows to ids by
    /// position: they give each job the state of another. Evidence: inferred; the vendor's
    /// sample is in the order of its ids, and no page promises it.
    pub(crate) status_list_order: StatusListOrder,
    /// The maximum number of ids in a call of DescribeSynchronizationJobStatusList; more are
    /// InvalidParameter. Default: no limit. Bites: clients that ask for all they know at once.
    /// Evidence: inferred; no maximum is documented.
    #[schemars(range(min = 1))]
    pub(crate) max_ids: Option<u64>,
    /// Whether jobs of another region than RegionId are found, or treated as if they did not
    /// exist. Default find. Bites: clients that send the region of their profile, not that of
    /// the job.
    /// Evidence: inferred; the endpoint is global (alibabacloud-dts20200101@5.11.7), and
    /// RegionId documented as that of the instance.
    pub(crate) other_region: OtherRegion,
    /// The answer to a ClientToken that is too long or not ASCII: InvalidParameter with 403 or
    /// with 400, or the token is not checked. Default forbidden. Bites: clients that make tokens
    /// of names or of two ids. Evidence: the bounds are documented, the answer to other tokens
    /// is inferred.
    pub(crate) client_token: ClientToken,
    /// The largest PageSize of DescribeSynchronizationJobs and DescribeDtsJobs. The vendor's
    /// pages say 30, yet callers send more. Default 1000. Bites: clients that ask for more: see
    /// `over_limit`. Evidence: 30 is documented, older pages say 100; that callers send 50
    /// and 200 is reported (terraform-provider-alicloud, alibabacloud-aiops-skills).
    #[schemars(range(min = 1, max = 10000))]
    pub(crate) max_page_size: u64,
    /// The answer to a PageSize above the maximum, which is `max_page_size`, or 100 in
    /// DescribeInitializationStatus: InvalidParameter, or a page of the maximum size, with that
    /// as its PageRecordCount. Default refuse. Bites: clients that take a page with fewer rows
    /// than they asked for to be the last: they see only the first page. Evidence: inferred.
    pub(crate) over_limit: OverLimit,
    /// The answer to page 0 of a list: InvalidParameter, or the first page, with PageNumber 1.
    /// Default refuse. Bites: clients that count pages from 0, and see the first one twice.
    /// Evidence: that pages count from 1 is documented, the answer to 0 is inferred.
    pub(crate) page_zero: PageZero,
    /// The answer to a page after the last one: no rows, InvalidParameter, or the last page
    /// again, with its PageNumber. The first page is never after the last one. Default empty.
    /// Bites: clients that read on until a page is empty: with "refuse" they end with an error,
    /// with "last" they never end. Evidence: inferred.
    pub(crate) past_the_end: PastTheEnd,
    /// Anomalies between two pages of DescribeSynchronizationJobs, DescribeDtsJobs and
    /// DescribeInitializationStatus. Default exact. Bites: clients that count rows, or rely on each
    /// row to come once; with "short" and "empty_second" those that stop at a page that is not
    /// full. Evidence: inferred; lists that change between two pages do all of these.
    pub(crate) pages: PagingAnomalyQuirk,
    /// The TotalRecordCount of DescribeSynchronizationJobs, DescribeDtsJobs and
    /// DescribeSynchronizationJobStatusList. Default exact. Bites: clients that stop at the
    /// total, or compute the number of pages from it; in the Python SDK a missing total is None.
    /// Evidence: inferred.
    pub(crate) total: ReportedTotalQuirk,
    /// How states are spelled: as the page of each operation lists them, alike in all
    /// operations, or as on older pages. Default documented. Bites: clients that compare states
    /// literally, or those of one operation with those of another. Evidence: documented,
    /// differently on each page; older spellings are those of older pages, and reported
    /// (terraform-provider-alicloud maps them).
    pub(crate) spelling: StateSpelling,
    /// Whether DescribeSynchronizationJobs, DescribeSynchronizationJobStatus and DescribeDtsJobs
    /// still show the status of an initialization that is over, as Finished. Default keep.
    /// Bites: clients that wait for a Finished initialization, or read its status without
    /// checking that it exists. Evidence: keep is documented, in a sample; vanish is reported.
    pub(crate) initialization_status: InitializationStatus,
    /// The error code if an operation is not allowed in the state of a job: InvalidJobStatus, or
    /// InvalidTaskStatus. Default job. Bites: clients that retry on one of the codes. Evidence:
    /// both are reported (terraform-provider-alicloud retries either).
    pub(crate) wrong_state: WrongState,
    /// How the SynchronizationJob operations write Success: true, or "true". Default literal.
    /// Bites: clients that test it for truth: the text "false" is true in many languages.
    /// Evidence: documented, the text in tables, and the literal in samples.
    pub(crate) success: SuccessForm,
    /// How JSON answers write numbers: counts, and the few figures that are not texts already.
    /// Default number. Bites: clients that calculate with them; the Python SDK passes them on
    /// unchanged. Evidence: inferred; that other SDKs take both is known (alibabacloud-go/tea).
    pub(crate) numbers: NumbersQuirk,
    /// How JSON answers of DescribeSynchronizationJobs, DescribeDtsJobs and
    /// DescribeSynchronizationJobStatusList write a list without rows. Default list. Bites:
    /// clients that iterate over it without a check; the Python SDK makes an empty list of each.
    /// Evidence: inferred.
    pub(crate) empty_list: EmptyListQuirk,
    /// The format of answers with status 200: the requested one, or always XML. Other answers
    /// have the requested format. Default as_asked. Bites: clients that parse what they asked
    /// for: the Python SDK raises for each answer. Evidence: reported of another product of the
    /// vendor (alibaba-cloud-sdk-go 89).
    pub(crate) format: AnswerFormat,
    /// How far the answers of Describe operations lag behind: a job that was just bought is not
    /// there yet, one that was started shows its earlier state, and one that is gone is still
    /// there. Operations that change something do not lag. Bites: clients that read what they
    /// just wrote, or take the earlier state for the result of their change. Evidence: reported
    /// (terraform-provider-alicloud 10490: PrecheckFailed from before a reset).
    pub(crate) stale_reads: Option<Length>,
    /// How long a deleted job is still shown, as Finished; with "0s" it is unknown at once.
    /// Default 5m. Bites: clients that wait until a job is gone, or take Finished for success.
    /// Evidence: reported (terraform-provider-alicloud takes Finished for gone); how long is
    /// inferred.
    pub(crate) deleted_shown: Length,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            errors: ErrorForm::default(),
            missing: None,
            malformed: None,
            empty: Empty::default(),
            unknown: Unknown::default(),
            duplicates: Duplicates::default(),
            status_list_order: StatusListOrder::default(),
            max_ids: None,
            other_region: OtherRegion::default(),
            client_token: ClientToken::default(),
            max_page_size: 1_000,
            over_limit: OverLimit::default(),
            page_zero: PageZero::default(),
            past_the_end: PastTheEnd::default(),
            pages: PagingAnomalyQuirk::default(),
            total: ReportedTotalQuirk::default(),
            spelling: StateSpelling::default(),
            initialization_status: InitializationStatus::default(),
            wrong_state: WrongState::default(),
            success: SuccessForm::default(),
            numbers: NumbersQuirk::default(),
            empty_list: EmptyListQuirk::default(),
            format: AnswerFormat::default(),
            stale_reads: None,
            deleted_shown: Length(5 * MINUTE),
        }
    }
}

impl Quirks {
    /// The form of an error.
    pub(crate) fn form_of(&self, reason: &Reason) -> ErrorForm {
        match reason {
            Reason::Parameters(_)
            | Reason::NotFound { .. }
            | Reason::WrongState { .. }
            | Reason::Own(..) => self.errors,
            _ => ErrorForm::Hard,
        }
    }

    /// The form of an error of DescribeSynchronizationJobStatusList.
    pub(crate) fn form_of_list(&self, reason: &Reason) -> ErrorForm {
        let rule = match reason {
            Reason::Parameters(violations) => violations.first().map(|v| &v.rule),
            _ => None,
        };
        match rule {
            Some(Rule::Required) => self.missing.unwrap_or(self.errors),
            Some(Rule::JsonArrayOfText) => self.malformed.unwrap_or(self.errors),
            _ => self.form_of(reason),
        }
    }

    /// How answers are encoded.
    pub(crate) fn encoding_variant(&self) -> EncodingVariant {
        EncodingVariant {
            numbers: self.numbers.into(),
            empty_list: self.empty_list.into(),
            always_xml: self.format == AnswerFormat::AlwaysXml,
        }
    }

    /// `place` is that of the service's section.
    pub(crate) fn check(&self, place: &DocumentPath, problems: &mut Vec<Problem>) {
        check_lengths(&[("stale_reads", self.stale_reads)], place, problems);
        let mut idle = |key: &str, beside: &str, hint: &str| {
            let text = format!("{key} has no effect beside {beside}");
            let place = place.clone().key("quirks").key(key);
            problems.push(Problem::key(place, text).hint(hint));
        };
        let json = "XML has neither numbers nor empty lists, and Success is a text there";
        if self.format == AnswerFormat::AlwaysXml {
            for (key, is_set) in [
                ("numbers", self.numbers != NumbersQuirk::Number),
                ("empty_list", self.empty_list != EmptyListQuirk::List),
                ("success", self.success != SuccessForm::Literal),
            ] {
                if is_set {
                    idle(key, "format = \"always_xml\"", json);
                }
            }
        }
        let alone = "a list of one id has one row: make max_ids larger, or leave either out";
        if self.max_ids == Some(1) {
            for (key, is_set) in [
                ("duplicates", self.duplicates != Duplicates::Collapse),
                ("status_list_order", self.status_list_order != StatusListOrder::AsAsked),
            ] {
                if is_set {
                    idle(key, "max_ids = 1", alone);
                }
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatusListOrder {
    #[default]
    AsAsked,
    /// The last id comes first.
    Reversed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnswerFormat {
    #[default]
    AsAsked,
    AlwaysXml,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorForm {
    /// With an HTTP status of 400 or 403, which SDKs raise.
    #[default]
    Hard,
    /// With 200, Success false, ErrCode and ErrMessage, which SDKs do not raise.
    Soft,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Empty {
    /// An empty list.
    #[default]
    Answer,
    /// InvalidParameter.
    Refuse,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unknown {
    /// Rows for the others, if there are any.
    #[default]
    LeaveOut,
    /// InvalidJobId if there are no others.
    RefuseIfAll,
    /// InvalidJobId.
    Refuse,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Duplicates {
    /// One row for each id.
    #[default]
    Collapse,
    /// One row for each time it is asked for.
    Repeat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OtherRegion {
    /// They are found: the endpoint is global.
    #[default]
    Find,
    /// As if they did not exist.
    LeaveOut,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientToken {
    /// InvalidParameter with status 403.
    #[default]
    Forbidden,
    /// InvalidParameter with status 400.
    BadRequest,
    /// It is not checked.
    Ignore,
}

impl ClientToken {
    pub(crate) fn is_checked(self) -> bool {
        self != Self::Ignore
    }

    pub(crate) fn status(self) -> u16 {
        if self == Self::BadRequest { 400 } else { 403 }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateSpelling {
    /// As the page of each operation lists them: Initializing in
    /// DescribeSynchronizationJobStatusList and DescribeDtsJobs, Initializating in
    /// DescribeSynchronizationJobs, initializating (and all others with a small letter, too)
    /// in DescribeSynchronizationJobStatus, and synchronizing in DescribeDtsJobDetail.
    #[default]
    Documented,
    /// Initializing and Synchronizing in all of them.
    Modern,
    /// Initializating and synchronizing in DescribeSynchronizationJobStatusList and
    /// DescribeSynchronizationJobs, and synchronizing in all.
    Older,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InitializationStatus {
    /// Finished (vendor's sample).
    #[default]
    Keep,
    /// The objects are missing (seen by users).
    Vanish,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WrongState {
    /// InvalidJobStatus.
    #[default]
    Job,
    /// InvalidTaskStatus.
    Task,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SuccessForm {
    /// A boolean, as in the vendor's samples.
    #[default]
    Literal,
    /// A text, as in the vendor's tables.
    Text,
}
