import itertools
import re

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_handler import HttpHandler
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkdrs.v5 import DrsClient, ListAsyncJobsRequest

from conftest import KEYS, World

PROJECT = "054ba152d480d55b2f5dc0069e7ddef0"
STATUSES = [
    "ASYNC_JOB_VALIDATING", "ASYNC_JOB_VALIDATE_FAILED", "AUTO_PARAM_VALIDATE_SUCCESS", "COMMIT_SUCCESS",
]


def connect(server):
    credentials = BasicCredentials(*KEYS, PROJECT)
    return DrsClient.new_builder().with_credentials(credentials).with_endpoint(server.url).build()


def page_of(client, **query):
    return client.list_async_jobs(ListAsyncJobsRequest(**query)).to_dict()


def pages_of(client, limit, **query):
    for offset in itertools.count(0, limit):
        page = page_of(client, offset=offset, limit=limit, **query)
        if not page["jobs"]:
            return
        yield page


def traverse(client, limit, **query):
    pages = list(pages_of(client, limit, **query))
    jobs = [job for page in pages for job in page["jobs"]]
    assert {page["total_count"] for page in pages} <= {len(jobs)}
    assert len({job["async_job_id"] for job in jobs}) == len(jobs)
    assert all(len(page["jobs"]) == limit for page in pages[:-1])
    return jobs


def assert_newest_first(jobs):
    times = [job["create_time"] for job in jobs]
    assert times == sorted(times, reverse=True)


@pytest.fixture(scope="module")
def jobs(serve):
    return traverse(connect(serve()), 1000)


@pytest.mark.parametrize("limit", [1, 7, 10, 1000])
def test_offset_and_limit_walk_every_job_newest_first(serve, jobs, limit):
    assert jobs
    assert traverse(connect(serve()), limit) == jobs
    assert_newest_first(jobs)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", job["create_time"]) for job in jobs)


@pytest.mark.parametrize("limit", [7, 100])
def test_an_odd_count_loses_nothing_and_shows_nothing_twice(serve, limit):
    found = traverse(connect(serve(World(set=("drs.jobs.count=1237",)))), limit)
    assert len(found) == 1237
    assert_newest_first(found)


def test_the_status_filter_keeps_exactly_its_jobs(serve, jobs):
    found = 0
    for status in STATUSES:
        expected = [job for job in jobs if job["status"] == status]
        assert traverse(connect(serve()), 100, status=status) == expected
        found += len(expected)
    assert found == len(jobs)


@pytest.mark.parametrize("name", ["domain_name", "user_name", "async_job_id"])
def test_a_name_or_id_filter_keeps_exactly_its_jobs(serve, jobs, name):
    for value in (jobs[0][name], jobs[len(jobs) // 2][name], jobs[-1][name], "nobody"):
        assert traverse(connect(serve()), 100, **{name: value}) == [job for job in jobs if job[name] == value]


def test_filters_combine(serve, jobs):
    query = {name: jobs[-1][name] for name in ("status", "domain_name", "user_name")}
    assert traverse(connect(serve()), 7, **query) == [job for job in jobs if query.items() <= job.items()]


def test_ascending_is_the_reverse_of_descending(serve, jobs):
    client = connect(serve())
    assert traverse(client, 7, sort_key="create_time", sort_dir="desc") == jobs
    assert traverse(client, 7, sort_key="create_time", sort_dir="asc") == jobs[::-1]


def test_an_offset_at_or_past_the_end_gives_an_empty_list_and_the_count(serve, jobs):
    for offset in (len(jobs), len(jobs) + 1, 10_000_000):
        assert page_of(connect(serve()), offset=offset, limit=10) == {"jobs": [], "total_count": len(jobs)}


@pytest.mark.parametrize("name, value", [
    ("limit", -1), ("offset", -1), ("sort_dir", "sideways"), ("sort_key", "status"), ("status", "LOST"),
])
def test_a_bad_value_is_a_client_request_exception(serve, name, value):
    with pytest.raises(ClientRequestException) as caught:
        page_of(connect(serve()), **{name: value})
    error = caught.value
    assert (error.status_code, error.error_code) == (400, "DRS.M00202")
    assert name in error.error_msg
    assert re.fullmatch("[0-9a-f]{32}", error.request_id)


def test_empty_parameters_equal_no_parameters(serve):
    client = connect(serve())
    names = ("async_job_id", "status", "domain_name", "user_name", "sort_key", "sort_dir")
    empty = dict.fromkeys(names, "")
    nothing = page_of(client)
    assert page_of(client, **empty) == nothing
    assert page_of(client, **empty, offset="", limit="") == nothing
    assert page_of(client, **empty, offset=0, limit=10) == nothing


def test_a_region_client_without_a_project_asks_for_it_first(serve, jobs):
    server = serve()
    asked = []
    handler = HttpHandler().add_response_handler(lambda response, **_: asked.append(response.request.url))
    credentials = BasicCredentials(*KEYS).with_iam_endpoint(server.url)
    client = (
        DrsClient.new_builder()
        .with_credentials(credentials)
        .with_region(Region("cn-north-4", server.url))
        .with_http_handler(handler)
        .build()
    )
    assert page_of(client, limit=10)["jobs"] == jobs[:10]
    assert asked == [
        f"{server.url}/v3/projects?name=cn-north-4",
        f"{server.url}/v5/{PROJECT}/batch-async-jobs?limit=10",
    ]
