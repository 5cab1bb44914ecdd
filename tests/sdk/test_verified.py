import json
import urllib.request

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from alibabacloud_tea_openapi.exceptions import ClientException, ThrottlingException
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkdrs.v5 import ListAsyncJobsRequest

import test_authing
import test_drs
import test_dts
import test_eiam
import test_oms
from conftest import KEYS, World


def live(*changes):
    return World(now=None, speed=None, set=("gateway.credentials=verified", *changes))


RIGHT = live()
OTHER_SECRET = live('credentials=[{ id = "testid", secret = "othersecret" }]')
NOBODY = live('credentials=[{ id = "somebody", secret = "testsecret" }]')
ONE_CALL = live('gateway.quota=[{ limit = 1, window = "1h" }]')
ALIBABA = [test_eiam.tea, test_eiam.tea_v2, test_eiam.legacy_core]


def control(server, path, method="GET", **body):
    request = urllib.request.Request(
        f"{server.url}/_syncmock/{path}", method=method, data=json.dumps(body).encode() if body else None)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def last_refusal(server):
    return control(server, "refusals")["refusals"][0]


@pytest.mark.parametrize("client", ALIBABA)
def test_eiam_clients_sign_as_the_gateway_verifies(serve, client):
    page = client(serve(RIGHT))(MaxResults=3, TargetType="identity_provider")
    assert page["SynchronizationJobs"]


@pytest.mark.parametrize("client", [test_dts.Tea, test_dts.TeaV2, test_dts.Legacy])
def test_dts_clients_sign_as_the_gateway_verifies(serve, client):
    assert client(serve(RIGHT)).jobs(PageNum=1, PageSize=30)["SynchronizationInstances"]


def test_the_authing_client_gets_a_token_that_verifies(serve):
    answer = test_authing.connect(serve(RIGHT)).list_sync_jobs(test_authing.TASK)
    assert answer["data"]["list"]


def test_the_drs_client_signs_as_the_gateway_verifies(serve):
    assert test_drs.page_of(test_drs.connect(serve(RIGHT)), status="COMMIT_SUCCESS")["jobs"]


def test_the_oms_client_signs_as_the_gateway_verifies(serve):
    answer = test_oms.statistic(test_oms.connect(serve(RIGHT)), 0, 1)
    assert len(answer["statistic_datas"]) == 5


@pytest.mark.parametrize("client", [test_eiam.tea, test_eiam.tea_v2])
def test_a_wrong_secret_is_a_signature_that_does_not_match(serve, client):
    server = serve(OTHER_SECRET)
    with pytest.raises(ClientException) as caught:
        client(server)(MaxResults=1)
    assert (caught.value.status_code, caught.value.code) == (400, "SignatureDoesNotMatch")
    refusal = last_refusal(server)
    assert refusal["request_id"] == caught.value.request_id
    assert refusal["explanation"]["cause"] == "wrong-secret"
    assert "othersecret" not in json.dumps(refusal) and "testsecret" not in json.dumps(refusal)


def test_the_older_client_finds_out_by_itself_that_its_secret_is_wrong(serve):
    with pytest.raises(ServerException) as caught:
        test_eiam.legacy_core(serve(OTHER_SECRET))(MaxResults=1)
    assert (caught.value.get_http_status(), caught.value.get_error_code()) == (400, "InvalidAccessKeySecret")


@pytest.mark.parametrize("client", [test_dts.Tea, test_dts.TeaV2])
def test_a_wrong_secret_is_a_signature_that_does_not_match_at_dts_too(serve, client):
    with pytest.raises(ClientException) as caught:
        client(serve(OTHER_SECRET)).jobs(PageNum=1, PageSize=30)
    assert (caught.value.status_code, caught.value.code) == (400, "SignatureDoesNotMatch")


def test_a_wrong_secret_is_an_incorrect_authentication_at_oms_too(serve):
    with pytest.raises(ClientRequestException) as caught:
        test_oms.statistic(test_oms.connect(serve(OTHER_SECRET)), 0, 1)
    assert (caught.value.status_code, caught.value.error_code) == (401, "APIGW.0301")


@pytest.mark.parametrize("client", [test_eiam.tea, test_eiam.tea_v2])
def test_an_unknown_key_is_not_found(serve, client):
    with pytest.raises(ClientException) as caught:
        client(serve(NOBODY))(MaxResults=1)
    assert (caught.value.status_code, caught.value.code) == (404, "InvalidAccessKeyId.NotFound")


def test_a_wrong_secret_gets_no_authing_token(serve):
    with pytest.raises(Exception) as caught:
        test_authing.connect(serve(OTHER_SECRET)).list_sync_jobs(test_authing.TASK)
    assert type(caught.value).__name__ == "AuthingException"


def test_a_wrong_secret_is_an_incorrect_authentication_at_huawei(serve):
    server = serve(OTHER_SECRET)
    with pytest.raises(ClientRequestException) as caught:
        test_drs.page_of(test_drs.connect(server))
    assert (caught.value.status_code, caught.value.error_code) == (401, "APIGW.0301")
    assert "verify aksk signature fail" in caught.value.error_msg
    assert caught.value.request_id == last_refusal(server)["request_id"]
    assert last_refusal(server)["explanation"]["cause"] == "wrong-secret"


def test_a_throttled_tea_client_raises_its_throttling_exception(serve):
    list_jobs = test_eiam.tea(serve(ONE_CALL, "tea"))
    list_jobs(MaxResults=1)
    with pytest.raises(ThrottlingException) as caught:
        list_jobs(MaxResults=1)
    assert caught.value.code == "Throttling.User"


def test_a_throttled_older_client_sees_the_code(serve):
    list_jobs = test_eiam.legacy_core(serve(ONE_CALL, "legacy"))
    list_jobs(MaxResults=1)
    with pytest.raises(ServerException) as caught:
        list_jobs(MaxResults=1)
    assert caught.value.get_error_code() == "Throttling.User"


def test_a_throttled_authing_client_gets_the_documented_body(serve):
    client = test_authing.connect(serve(ONE_CALL, "authing"))
    assert client.list_sync_jobs(test_authing.TASK)["statusCode"] == 200
    answer = client.list_sync_jobs(test_authing.TASK)
    assert answer["statusCode"] == 429 and "data" not in answer


def test_a_throttled_huawei_client_sees_429_and_loses_the_body(serve):
    client = test_drs.connect(serve(ONE_CALL, "drs"))
    test_drs.page_of(client)
    with pytest.raises(ClientRequestException) as caught:
        test_drs.page_of(client)
    assert (caught.value.status_code, caught.value.error_code) == (429, "429")


def test_an_expired_authing_token_is_refused_and_the_client_does_not_fetch_another(serve):
    server = serve(RIGHT, "expired authing")
    client = test_authing.connect(server)
    assert client.list_sync_jobs(test_authing.TASK)["statusCode"] == 200
    control(server, "clock/advance", "POST", by="3h")
    answer = client.list_sync_jobs(test_authing.TASK)
    assert answer["statusCode"] == 401
    assert last_refusal(server)["explanation"]["cause"] == "token-expired"


def huawei_token(server):
    user = {"name": KEYS[0], "password": KEYS[1], "domain": {"name": "domain_name1"}}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "cn-north-4"}}}
    request = urllib.request.Request(
        f"{server.url}/v3/auth/tokens?nocatalog=true", method="POST",
        data=json.dumps({"auth": auth}).encode(), headers={"Content-Type": "application/json;charset=utf8"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201
        return answer.headers["X-Subject-Token"]


def test_a_huawei_token_opens_the_project_until_it_expires(serve):
    server = serve(RIGHT, "expired huawei")
    client, token = test_drs.connect(server), huawei_token(server)

    def jobs():
        invoker = client.list_async_jobs_invoker(ListAsyncJobsRequest(limit=1))
        return invoker.add_header("X-Auth-Token", token).add_header("Authorization", "").invoke().jobs

    assert jobs()
    control(server, "clock/advance", "POST", by="25h")
    with pytest.raises(ClientRequestException) as caught:
        jobs()
    assert (caught.value.status_code, caught.value.error_code) == (401, "APIGW.0307")
