import itertools

import pytest
from authing import ManagementClient

from conftest import KEYS, World

TASK = 1000
TRIGGERS = {"manually", "timed", "automatic"}


def connect(server):
    return ManagementClient(*KEYS, host=server.url)


def pages_of(client, limit, trigger=None, task=TASK):
    for number in itertools.count(1):
        answer = client.list_sync_jobs(task, page=number, limit=limit, sync_trigger=trigger)
        assert answer["statusCode"] == 200, answer
        if not answer["data"]["list"]:
            return
        yield answer["data"]


def jobs_of(pages):
    return [job for page in pages for job in page["list"]]


def assert_newest_first(jobs):
    runs = [job["createdAt"] for job in jobs if job["syncTrigger"] == "manually"]
    assert runs == sorted(runs, reverse=True)
    # A timed or automatic task has one record, which stands where its last run began.
    assert all(newer["updatedAt"] >= older["createdAt"] for newer, older in itertools.pairwise(jobs))


def assert_whole(pages, limit, task=TASK):
    jobs = jobs_of(pages)
    assert jobs
    assert {page["totalCount"] for page in pages} == {len(jobs)}
    assert len({job["syncJobId"] for job in jobs}) == len(jobs)
    assert {job["syncTaskId"] for job in jobs} == {task}
    assert_newest_first(jobs)
    assert all(len(page["list"]) == limit for page in pages[:-1])
    return jobs


def test_the_client_fetches_its_own_token(serve):
    client = connect(serve())
    token, pool = client.http_client.token_provider.get_access_token()
    assert token.count(".") == 2
    assert pool
    assert client.list_sync_jobs(TASK)["statusCode"] == 200


def test_the_list_is_an_array_of_ten_by_default(serve):
    answer = connect(serve()).list_sync_jobs(TASK)
    assert isinstance(answer["data"]["list"], list)
    assert len(answer["data"]["list"]) == min(10, answer["data"]["totalCount"])


@pytest.mark.parametrize("limit", [7, 50])
def test_every_page_is_walked(serve, limit):
    assert_whole(list(pages_of(connect(serve()), limit)), limit)


def test_pages_of_one_walk_every_job(serve):
    client = connect(serve(World(set=("authing.jobs.count=23",))))
    assert len(assert_whole(list(pages_of(client, 1)), 1)) == 23


@pytest.mark.parametrize("limit", [7, 50])
def test_an_odd_count_loses_nothing_and_shows_nothing_twice(serve, limit):
    client = connect(serve(World(set=("authing.jobs.count=1237",))))
    assert len(assert_whole(list(pages_of(client, limit)), limit)) == 1237


def test_the_trigger_filter_keeps_exactly_its_jobs(serve):
    client = connect(serve())
    tasks = [task for task in range(TASK, TASK + 10) if client.list_sync_jobs(task)["statusCode"] == 200]
    seen = set()
    for task in tasks:
        jobs = assert_whole(list(pages_of(client, 50, task=task)), 50, task)
        seen |= {job["syncTrigger"] for job in jobs}
        for trigger in TRIGGERS:
            pages = list(pages_of(client, 50, trigger, task))
            expected = [job for job in jobs if job["syncTrigger"] == trigger]
            assert jobs_of(pages) == expected
            assert {page["totalCount"] for page in pages} <= {len(expected)}
    assert seen == TRIGGERS


@pytest.mark.parametrize("query, field", [
    ({"sync_task_id": TASK, "limit": 51}, "limit"),
    ({"sync_task_id": TASK, "page": 0}, "page"),
    ({"sync_task_id": 0}, "syncTaskId"),
])
def test_a_bad_parameter_is_a_dict_with_status_code_400(serve, query, field):
    answer = connect(serve()).list_sync_jobs(**query)
    assert answer["statusCode"] == 400
    assert field in answer["message"]
    assert not answer.get("data")


def test_a_page_past_the_end_is_empty_and_keeps_the_count(serve):
    client = connect(serve())
    total = client.list_sync_jobs(TASK)["data"]["totalCount"]
    assert client.list_sync_jobs(TASK, page=total + 1, limit=50)["data"] == {"totalCount": total, "list": []}
