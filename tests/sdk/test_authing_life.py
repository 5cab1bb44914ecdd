import json
import urllib.request

import pytest
from authing import ManagementClient

from conftest import KEYS, World

OWN = World(seed=4711, set=("authing.jobs.waiting=4s", "authing.jobs.duration=30s"))
MAPPING = [{"expression": "mobile", "targetKey": "phone"}]
LARK = {"larkConfig": {"app_id": "cli_a1", "app_secret": "verysecretvalue"}}


@pytest.fixture(scope="module")
def server(serve):
    return serve(OWN)


@pytest.fixture(scope="module")
def client(server):
    return ManagementClient(*KEYS, host=server.url)


def advance(server, by):
    request = urllib.request.Request(
        f"{server.url}/_syncmock/clock/advance",
        data=json.dumps({"by": by}).encode(),
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).read()


def data(answer):
    assert answer["statusCode"] == 200, answer
    return answer["data"]


def create(client, **more):
    wanted = {
        "field_mapping": MAPPING,
        "sync_task_trigger": "manually",
        "sync_task_flow": "upstream",
        "client_config": LARK,
        "sync_task_type": "lark",
        "sync_task_name": "飞书上游",
    }
    return client.create_sync_task(**{**wanted, **more})


def test_a_task_is_created_run_read_and_set_up_anew(server, client):
    task = data(create(client))
    task_id = task["syncTaskId"]
    assert task["lastSyncStatus"] == "free"
    assert "verysecretvalue" not in str(task)
    assert data(client.get_sync_task(task_id)) == task
    assert task in data(client.list_sync_tasks(page=1, limit=50))["list"]
    assert data(client.list_sync_jobs(task_id)) == {"totalCount": 0, "list": []}

    job_id = data(client.trigger_sync_task(task_id))["syncJobId"]
    seen = []
    for _ in range(40):
        job = data(client.get_sync_job(job_id))
        assert data(client.list_sync_jobs(task_id, sync_trigger="manually"))["list"] == [job]
        assert data(client.get_sync_task(task_id))["lastSyncStatus"] == job["syncStatus"]
        if seen[-1:] != [job["syncStatus"]]:
            seen.append(job["syncStatus"])
        if job["syncStatus"] == "onProgress":
            # It runs already: an answer, not an exception (run).
            again = client.trigger_sync_task(task_id)
            assert again["statusCode"] == 422
            assert str(task_id) in again["message"]
            assert "data" not in again
        advance(server, "1s")
    assert seen[:2] == ["pending", "onProgress"]
    assert seen[2] in ("success", "failed")

    columns = ["department", "departmentUpdate", "account", "accountUpdate"]
    succ = sum(job[f"{column}CountSucc"] for column in columns)
    everything = sum(job[f"{column}CountAll"] for column in columns)
    assert data(client.list_sync_job_logs(job_id))["totalCount"] == everything
    assert data(client.list_sync_job_logs(job_id, success=True))["totalCount"] == succ
    assert data(client.list_sync_job_logs(job_id, success=False))["totalCount"] == everything - succ
    lines = data(client.list_sync_job_logs(job_id, 1, 5, True, "UpdateUser", "USER"))["list"]
    assert {line["action"] for line in lines} == {"UpdateUser"}

    task = data(client.update_sync_task(
        task_id,
        sync_task_name="n2",
        sync_task_trigger="timed",
        timed_scheduler={"cycle": "twoHours", "startTime": 1772445600000},
    ))
    assert (task["syncTaskName"], task["syncTrigger"]) == ("n2", "timed")
    advance(server, "2h")
    timed = data(client.list_sync_jobs(task_id, sync_trigger="timed"))
    assert timed["totalCount"] == 1
    assert timed["list"][0]["syncJobId"] != job_id


def test_risk_operations_are_executed_and_canceled(server, client):
    tasks = data(client.list_sync_tasks(limit=50))["list"]
    downstream = [task["syncTaskId"] for task in tasks if task["syncFlow"] == "downstream"][-1]

    def operations(**filters):
        return data(client.list_sync_risk_operations(downstream, limit=50, **filters))["list"]

    pending = [o["syncRiskOperationId"] for o in operations(status=["PENDING"])]
    first, second = pending[:2]
    answer = data(client.trigger_sync_risk_operations([first, 999_999]))
    assert answer == {"successList": [first], "faildList": [999_999]}
    assert [o["syncRiskOperationId"] for o in operations(status=["EXECUTING"])] == [first]
    answer = data(client.cancel_sync_risk_operation([second]))
    assert answer == {"successList": [second], "faildList": []}
    advance(server, "10m")
    ended = {o["syncRiskOperationId"]: o["status"] for o in operations(status=["SUCCESS", "FAILED", "CANCELED"])}
    assert ended[first] in ("SUCCESS", "FAILED")
    assert ended[second] == "CANCELED"
    assert data(client.cancel_sync_risk_operation([second]))["faildList"] == [second]
    people = operations(object_type=["USER"])
    assert {o["objectType"] for o in people} == {"USER"}
    assert len(people) + len(operations(object_type=["DEPARTMENT"])) == len(operations())


def test_what_is_wrong_is_a_dict_with_the_status_code(client):
    assert create(client, client_config=None)["message"] == "Must contain one of the following fields: clientConfig"
    assert create(client, field_mapping=None)["message"] == "Must contain one of the following fields: fieldMapping"
    assert create(client, sync_task_flow="downstream")["message"] == "organizationCode should not be empty"
    answer = client.trigger_sync_task(0)
    assert (answer["statusCode"], answer["message"]) == (602, "no identity provider config found")
    empty = "must not be less than 1,{0} must be a number conforming to the specified constraints"
    assert client.get_sync_task(None)["message"] == "syncTaskId " + empty.format("syncTaskId")
    assert client.get_sync_job(None)["message"] == "syncJobId " + empty.format("syncJobId")
    for answer in (
        client.get_sync_task(77),
        client.get_sync_job(77),
        client.update_sync_task(77, sync_task_name="n"),
        client.list_sync_job_logs(77),
        client.list_sync_risk_operations(77),
    ):
        assert answer["statusCode"] == 404
        assert answer["requestId"]


def test_a_downstream_task_keeps_its_scope(client):
    task = data(create(
        client,
        sync_task_flow="downstream",
        organization_code="steamory",
        provisioning_scope={"all": False, "includeNewUsers": True},
    ))
    assert task["organizationCode"] == "steamory"
    assert task["provisioningScope"] == {"all": False, "includeNewUsers": True}
    assert data(client.list_sync_risk_operations(task["syncTaskId"])) == {"totalCount": 0, "list": []}


def test_writes_are_taken_with_verified_credentials_and_refused_without(serve):
    server = serve(World(seed=4712, set=("gateway.credentials=verified",)))
    assert data(create(ManagementClient(*KEYS, host=server.url)))["syncTaskType"] == "lark"
    with pytest.raises(Exception):
        create(ManagementClient(KEYS[0], "wrong", host=server.url))
