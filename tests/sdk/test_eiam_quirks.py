"""What the vendor's Python clients make of EIAM's quirks: where they fail, loop, or lose rows and say nothing."""

import itertools
import json

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException
from aliyunsdkcore.client import AcsClient
from darabonba.exceptions import UnretryableException

from alibabacloud_eiam20211201.models import (
    GetSynchronizationJobRequest,
    ListApplicationsRequest,
    ListIdentityProvidersRequest,
    ListSynchronizationJobsRequest,
)
from conftest import KEYS, World
from test_eiam import INSTANCE, ids_of, jobs_of, legacy_core, legacy_request, pages_by_number, pages_by_token, tea, tea_client
from test_eiam_life import APPLICATION, advance, asker

FEW = ("eiam.jobs.count=8",)


@pytest.fixture(scope="module")
def ids(serve):
    """All there are, newest first."""
    return ids_of(jobs_of(pages_by_token(tea(serve(World(set=FEW))), 100)))


@pytest.fixture(scope="module")
def quirky(serve):
    def start(*quirks, seed=None):
        return serve(World(seed=seed, set=FEW + tuple(f"eiam.quirks.{quirk}" for quirk in quirks)))

    return start


def body(server, **query):
    request = ListSynchronizationJobsRequest(instance_id=INSTANCE, **query)
    return tea_client(server).list_synchronization_jobs(request).body


def traverse(server, goes_on, size=3, most=12):
    """The usual loop over tokens, with the condition that people write."""
    seen, token = [], None
    for _ in range(most):
        page = body(server, max_results=size, next_token=token)
        seen += [job.synchronization_job_id for job in page.synchronization_jobs]
        token = page.next_token
        if not goes_on(token):
            return seen
    return None


def test_an_empty_token_begins_anew_for_those_who_ask_whether_it_is_none(quirky, ids):
    server = quirky("last_token=empty_string")
    assert traverse(server, lambda token: token) == ids
    assert traverse(server, lambda token: token is not None) is None
    last = body(server, max_results=100)
    assert last.next_token == ""
    assert last.to_map()["NextToken"] == ""


def test_a_token_may_lead_to_a_page_without_rows(quirky, ids):
    server = quirky("last_token=leads_to_empty_page")
    assert traverse(server, lambda token: token) == ids
    last = body(server, max_results=100)
    assert last.next_token
    empty = body(server, max_results=100, next_token=last.next_token)
    assert (empty.synchronization_jobs, empty.next_token) == ([], None)


def test_a_repeated_token_shows_a_page_twice_and_nothing_says_so(quirky, ids):
    server = quirky("repeated_token=true", seed=51)
    exact = traverse(quirky(seed=51), lambda token: token)
    assert traverse(server, lambda token: token) == exact[:6] + exact[3:6] + exact[6:]


@pytest.mark.parametrize(("quirk", "rows"), [
    ("repeat", [0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7]),
    ("lose", [0, 1, 2, 4, 5, 6]),
    ("short", [0, 1, 2, 3, 4, 5, 6, 7]),
    ("unstable", [0, 1, 2, 2, 4, 5, 5, 7]),
])
def test_rows_are_repeated_and_lost_in_silence(quirky, ids, quirk, rows):
    list_jobs = tea(quirky(f"pages={quirk}"))
    wanted = [ids[row] for row in rows]
    assert ids_of(jobs_of(pages_by_token(list_jobs, 3))) == wanted
    assert ids_of(jobs_of(pages_by_number(list_jobs, 3))) == wanted


def test_who_stops_at_an_empty_page_has_lost_the_rest(quirky, ids):
    list_jobs = tea(quirky("pages=empty_second"))
    assert ids_of(jobs_of(pages_by_token(list_jobs, 3))) == ids
    assert ids_of(jobs_of(pages_by_number(list_jobs, 3))) == ids[:3]


def test_a_missing_total_is_none_and_numbers_do_not_compare_with_it(quirky):
    page = body(quirky("total=missing"), max_results=3)
    assert page.total_count is None
    assert "TotalCount" not in page.to_map()
    with pytest.raises(TypeError):
        len(page.synchronization_jobs) < page.total_count


def test_pages_that_are_made_of_a_wrong_total(quirky, ids):
    def by_total(list_jobs):
        seen = []
        for number in itertools.count(1):
            page = list_jobs(PageNumber=number, PageSize=3)
            seen += ids_of(page["SynchronizationJobs"])
            if len(seen) >= page["TotalCount"] or number == 12:
                return number, seen

    assert by_total(tea(quirky())) == (3, ids)
    # One more that never comes: the loop has to end by itself.
    assert by_total(tea(quirky("total=off_by_one"))) == (12, ids)
    assert by_total(tea(quirky("total=drifting"))) == (12, ids)


def test_numbers_that_are_texts_stay_texts(quirky):
    page = body(quirky("numbers=text"), max_results=3)
    assert page.total_count == "8"
    job = page.synchronization_jobs[0]
    assert isinstance(job.start_time, str) and job.start_time.isdigit()
    assert isinstance(job.result.user_statistics.created.total, str)
    with pytest.raises(TypeError):
        len(page.synchronization_jobs) < page.total_count
    with pytest.raises(TypeError):
        job.end_time - 1_000


@pytest.mark.parametrize("quirk", ["empty_list=null", "empty_list=absent"])
def test_a_list_that_is_not_there_is_empty_to_the_sdk_and_not_to_the_older_one(quirky, quirk):
    server = quirky(quirk)
    assert body(server, status="pending").synchronization_jobs == []
    client = tea_client(server)
    page_9 = {"instance_id": INSTANCE, "page_number": 9}
    assert client.list_identity_providers(ListIdentityProvidersRequest(**page_9)).body.identity_providers == []
    assert client.list_applications(ListApplicationsRequest(**page_9)).body.applications == []
    # The older one hands on what came.
    found = legacy_core(server)(Status="pending")
    assert found.get("SynchronizationJobs") is None
    assert ("SynchronizationJobs" in found) == (quirk == "empty_list=null")


def test_xml_on_200_raises_in_the_sdk_and_is_handed_on_by_the_older_one(quirky):
    server = quirky("format=always_xml")
    with pytest.raises(UnretryableException):
        body(server, max_results=3)
    answer = AcsClient(*KEYS, "cn-hangzhou").do_action_with_exception(legacy_request(server, MaxResults=3))
    assert answer.startswith(b"<?xml")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer)
    # Refusals are in JSON all the same.
    with pytest.raises(ClientException) as caught:
        body(server, max_results=0)
    assert caught.value.code == "InvalidMaxResults"


def test_a_size_that_is_cut_down_ends_loops_that_wait_for_a_short_page(serve):
    server = serve(World(set=("eiam.jobs.count=130", "eiam.quirks.over_limit=clamp")))
    seen = []
    for number in itertools.count(1):
        page = tea(server)(PageNumber=number, PageSize=200)
        seen += page["SynchronizationJobs"]
        if len(page["SynchronizationJobs"]) < 200:
            break
    assert (number, len(seen), page["TotalCount"]) == (1, 100, 130)


def test_pages_that_are_counted_from_0_show_the_first_one_twice(quirky, ids):
    def rows(server, number):
        return ids_of(tea(server)(PageNumber=number, PageSize=3)["SynchronizationJobs"])

    server = quirky("page_zero=first")
    assert rows(server, 0) == rows(server, 1) == ids[:3]
    with pytest.raises(ClientException) as caught:
        rows(quirky(), 0)
    assert caught.value.code == "InvalidPageNumber"


def test_a_token_that_has_lasted_too_long_is_a_client_exception(quirky):
    server = quirky("token_lasts=10m", seed=52)
    token = body(server, max_results=3).next_token
    advance(server, "10m")
    assert body(server, max_results=3, next_token=token).synchronization_jobs
    advance(server, "1s")
    with pytest.raises(ClientException) as caught:
        body(server, max_results=3, next_token=token)
    assert (caught.value.status_code, caught.value.code) == (400, "InvalidNextToken")


def test_a_token_beside_other_filters_leaves_the_newest_out(quirky):
    server = quirky("token_bound=false")
    first = body(server, max_results=3)
    other = body(server, max_results=100, target_type="application", next_token=first.next_token)
    whole = body(server, max_results=100, target_type="application")
    found = [job.synchronization_job_id for job in other.synchronization_jobs]
    skipped = {job.synchronization_job_id for job in first.synchronization_jobs}
    assert found == [
        job.synchronization_job_id for job in whole.synchronization_jobs if job.synchronization_job_id not in skipped]
    assert other.total_count == whole.total_count
    with pytest.raises(ClientException):
        body(quirky(), max_results=100, target_type="application",
             next_token=body(quirky(), max_results=3).next_token)


def test_who_reads_at_once_what_it_ran_does_not_find_it(serve):
    paths = 'eiam.created.paths=[["pending 10s", "running 20s", "success"]]'
    target = 'eiam.target=[{ id = "%s" }]' % APPLICATION
    server = serve(World(seed=53, set=FEW + (paths, target, "eiam.quirks.stale_reads=30s")))
    ask = asker(server)
    run = ask("RunSynchronizationJob", TargetId=APPLICATION, TargetType="application")
    request = GetSynchronizationJobRequest(instance_id=INSTANCE, synchronization_job_id=run["SynchronizationJobId"])
    with pytest.raises(ClientException) as caught:
        tea_client(server).get_synchronization_job(request)
    assert caught.value.status_code == 404
    seen = []
    advance(server, "30s")
    for _ in range(4):
        seen.append(tea_client(server).get_synchronization_job(request).body.synchronization_job.status)
        advance(server, "10s")
    assert seen == ["pending", "running", "running", "success"]


@pytest.mark.parametrize("consistency", ["live", "snapshot"])
def test_jobs_that_are_run_between_two_numbered_pages(serve, consistency):
    target = 'eiam.target=[{ id = "%s" }]' % APPLICATION
    server = serve(World(seed=54, set=FEW + (target, f"eiam.paging.consistency={consistency}")))
    ask = asker(server)
    before = ids_of(ask("ListSynchronizationJobs", PageSize=100)["SynchronizationJobs"])
    seen = []
    for number in (1, 2, 3, 4):
        seen += ids_of(ask("ListSynchronizationJobs", PageNumber=number, PageSize=3)["SynchronizationJobs"])
        advance(server, "1s")
        ask("RunSynchronizationJob", TargetId=APPLICATION, TargetType="application")
    if consistency == "snapshot":
        assert seen == before
    else:
        assert len(seen) == len(before) + 3 and set(seen) == set(before)
