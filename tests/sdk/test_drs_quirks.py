"""What the vendor's Python client makes of each switch of [drs.quirks] and [drs.paging] that it can meet."""

import itertools
import warnings

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkdrs.v5 import (
    BatchAsyncCreateJobReq, BatchCreateJobsAsyncRequest, ListAsyncJobsRequest, UpdateJob, UpdateJobReq,
)

from conftest import World
from test_drs_life import NO_SUCH_JOB, WRONG_STATE, Drs, job, refused

COUNT = 7
LIMIT = 3
#: A loop that has read this many pages counts as endless.
MOST_PAGES = 20
#: Batches that clients create wait for their commit at once.
SOUND = "created.paths=[['ASYNC_JOB_VALIDATING 1ms','AUTO_PARAM_VALIDATE_SUCCESS']]"


@pytest.fixture
def drs(serve):
    def start(*settings, count=COUNT, copy=1):
        return Drs(serve(World(set=(f"drs.jobs.count={count}", *(f"drs.{line}" for line in settings))), copy=copy))

    return start


@pytest.fixture
def own(drs, request):
    """A world of its own, for tests that change it."""
    return lambda *settings: drs(*settings, copy=request.node.name)


def page(drs, **query):
    return drs.client.list_async_jobs(ListAsyncJobsRequest(**query))


def ids(answer):
    return [row.async_job_id for row in answer.jobs]


def until_short(drs):
    """Until a page is not full."""
    found = []
    for offset in itertools.count(0, LIMIT):
        rows = ids(page(drs, offset=offset, limit=LIMIT))
        found += rows
        if len(rows) < LIMIT:
            return found


def until_empty(drs, between=lambda: None):
    """As Terraform's provider does: until a page is empty, from where the last one ended."""
    found = []
    for _ in range(MOST_PAGES):
        rows = ids(page(drs, offset=len(found), limit=LIMIT))
        if not rows:
            return found
        found += rows
        between()
    return "it never ends"


def until_total(drs):
    """Until there are as many rows as total_count says."""
    found = []
    for _ in range(MOST_PAGES):
        answer = page(drs, offset=len(found), limit=LIMIT)
        found += ids(answer)
        if len(found) >= answer.total_count:
            return found
    return "it never ends"


def by_pages_of_the_total(drs):
    """As many pages as the first one's total_count is worth."""
    pages = -(-page(drs, limit=LIMIT).total_count // LIMIT)
    return [row for nth in range(pages) for row in ids(page(drs, offset=nth * LIMIT, limit=LIMIT))]


def seen(found):
    """How many rows, and how many different ones."""
    return found if isinstance(found, str) else (len(found), len(set(found)))


@pytest.mark.parametrize("pages, short, empty, total, paged", [
    ("exact", (7, 7), (7, 7), (7, 7), (7, 7)),
    ("repeat", (10, 7), (10, 7), (9, 7), (9, 7)),
    ("lose", (6, 6), (6, 6), "it never ends", (6, 6)),
    ("short", (2, 2), (7, 7), (7, 7), (5, 5)),
    ("empty_second", (3, 3), (3, 3), "it never ends", (6, 6)),
    ("unstable", (7, 5), (7, 5), (7, 5), (7, 5)),
])
def test_loops_over_pages_lose_and_repeat_rows_without_a_word_or_never_end(drs, pages, short, empty, total, paged):
    quirky = drs(f'quirks.pages="{pages}"')
    loops = (until_short, until_empty, until_total, by_pages_of_the_total)
    assert [seen(loop(quirky)) for loop in loops] == [short, empty, total, paged]


@pytest.mark.parametrize("total, claimed, reached", [
    ("exact", COUNT, (7, 7)), ("off_by_one", COUNT + 1, "it never ends"), ("drifting", COUNT, "it never ends"),
])
def test_a_loop_until_the_total_never_ends_if_that_is_more_than_there_is(drs, total, claimed, reached):
    claiming = drs(f'quirks.total="{total}"')
    assert page(claiming, limit=LIMIT).total_count == claimed
    assert seen(until_total(claiming)) == reached
    assert seen(until_empty(claiming)) == (7, 7)


def test_a_capped_total_hides_the_rows_behind_it(drs):
    capped = drs('quirks.total="capped"', count=10_003)
    assert page(capped, limit=1).total_count == 10_000
    assert len(ids(page(capped, offset=10_000, limit=10))) == 3


def test_a_missing_total_is_none_and_no_error_until_it_is_compared(drs):
    missing = drs('quirks.total="missing"')
    assert page(missing).total_count is None and len(page(missing).jobs) == COUNT
    with pytest.raises(TypeError):
        until_total(missing)


@pytest.mark.parametrize("empty", ["null", "absent"])
def test_an_empty_list_that_is_null_or_absent_is_none_and_ends_loops_with_a_type_error(drs, empty):
    answer = page(drs(f'quirks.empty_list="{empty}"'), offset=50)
    assert answer.jobs is None and answer.total_count == COUNT
    with pytest.raises(TypeError):
        until_empty(drs(f'quirks.empty_list="{empty}"'))


def test_numbers_that_are_texts_are_numbers_again_without_a_word(drs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        texts = drs('quirks.numbers="text"')
        answer = page(texts)
        days = texts.detail(ids(answer)[0]).jobs[0].base_info.expired_days
    assert (answer.total_count, type(answer.total_count)) == (COUNT, int)
    plain = drs()
    assert days == plain.detail(ids(page(plain))[0]).jobs[0].base_info.expired_days


def test_a_limit_above_the_bound_is_an_exception(drs):
    bounded = drs("quirks.max_limit=5")
    code, name, _ = refused(lambda: page(bounded, limit=1000))
    assert (code, name) == (400, "DRS.M00202")
    assert len(page(bounded).jobs) == 5, "who asks for none gets what there can be"


def test_a_limit_that_is_clamped_loses_rows_of_who_takes_a_short_page_for_the_last(drs):
    clamping = drs("quirks.max_limit=5", 'quirks.over_limit="clamp"')
    answer = page(clamping, limit=1000)
    assert (len(answer.jobs), answer.total_count) == (5, COUNT)


def test_a_refused_offset_ends_a_loop_until_empty_with_an_exception(drs):
    refusing = drs('quirks.past_the_end="refuse"')
    assert len(until_short(refusing)) == COUNT
    with pytest.raises(ClientRequestException) as caught:
        until_empty(refusing)
    assert (caught.value.status_code, caught.value.error_code) == (400, "DRS.M00202")


def test_a_loop_until_empty_never_ends_where_the_last_page_comes_again(drs):
    lasting = drs('quirks.past_the_end="last"')
    assert until_empty(lasting) == "it never ends"
    assert seen(until_short(lasting)) == seen(until_total(lasting)) == (7, 7)


@pytest.mark.parametrize("consistency, rows, different", [("live", 9, 7), ("snapshot", 7, 7)])
def test_a_live_list_repeats_rows_as_others_arrive_and_a_snapshot_does_not(own, consistency, rows, different):
    busy = own(f'paging.consistency="{consistency}"')
    names = (f"new_{number}" for number in itertools.count())
    # Two of them: what comes behind the third page is of no account.
    fresh = itertools.chain([True, True], itertools.repeat(False))

    def between():
        if next(fresh):
            busy.advance("1s")
            busy.create(job(next(names)))

    assert seen(until_empty(busy, between)) == (rows, different)


def test_a_created_batch_is_not_found_by_stale_reads_and_its_name_is_taken(own):
    stale = own('quirks.stale_reads="30s"')
    stale.advance("1m")
    batch = stale.create(job("orders"))
    assert refused(stale.detail, batch) == NO_SUCH_JOB
    assert page(stale, async_job_id=batch).jobs == []
    assert refused(stale.create, job("orders"))[1] == "DRS.M00277", "who creates it again is refused"
    stale.advance("30s")
    assert stale.status(batch) == "ASYNC_JOB_VALIDATING" and stale.detail(batch).total_count == 1


def test_a_committed_batch_still_waits_for_stale_reads_and_can_not_be_committed_again(own):
    stale = own('quirks.stale_reads="30s"', SOUND)
    batch = stale.create(job("orders"))
    stale.advance("1m")
    assert stale.commit(batch).status == "COMMIT_SUCCESS"
    assert stale.status(batch) == "AUTO_PARAM_VALIDATE_SUCCESS"
    assert refused(stale.commit, batch) == WRONG_STATE
    stale.advance("30s")
    assert stale.status(batch) == "COMMIT_SUCCESS"


def test_soft_errors_are_answers_whose_members_are_none_and_no_exception(own):
    soft = own('quirks.errors="soft"')
    nobody = "00000000-0000-4000-8000-000000000000"
    assert (page(soft, limit=-1).jobs, page(soft, limit=-1).total_count) == (None, None)
    assert (soft.detail(nobody).jobs, soft.jobs(job_type=None).jobs) == (None, None)
    assert soft.commit(nobody) is None
    assert soft.update(nobody, UpdateJobReq(type="precheck", params=UpdateJob())) is None
    soft.create(job("orders"))
    with pytest.raises(AttributeError):
        soft.create(job("orders"))  # its answer has no job, and so no id
    # Neither has the error anywhere but in the raw body.
    answer = page(soft, limit=-1)
    assert "DRS.M00202" in str(answer.raw_content) and "error_code" not in answer.to_dict()
    assert answer.status_code == 200


def test_the_error_of_one_job_in_an_answer_of_success_is_for_the_caller_to_look_at(own):
    plain = own(SOUND)
    batch = plain.create(job("orders"))
    plain.advance("1s")
    [row] = plain.update(batch, UpdateJobReq(type="precheck", params=UpdateJob(job_id="nobody")))
    assert (row.status, row.error_code, row.error_msg) == ("failed", *NO_SUCH_JOB[1:])


@pytest.mark.parametrize("words, code, message", [
    ("specific", "DRS.M00202", "The value of parameter limit is invalid."), ("generic", "DRS.10000001", "Failed."),
])
def test_a_bad_parameter_has_one_of_two_codes(drs, words, code, message):
    assert refused(lambda: page(drs(f'quirks.bad_request="{words}"'), limit=-1)) == (400, code, message)


def test_older_statuses_come_to_the_caller_as_they_are_and_newer_filters_are_refused(drs):
    older = drs("quirks.legacy_statuses=true", count=100)
    statuses = {row.status for row in page(older, limit=100).jobs}
    assert "ASYNC_JOB_COMPLETED" in statuses and "COMMIT_SUCCESS" not in statuses
    assert page(older, status="ASYNC_JOB_COMPLETED").total_count > 0
    assert refused(lambda: page(older, status="COMMIT_SUCCESS"))[:2] == (400, "DRS.M00202")


@pytest.mark.parametrize("unknown", ["refuse", "empty"])
def test_another_project_is_refused_or_looks_as_if_it_had_no_jobs(serve, unknown):
    elsewhere = Drs(serve(World(set=("drs.project_id=another", f"drs.quirks.unknown_project={unknown}"))))
    if unknown == "refuse":
        assert refused(lambda: page(elsewhere)) == (403, "DRS.M00261", "Invalid project ID.")
    else:
        assert (page(elsewhere).jobs, page(elsewhere).total_count) == ([], 0)


@pytest.mark.parametrize("checks, status", [
    ("later", "ASYNC_JOB_VALIDATE_FAILED"), ("none", "AUTO_PARAM_VALIDATE_SUCCESS"),
])
def test_a_batch_with_a_fault_is_created_and_only_its_status_tells(own, checks, status):
    checking = own(f'quirks.checks="{checks}"')
    batch = checking.create(job("with_fault", net_type="lan"))
    checking.advance("10m")
    assert checking.status(batch) == status


def test_checks_at_once_refuse_the_creation(own):
    code, name, message = refused(own('quirks.checks="at_once"').create, job("with_fault", net_type="lan"))
    assert (code, name, message) == (400, "DRS.M00202", "The value of parameter base_info.net_type is invalid.")


@pytest.mark.parametrize("shown, net_type", [
    ("inline", {"value": "lan", "error_message": "The value of parameter base_info.net_type is invalid."}),
    ("logs", "lan"),
])
def test_what_is_wrong_stands_in_the_place_of_a_text_as_the_text_of_a_dict_or_in_the_logs(own, shown, net_type):
    showing = own(f'quirks.failed_checks="{shown}"')
    batch = showing.create(job("with_fault", net_type="lan"))
    showing.advance("10m")
    [found] = showing.detail(batch).jobs
    assert found.base_info.net_type == str(net_type)
    logs = found.logs or []
    assert ["net_type is invalid" in str(log) for log in logs] == [True] * (shown == "logs")


@pytest.mark.parametrize("status, number", [("accepted", 202), ("ok", 200)])
def test_a_creation_is_one_whatever_its_status(own, status, number):
    creating = own(f'quirks.create_status="{status}"')
    body = BatchAsyncCreateJobReq(jobs=[job("orders")])
    answer = creating.client.batch_create_jobs_async(BatchCreateJobsAsyncRequest(body=body))
    assert answer.status_code == number and answer.job.async_job_id


def test_more_jobs_than_a_batch_may_have_are_refused(own):
    narrow = own("quirks.max_jobs=2")
    assert narrow.create(job("one_1"), job("two_2"))
    assert refused(narrow.create, job("one_3"), job("two_4"), job("three_5"))[:2] == (400, "DRS.M00202")


def test_the_newer_wording_has_the_same_code(drs):
    newer = drs("quirks.newer_wording=true")
    assert refused(newer.commit, "nobody") == (400, "DRS.10000010", "Task not found. Check the task ID.")
