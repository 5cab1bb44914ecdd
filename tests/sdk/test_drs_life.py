"""The life of a batch of jobs, as the vendor's own client meets it."""

import json
import re
import urllib.request

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkdrs.v5 import (
    AsyncCreateJobReq, BaseEndpoint, BatchAsyncCreateJobReq, BatchAsyncUpdateJobReq, BatchCreateJobsAsyncRequest,
    CloudBaseInfo, CommitAsyncJobRequest, DbObject, JobBaseInfo, JobEndpointInfo, JobNodeInfo, JobNodeSpecInfo,
    ListAsyncJobDetailRequest, ListAsyncJobsRequest, ListJobsRequest, PolicyConfig, ResourceTag, UpdateBatchAsyncJobsRequest,
    UpdateJob, UpdateJobReq,
)

from conftest import World
from test_drs import PROJECT, connect

INSTANCE = "c2c7579bc09c490b9d8009db715aeb0ain14"


def endpoints():
    source = JobEndpointInfo(
        db_type="oracle", endpoint_type="offline", endpoint_role="so",
        endpoint=BaseEndpoint(
            endpoint_name="oracle", ip="10.154.217.239", db_port="1521", db_user="ORACLE_USER",
            db_password="source-password", db_name="serviceName.orcl",
        ),
    )
    target = JobEndpointInfo(
        db_type="gaussdbv5", endpoint_type="cloud", endpoint_role="ta",
        endpoint=BaseEndpoint(
            endpoint_name="cloud_gaussdbv5", db_user="root", db_password="target-password", instance_id=INSTANCE,
        ),
        cloud=CloudBaseInfo(region="cn-north-4", project_id=PROJECT),
    )
    return {"source_endpoint": [source], "target_endpoint": [target]}


def base(name, **more):
    return JobBaseInfo(**{
        "name": name, "job_type": "sync", "engine_type": "oracle-to-gaussdbv5", "job_direction": "up",
        "task_type": "FULL_INCR_TRANS", "net_type": "eip", "expired_days": "14",
        "tags": [ResourceTag(key="test", value="test")], **more,
    })


def job(name, **more):
    return AsyncCreateJobReq(
        base_info=base(name, **more), policy_config=PolicyConfig(conflict_policy="ignore"),
        db_object=DbObject(object_scope="all"), node_info=JobNodeInfo(spec=JobNodeSpecInfo(node_type="high")),
        **endpoints(),
    )


class Drs:
    """The client's operations as they are used here, and the clock of the server."""

    def __init__(self, server):
        self.server = server
        self.client = connect(server)

    def advance(self, by):
        body = json.dumps({"by": by}).encode()
        request = urllib.request.Request(f"{self.server.url}/_syncmock/clock/advance", body, method="POST")
        urllib.request.urlopen(request).close()

    def create(self, *jobs):
        body = BatchAsyncCreateJobReq(jobs=list(jobs))
        return self.client.batch_create_jobs_async(BatchCreateJobsAsyncRequest(body=body)).job.async_job_id

    def status(self, batch):
        found = self.client.list_async_jobs(ListAsyncJobsRequest(async_job_id=batch))
        assert found.total_count == 1
        return found.jobs[0].status

    def newest(self, status):
        return self.client.list_async_jobs(ListAsyncJobsRequest(status=status, limit=1)).jobs[0].async_job_id

    def detail(self, batch, **page):
        return self.client.list_async_job_detail(ListAsyncJobDetailRequest(async_job_id=batch, **page))

    def update(self, batch, *wishes):
        body = BatchAsyncUpdateJobReq(jobs=list(wishes))
        return self.client.update_batch_async_jobs(UpdateBatchAsyncJobsRequest(async_job_id=batch, body=body)).jobs

    def commit(self, batch):
        return self.client.commit_async_job(CommitAsyncJobRequest(async_job_id=batch)).job

    def jobs(self, **query):
        return self.client.list_jobs(ListJobsRequest(**{"job_type": "sync", **query}))


def refused(call, *arguments):
    with pytest.raises(ClientRequestException) as caught:
        call(*arguments)
    error = caught.value
    assert re.fullmatch("[0-9a-f]{32}", error.request_id)
    return error.status_code, error.error_code, error.error_msg


WRONG_STATE = (400, "DRS.M00304", "This API cannot be called in the current task status.")
NO_SUCH_JOB = (400, "DRS.10000010", "Job does not exist, please check job ID.")


@pytest.fixture
def drs(serve, request):
    # A world of its own: these tests change it.
    return Drs(serve(World(seed=4), copy=request.node.name))


def test_a_batch_from_its_creation_to_the_transfer_of_its_jobs(drs):
    waiting = drs.newest("AUTO_PARAM_VALIDATE_SUCCESS")
    assert drs.detail(waiting).total_count == 1
    batch = drs.create(job("orders"), job("customers", net_type="vpc"))
    assert drs.newest("ASYNC_JOB_VALIDATING") == batch
    assert drs.status(batch) == "ASYNC_JOB_VALIDATING"
    assert refused(drs.commit, batch) == WRONG_STATE
    assert refused(drs.update, batch, UpdateJobReq(type="precheck", params=UpdateJob())) == WRONG_STATE
    drs.advance("10m")
    assert drs.status(batch) == "AUTO_PARAM_VALIDATE_SUCCESS"

    detail = drs.detail(batch)
    assert (detail.total_count, len(detail.jobs)) == (2, 2)
    first, second = detail.jobs
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{7}jb\w{3}", first.id)
    assert (first.status, first.base_info.name, second.base_info.net_type) == ("CREATING", "orders", "vpc")
    assert first.source_endpoint[0].endpoint.db_user == "ORACLE_USER"
    assert not hasattr(first.source_endpoint[0].endpoint, "db_password") or not first.source_endpoint[0].endpoint.db_password
    assert first.target_endpoint[0].endpoint.instance_id == INSTANCE
    assert drs.detail(batch, offset=1, limit=1).jobs[0].id == second.id
    ids = f"{first.id},{second.id}"
    assert drs.jobs(name=ids).total_count == 0

    renamed = UpdateJob(job_id=second.id, base_info=base("clients"))
    outcomes = drs.update(batch, UpdateJobReq(type="all", params=renamed))
    assert [(row.id, row.name, row.status) for row in outcomes] == [(second.id, "clients", "success")]
    assert drs.status(batch) == "ASYNC_JOB_VALIDATING"
    drs.advance("10m")
    assert drs.detail(batch).jobs[1].base_info.name == "clients"

    committed = drs.commit(batch)
    assert (committed.async_job_id, committed.status) == (batch, "COMMIT_SUCCESS")
    assert committed.msg
    assert refused(drs.commit, batch) == WRONG_STATE
    assert drs.status(batch) == "COMMIT_SUCCESS"
    rows = drs.jobs(name=ids, sort_key="name", sort_dir="asc").jobs
    assert [row.name for row in rows] == ["clients", "orders"]
    assert {row.id for row in rows} == {first.id, second.id}
    states = []
    while len(states) < 4:
        row = drs.jobs(name=first.id).jobs[0]
        assert row.status == drs.detail(batch).jobs[0].status
        if row.status not in states:
            states.append(row.status)
            assert row.job_action.current_action == {"CREATING": "CREATE", "STARTJOBING": "START"}.get(row.status, "")
        drs.advance("30s")
        if row.status in ("CREATE_FAILED", "START_JOB_FAILED"):
            break
    assert states[0] == "CREATING"


def test_what_is_wrong_is_found_by_the_validation_and_mended(drs):
    batch = drs.create(job("with_fault", net_type="lan"))
    drs.advance("10m")
    assert drs.status(batch) == "ASYNC_JOB_VALIDATE_FAILED"
    assert "The value of parameter base_info.net_type is invalid." in str(drs.detail(batch).jobs[0].base_info.net_type)
    assert refused(drs.commit, batch) == WRONG_STATE
    outcomes = drs.update(
        batch,
        UpdateJobReq(type="all", params=UpdateJob(base_info=base("with_fault"))),
        UpdateJobReq(type="all", params=UpdateJob(job_id="nobody", base_info=base("nobody"))),
    )
    assert [row.status for row in outcomes] == ["success", "failed"]
    assert (outcomes[1].error_code, outcomes[1].error_msg) == NO_SUCH_JOB[1:]
    drs.advance("10m")
    assert drs.commit(batch).status == "COMMIT_SUCCESS"


def test_conflicts_and_unknown_ids_are_client_request_exceptions(drs):
    drs.create(job("orders"))
    assert refused(drs.create, job("ORDERS")) == (422, "DRS.M00277", "The task name already exists.")
    assert refused(drs.create) == (400, "DRS.M00201", "The parameter jobs is empty.")
    nobody = "00000000-0000-4000-8000-000000000000"
    precheck = UpdateJobReq(type="precheck", params=UpdateJob())
    for error in (refused(drs.commit, nobody), refused(drs.detail, nobody), refused(drs.update, nobody, precheck)):
        assert error == NO_SUCH_JOB
    assert refused(lambda: drs.jobs(job_type=None)) == (400, "DRS.M00201", "The parameter job_type is empty.")


def test_jobs_are_paged_and_filtered(drs):
    pages = [drs.jobs(limit=7, offset=offset) for offset in range(0, 1000, 7)]
    jobs = [row for page in pages for row in page.jobs]
    assert {page.total_count for page in pages} == {len(jobs)} and jobs
    assert len({row.id for row in jobs}) == len(jobs)
    times = [row.create_time for row in jobs]
    assert times == sorted(times, reverse=True)
    for name in ("status", "engine_type", "net_type", "enterprise_project_id"):
        for value in {getattr(row, name) for row in jobs}:
            found = drs.jobs(limit=1000, **{name: value}).jobs
            assert [row.id for row in found] == [row.id for row in jobs if getattr(row, name) == value]
    for key, name in [("name", "name"), ("status", "status"), ("pay_mode", "charging_mode"), ("net_type", "net_type")]:
        values = [getattr(row, name) for row in drs.jobs(limit=1000, sort_key=key, sort_dir="asc").jobs]
        assert values == sorted(values) and len(values) == len(jobs)
    committed = drs.newest("COMMIT_SUCCESS")
    detail = drs.detail(committed).jobs[0]
    ends = [end.endpoint for end in detail.source_endpoint + detail.target_endpoint]
    instance = next(end.instance_id for end in ends if end.instance_id)
    address = next(end.ip for end in ends if end.ip)
    kind = detail.base_info.job_type
    for query in ({"instance_ids": ["nobody", instance]}, {"instance_ip": address}):
        found = drs.jobs(job_type=kind, limit=1000, **query)
        assert detail.id in [row.id for row in found.jobs]
    assert drs.jobs(instance_ids=["nobody"]).total_count == 0
    assert drs.jobs(job_type="replay").jobs == []
