import pytest

import test_authing
import test_drs
import test_dts
import test_eiam
import test_oms
from conftest import World

REQUIRED = World(set=("gateway.credentials=required",))


@pytest.mark.parametrize("client", [test_eiam.tea, test_eiam.tea_v2, test_eiam.legacy_core])
def test_eiam_clients_bring_what_a_strict_gateway_requires(serve, client):
    assert client(serve(REQUIRED))(MaxResults=1)["SynchronizationJobs"]


@pytest.mark.parametrize("client", [test_dts.Tea, test_dts.TeaV2, test_dts.Legacy])
def test_dts_clients_bring_what_a_strict_gateway_requires(serve, client):
    assert client(serve(REQUIRED)).jobs(PageNum=1, PageSize=30)["SynchronizationInstances"]


def test_the_authing_client_brings_what_a_strict_gateway_requires(serve):
    answer = test_authing.connect(serve(REQUIRED)).list_sync_jobs(test_authing.TASK)
    assert answer["data"]["list"]


def test_the_drs_client_brings_what_a_strict_gateway_requires(serve):
    assert test_drs.page_of(test_drs.connect(serve(REQUIRED)))["jobs"]


def test_the_oms_client_brings_what_a_strict_gateway_requires(serve):
    client = test_oms.connect(serve(REQUIRED))
    answer = test_oms.statistic(client, test_oms.END - test_oms.DAY, test_oms.END, ["REQUEST"])
    assert answer["statistic_datas"][0]["data"]
