from datetime import datetime

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkoms.v2 import ListSyncTaskStatisticRequest, OmsClient

from conftest import KEYS, NOW

PROJECT = "2c0689c860ad4728a497c91ec0844383"
TASK = "4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb"
TYPES = ["REQUEST", "SUCCESS", "FAILURE", "SKIP", "SIZE"]

MINUTES = 60_000
HOUR = 60 * MINUTES
DAY = 24 * HOUR
END = int(datetime.fromisoformat(NOW).timestamp() * 1000)


def connect(server):
    credentials = BasicCredentials(*KEYS, PROJECT)
    return OmsClient.new_builder().with_credentials(credentials).with_endpoint(server.url).build()


def statistic(client, start, end, types=TYPES, task=TASK):
    request = ListSyncTaskStatisticRequest(
        sync_task_id=task, data_type=",".join(types), start_time=start, end_time=end)
    return client.list_sync_task_statistic(request).to_dict()


def series_of(answer):
    return {
        entry["data_type"]: {point["time_stamp"]: point["statistic_num"] for point in entry["data"]}
        for entry in answer["statistic_datas"]
    }


def assert_stamps(answer, width, start, end):
    for entry in answer["statistic_datas"]:
        stamps = [point["time_stamp"] for point in entry["data"]]
        assert stamps == sorted(set(stamps))
        assert all(stamp % width == 0 for stamp in stamps)
        assert all(start - width < stamp <= end for stamp in stamps)
        assert all(point["statistic_num"] > 0 for point in entry["data"])


def test_a_day_of_all_five_types_comes_in_five_minute_buckets(serve):
    answer = statistic(connect(serve()), END - DAY, END)
    assert answer["sync_task_id"] == TASK
    assert answer["statistic_time_type"] == "FIVE_MINUTES"
    assert [entry["data_type"] for entry in answer["statistic_datas"]] == TYPES
    assert_stamps(answer, 5 * MINUTES, END - DAY, END)
    series = series_of(answer)
    assert all(series[name] for name in ("REQUEST", "SUCCESS", "SIZE"))


def test_no_closed_bucket_settles_more_objects_than_were_requested(serve):
    series = series_of(statistic(connect(serve()), END - DAY, END))
    for stamp in set().union(*series.values()):
        if stamp + 5 * MINUTES <= END:
            settled = sum(series[name].get(stamp, 0) for name in ("SUCCESS", "FAILURE", "SKIP"))
            assert settled <= series["REQUEST"].get(stamp, 0), stamp


def test_types_come_in_the_order_asked_for(serve):
    for types in (["SIZE"], ["SKIP", "REQUEST"], TYPES[::-1]):
        answer = statistic(connect(serve()), END - DAY, END, types)
        assert [entry["data_type"] for entry in answer["statistic_datas"]] == types


def test_hours_of_three_days_are_the_sums_of_their_five_minutes(serve):
    client = connect(serve())
    answer = statistic(client, END - 3 * DAY, END)
    assert answer["statistic_time_type"] == "ONE_HOUR"
    assert_stamps(answer, HOUR, END - 3 * DAY, END)

    sums = {name: {} for name in TYPES}
    for day in range(3, 0, -1):
        start = END - day * DAY
        end = start + DAY - (1 if day > 1 else 0)
        for name, buckets in series_of(statistic(client, start, end)).items():
            for stamp, number in buckets.items():
                hour = stamp - stamp % HOUR
                sums[name][hour] = sums[name].get(hour, 0) + number
    assert series_of(answer) == sums
    assert sums["REQUEST"]


def test_an_unknown_task_is_a_client_request_exception(serve):
    with pytest.raises(ClientRequestException) as caught:
        statistic(connect(serve()), END - DAY, END, task="00000000-0000-4000-8000-000000000000")
    error = caught.value
    assert (error.status_code, error.error_code) == (404, "OMS.1009")
    assert error.error_msg


@pytest.mark.parametrize("start, end, types", [
    (None, END, TYPES), (END - DAY, None, TYPES), (END, END - DAY, TYPES), (-1, END, TYPES), (END - DAY, END, ["LOST"]),
])
def test_a_bad_range_or_type_is_a_client_request_exception(serve, start, end, types):
    with pytest.raises(ClientRequestException) as caught:
        statistic(connect(serve()), start, end, types)
    assert (caught.value.status_code, caught.value.error_code) == (400, "OMS.0064")
