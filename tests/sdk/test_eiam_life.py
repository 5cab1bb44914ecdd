"""A synchronization job from the search for its target to the file with its result."""

import csv
import io
import json
import urllib.error
import urllib.request
from collections import Counter

import pytest
from alibabacloud_eiam20211201 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkeiam.request.v20211201 import (
    DisableIdentityProviderUdPullRequest,
    EnableIdentityProviderUdPullRequest,
    GetIdentityProviderUdPullConfigurationRequest,
    ListApplicationsRequest,
    ListIdentityProvidersRequest,
    ListInstancesRequest,
    RunSynchronizationJobRequest,
)

from conftest import KEYS, World
from test_eiam import INSTANCE, tea_client

PROVIDER = "idp_my664lwkhpicbyzirog3xxxxx"
APPLICATION = "app_mkv7rgt4d7i4u7zqtzev2mxxxx"
PATHS = 'eiam.created.paths=[["pending 10s", "running 2m", "partial_success"], ["pending 2s", "running 2 looks", "success"]]'
TARGETS = (
    'eiam.target=[{ id = "%s" }, { id = "%s" }, { id = "idp_unchecked", last_status_check = "failed" },'
    ' { id = "idp_ldap", identity_provider_type = "urn:alibaba:idaas:idp:unknown:ldap:pull" },'
    ' { id = "idp_out", direction = "egress" }]' % (PROVIDER, APPLICATION)
)


# Servers that change are shared with no other test: each has a seed of its own.
def life(seed):
    return World(seed=seed, set=(PATHS, TARGETS))


def advance(server, by):
    request = urllib.request.Request(
        f"{server.url}/_syncmock/clock/advance", json.dumps({"by": by}).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def asker(server):
    """The current SDK, its answers as maps."""
    client = tea_client(server)

    def ask(action, **parameters):
        method = "".join("_" + c.lower() if c.isupper() else c for c in action).lstrip("_")
        request = getattr(models, f"{action}Request")().from_map({"InstanceId": INSTANCE, **parameters})
        return getattr(client, method)(request).body.to_map()

    return ask


def refusal(ask, action, **parameters):
    with pytest.raises(ClientException) as caught:
        ask(action, **parameters)
    error = caught.value
    assert error.message == f"code: {error.status_code}, {error.data['Message']} request id: {error.request_id}"
    return error.status_code, error.code


def test_a_job_is_run_watched_and_read_to_its_end(serve):
    server = serve(life(41))
    ask = asker(server)

    provider = ask("ListIdentityProviders", Direction="ingress")["IdentityProviders"][0]
    assert provider["LastStatusCheckJobResult"] == "success" and provider["UdPullStatus"] == "enabled"
    target = {"TargetId": provider["IdentityProviderId"], "TargetType": "identity_provider"}

    # Nothing is pulled while the pull is off.
    advance(server, "1s")
    ask("DisableIdentityProviderUdPull", IdentityProviderId=target["TargetId"])
    rows = ask("ListIdentityProviders")["IdentityProviders"]
    [row] = [row for row in rows if row["IdentityProviderId"] == target["TargetId"]]
    detail = ask("GetIdentityProvider", IdentityProviderId=target["TargetId"])["IdentityProviderDetail"]
    assert row["UdPullStatus"] == detail["UdPullStatus"] == "disabled"
    assert row["UpdateTime"] == detail["UpdateTime"] > provider["UpdateTime"]
    assert refusal(ask, "RunSynchronizationJob", **target) == (403, "OperationDenied.UdPullDisabled")
    ask("EnableIdentityProviderUdPull", IdentityProviderId=target["TargetId"])

    before = ask("ListSynchronizationJobs", MaxResults=1)["TotalCount"]
    job = {"SynchronizationJobId": ask(
        "RunSynchronizationJob", **target, Description="by hand", PasswordInitialization=True,
        UserIdentityTypes=["username", "email"], FieldSelectionEnabled=False,
        SelectedFieldNames=["displayName"])["SynchronizationJobId"]}

    def shown():
        return ask("GetSynchronizationJob", **job)["SynchronizationJob"]

    first = shown()
    assert (first["Status"], first["TriggerType"], first["TargetId"]) == ("pending", "manual", target["TargetId"])
    assert "EndTime" not in first
    assert refusal(ask, "GenerateDownloadUrlForSynchronizationJob", **job) == (403, "IncorrectStatus.SynchronizationJob")
    newest = ask("ListSynchronizationJobs", MaxResults=1)
    assert newest["TotalCount"] == before + 1
    assert newest["SynchronizationJobs"][0]["SynchronizationJobId"] == job["SynchronizationJobId"]
    assert newest["SynchronizationJobs"][0]["Description"] == "by hand"

    advance(server, "10s")
    assert shown()["Status"] == "running"
    running = ask("ListSynchronizationJobs", Status="running", TargetIds=[target["TargetId"]])
    assert job["SynchronizationJobId"] in [row["SynchronizationJobId"] for row in running["SynchronizationJobs"]]
    advance(server, "2m")
    last = shown()
    assert last["Status"] == "partial_success"
    assert last["EndTime"] - last["StartTime"] == 130_000
    assert last["Result"]["ErrorCode"] and last["Result"]["ErrorMessage"]

    url = ask("GenerateDownloadUrlForSynchronizationJob", **job)["FileDownloadUrl"]
    with urllib.request.urlopen(url) as answer:
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=\"eiam_synchronization_job_")
        rows = list(csv.DictReader(io.StringIO(answer.read().decode(), newline="")))
    counts = Counter()
    for row in rows:
        counts[row["EntityType"], row["Operation"], row["Result"]] += int(row["Count"])
    groups = {"UserStatistics": "user", "OrganizationalUnitStatistics": "organizational_unit",
              "GroupStatistics": "group", "GroupMemberStatistics": "group_member"}
    for name, kind in groups.items():
        for operation, tally in last["Result"][name].items():
            for result in ("Success", "Failed", "Skipped"):
                assert counts[kind, operation.lower(), result.lower()] == tally[result]
    failed = [row for row in rows if row["Result"] == "failed"]
    assert failed and all(row["ErrorCode"] == last["Result"]["ErrorCode"] for row in failed)

    def forbidden(url):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(url)
        return caught.value.code

    assert forbidden(url.replace("Expires=1", "Expires=2")) == 403
    advance(server, "61m")
    assert forbidden(url) == 403


def test_the_next_jobs_succeed_by_being_looked_at(serve):
    server = serve(life(42))
    ask = asker(server)
    target = {"TargetId": APPLICATION, "TargetType": "application"}
    ask("RunSynchronizationJob", **target)
    job = {"SynchronizationJobId": ask("RunSynchronizationJob", **target)["SynchronizationJobId"]}
    advance(server, "2s")
    seen = [ask("GetSynchronizationJob", **job)["SynchronizationJob"]["Status"] for _ in range(3)]
    assert seen == ["running", "running", "success"]


def test_what_can_not_be_done_is_a_client_exception(serve):
    ask = asker(serve(life(43)))
    run = {"TargetId": "idp_unchecked", "TargetType": "identity_provider"}
    assert refusal(ask, "RunSynchronizationJob", **run) == (403, "OperationDenied.StatusCheckNotSuccess")
    run["TargetType"] = "application"
    assert refusal(ask, "RunSynchronizationJob", **run) == (404, "ResourceNotFound.Application")
    assert refusal(ask, "RunSynchronizationJob", TargetId=PROVIDER) == (400, "MissingTargetType")
    assert refusal(ask, "EnableIdentityProviderUdPull", IdentityProviderId="idp_out") == (403, "OperationDenied.UdPullUnsupported")
    assert refusal(ask, "GetIdentityProvider", IdentityProviderId="idp_nobody") == (404, "ResourceNotFound.IdentityProvider")
    assert refusal(ask, "GetApplicationProvisioningConfig", ApplicationId="app_nobody") == (404, "ResourceNotFound.Application")
    assert refusal(ask, "ListApplications", PageSize=101) == (400, "InvalidPageSize")
    unknown = {"SynchronizationJobId": "sync_nobody"}
    assert refusal(ask, "GenerateDownloadUrlForSynchronizationJob", **unknown) == (404, "ResourceNotFound.SynchronizationJob")


def test_targets_are_read_by_the_current_sdk(serve):
    ask = asker(serve(life(44)))
    listed = ask("ListIdentityProviders", PageSize=100)
    providers = listed["IdentityProviders"]
    assert listed["TotalCount"] == len(providers) == 8
    for row in providers:
        detail = ask("GetIdentityProvider", IdentityProviderId=row["IdentityProviderId"])["IdentityProviderDetail"]
        shared = set(detail) & set(row)
        assert len(shared) >= 15
        assert {name: detail[name] for name in shared} == {name: row[name] for name in shared}
        query = {"IdentityProviderId": row["IdentityProviderId"]}
        pull = ask("GetIdentityProviderUdPullConfiguration", **query)["UdPullConfiguration"]
        push = ask("GetIdentityProviderUdPushConfiguration", **query)["UdPushConfiguration"]
        assert pull["IdentityProviderId"] == push["IdentityProviderId"] == row["IdentityProviderId"]
        if row["UdPushStatus"] == "enabled":
            assert push["UdSyncScopeConfigs"] == detail["UdPushConfig"]["UdSyncScopeConfigs"]
        else:
            assert pull["UdSyncScopeConfig"]["TargetScope"] == row["UdPullTargetScope"]
            assert pull["PullProtectedRule"]["UserDeletedThreshold"] > 0
    assert "LdapConfig" in ask("GetIdentityProvider", IdentityProviderId="idp_ldap")["IdentityProviderDetail"]
    assert "LdapUdPullConfig" in ask(
        "GetIdentityProviderUdPullConfiguration", IdentityProviderId="idp_ldap")["UdPullConfiguration"]
    assert [row["IdentityProviderId"] for row in ask("ListIdentityProviders", Direction="push")["IdentityProviders"]] == ["idp_out"]

    applications = ask("ListApplications")["Applications"]
    assert len(applications) == 4
    for row in applications:
        assert "provision" in json.loads(row["Features"])
        found = ask("ListApplications", ApplicationIds=[row["ApplicationId"]], Status=row["Status"],
                    ApplicationName=row["ApplicationName"][:2], SsoType=f"saml2,{row['SsoType']}")
        assert found["Applications"] == [row]
        config = ask("GetApplicationProvisioningConfig", ApplicationId=row["ApplicationId"])
        config = config["ApplicationProvisioningConfig"]
        kind = {"idaas_callback": "CallbackProvisioningConfig", "scim2": "ScimProvisioningConfig"}
        assert kind[config["ProvisionProtocolType"]] in config

    request = models.ListInstancesRequest(instance_ids=[INSTANCE], status="running")
    instance, = tea_client(serve(life(44))).list_instances(request).body.instances
    assert (instance.instance_id, instance.default_endpoint.status) == (INSTANCE, "resolved")


def test_every_target_of_a_job_is_one_that_is_listed(serve):
    ask = asker(serve(life(44)))
    jobs = ask("ListSynchronizationJobs", MaxResults=100)["SynchronizationJobs"]
    targets = {(row["TargetType"], row["TargetId"]) for row in jobs}
    providers = ask("ListIdentityProviders", PageSize=100)["IdentityProviders"]
    applications = ask("ListApplications", PageSize=100)["Applications"]
    assert targets <= {("identity_provider", row["IdentityProviderId"]) for row in providers} | {
        ("application", row["ApplicationId"]) for row in applications}


def test_the_legacy_sdk_runs_a_job_and_switches_a_pull(serve):
    server = serve(life(45))
    client = AcsClient(*KEYS, "cn-hangzhou")

    def ask(module, **parameters):
        request = getattr(module, module.__name__.rsplit(".", 1)[1])()
        request.set_endpoint(server.host)
        request.set_protocol_type("http")
        for name, value in parameters.items():
            getattr(request, "set_" + name)(value)
        return json.loads(client.do_action_with_exception(request))

    there = {"InstanceId": INSTANCE}
    provider = {**there, "IdentityProviderId": PROVIDER}
    run = {**there, "TargetId": PROVIDER, "TargetType": "identity_provider",
           "SynchronizationScopeConfig": {"UserIds": ["user_1", "user_2"]}, "UserIdentityTypes": ["username"]}
    assert ask(ListInstancesRequest, InstanceIds=[INSTANCE])["TotalCount"] == 1
    assert ask(ListIdentityProvidersRequest, **there, PageSize=2)["TotalCount"] == 8
    assert ask(ListApplicationsRequest, **there, ApplicationIds=[APPLICATION])["TotalCount"] == 1
    assert ask(RunSynchronizationJobRequest, **run)["SynchronizationJobId"].startswith("sync_")
    ask(DisableIdentityProviderUdPullRequest, **provider)
    config = ask(GetIdentityProviderUdPullConfigurationRequest, **provider)["UdPullConfiguration"]
    assert config["PeriodicSyncStatus"] == config["IncrementalCallbackStatus"] == "disabled"
    with pytest.raises(ServerException) as caught:
        ask(RunSynchronizationJobRequest, **run)
    assert (caught.value.get_http_status(), caught.value.get_error_code()) == (403, "OperationDenied.UdPullDisabled")
    ask(EnableIdentityProviderUdPullRequest, **provider)
    ask(RunSynchronizationJobRequest, **run)
