import asyncio
import itertools
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from alibabacloud_eiam20211201.client import Client
from alibabacloud_eiam20211201.models import GetSynchronizationJobRequest, ListSynchronizationJobsRequest
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from aliyunsdkeiam.request.v20211201 import ListSynchronizationJobsRequest as legacy

from conftest import KEYS, World

INSTANCE = "idaas_ue2jvisn35ea5lmthk267xxxxx"
ODD = World(set=("eiam.jobs.count=1237",))
BUSY = World(set=("eiam.jobs.every=10s", "eiam.jobs.waiting=30s"))
UUID = r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"

VALUES = {
    "TargetType": ["identity_provider", "application"],
    "Direction": ["ingress", "egress"],
    "Status": ["pending", "running", "failed", "partial_success", "success"],
}

REFUSED = [
    ({"MaxResults": 101}, 400, "InvalidMaxResults", "Specified parameter MaxResults is not valid."),
    ({"InstanceId": "idaas_nobody"}, 404, "ResourceNotFound.Instance", ""),
    ({"NextToken": "bad"}, 400, "InvalidNextToken", "Specified parameter NextToken is not valid."),
]


def tea_client(server, signature=None):
    return Client(Config(
        endpoint=server.host, protocol="http", signature_algorithm=signature,
        access_key_id=KEYS[0], access_key_secret=KEYS[1]))


def tea(server, signature=None):
    client = tea_client(server, signature)

    def list_jobs(**query):
        request = ListSynchronizationJobsRequest().from_map({"InstanceId": INSTANCE, **query})
        return client.list_synchronization_jobs(request).body.to_map()

    return list_jobs


def tea_v2(server):
    return tea(server, "v2")


def legacy_request(server, **query):
    request = legacy.ListSynchronizationJobsRequest()
    request.set_endpoint(server.host)
    request.set_protocol_type("http")
    for name, value in {"InstanceId": INSTANCE, **query}.items():
        getattr(request, "set_" + name)(value)
    return request


def legacy_core(server):
    client = AcsClient(*KEYS, "cn-hangzhou")

    def list_jobs(**query):
        return json.loads(client.do_action_with_exception(legacy_request(server, **query)))

    return list_jobs


def pages_by_token(list_jobs, size, **query):
    page = list_jobs(MaxResults=size, **query)
    yield page
    while "NextToken" in page:
        page = list_jobs(MaxResults=size, NextToken=page["NextToken"], **query)
        yield page


def pages_by_number(list_jobs, size, **query):
    for number in itertools.count(1):
        page = list_jobs(PageNumber=number, PageSize=size, **query)
        if not page["SynchronizationJobs"]:
            return
        yield page


def jobs_of(pages):
    return [job for page in pages for job in page["SynchronizationJobs"]]


def ids_of(jobs):
    return [job["SynchronizationJobId"] for job in jobs]


def assert_whole(pages, size):
    jobs = jobs_of(pages)
    assert jobs
    assert {page["TotalCount"] for page in pages} == {len(jobs)}
    assert len(set(ids_of(jobs))) == len(jobs)
    starts = [job["StartTime"] for job in jobs]
    assert starts == sorted(starts, reverse=True)
    assert all(len(page["SynchronizationJobs"]) == size for page in pages[:-1])
    return jobs


@pytest.fixture(scope="module")
def called_jobs(call):
    def list_jobs(**query):
        return call("eiam", "ListSynchronizationJobs", InstanceId=INSTANCE, **query)

    return jobs_of(pages_by_token(list_jobs, 100))


@pytest.mark.parametrize("size", [1, 7, 20, 100])
@pytest.mark.parametrize("traverse", [pages_by_token, pages_by_number])
@pytest.mark.parametrize("client", [tea, tea_v2, legacy_core])
def test_every_page_is_walked_and_shows_the_jobs_of_the_command_line(serve, called_jobs, client, traverse, size):
    jobs = assert_whole(list(traverse(client(serve()), size)), size)
    if client is legacy_core:
        assert jobs == called_jobs
    else:
        assert ids_of(jobs) == ids_of(called_jobs)


@pytest.mark.parametrize("size", [7, 100])
@pytest.mark.parametrize("traverse", [pages_by_token, pages_by_number])
def test_an_odd_count_loses_nothing_and_shows_nothing_twice(serve, traverse, size):
    jobs = assert_whole(list(traverse(tea(serve(ODD)), size)), size)
    assert len(jobs) == 1237


def test_the_async_client_walks_the_same_jobs(serve, called_jobs):
    client = tea_client(serve())

    async def traverse():
        ids, token = [], None
        while True:
            request = ListSynchronizationJobsRequest(instance_id=INSTANCE, max_results=100, next_token=token)
            body = (await client.list_synchronization_jobs_async(request)).body
            ids += [job.synchronization_job_id for job in body.synchronization_jobs]
            token = body.next_token
            if token is None:
                return ids

    assert asyncio.run(traverse()) == ids_of(called_jobs)


@pytest.mark.parametrize("client", [tea, tea_v2, legacy_core])
def test_the_last_page_has_no_next_token_and_earlier_ones_do(serve, client):
    list_jobs = client(serve())
    total = list_jobs(MaxResults=1)["TotalCount"]
    pages = list(pages_by_token(list_jobs, 20))
    assert len(pages) == -(-total // 20)
    assert all(page["NextToken"] for page in pages[:-1])
    request = ListSynchronizationJobsRequest(
        instance_id=INSTANCE, max_results=20, next_token=pages[-2]["NextToken"])
    assert tea_client(serve()).list_synchronization_jobs(request).body.next_token is None


def test_no_paging_parameter_means_the_first_twenty_without_a_token(serve, called_jobs):
    page = legacy_core(serve())()
    assert page["SynchronizationJobs"] == called_jobs[:20]
    assert "NextToken" not in page


@pytest.mark.parametrize("name", VALUES)
def test_a_filter_keeps_exactly_the_jobs_with_the_value(serve, name):
    list_jobs = tea(serve(BUSY))
    jobs = jobs_of(pages_by_token(list_jobs, 100))
    assert {job[name] for job in jobs} == set(VALUES[name])
    for value in VALUES[name]:
        expected = ids_of(job for job in jobs if job[name] == value)
        pages = list(pages_by_token(list_jobs, 100, **{name: value}))
        assert ids_of(jobs_of(pages)) == expected
        assert {page["TotalCount"] for page in pages} == {len(expected)}


@pytest.mark.parametrize("client", [tea, tea_v2, legacy_core])
def test_target_ids_keep_the_jobs_of_any_of_them(serve, called_jobs, client):
    list_jobs = client(serve())
    targets = sorted({job["TargetId"] for job in called_jobs})
    for wanted in (targets[:1], targets[-1:], targets[:2], targets, ["idp_nobody"]):
        expected = ids_of(job for job in called_jobs if job["TargetId"] in wanted)
        assert ids_of(jobs_of(pages_by_token(list_jobs, 100, TargetIds=wanted))) == expected


def test_start_and_end_time_are_a_window_over_the_start_of_jobs(serve, called_jobs):
    starts = sorted({job["StartTime"] for job in called_jobs})
    early, late = starts[len(starts) // 4] - 1, starts[len(starts) // 2] + 1
    for window in ({"StartTime": early}, {"EndTime": late}, {"StartTime": early, "EndTime": late}):
        low, high = window.get("StartTime", 0), window.get("EndTime", float("inf"))
        expected = ids_of(job for job in called_jobs if low <= job["StartTime"] <= high)
        assert 0 < len(expected) < len(called_jobs)
        assert ids_of(jobs_of(pages_by_token(tea(serve()), 100, **window))) == expected


def test_filters_combine(serve, called_jobs):
    query = {"Status": "success", "Direction": called_jobs[0]["Direction"], "TargetType": "identity_provider"}
    expected = ids_of(job for job in called_jobs if query.items() <= job.items())
    for traverse in (pages_by_token, pages_by_number):
        assert ids_of(jobs_of(traverse(tea(serve()), 7, **query))) == expected


@pytest.mark.parametrize("client", [tea, tea_v2])
@pytest.mark.parametrize("query, status, code, message", REFUSED)
def test_a_refusal_is_the_client_exception_of_the_current_sdk(serve, client, query, status, code, message):
    with pytest.raises(ClientException) as caught:
        client(serve())(**query)
    error = caught.value
    assert (error.status_code, error.code) == (status, code)
    assert re.fullmatch(UUID, error.request_id)
    assert re.fullmatch(f"code: {status}, {re.escape(message) or '.+'} request id: {error.request_id}", error.message)


@pytest.mark.parametrize("query, status, code, message", REFUSED)
def test_a_refusal_is_the_server_exception_of_the_legacy_sdk(serve, query, status, code, message):
    with pytest.raises(ServerException) as caught:
        legacy_core(serve())(**query)
    error = caught.value
    assert (error.get_http_status(), error.get_error_code()) == (status, code)
    assert re.fullmatch(re.escape(message) or ".+", error.get_error_msg())
    assert re.fullmatch(UUID, error.get_request_id())


def test_a_token_of_one_process_continues_on_another(serve, called_jobs):
    ask = itertools.cycle([tea(serve()), tea(serve(copy=2))])
    jobs = jobs_of(pages_by_token(lambda **query: next(ask)(**query), 7))
    assert ids_of(jobs) == ids_of(called_jobs)


def test_a_common_request_may_carry_its_parameters_in_a_form_body(serve, called_jobs):
    target = called_jobs[0]["TargetId"]
    request = CommonRequest(domain=serve().host, version="2021-12-01", action_name="ListSynchronizationJobs")
    request.set_method("POST")
    request.set_protocol_type("http")
    for name, value in {"InstanceId": INSTANCE, "TargetIds.1": target, "MaxResults": "5"}.items():
        request.add_body_params(name, value)
    page = json.loads(AcsClient(*KEYS, "cn-hangzhou").do_action_with_exception(request))
    assert page["SynchronizationJobs"] == [job for job in called_jobs if job["TargetId"] == target][:5]


def test_xml_repeats_the_list_element_and_holds_the_same_jobs(serve, called_jobs):
    request = legacy_request(serve(), MaxResults=20)
    request.set_accept_format("XML")
    body = AcsClient(*KEYS, "cn-hangzhou").do_action(request)
    assert body.startswith(b"<?xml version='1.0' encoding='UTF-8'?><ListSynchronizationJobsResponse>")
    root = ElementTree.fromstring(body)
    assert root.findtext("TotalCount") == str(len(called_jobs))
    found = [job.findtext("SynchronizationJobId") for job in root.findall("SynchronizationJobs")]
    assert found == ids_of(called_jobs[:20])
    statuses = [job.findtext("Status") for job in root.findall("SynchronizationJobs")]
    assert statuses == [job["Status"] for job in called_jobs[:20]]


def test_a_job_by_its_id_is_its_row_of_the_list(serve):
    server = serve()
    client = tea_client(server)
    row = tea(server)(MaxResults=1)["SynchronizationJobs"][0]
    request = GetSynchronizationJobRequest().from_map(
        {"InstanceId": INSTANCE, "SynchronizationJobId": row["SynchronizationJobId"]})
    job = client.get_synchronization_job(request).body.to_map()["SynchronizationJob"]
    for name in ("SynchronizationJobId", "TargetId", "StartTime", "EndTime", "Status"):
        assert job[name] == row[name]
    request.synchronization_job_id = "sync_nobody"
    with pytest.raises(ClientException) as caught:
        client.get_synchronization_job(request)
    assert (caught.value.status_code, caught.value.code) == (404, "ResourceNotFound.SynchronizationJob")
