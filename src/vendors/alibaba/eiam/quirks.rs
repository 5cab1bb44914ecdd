//! `[eiam.quirks]`: where the vendor's behaviour is not known, or known to vary, and what clients
//! of such lists often handle wrongly.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::paging::{
    EmptyListQuirk, NumbersQuirk, OverLimit, PageZero, Paging, PagingAnomalyQuirk, PastTheEnd,
    ReportedTotalQuirk, check_lengths,
};
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::value::Length;
use crate::wire::EncodingVariant;
use crate::world::time::HOUR;

/// Where the vendor's behaviour is not known, or known to vary. Each is off by default.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Quirks {
    /// The pattern of the codes for invalid parameters. Bites: clients that tell errors apart
    /// by their codes. Evidence: both patterns are the vendor's; that of the gateway is on its
    /// pages, that of the product in the ErrorCode of jobs; which of them answers is unknown.
    pub(crate) error_style: ErrorStyle,
    /// Whether RunSynchronizationJob runs jobs for targets that are locked or disabled, or whose
    /// synchronization is disabled. (It never does after a status check that did not succeed.)
    /// Bites: clients that rely on the refusal to find such targets. Evidence: inferred; the
    /// vendor's pages mention only the status check.
    pub(crate) run_unready_targets: bool,
    /// Whether GenerateDownloadUrlForSynchronizationJob gives a URL for a job that has not
    /// ended; its file then has no rows. Bites: clients that take a file without rows for a job
    /// that did nothing. Evidence: inferred; the vendor's page does not say.
    pub(crate) download_unfinished_jobs: bool,
    /// How long a FileDownloadUrl is valid, in virtual time. Default 1h. Bites: clients that
    /// keep the URL and fetch it later. Evidence: URLs of the vendor's object storage expire;
    /// after how long is inferred.
    pub(crate) download_url_lasts: Length,
    /// Anomalies between two pages of a list, by tokens or by numbers. It has no effect on
    /// ListInstances, which has a single row. Bites: clients that count rows, rely on each coming
    /// once, or stop at an empty page. Evidence: that rows get lost between numbered pages is
    /// reported of the vendor's products (aliyun-cli 260), an empty page in the middle is suspected
    /// (steampipe-plugin-alicloud 508); the others are inferred.
    pub(crate) pages: PagingAnomalyQuirk,
    /// The TotalCount of lists. If it is missing, it is None in the Python SDK. Bites: clients
    /// that stop at the total, or calculate pages from it. Evidence: inferred.
    pub(crate) total: ReportedTotalQuirk,
    /// The NextToken of the last page of ListSynchronizationJobs. Bites: clients that continue
    /// as long as there is a NextToken, or that take an empty page for an error. Evidence: the
    /// vendor's page says that it is "no longer returned"; the others are inferred.
    pub(crate) last_token: LastToken,
    /// Whether the second page of ListSynchronizationJobs repeats the NextToken of the request,
    /// every other time it is requested: a client that does not check reads that page twice.
    /// Bites: clients that rely on each row coming once, and those that stop or fail at a
    /// repeated token. Evidence: inferred; reported of another vendor (aws-cli 3022).
    pub(crate) repeated_token: bool,
    /// How long a NextToken is valid, in virtual time; an older one is refused with
    /// InvalidNextToken. Left out: for ever. Bites: clients that work on each page for a long
    /// time, or keep a token for the next day. Evidence: inferred.
    pub(crate) token_lasts: Option<Length>,
    /// Whether a NextToken is refused with other filters than those it was given for. If not,
    /// the list continues after the same row with the new filters. Default true. Bites: clients
    /// that change a filter between pages, and get a list with a part missing. Evidence:
    /// inferred.
    pub(crate) token_bound: bool,
    /// How a PageSize or MaxResults above 100 is handled. Bites: clients that compare the
    /// number of rows with the size they asked for, and take the first page for the last.
    /// Evidence: the maximum of 100 is the vendor's metadata; of its other products some are
    /// reported to refuse more (aliyun-cli 512), some to reduce it (mondoohq/mql 9302).
    pub(crate) over_limit: OverLimit,
    /// How PageNumber=0 is handled. Bites: clients that count pages from 0, and see the first
    /// one twice. Evidence: that pages count from 1 is the vendor's metadata; both are
    /// inferred.
    pub(crate) page_zero: PageZero,
    /// How a numbered page after the last one is answered, unless it is the first: without
    /// rows, with InvalidPageNumber, or with the last page again. Bites: clients that read until
    /// a page is empty: with "refuse" they end with an error, with "last" they never end.
    /// Evidence: inferred.
    pub(crate) past_the_end: PastTheEnd,
    /// How numbers are written in JSON: TotalCount, times and figures. Bites: clients that
    /// calculate with them; the Python SDK passes them on as they come. Evidence: the SDKs
    /// accept both; that the server sends texts is inferred.
    pub(crate) numbers: NumbersQuirk,
    /// How a list without rows is written in JSON. Bites: clients that iterate over it
    /// without checking. The Python SDK makes an empty list of each of them. Evidence: inferred;
    /// the SDKs treat them alike.
    pub(crate) empty_list: EmptyListQuirk,
    /// The format of successful answers; errors always have the requested format. Bites: SDKs that
    /// parse the format that they asked for: the Python SDK raises, the older one passes the XML
    /// on. Evidence: reported (sdk-go 89).
    pub(crate) format: AnswerFormat,
    /// How far List and Get operations lag behind, in virtual time: a job that was just run does
    /// not exist yet, or is in an earlier state. Operations that run, switch and download do not
    /// lag. Left out: no lag. Bites: clients that run a job and read it at once. Evidence:
    /// inferred; reads from replicas lag like this.
    pub(crate) stale_reads: Option<Length>,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            error_style: ErrorStyle::default(),
            run_unready_targets: false,
            download_unfinished_jobs: false,
            download_url_lasts: Length(HOUR),
            pages: PagingAnomalyQuirk::default(),
            total: ReportedTotalQuirk::default(),
            last_token: LastToken::default(),
            repeated_token: false,
            token_lasts: None,
            token_bound: true,
            over_limit: OverLimit::default(),
            page_zero: PageZero::default(),
            past_the_end: PastTheEnd::default(),
            numbers: NumbersQuirk::default(),
            empty_list: EmptyListQuirk::default(),
            format: AnswerFormat::default(),
            stale_reads: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorStyle {
    /// MissingInstanceId, InvalidPageSize.
    #[default]
    Gateway,
    /// MissingParameter.InstanceId, InvalidParameter.PageSize.
    Product,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LastToken {
    /// There is none.
    #[default]
    Absent,
    /// It is an empty text; a client that sends it gets the first page.
    EmptyString,
    /// If the page has rows, there is one; it leads to a page with neither rows nor token.
    LeadsToEmptyPage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnswerFormat {
    #[default]
    AsAsked,
    /// XML, even if JSON was asked for.
    AlwaysXml,
}

impl Quirks {
    pub(crate) fn encoding_variant(&self) -> EncodingVariant {
        EncodingVariant {
            numbers: self.numbers.into(),
            empty_list: self.empty_list.into(),
            always_xml: self.format == AnswerFormat::AlwaysXml,
        }
    }

    /// `path` is that of the service's section; `never_has_rows` says that no list ever has a row.
    pub(crate) fn check(
        &self,
        paging: Paging,
        never_has_rows: bool,
        path: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) {
        let at = |key| path.clone().key("quirks").key(key);
        let lengths = [("token_lasts", self.token_lasts), ("stale_reads", self.stale_reads)];
        check_lengths(&lengths, path, problems);
        if self.format == AnswerFormat::AlwaysXml {
            for (key, is_set) in [
                ("numbers", self.numbers != NumbersQuirk::default()),
                ("empty_list", self.empty_list != EmptyListQuirk::default()),
            ] {
                if is_set {
                    problems.push(
                        Problem::key(at(key), format!("{key} has no effect on answers in XML"))
                            .hint(format!("leave out {key}, or format = \"always_xml\"")),
                    );
                }
            }
        }
        if never_has_rows {
            let paging_at = path.clone().key("paging").key("consistency");
            for (key, at, is_set) in [
                ("consistency", paging_at, paging.is_snapshot()),
                ("pages", at("pages"), self.pages != PagingAnomalyQuirk::default()),
                ("total", at("total"), self.total == ReportedTotalQuirk::Capped),
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
