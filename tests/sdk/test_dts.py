import itertools
import json
import re

import pytest
from alibabacloud_dts20200101 import models
from alibabacloud_dts20200101.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkdts.request.v20200101 import DescribeSynchronizationJobsRequest as legacy_jobs
from aliyunsdkdts.request.v20200101 import DescribeSynchronizationJobStatusListRequest as legacy_status

from conftest import KEYS, World

DOCS = World("docs", now=None, speed=None)
DOCUMENTED = ["dtsexjk1alb116****", "dtskfq1149w254****"]
STATES = {
    "NotStarted", "Prechecking", "PrecheckFailed", "Initializing", "InitializeFailed",
    "Synchronizing", "Failed", "Suspending", "Modifying", "Finished",
}
FIRST = {
    "SynchronizationJobId": DOCUMENTED[0],
    "SynchronizationDirectionInfoList": [{"Status": "InitializeFailed", "SynchronizationDirection": "Forward"}],
}
SECOND = {
    "SynchronizationJobId": DOCUMENTED[1],
    "SynchronizationDirectionInfoList": [
        {"Status": "Failed", "Checkpoint": "1610524457", "SynchronizationDirection": "Forward"}],
}
REFUSED = [
    ({}, 400, "MissingSynchronizationJobIdListJsonStr", "SynchronizationJobIdListJsonStr is mandatory for this action."),
    ({"SynchronizationJobIdListJsonStr": "dtsexjk1alb116****"}, 403, "InvalidParameter", ""),
    ({"SynchronizationJobIdListJsonStr": '{"id": "dtsexjk1alb116****"}'}, 403, "InvalidParameter", ""),
    ({"SynchronizationJobIdListJsonStr": "[1, 2]"}, 403, "InvalidParameter", ""),
]


class Tea:
    def __init__(self, server, signature=None):
        self.client = Client(Config(
            endpoint=server.host, protocol="http", region_id="cn-hangzhou", signature_algorithm=signature,
            access_key_id=KEYS[0], access_key_secret=KEYS[1]))

    def statuses(self, **query):
        request = models.DescribeSynchronizationJobStatusListRequest().from_map(query)
        return self.client.describe_synchronization_job_status_list(request).body.to_map()

    def jobs(self, **query):
        request = models.DescribeSynchronizationJobsRequest().from_map(query)
        return self.client.describe_synchronization_jobs(request).body.to_map()


class TeaV2(Tea):
    def __init__(self, server):
        super().__init__(server, "v2")


class Legacy:
    def __init__(self, server):
        self.host = server.host
        self.client = AcsClient(*KEYS, "cn-hangzhou")

    def ask(self, request, query):
        request.set_endpoint(self.host)
        request.set_protocol_type("http")
        for name, value in query.items():
            getattr(request, "set_" + name)(value)
        return json.loads(self.client.do_action_with_exception(request))

    def statuses(self, **query):
        return self.ask(legacy_status.DescribeSynchronizationJobStatusListRequest(), query)

    def jobs(self, **query):
        return self.ask(legacy_jobs.DescribeSynchronizationJobsRequest(), query)


every_client = pytest.mark.parametrize("client", [Tea, TeaV2, Legacy])


def statuses_of(client, ids):
    return client.statuses(SynchronizationJobIdListJsonStr=json.dumps(ids))


def jobs_of(jobs):
    for number in itertools.count(1):
        page = jobs(PageNum=number, PageSize=30)
        if not page["SynchronizationInstances"]:
            return
        yield from page["SynchronizationInstances"]


@pytest.fixture(scope="module")
def called_ids(call):
    rows = jobs_of(lambda **query: call("dts", "DescribeSynchronizationJobs", **query))
    return [row["SynchronizationJobId"] for row in rows]


@every_client
def test_the_documented_ids_have_the_documented_states(serve, client):
    page = statuses_of(client(serve(DOCS)), DOCUMENTED)
    assert page["SynchronizationJobListStatusList"] == [FIRST, SECOND]
    assert (page["PageNumber"], page["PageRecordCount"], page["TotalRecordCount"]) == (1, 2, 2)
    assert page["Success"] is True


@every_client
def test_an_unknown_id_is_left_out(serve, client):
    page = statuses_of(client(serve(DOCS)), [DOCUMENTED[0], "dtsunknown00000000", DOCUMENTED[1]])
    assert page["SynchronizationJobListStatusList"] == [FIRST, SECOND]
    assert (page["PageRecordCount"], page["TotalRecordCount"]) == (2, 2)


@every_client
def test_only_unknown_ids_or_none_give_an_empty_list(serve, client):
    for ids in (["dtsunknown00000000"], []):
        page = statuses_of(client(serve(DOCS)), ids)
        assert page["SynchronizationJobListStatusList"] == []
        assert page["TotalRecordCount"] == 0


@every_client
def test_a_duplicate_id_collapses(serve, client):
    page = statuses_of(client(serve(DOCS)), DOCUMENTED[:1] * 3)
    assert page["SynchronizationJobListStatusList"] == [FIRST]
    assert page["TotalRecordCount"] == 1


@pytest.mark.parametrize("client", [Tea, TeaV2])
@pytest.mark.parametrize("query, status, code, message", REFUSED)
def test_a_refusal_is_the_client_exception_of_the_current_sdk(serve, client, query, status, code, message):
    with pytest.raises(ClientException) as caught:
        client(serve(DOCS)).statuses(**query)
    error = caught.value
    assert (error.status_code, error.code) == (status, code)
    assert error.request_id
    assert re.fullmatch(f"code: {status}, {re.escape(message) or '.+'} request id: {error.request_id}", error.message)


@pytest.mark.parametrize("query, status, code, message", REFUSED)
def test_a_refusal_is_the_server_exception_of_the_legacy_sdk(serve, query, status, code, message):
    with pytest.raises(ServerException) as caught:
        Legacy(serve(DOCS)).statuses(**query)
    error = caught.value
    assert (error.get_http_status(), error.get_error_code()) == (status, code)
    assert re.fullmatch(re.escape(message) or ".+", error.get_error_msg())


@every_client
def test_every_listed_job_has_a_state_of_the_documented_ten(serve, called_ids, client):
    assert called_ids
    sdk = client(serve())
    for first in range(0, len(called_ids), 30):
        ids = called_ids[first:first + 30]
        rows = statuses_of(sdk, ids)["SynchronizationJobListStatusList"]
        assert sorted(row["SynchronizationJobId"] for row in rows) == sorted(ids)
        directions = [each for row in rows for each in row["SynchronizationDirectionInfoList"]]
        assert len(directions) >= len(ids)
        assert {each["Status"] for each in directions} <= STATES
        assert {each["SynchronizationDirection"] for each in directions} <= {"Forward", "Reverse"}


@every_client
def test_the_job_list_is_walked_page_by_page(serve, called_ids, client):
    sdk = client(serve())
    ids = [row["SynchronizationJobId"] for row in jobs_of(sdk.jobs)]
    assert ids == called_ids
    assert len(set(ids)) == len(ids) == sdk.jobs(PageNum=1, PageSize=30)["TotalRecordCount"]
