//! `[eiam.quirks]`: where the vendor's behaviour is not known, or known to vary, and what
//! clients of such lists trip over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::paging::{OverLimit, PageZero, Paging, PastTheEnd, check_lengths};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::Length;
use crate::wire::{EmptyList, Numbers, Spelling};
use crate::world::pages::{Seam, Total};
use crate::world::time::HOUR;

/// Where the vendor's behaviour is not known, or known to vary. Each is off by default.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// Whose pattern the codes of bad parameters follow. Bites: clients that tell errors apart
    /// by their codes. Evidence: both patterns are the vendor's; that of the gateway stands on
    /// its pages, that of the product in the ErrorCode of jobs; which of them answers is
    /// unknown.
    pub error_style: ErrorStyle,
    /// Whether RunSynchronizationJob runs jobs for targets that are locked, disabled, or
    /// whose synchronization is. (It never does after a status check that did not succeed.)
    /// Bites: clients that count on the refusal to find such targets. Evidence: inferred; the
    /// vendor's pages speak of the status check alone.
    pub run_unready_targets: bool,
    /// Whether GenerateDownloadUrlForSynchronizationJob answers for a job that has not ended;
    /// its file then has no rows. Bites: clients that take a file without rows for a job that
    /// did nothing. Evidence: inferred; the vendor's page does not say.
    pub download_unfinished_jobs: bool,
    /// How long a FileDownloadUrl is good, in virtual time. Default 1h. Bites: clients that keep the
    /// URL and fetch it later. Evidence: that it ends is how the vendor's object storage
    /// works; how soon is inferred.
    pub download_url_lasts: Length,
    /// What happens between two pages of a list, by tokens or by numbers. ListInstances has a
    /// single row, and shows none of it. Bites: clients that count rows, trust that each comes
    /// once, or stop at an empty page. Evidence: that rows get lost between numbered pages is
    /// reported of the vendor's products (aliyun-cli 260), an empty page in the middle is
    /// suspected (steampipe-plugin-alicloud 508); the others are inferred.
    pub pages: Seam,
    /// What lists say in TotalCount. Without one the Python SDK has None in its place. Bites:
    /// clients that stop at the total, or make pages of it. Evidence: inferred.
    pub total: Total,
    /// What the last page of ListSynchronizationJobs has as its NextToken. Bites: clients that
    /// ask on as long as there is a NextToken, or that take an empty page for an error.
    /// Evidence: that it is "no longer returned" is the vendor's page; the others are inferred.
    pub last_token: LastToken,
    /// Whether the second page of ListSynchronizationJobs answers with the NextToken that it
    /// was asked with, every other time it is: a client that does not look goes through that
    /// page twice. Bites: clients that trust that each row comes once, and those that end, or
    /// fail, where a token comes again. Evidence: inferred; reported of another vendor
    /// (aws-cli 3022).
    pub repeated_token: bool,
    /// How long a NextToken is good, in virtual time; an older one is refused with
    /// InvalidNextToken. Left out: for ever. Bites: clients that work on each page for long, or
    /// keep a token to go on tomorrow. Evidence: inferred.
    pub token_lasts: Option<Length>,
    /// Whether a NextToken is refused beside other filters than those it was given for. If it
    /// is not, the walk goes on from the same row with the new ones. Default true. Bites: clients that
    /// change a filter on the way, and get a list with a part missing. Evidence: inferred.
    pub token_bound: bool,
    /// What becomes of a PageSize or MaxResults above 100. Bites: clients that compare the
    /// number of rows with the size they asked for, and take the first page for the last.
    /// Evidence: that 100 is the most is the vendor's metadata; of its other products some
    /// are reported to refuse more (aliyun-cli 512), some to cut it down (mondoohq/mql 9302).
    pub over_limit: OverLimit,
    /// What becomes of PageNumber=0. Bites: clients that count pages from 0, and see the first
    /// one twice. Evidence: that pages count from 1 is the vendor's metadata; both are
    /// inferred.
    pub page_zero: PageZero,
    /// What a numbered page behind the last one is, unless it is the first: without rows,
    /// InvalidPageNumber, or the last one again. Bites: clients that read on until a page is
    /// empty: refused, their walk ends with an error; with "last" it never ends. Evidence:
    /// inferred.
    pub past_the_end: PastTheEnd,
    /// How numbers are written in JSON: TotalCount, times and figures. Bites: clients that
    /// calculate with them; the Python SDK hands them on as they come. Evidence: the SDKs take
    /// both; that the server sends texts is inferred.
    pub numbers: Numbers,
    /// What a list without rows is in JSON. Bites: clients that go through it without a look.
    /// The Python SDK makes an empty list of each of them. Evidence: inferred; to the SDKs
    /// they are the same.
    pub empty_list: EmptyList,
    /// In what format granted requests are answered; refused ones always are as was asked.
    /// Bites: SDKs that parse what they asked for: the Python SDK raises, the older one hands
    /// the XML on. Evidence: reported (sdk-go 89).
    pub format: AnswerFormat,
    /// What is listed and got is as of so long ago, in virtual time: a job that was just run is
    /// not there yet, or not as far as it is. What runs, switches and downloads knows at once.
    /// Left out: as of now. Bites: clients that run a job and read it at once. Evidence:
    /// inferred; reads from replicas do so.
    pub stale_reads: Option<Length>,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            error_style: ErrorStyle::default(),
            run_unready_targets: false,
            download_unfinished_jobs: false,
            download_url_lasts: Length(HOUR),
            pages: Seam::default(),
            total: Total::default(),
            last_token: LastToken::default(),
            repeated_token: false,
            token_lasts: None,
            token_bound: true,
            over_limit: OverLimit::default(),
            page_zero: PageZero::default(),
            past_the_end: PastTheEnd::default(),
            numbers: Numbers::default(),
            empty_list: EmptyList::default(),
            format: AnswerFormat::default(),
            stale_reads: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorStyle {
    /// MissingInstanceId, InvalidPageSize.
    #[default]
    Gateway,
    /// MissingParameter.InstanceId, InvalidParameter.PageSize.
    Product,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LastToken {
    /// There is none.
    #[default]
    Absent,
    /// It is an empty text; who sends that gets the first page.
    EmptyString,
    /// There is one, if the page has rows, and behind it a page with neither rows nor token.
    LeadsToEmptyPage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFormat {
    #[default]
    AsAsked,
    /// XML, though JSON was asked for.
    AlwaysXml,
}

impl Quirks {
    pub fn spelling(&self) -> Spelling {
        Spelling {
            numbers: self.numbers,
            empty_list: self.empty_list,
            always_xml: self.format == AnswerFormat::AlwaysXml,
        }
    }

    /// `place` is that of the service's section; `barren` says that it has no rows at all,
    /// and never will.
    pub fn check(&self, paging: Paging, barren: bool, place: &Place, problems: &mut Vec<Problem>) {
        let at = |key| place.clone().key("quirks").key(key);
        let lengths = [("token_lasts", self.token_lasts), ("stale_reads", self.stale_reads)];
        check_lengths(&lengths, place, problems);
        if self.format == AnswerFormat::AlwaysXml {
            for (key, is_set) in [
                ("numbers", self.numbers != Numbers::default()),
                ("empty_list", self.empty_list != EmptyList::default()),
            ] {
                if is_set {
                    problems.push(
                        Problem::key(at(key), format!("{key} has no effect on answers in XML"))
                            .hint(format!("leave out {key}, or format = \"always_xml\"")),
                    );
                }
            }
        }
        if barren {
            let paging_at = place.clone().key("paging").key("consistency");
            for (key, at, is_set) in [
                ("consistency", paging_at, paging.is_snapshot()),
                ("pages", at("pages"), self.pages != Seam::default()),
                ("total", at("total"), self.total == Total::Capped),
                ("repeated_token", at("repeated_token"), self.repeated_token),
                ("token_lasts", at("token_lasts"), self.token_lasts.is_some()),
                ("token_bound", at("token_bound"), !self.token_bound),
                ("stale_reads", at("stale_reads"), self.stale_reads.is_some()),
            ] {
                if is_set {
                    problems.push(
                        Problem::key(at, format!("{key} has no effect on lists without rows"))
                            .hint("give jobs a count, or targets some identity_providers"),
                    );
                }
            }
        }
    }
}
