import json
import urllib.request

import pytest
from alibabacloud_dts20200101 import models
from alibabacloud_dts20200101.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkdts.request.v20200101 import ConfigureSynchronizationJobRequest as legacy_configure
from aliyunsdkdts.request.v20200101 import CreateSynchronizationJobRequest as legacy_create
from aliyunsdkdts.request.v20200101 import DeleteSynchronizationJobRequest as legacy_delete
from aliyunsdkdts.request.v20200101 import DescribeDtsJobDetailRequest as legacy_detail
from aliyunsdkdts.request.v20200101 import DescribeDtsJobsRequest as legacy_dts_jobs
from aliyunsdkdts.request.v20200101 import DescribeInitializationStatusRequest as legacy_initialization
from aliyunsdkdts.request.v20200101 import DescribeSynchronizationJobStatusRequest as legacy_status
from aliyunsdkdts.request.v20200101 import ResetSynchronizationJobRequest as legacy_reset
from aliyunsdkdts.request.v20200101 import StartSynchronizationJobRequest as legacy_start
from aliyunsdkdts.request.v20200101 import SuspendSynchronizationJobRequest as legacy_suspend

from conftest import KEYS, World

PATH = '["Prechecking 30s", "PreCheckPass 5s", "Initializing 10m", "Synchronizing"]'


def world(seed):
    return World(seed=seed, set=(f"dts.created.paths=[{PATH}]",))


def client_of(server):
    return Client(Config(
        endpoint=server.host, protocol="http", region_id="cn-hangzhou",
        access_key_id=KEYS[0], access_key_secret=KEYS[1]))


def advance(server, by):
    request = urllib.request.Request(
        server.url + "/_syncmock/clock/advance", json.dumps({"by": by}).encode(),
        {"Content-Type": "application/json"}, method="POST")
    urllib.request.urlopen(request).close()


def order(**more):
    return models.CreateSynchronizationJobRequest(
        source_region="cn-hangzhou", dest_region="cn-hangzhou", synchronization_job_class="small",
        pay_type="PostPaid", **more)


def configuration(job, **more):
    return models.ConfigureSynchronizationJobRequest(
        synchronization_job_id=job, synchronization_job_name="orders to lake",
        data_initialization=True, structure_initialization=True,
        synchronization_objects=json.dumps([{"DBName": "orders", "TableIncludes": [{"TableName": "item"}]}]),
        source_endpoint=models.ConfigureSynchronizationJobRequestSourceEndpoint(
            instance_type="ECS", ip="10.0.0.1", port="3306", user_name="sync", password="verysecret"),
        destination_endpoint=models.ConfigureSynchronizationJobRequestDestinationEndpoint(
            instance_type="RDS", instance_id="rm-bp1lake"),
        **more)


def raised(call, request):
    with pytest.raises(ClientException) as caught:
        call(request)
    assert caught.value.request_id
    return caught.value.status_code, caught.value.code


def test_an_instance_is_bought_configured_paused_reset_and_released(serve):
    server = serve(world(71))
    client = client_of(server)
    request = order(client_token="story", topology="bidirectional")
    created = client.create_synchronization_job(request).body
    again = client.create_synchronization_job(request).body
    job = created.synchronization_job_id
    assert created.success is True
    assert again.synchronization_job_id == job and again.request_id != created.request_id
    other = order(client_token="story", topology="oneway")
    assert raised(client.create_synchronization_job, other) == (400, "IdempotentParameterMismatch")

    def detail(direction="Forward"):
        return client.describe_dts_job_detail(models.DescribeDtsJobDetailRequest(
            dts_instance_id=job, synchronization_direction=direction)).body

    def status(direction="Forward"):
        return client.describe_synchronization_job_status(models.DescribeSynchronizationJobStatusRequest(
            synchronization_job_id=job, synchronization_direction=direction)).body

    assert (detail().status, status().status) == ("NotConfigured", "notStarted")
    start = models.StartSynchronizationJobRequest(synchronization_job_id=job)
    assert raised(client.start_synchronization_job, start) == (403, "InvalidJobStatus")
    assert client.configure_synchronization_job(configuration(job)).body.success is True

    seen = []
    for _ in range(80):
        if detail().status not in seen:
            seen.append(detail().status)
        advance(server, "10s")
    assert seen == ["Prechecking", "PreCheckPass", "Initializing", "synchronizing"]
    done = status()
    assert done.synchronization_job_name == "orders to lake"
    assert (done.source_endpoint.instance_type, done.source_endpoint.ip) == ("ECS", "10.0.0.1")
    assert done.destination_endpoint.instance_id == "rm-bp1lake"
    assert done.synchronization_objects[0].table_includes[0].table_name == "item"
    assert done.precheck_status.status == "Success" and done.precheck_status.percent == "100"
    assert done.data_initialization == "true" and done.data_initialization_status.status == "Finished"
    assert done.delay == str(done.delay_millis // 1000)
    assert detail().checkpoint == int(done.checkpoint) and detail().delay == done.delay_millis
    assert detail().dts_job_id == done.task_id == job[3:] and detail().dts_job_direction == "Forward"
    assert (detail().success, detail().http_status_code, detail().code) == (True, 200, 200)
    assert (status("Reverse").status, detail("Reverse").status) == ("notStarted", "NotConfigured")

    suspend = models.SuspendSynchronizationJobRequest(synchronization_job_id=job)
    assert client.suspend_synchronization_job(suspend).body.success is True
    stopped = status()
    advance(server, "1h")
    assert stopped.status == status().status == "suspending"
    assert status().checkpoint == stopped.checkpoint
    assert status().delay_millis == stopped.delay_millis + 3_600_000
    assert raised(client.suspend_synchronization_job, suspend) == (403, "InvalidJobStatus")
    client.start_synchronization_job(start)
    advance(server, "2m")
    assert status().status == "synchronizing" and status().delay_millis < 60_000

    tables = client.describe_initialization_status(
        models.DescribeInitializationStatusRequest(synchronization_job_id=job, page_num=1, page_size=10)).body
    data, structure = tables.data_initialization_details[0], tables.structure_initialization_details[0]
    assert (data.table_name, data.status, data.finish_row_num) == ("item", "Finished", data.total_row_num)
    assert (structure.object_name, structure.object_type, structure.status) == ("item", "Table", "Finished")
    assert structure.constraints[0].status == "Finished"
    assert tables.data_synchronization_details[0].status == "Migrating"

    listed = client.describe_dts_jobs(models.DescribeDtsJobsRequest(
        job_type="SYNC", type="name", params="to lake", status="Synchronizing", page_size=10)).body
    assert listed.total_record_count == 1
    row = listed.dts_job_list[0]
    assert (row.dts_instance_id, row.dts_job_name, row.status) == (job, "orders to lake", "Synchronizing")
    assert row.delay == status().delay_millis // 1000 and row.checkpoint == status().checkpoint
    assert row.reverse_job.status == "NotConfigured" and row.reverse_job.dts_job_id != row.dts_job_id
    assert row.migration_mode.data_initialization is True
    assert client.describe_dts_jobs(models.DescribeDtsJobsRequest()).body.total_record_count == 0

    client.reset_synchronization_job(models.ResetSynchronizationJobRequest(synchronization_job_id=job))
    assert detail().status == "NotConfigured" and detail().dts_job_id != job[3:]
    delete = models.DeleteSynchronizationJobRequest(synchronization_job_id=job)
    assert client.delete_synchronization_job(delete).body.success is True
    assert (detail().status, status().status) == ("Finished", "finished")
    assert raised(client.delete_synchronization_job, delete) == (403, "InvalidJobId")
    advance(server, "5m")
    gone = models.DescribeDtsJobDetailRequest(dts_job_id=job[3:], dts_instance_id=job)
    assert raised(client.describe_dts_job_detail, gone) == (403, "Forbidden.InstanceNotFound")


def test_a_soft_refusal_is_not_raised(serve):
    client = client_of(serve(World(seed=72, set=("dts.quirks.errors=soft",))))
    body = client.suspend_synchronization_job(
        models.SuspendSynchronizationJobRequest(synchronization_job_id="dtsnobody")).body
    assert (body.success, body.err_code) == (False, "InvalidJobId") and body.err_message
    body = client.describe_dts_jobs(models.DescribeDtsJobsRequest(page_size=100_000)).body
    assert (body.success, body.err_code, body.dynamic_message) == (False, "InvalidParameter", "PageSize")
    assert "%s" in body.err_message


def test_the_legacy_sdk_drives_a_job_too(serve):
    server = serve(world(73))
    client = AcsClient(*KEYS, "cn-hangzhou")

    def ask(module, **parameters):
        name = module.__name__.rsplit(".", 1)[1]
        request = getattr(module, name)()
        request.set_endpoint(server.host)
        request.set_protocol_type("http")
        for key, value in parameters.items():
            getattr(request, "set_" + key)(value)
        return json.loads(client.do_action_with_exception(request))

    job = ask(legacy_create, SourceRegion="cn-hangzhou", DestRegion="cn-hangzhou", PayType="PostPaid",
              SynchronizationJobClass="micro", networkType="Intranet")["SynchronizationJobId"]
    ask(legacy_configure, SynchronizationJobId=job, DataInitialization=True, StructureInitialization=False,
        SynchronizationObjects='[{"DBName":"db1"}]', SourceEndpointPassword="verysecret")
    advance(server, "1m")
    assert ask(legacy_status, SynchronizationJobId=job)["Status"] == "initializating"
    assert ask(legacy_initialization, SynchronizationJobId=job)["StructureInitializationDetails"] == []
    advance(server, "1h")
    ask(legacy_suspend, SynchronizationJobId=job)
    assert ask(legacy_detail, DtsJobId=job[3:])["Status"] == "Suspending"
    ask(legacy_start, SynchronizationJobId=job)
    rows = ask(legacy_dts_jobs, JobType="SYNC", DtsInstanceId=job)["DtsJobList"]
    assert [row["Status"] for row in rows] == ["Synchronizing"]
    ask(legacy_reset, SynchronizationJobId=job)
    ask(legacy_delete, SynchronizationJobId=job)
    with pytest.raises(ServerException) as caught:
        ask(legacy_start, SynchronizationJobId=job)
    assert (caught.value.get_http_status(), caught.value.get_error_code()) == (403, "InvalidJobId")
