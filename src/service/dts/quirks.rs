//! `[dts.quirks]`: what the vendor's behaviour may be where it is not known, and what real
//! services of its kind do to their clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::paging::{OverLimit, PageZero, PastTheEnd, check_lengths};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::Length;
use crate::wire;
use crate::wire::refusal::{Reason, Rule};
use crate::wire::{EmptyList, Numbers};
use crate::world::pages::{Seam, Total};
use crate::world::time::MINUTE;

/// Where the vendor's behaviour is not known, or known to vary.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// How operations say no, but for DescribeSynchronizationJobs: with status 400 or 403, or
    /// softly with 200, Success false and ErrCode. Default hard. Bites: clients that wait for
    /// an exception: the SDKs raise none for a soft one, and its fields are empty or None.
    /// Evidence: the fields are documented, and reported of real answers
    /// (terraform-provider-alicloud 10412); which operation says no in which form is inferred.
    pub errors: ErrorForm,
    /// The same, for a list of DescribeSynchronizationJobStatusList that is missing. Default:
    /// as `errors`. Bites: clients that build the list from nothing, and read the soft answer
    /// as one of no jobs. Evidence: inferred.
    pub missing: Option<ErrorForm>,
    /// The same, for such a list that is not a JSON array of texts. Default: as `errors`.
    /// Bites: clients that send a single id, or ids with commas, and read the soft answer as
    /// one of no jobs. Evidence: inferred.
    pub malformed: Option<ErrorForm>,
    /// A list of no ids: an empty answer, or InvalidParameter. Default answer. Bites: clients
    /// that ask without looking whether there is anything to ask for. Evidence: inferred.
    pub empty: Empty,
    /// Ids of no job, in DescribeSynchronizationJobStatusList: left out, InvalidJobId if all of
    /// them are such, or InvalidJobId if any is. Default leave_out. Bites: clients that put rows
    /// and ids side by side, which shifts by one with each row that is left out; refused, one
    /// job that is gone hides all others. Evidence: inferred.
    pub unknown: Unknown,
    /// The same id more than once, in DescribeSynchronizationJobStatusList: one row, or one
    /// each time. Default collapse. Bites: clients that expect as many rows as they sent ids,
    /// or that add rows up. Evidence: inferred.
    pub duplicates: Duplicates,
    /// In which order the rows of DescribeSynchronizationJobStatusList come: as their ids were
    /// sent, or the other way round. Default as_asked. Bites: clients that put rows and ids
    /// side by side: they give each job the state of another. Evidence: inferred; the vendor's
    /// sample is in the order of its ids, and no page promises it.
    pub status_list_order: StatusListOrder,
    /// How many ids DescribeSynchronizationJobStatusList takes at once; more are
    /// InvalidParameter. Default: no limit. Bites: clients that ask for all they know at once.
    /// Evidence: inferred; no maximum is documented.
    #[schemars(range(min = 1))]
    pub max_ids: Option<u64>,
    /// Jobs of another region than RegionId: found all the same, or as if they were not there.
    /// Default find. Bites: clients that send the region of their profile, not that of the job.
    /// Evidence: inferred; the endpoint is global (alibabacloud-dts20200101@5.11.7), and
    /// RegionId documented as that of the instance.
    pub other_region: OtherRegion,
    /// A ClientToken that is too long or not ASCII: InvalidParameter with 403, or with 400,
    /// or not looked at. Default forbidden. Bites: clients that make tokens of names or of two
    /// ids. Evidence: the bounds are documented, what comes of others is inferred.
    pub client_token: ClientToken,
    /// The largest PageSize of DescribeSynchronizationJobs and DescribeDtsJobs. The vendor's
    /// pages say 30, yet callers send more. Default 1000. Bites: clients that ask for more: see
    /// `over_limit`. Evidence: 30 is documented, older pages say 100; that callers send 50
    /// and 200 is reported (terraform-provider-alicloud, alibabacloud-aiops-skills).
    #[schemars(range(min = 1, max = 10000))]
    pub max_page_size: u64,
    /// A PageSize above the largest, which is `max_page_size`, or 100 in
    /// DescribeInitializationStatus: InvalidParameter, or it is made as large as is allowed, and
    /// PageRecordCount says so. Default refuse. Bites: clients that take a page with fewer rows
    /// than they asked for to be the last: they see the first page alone. Evidence: inferred.
    pub over_limit: OverLimit,
    /// Page 0 of a list: InvalidParameter, or the first page, with PageNumber 1. Default refuse.
    /// Bites: clients that count pages from 0, and see the first one twice. Evidence: that
    /// pages count from 1 is documented, what comes of 0 is inferred.
    pub page_zero: PageZero,
    /// A page behind the last one, unless it is the first: it has no rows, or it is
    /// InvalidParameter, or it is the last page again, with the PageNumber of that. Default
    /// empty. Bites: clients that read on until a page is empty: refused, a walk ends with an
    /// error; shown the last page again, it never ends. Evidence: inferred.
    pub past_the_end: PastTheEnd,
    /// What happens between two pages of DescribeSynchronizationJobs, DescribeDtsJobs and
    /// DescribeInitializationStatus. Default exact. Bites: clients that count rows, or trust
    /// that each comes once; with short and empty_second those that stop at a page that is not
    /// full. Evidence: inferred; lists that change between two pages do all of these.
    pub pages: Seam,
    /// What TotalRecordCount says, in DescribeSynchronizationJobs, DescribeDtsJobs and
    /// DescribeSynchronizationJobStatusList. Default exact. Bites: clients that stop at the
    /// total, or make pages of it; to the Python SDK one that is missing is None. Evidence:
    /// inferred.
    pub total: Total,
    /// How states are spelt: as the page of each operation lists them, or alike in all of
    /// them, or as older pages have it. Default documented. Bites: clients that compare states
    /// to the letter, or those of one operation with those of another. Evidence: documented,
    /// differently on each page; older spellings are those of older pages, and reported
    /// (terraform-provider-alicloud maps them).
    pub spelling: Spelling,
    /// What DescribeSynchronizationJobs, DescribeSynchronizationJobStatus and DescribeDtsJobs
    /// say of the initialization once it is over: that it is finished, or nothing. Default
    /// keep. Bites: clients that wait for a Finished initialization, or reach into its status
    /// without looking. Evidence: keep is documented, in a sample; vanish is reported.
    pub initialization_status: InitializationStatus,
    /// What is said if an operation is not allowed in the state of a job: InvalidJobStatus, or
    /// InvalidTaskStatus. Default job. Bites: clients that retry on one of the codes. Evidence:
    /// reported of both (terraform-provider-alicloud retries either).
    pub wrong_state: WrongState,
    /// How Success stands in the answers of the SynchronizationJob family, which document a
    /// text: true, or "true". Default literal. Bites: clients that ask whether it is true: the
    /// text "false" is, to many languages. Evidence: documented, the text in tables, and the
    /// literal in samples.
    pub success: SuccessForm,
    /// How numbers are written in JSON: counts, and the few figures that are not texts already.
    /// Default number. Bites: clients that count with them; the Python SDK hands them on as
    /// they come. Evidence: inferred; that other SDKs take both is known (alibabacloud-go/tea).
    pub numbers: Numbers,
    /// What the rows of DescribeSynchronizationJobs, DescribeDtsJobs and
    /// DescribeSynchronizationJobStatusList are in JSON if there are none. Default list. Bites:
    /// clients that go through them without a look; the Python SDK makes an empty list of each.
    /// Evidence: inferred.
    pub empty_list: EmptyList,
    /// In which format answers with status 200 come: as was asked for, or always in XML. Others
    /// come as was asked for. Default as_asked. Bites: clients that parse what they asked for:
    /// the Python SDK raises for each answer. Evidence: reported, of another product of the
    /// vendor (alibaba-cloud-sdk-go 89).
    pub format: AnswerFormat,
    /// Describe operations answer as of so long ago: a job that was just bought is not there
    /// yet, one that was started shows its state from before, and one that is gone is still
    /// there. Operations that change something know at once. Bites: clients that read what they
    /// just wrote, or take the state from before for what came of it. Evidence: reported
    /// (terraform-provider-alicloud 10490: PrecheckFailed from before a reset).
    pub stale_reads: Option<Length>,
    /// For how long a job that was deleted is still shown, as Finished; with "0s" it is unknown
    /// at once. Default 5m. Bites: clients that wait until a job is gone, or take Finished for
    /// done. Evidence: reported (terraform-provider-alicloud takes Finished for gone); how long
    /// is inferred.
    pub deleted_shown: Length,
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
            pages: Seam::default(),
            total: Total::default(),
            spelling: Spelling::default(),
            initialization_status: InitializationStatus::default(),
            wrong_state: WrongState::default(),
            success: SuccessForm::default(),
            numbers: Numbers::default(),
            empty_list: EmptyList::default(),
            format: AnswerFormat::default(),
            stale_reads: None,
            deleted_shown: Length(5 * MINUTE),
        }
    }
}

impl Quirks {
    /// The form of a refusal.
    pub fn form_of(&self, reason: &Reason) -> ErrorForm {
        match reason {
            Reason::Parameters(_)
            | Reason::Unknown { .. }
            | Reason::WrongState { .. }
            | Reason::Own(..) => self.errors,
            _ => ErrorForm::Hard,
        }
    }

    /// The form of a refusal of DescribeSynchronizationJobStatusList.
    pub fn form_of_list(&self, reason: &Reason) -> ErrorForm {
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

    /// How answers are spelt, apart from states.
    pub fn wire(&self) -> wire::Spelling {
        wire::Spelling {
            numbers: self.numbers,
            empty_list: self.empty_list,
            always_xml: self.format == AnswerFormat::AlwaysXml,
        }
    }

    /// `place` is that of the service's section.
    pub fn check(&self, place: &Place, problems: &mut Vec<Problem>) {
        check_lengths(&[("stale_reads", self.stale_reads)], place, problems);
        let mut idle = |key: &str, beside: &str, hint: &str| {
            let text = format!("{key} has no effect beside {beside}");
            let place = place.clone().key("quirks").key(key);
            problems.push(Problem::key(place, text).hint(hint));
        };
        let json = "XML has neither numbers nor empty lists, and Success is a text there";
        if self.format == AnswerFormat::AlwaysXml {
            for (key, is_set) in [
                ("numbers", self.numbers != Numbers::Number),
                ("empty_list", self.empty_list != EmptyList::List),
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
pub enum StatusListOrder {
    #[default]
    AsAsked,
    /// The last id comes first.
    Reversed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFormat {
    #[default]
    AsAsked,
    AlwaysXml,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorForm {
    /// With an HTTP status of 400 or 403, which SDKs raise.
    #[default]
    Hard,
    /// With 200, Success false, ErrCode and ErrMessage, which SDKs do not raise.
    Soft,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Empty {
    /// An empty list.
    #[default]
    Answer,
    /// InvalidParameter.
    Refuse,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
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
pub enum Duplicates {
    /// One row for each id.
    #[default]
    Collapse,
    /// One row for each time it is asked for.
    Repeat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OtherRegion {
    /// Found all the same: the endpoint is global.
    #[default]
    Find,
    /// As if it were not there.
    LeaveOut,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientToken {
    /// InvalidParameter with status 403.
    #[default]
    Forbidden,
    /// InvalidParameter with status 400.
    BadRequest,
    /// It is not looked at.
    Ignore,
}

impl ClientToken {
    pub fn looked_at(self) -> bool {
        self != Self::Ignore
    }

    pub fn status(self) -> u16 {
        if self == Self::BadRequest { 400 } else { 403 }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// As each operation's page lists them: Initializing in
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
pub enum InitializationStatus {
    /// It was finished (vendor's sample).
    #[default]
    Keep,
    /// Nothing: the objects are gone (seen by users).
    Vanish,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WrongState {
    /// InvalidJobStatus.
    #[default]
    Job,
    /// InvalidTaskStatus.
    Task,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuccessForm {
    /// A boolean, as in the vendor's samples.
    #[default]
    Literal,
    /// A text, as in the vendor's tables.
    Text,
}
