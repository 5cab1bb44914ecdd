"""What the vendors' clients make of each kind of fault: the table in docs/testing-clients.md."""
import json

import pytest
import requests
from aliyunsdkcore.acs_exception import exceptions as legacy
from alibabacloud_tea_openapi import exceptions as tea
from darabonba.exceptions import UnretryableException
from huaweicloudsdkcore.exceptions import exceptions as huawei

import test_authing
import test_drs
import test_eiam
import test_oms
from conftest import World
from test_verified import control

OWN = World(seed=77)
CLIENTS = {
    "tea": ("ListSynchronizationJobs", lambda server: test_eiam.tea(server)(MaxResults=3)["SynchronizationJobs"]),
    "legacy": (
        "ListSynchronizationJobs", lambda server: test_eiam.legacy_core(server)(MaxResults=3)["SynchronizationJobs"]),
    "authing": (
        "list-sync-jobs",
        lambda server: test_authing.connect(server).list_sync_jobs(test_authing.TASK)["data"]["list"]),
    "drs": ("ListAsyncJobs", lambda server: test_drs.page_of(test_drs.connect(server), limit=3)["jobs"]),
    "oms": (
        "ListSyncTaskStatistic",
        lambda server: test_oms.statistic(test_oms.connect(server), 0, 1)["statistic_datas"]),
}
FINE = "an answer"
# No error, and no data: the caller cannot tell it from an answer.
SILENT = "nothing, silently"
HUAWEI_BODY = requests.exceptions.ChunkedEncodingError
JSON = json.JSONDecodeError
AUTHING_JSON = requests.exceptions.JSONDecodeError

KINDS = {
    "reset": ({"cut": "before-response"}, UnretryableException, legacy.ClientException,
              requests.ConnectionError, huawei.ConnectionException),
    "close": ({"cut": "before-response", "by": "close"}, UnretryableException, legacy.ClientException,
              requests.ConnectionError, huawei.ConnectionException),
    "reset in the headers": ({"cut": "mid-headers"}, UnretryableException, legacy.ClientException,
                             requests.ConnectionError, huawei.ConnectionException),
    "end in the headers": ({"cut": "mid-headers", "by": "close"}, UnretryableException, JSON, AUTHING_JSON, SILENT),
    "reset in the body": ({"cut": "mid-body"}, UnretryableException, legacy.ClientException,
                          requests.exceptions.ChunkedEncodingError, HUAWEI_BODY),
    "end in the body": ({"cut": "mid-body", "by": "close"}, UnretryableException, JSON,
                        requests.exceptions.ChunkedEncodingError, HUAWEI_BODY),
    "drip": ({"drip": "200 KB/s"}, FINE, FINE, FINE, FINE),
    "stall": ({"stall": "5ms"}, FINE, FINE, FINE, FINE),
    "delay": ({"delay": "5ms"}, FINE, FINE, FINE, FINE),
    "half a document": ({"garble": "json"}, UnretryableException, JSON, AUTHING_JSON, SILENT),
    # requests guesses an encoding for authing: where the byte lies in a text, nobody notices.
    "bad UTF-8": ({"garble": "utf8"}, UnretryableException, UnicodeDecodeError, FINE, FINE),
    "another content type": ({"garble": "content-type"}, FINE, FINE, FINE, FINE),
    "no body": ({"garble": "empty"}, UnretryableException, JSON, AUTHING_JSON, SILENT),
    "a proxy's page": ({"garble": "html-502"}, UnretryableException, legacy.ServerException, AUTHING_JSON,
                       huawei.ServerResponseException),
    "a bad chunk": ({"garble": "chunk"}, UnretryableException, legacy.ClientException,
                    requests.exceptions.ChunkedEncodingError, HUAWEI_BODY),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_client_meets_each_fault_as_the_table_says(serve, client, kind):
    server = serve(OWN, copy="faults")
    operation, ask = CLIENTS[client]
    act, *outcomes = KINDS[kind]
    expected = outcomes[min(list(CLIENTS).index(client), 3)]
    control(server, "faults", "PUT", faults=[{"name": kind, "on": {"operation": operation}, "do": act}])
    try:
        if expected == FINE:
            assert ask(server)
        elif expected == SILENT:
            assert ask(server) is None
        else:
            with pytest.raises(expected) as caught:
                ask(server)
            assert not isinstance(caught.value, AssertionError)
        # None of them asks again by itself.
        assert control(server, "faults")["faults"][0]["happened"] == 1
    finally:
        control(server, "faults", "PUT", faults=[{"on": {"call": "1", "service": "iam"}, "do": {"status": 503}}])


def test_throttled_on_the_third_call_and_then_fine(serve):
    server = serve(OWN, copy="throttled")
    control(server, "faults", "PUT", faults=[{
        "on": {"operation": "ListSynchronizationJobs", "call": "3"},
        "do": {"refuse": "Throttling.User", "retry_after": "2s"}}])
    ask = test_eiam.tea(server)
    first = ask(MaxResults=3)
    assert ask(MaxResults=3)["SynchronizationJobs"] == first["SynchronizationJobs"]
    with pytest.raises(tea.ThrottlingException) as caught:
        ask(MaxResults=3)
    assert (caught.value.code, caught.value.retry_after) == ("Throttling.User", 2000)
    assert ask(MaxResults=3)["SynchronizationJobs"] == first["SynchronizationJobs"]
