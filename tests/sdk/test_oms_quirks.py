"""What the vendor's Python client makes of each switch of [oms.quirks] that it can meet."""
import warnings

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkoms.v2 import ListSyncTaskStatisticRequest

from conftest import World
from test_oms_life import HOUR, START, TASK, Oms

LIMIT = 3


@pytest.fixture
def oms(serve):
    def connect(*quirks, copy=1):
        settings = tuple(f"oms.quirks.{quirk}" for quirk in quirks)
        return Oms(serve(World(set=("oms.tasks.count=6", *settings)), copy=copy))

    return connect


def statistic(oms, types, start=START - HOUR, end=START):
    return oms.client.list_sync_task_statistic(ListSyncTaskStatisticRequest(
        sync_task_id=TASK, data_type=types, start_time=start, end_time=end))


def traverse(oms):
    """As Terraform's provider does: until a page is not full."""
    ids = []
    for offset in range(0, 10 * LIMIT, LIMIT):
        rows = oms.list(limit=LIMIT, offset=offset).tasks
        ids += [row.sync_task_id for row in rows]
        if len(rows) < LIMIT:
            break
    return len(ids), len(set(ids))


@pytest.mark.parametrize("pages, rows, different", [
    ("exact", 7, 7), ("repeat", 10, 7), ("lose", 6, 6), ("short", 2, 2), ("empty_second", 3, 3), ("unstable", 7, 5),
])
def test_a_loop_until_a_short_page_loses_and_repeats_rows_without_a_word(oms, pages, rows, different):
    assert traverse(oms(f'pages="{pages}"')) == (rows, different)


def test_a_missing_total_is_none(oms):
    assert oms('total="missing"').list().count is None


@pytest.mark.parametrize("empty", ["null", "absent"])
def test_an_empty_list_that_is_null_or_absent_is_none(oms, empty):
    answer = oms(f'empty_list="{empty}"').list(offset=50)
    assert answer.tasks is None and answer.count == 7
    with pytest.raises(TypeError):
        list(answer.tasks)


def test_a_refused_offset_ends_a_loop_with_an_exception(oms):
    refusing = oms('past_the_end="refuse"')
    assert len(refusing.list(limit=7).tasks) == 7
    with pytest.raises(ClientRequestException) as caught:
        refusing.list(limit=7, offset=7)
    assert (caught.value.status_code, caught.value.error_code) == (400, "OMS.0064")


def test_a_limit_above_the_bound_goes_out_and_is_clamped_in_silence(serve):
    clamping = Oms(serve(World(set=("oms.tasks.count=130", 'oms.quirks.over_limit="clamp"'))))
    assert len(clamping.list(limit=1000).tasks) == 100


def test_a_created_task_is_not_found_by_stale_reads(oms):
    stale = oms('stale_reads="30s"', copy="own")
    stale.advance("1m")
    task = stale.create()
    with pytest.raises(ClientRequestException) as caught:
        stale.show(task)
    assert caught.value.status_code == 404 and stale.list().count == 7
    stale.advance("30s")
    assert stale.show(task).sync_task_id == task and stale.list().count == 8


def test_numbers_that_are_strings_are_numbers_again(oms):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        texts = statistic(oms('numbers="text"'), "REQUEST,SIZE").statistic_datas
    plain = statistic(oms(), "REQUEST,SIZE").statistic_datas
    pairs = [[(p.time_stamp, p.statistic_num) for p in entry.data] for entry in texts]
    assert pairs == [[(p.time_stamp, p.statistic_num) for p in entry.data] for entry in plain]
    assert all(type(number) is int for entry in pairs for pair in entry for number in pair)


@pytest.mark.parametrize("empty, entries, data", [
    ("empty_data", 1, []), ("null_data", 1, None), ("no_data", 1, None), ("no_entry", 0, None),
    ("no_statistic_datas", None, None),
])
def test_an_empty_series_is_a_list_or_none(oms, empty, entries, data):
    # Nothing can have happened before the task was created.
    answer = statistic(oms(f'empty_series="{empty}"'), "SIZE", start=0, end=1)
    if entries is None:
        assert answer.statistic_datas is None
        return
    assert len(answer.statistic_datas) == entries
    assert [entry.data for entry in answer.statistic_datas] == [data] * entries


def test_points_come_to_the_caller_as_they_are(oms):
    def stamps(points):
        return [point.time_stamp for point in statistic(oms(f'points="{points}"'), "REQUEST").statistic_datas[0].data]

    right = stamps("sorted")
    assert right == sorted(set(right))
    assert stamps("unsorted") != right and sorted(stamps("unsorted")) == right
    twice = stamps("duplicated")
    assert len(twice) > len(right) and sorted(set(twice)) == right


def test_the_caller_alone_can_look_at_the_width(oms):
    wide = statistic(oms('width="always_hours"'), "REQUEST", start=START - HOUR, end=START - 1)
    narrow = statistic(oms(), "REQUEST", start=START - HOUR, end=START - 1)
    assert (wide.statistic_time_type, narrow.statistic_time_type) == ("ONE_HOUR", "FIVE_MINUTES")
    [hour] = wide.statistic_datas[0].data
    assert hour.statistic_num == sum(point.statistic_num for point in narrow.statistic_datas[0].data)


def test_late_and_corrected_statistics_are_less_than_the_monthly_counters(serve):
    late = Oms(serve(World("late"), copy="own"))
    task = late.create()
    late.advance("1h")
    sums = late.sums(task, START, late.now)
    assert 0 < sums[0] < late.show(task).monthly_acceptance_request
    # The first hour is right an hour after its last five minutes.
    right = late.show(task).monthly_acceptance_request
    late.advance("1h")
    assert late.sums(task, START, START + HOUR - 1)[0] == right
