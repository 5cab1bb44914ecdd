//! The page that a call requests, as its handler would show it.

use super::*;
use crate::engine::Service;
use crate::fault::RequestedPage;
use crate::wire::Arguments;

fn page(plan: &Plan, operation: &str, query: &str) -> RequestedPage {
    let uri = format!("/?{query}");
    let request: Request = http::Request::builder().uri(uri).body(Bytes::new()).unwrap();
    let mut operations = Dts::OPERATIONS.iter();
    let operation = operations.find(|row| row.info.name == operation).expect("an operation");
    (operation.page)(plan.of::<Dts>(), &Arguments::of(&request))
}

#[test]
fn each_operation_reads_its_own_parameter() {
    let plan = with_quirk("");
    for (operation, query, expected) in [
        ("DescribeSynchronizationJobs", "PageNum=2", 2),
        ("DescribeSynchronizationJobs", "PageNumber=2", 1),
        ("DescribeSynchronizationJobs", "PageNumber=2&PageNum=3&PageSize=7", 3),
        ("DescribeSynchronizationJobs", "", 1),
        ("DescribeInitializationStatus", "SynchronizationJobId=x&PageNum=2", 2),
        ("DescribeInitializationStatus", "SynchronizationJobId=x&PageNumber=2", 1),
        ("DescribeDtsJobs", "JobType=SYNC&PageNumber=2", 2),
        ("DescribeDtsJobs", "JobType=SYNC&PageNum=2", 1),
        ("DescribeSynchronizationJobStatusList", "PageNum=2&PageNumber=2", 1),
    ] {
        let expected = RequestedPage::Number(expected);
        assert_eq!(page(&plan, operation, query), expected, "{operation} {query}");
    }
}

#[test]
fn page_zero_is_the_first_page_and_what_is_no_page_too() {
    for quirk in ["page_zero = \"refuse\"", "page_zero = \"first\""] {
        let plan = with_quirk(quirk);
        for query in ["PageNum=0", "PageNum=-1", "PageNum=x", "PageNum=", "PageNum=2147483648"] {
            let found = page(&plan, "DescribeSynchronizationJobs", query);
            assert_eq!(found, RequestedPage::FIRST, "{quirk} {query}");
        }
    }
}

#[test]
fn a_fault_for_a_page_fires_for_the_page_that_is_shown() {
    let plan = plan(
        "[dts.jobs]\ncount = 3\n[[fault]]\nname = \"second page\"\n\
         on = { service = \"dts\", page = 2 }\ndo = { refuse = \"ServiceUnavailable\" }\n",
    );
    for (action, query, status) in [
        ("DescribeSynchronizationJobs", "PageSize=1&PageNum=2", 500),
        ("DescribeSynchronizationJobs", "PageSize=1&PageNumber=2", 200),
        ("DescribeDtsJobs", "JobType=SYNC&PageSize=1&PageNumber=2", 500),
        ("DescribeDtsJobs", "JobType=SYNC&PageSize=1&PageNum=2", 200),
    ] {
        assert_eq!(ask(&plan, action, query, NOW).0, status, "{action} {query}");
    }
}
