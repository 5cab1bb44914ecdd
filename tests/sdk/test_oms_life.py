import json
import re
from datetime import datetime
from urllib.request import Request, urlopen

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkoms.v2 import (
    CreateSyncEventsRequest, CreateSyncTaskReq, CreateSyncTaskRequest, DeleteSyncTaskRequest, ListSyncTasksRequest,
    ListSyncTaskStatisticRequest, OmsAsyncClient, OmsClient, ShowSyncTaskRequest, SourceCdnReq, StartSyncTaskReq,
    StartSyncTaskRequest, StopSyncTaskRequest, SyncObjectReq)

from conftest import KEYS, NOW, World

PROJECT = "2c0689c860ad4728a497c91ec0844383"
TASK = "4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
SECRETS = {"src_ak": "AKSOURCE", "src_sk": "SKSOURCE", "dst_ak": "AKTARGET", "dst_sk": "SKTARGET"}
TYPES = ["REQUEST", "SUCCESS", "FAILURE", "SKIP", "SIZE"]
MONTHLY = [
    "monthly_acceptance_request", "monthly_success_object", "monthly_failure_object", "monthly_skip_object",
    "monthly_size"]
HOUR = 3_600_000
START = int(datetime.fromisoformat(NOW).timestamp() * 1000)


class Oms:
    """The vendor's client and the clock of the server it talks to."""

    def __init__(self, server):
        self.url, self.now = server.url, self.clock(server.url)
        credentials = BasicCredentials(*KEYS, PROJECT)
        self.client = OmsClient.new_builder().with_credentials(credentials).with_endpoint(server.url).build()

    @staticmethod
    def clock(url):
        now = json.load(urlopen(f"{url}/_syncmock/clock"))["now"]
        return int(datetime.fromisoformat(now).timestamp() * 1000)

    def advance(self, by):
        body = json.dumps({"by": by}).encode()
        urlopen(Request(f"{self.url}/_syncmock/clock/advance", body, {"Content-Type": "application/json"}))
        self.now = self.clock(self.url)

    def create(self, **more):
        body = {
            "src_cloud_type": "Aliyun", "src_region": "cn-beijing", "src_bucket": "src", "dst_region": "cn-north-4",
            "dst_bucket": "dst", **SECRETS, **more}
        request = CreateSyncTaskRequest(body=CreateSyncTaskReq(**body))
        return self.client.create_sync_task(request).sync_task_id

    def list(self, **query):
        return self.client.list_sync_tasks(ListSyncTasksRequest(**query))

    def show(self, task, at=None):
        return self.client.show_sync_task(ShowSyncTaskRequest(sync_task_id=task, query_time=at or self.now))

    def start(self, task, **more):
        body = StartSyncTaskReq(**{**SECRETS, **more})
        return self.client.start_sync_task(StartSyncTaskRequest(sync_task_id=task, body=body))

    def stop(self, task):
        return self.client.stop_sync_task(StopSyncTaskRequest(sync_task_id=task))

    def delete(self, task):
        return self.client.delete_sync_task(DeleteSyncTaskRequest(sync_task_id=task))

    def events(self, task, keys):
        body = SyncObjectReq(object_keys=keys)
        return self.client.create_sync_events(CreateSyncEventsRequest(sync_task_id=task, body=body))

    def sums(self, task, start, end):
        answer = self.client.list_sync_task_statistic(ListSyncTaskStatisticRequest(
            sync_task_id=task, data_type=",".join(TYPES), start_time=start, end_time=end))
        return [sum(point.statistic_num for point in entry.data) for entry in answer.statistic_datas]


@pytest.fixture
def oms(serve, request):
    """A server of the test's own."""
    seed = sum(request.node.name.encode())
    return Oms(serve(World(seed=seed)))


def refused(call, *arguments, **named):
    with pytest.raises(ClientRequestException) as caught:
        call(*arguments, **named)
    error = caught.value
    assert re.fullmatch("[0-9a-f]{32}", error.request_id) and error.error_msg
    return error.status_code, error.error_code


def monthly(task):
    return [getattr(task, name) for name in MONTHLY]


def test_the_life_of_a_task(oms):
    before = oms.list(limit=1).count
    task = oms.create(description="Product images")
    assert re.fullmatch(UUID, task)
    newest = oms.list(limit=1, offset=0)
    assert (newest.count, newest.tasks[0].sync_task_id, newest.tasks[0].status) == (before + 1, task, "SYNCHRONIZING")
    assert refused(oms.delete, task) == (400, "OMS.0066")
    assert refused(oms.start, task) == (400, "OMS.0066")

    born, seen = oms.now, [0] * 5
    for _ in range(4):
        oms.advance("30m")
        shown = oms.show(task)
        assert shown.status == "SYNCHRONIZING"
        assert monthly(shown) == oms.sums(task, born, oms.now)
        assert shown.monthly_acceptance_request > seen[0] and all(a >= b for a, b in zip(monthly(shown), seen))
        seen = monthly(shown)
    oms.stop(task)
    assert refused(oms.stop, task) == (400, "OMS.0066")
    assert refused(oms.events, task, ["a.png"]) == (400, "OMS.0066")
    oms.advance("2h")
    shown = oms.show(task)
    assert (shown.status, shown.create_time, shown.last_start_time) == ("STOPPED", born, born)
    assert monthly(shown) == oms.sums(task, born, oms.now)
    assert task in [row.sync_task_id for row in oms.list(status="STOPPED", limit=100).tasks]

    oms.start(task, source_cdn_authentication_key="CDNKEY")
    assert oms.show(task).last_start_time == oms.now
    oms.advance("3m")
    seen = oms.sums(task, born, oms.now)
    oms.events(task, ["images/a.png", "images/%E5%9B%BE.png"])
    after = oms.sums(task, born, oms.now)
    assert after[:2] == [seen[0] + 2, seen[1] + 2] and after[2:4] == seen[2:4] and after[4] > seen[4]
    assert monthly(oms.show(task)) == after

    oms.stop(task)
    oms.delete(task)
    assert refused(oms.show, task) == (404, "OMS.1009")
    assert refused(oms.delete, task) == (400, "OMS.1009")
    assert refused(oms.events, task, ["a.png"]) == (404, "OMS.1009")
    assert oms.list(limit=1).count == before


def test_a_created_task_is_told_back_without_its_keys(oms):
    cdn = SourceCdnReq(
        domain="cdn.example.com", protocol="https", authentication_type="ALIYUN_OSS_A", authentication_key="CDNKEY")
    task = oms.create(
        src_cloud_type="Tencent", app_id="1250000001", enable_restore=True, enable_metadata_migration=True,
        dst_storage_policy="IA", consistency_check="transmission", source_cdn=cdn, src_crypto_type="KMS",
        src_kms_key_id="c" * 36)
    row = oms.list(limit=1).tasks[0].to_dict()
    assert row == {
        "sync_task_id": task, "src_cloud_type": "Tencent", "src_region": "cn-beijing", "src_bucket": "src",
        "create_time": START, "last_start_time": START, "dst_bucket": "dst", "dst_region": "cn-north-4",
        "description": "", "status": "SYNCHRONIZING", "enable_metadata_migration": True, "enable_restore": True,
        "app_id": "1250000001", "object_overwrite_mode": "SIZE_LAST_MODIFIED_COMPARISON_OVERWRITE",
        "dst_storage_policy": "IA", "consistency_check": "no_check",
        "source_cdn": {"domain": "cdn.example.com", "protocol": "https", "authentication_type": "ALIYUN_OSS_A"}}
    shown = oms.show(task).to_dict()
    row.pop("source_cdn")
    assert row.items() <= shown.items() and set(shown) - set(row) == set(MONTHLY)
    log = json.dumps(json.load(urlopen(f"{oms.url}/_syncmock/refusals")))
    assert not any(secret in log for secret in [*SECRETS.values(), "CDNKEY", "c" * 36])


def test_pages_are_cut_by_record_and_filters_count(oms):
    for _ in range(3):
        oms.create()
        oms.advance("1s")
    everything = oms.list(limit=100)
    ids = [row.sync_task_id for row in everything.tasks]
    assert everything.count == len(ids) == len(set(ids)) and len(oms.list().tasks) == 10
    walked = [row.sync_task_id for start in range(0, len(ids), 7) for row in oms.list(limit=7, offset=start).tasks]
    assert walked == ids
    assert [row.create_time for row in everything.tasks] == sorted(
        (row.create_time for row in everything.tasks), reverse=True)
    for status in ("SYNCHRONIZING", "STOPPED"):
        wanted = [row.sync_task_id for row in everything.tasks if row.status == status]
        found = oms.list(limit=100, status=status)
        assert (found.count, [row.sync_task_id for row in found.tasks]) == (len(wanted), wanted)


def test_every_task_has_what_terraform_dereferences(oms):
    for row in oms.list(limit=100).tasks:
        for name in ("create_time", "last_start_time", "status", "src_cloud_type", "object_overwrite_mode",
                     "consistency_check"):
            assert getattr(row, name) and getattr(oms.show(row.sync_task_id), name) == getattr(row, name)


def test_a_month_is_the_one_that_the_query_time_lies_in(oms):
    """2026-03-01 begins at 2026-02-28T16:00:00Z in China."""
    march = int(datetime.fromisoformat("2026-02-28T16:00:00Z").timestamp() * 1000)
    february = march - 28 * 24 * HOUR
    assert monthly(oms.show(TASK)) == oms.sums(TASK, march, oms.now)
    assert monthly(oms.show(TASK, at=march - 1)) == oms.sums(TASK, february, march - 1)
    assert monthly(oms.show(TASK, at=march)) == monthly(oms.show(TASK))


@pytest.mark.parametrize("more", [
    {"src_ak": None}, {"dst_sk": "x" * 101}, {"src_cloud_type": "GoogleCloud"}, {"description": "x" * 256},
    {"dst_storage_policy": "COLD"}, {"src_cloud_type": "Tencent"}, {"src_crypto_type": "KMS"},
])
def test_a_bad_creation_is_a_client_request_exception(serve, more):
    assert refused(Oms(serve()).create, **more) == (400, "OMS.0064")


def test_other_refusals_are_client_request_exceptions(serve):
    oms = Oms(serve())
    assert refused(oms.create, description="a & b") == (400, "OMS.0078")
    assert refused(oms.events, TASK, []) == (400, "OMS.0064")
    assert refused(oms.events, TASK, ["a"] * 11) == (400, "OMS.0064")
    assert refused(oms.list, limit=101) == (400, "OMS.0064")
    assert refused(oms.list, offset=10001) == (400, "OMS.0064")
    assert refused(oms.list, status="RUNNING") == (400, "OMS.0064")
    assert refused(oms.show, "nothing") == (404, "OMS.1009")
    for call in (oms.start, oms.stop, oms.delete):
        assert refused(call, "nothing") == (400, "OMS.1009")


def test_the_asynchronous_client_reads_the_same(oms):
    credentials = BasicCredentials(*KEYS, PROJECT)
    client = OmsAsyncClient.new_builder().with_credentials(credentials).with_endpoint(oms.url).build()
    future = client.list_sync_tasks_async(ListSyncTasksRequest(limit=3))
    assert future.result().to_dict() == oms.list(limit=3).to_dict()
