"""What the vendor's Python clients make of each switch of [dts.quirks] and [dts.paging] that they can meet.

Loops are those that people write: until a page is not full, until the total is reached, until a page is empty.
"""
import json

import pytest
from alibabacloud_dts20200101 import models
from alibabacloud_dts20200101.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkdts.request.v20200101 import DescribeSynchronizationJobsRequest as legacy_jobs
from aliyunsdkdts.request.v20200101 import DescribeSynchronizationJobStatusListRequest as legacy_statuses
from Tea.exceptions import UnretryableException

from conftest import KEYS, World
from test_dts_life import advance, configuration, order, raised

SIZE = 3
INIT, NOBODY = "dtsinit0000000000a", "dts000000000000000"
SET = (
    "dts.jobs.count=6",
    "dts.jobs.pay_types={pre_paid=0}",
    "dts.jobs.outcomes={synchronizing=1,others=0}",
    f'dts.job=[{{SynchronizationJobId="{INIT}",PayType="PostPaid",RegionId="cn-beijing",'
    'path=["Initializing 1h","Synchronizing"]}]',
)


class Dts:
    def __init__(self, server):
        self.server = server
        self.client = Client(Config(
            endpoint=server.host, protocol="http", region_id="cn-hangzhou",
            access_key_id=KEYS[0], access_key_secret=KEYS[1]))

    def advance(self, by):
        advance(self.server, by)

    def jobs(self, **query):
        request = models.DescribeSynchronizationJobsRequest(**query)
        return self.client.describe_synchronization_jobs(request).body

    def dts_jobs(self, **query):
        return self.client.describe_dts_jobs(models.DescribeDtsJobsRequest(job_type="SYNC", **query)).body

    def statuses(self, ids=None, **query):
        listed = None if ids is None else json.dumps(ids)
        request = models.DescribeSynchronizationJobStatusListRequest(
            synchronization_job_id_list_json_str=listed, **query)
        return self.client.describe_synchronization_job_status_list(request).body

    def status(self, job):
        return self.client.describe_synchronization_job_status(
            models.DescribeSynchronizationJobStatusRequest(synchronization_job_id=job)).body

    def detail(self, job):
        return self.client.describe_dts_job_detail(models.DescribeDtsJobDetailRequest(dts_instance_id=job)).body

    def tables(self, job, **query):
        return self.client.describe_initialization_status(
            models.DescribeInitializationStatusRequest(synchronization_job_id=job, **query)).body

    def create(self):
        return self.client.create_synchronization_job(order()).body.synchronization_job_id

    def delete(self, job):
        return self.client.delete_synchronization_job(
            models.DeleteSynchronizationJobRequest(synchronization_job_id=job)).body


class Legacy:
    def __init__(self, server):
        self.host = server.host
        self.client = AcsClient(*KEYS, "cn-hangzhou")

    def text(self, request, **query):
        request.set_endpoint(self.host)
        request.set_protocol_type("http")
        for name, value in query.items():
            getattr(request, "set_" + name)(value)
        return self.client.do_action_with_exception(request).decode()


@pytest.fixture
def dts(serve):
    def connect(*quirks, copy=1, section="quirks"):
        settings = tuple(f"dts.{section}.{quirk}" for quirk in quirks)
        return Dts(serve(World(set=(*SET, *settings)), copy=copy))

    return connect


# Two lists, each as (number, size) to (ids, total).

def by_jobs(dts):
    def page(number, size=SIZE):
        body = dts.jobs(page_num=number, page_size=size)
        return [row.synchronization_job_id for row in body.synchronization_instances], body.total_record_count
    return page


def by_dts_jobs(dts):
    def page(number, size=SIZE):
        body = dts.dts_jobs(page_number=number, page_size=size)
        return [row.dts_instance_id for row in body.dts_job_list], body.total_record_count
    return page


both_lists = pytest.mark.parametrize("listed", [by_jobs, by_dts_jobs])


def until_short(page, between=lambda: None):
    seen = []
    for number in range(1, 100):
        rows, _ = page(number)
        seen += rows
        if len(rows) < SIZE:
            return seen
        between()
    return seen


def until_total(page):
    seen = []
    for number in range(1, 100):
        rows, total = page(number)
        seen += rows
        if len(seen) >= total:
            return seen
    pytest.fail("it never reaches the total")


def until_empty(page):
    seen = []
    for number in range(1, 100):
        rows, _ = page(number)
        if not rows:
            return seen
        seen += rows
    pytest.fail("it never ends")


def counted(rows):
    return len(rows), len(set(rows))


# (rows, different ones) of 7, by each loop.
@both_lists
@pytest.mark.parametrize("pages, short, empty", [
    ("exact", (7, 7), (7, 7)), ("repeat", (10, 7), (10, 7)), ("lose", (6, 6), (6, 6)), ("short", (2, 2), (7, 7)),
    ("empty_second", (3, 3), (3, 3)), ("unstable", (7, 5), (7, 5)),
])
def test_a_loop_loses_and_repeats_rows_without_a_word(dts, listed, pages, short, empty):
    page = listed(dts(f'pages="{pages}"'))
    assert (counted(until_short(page)), counted(until_empty(page))) == (short, empty)


@both_lists
@pytest.mark.parametrize("pages, total", [
    ("exact", (7, 7)), ("repeat", (9, 7)), ("short", (7, 7)), ("empty_second", (7, 7)), ("unstable", (7, 5)),
])
def test_a_loop_until_the_total_ends_when_it_has_counted_enough_rows_whichever_they_are(dts, listed, pages, total):
    assert counted(until_total(listed(dts(f'pages="{pages}"')))) == total


@both_lists
def test_a_loop_until_the_total_never_ends_when_a_row_is_lost(dts, listed):
    page = listed(dts('pages="lose"'))
    assert [page(number)[0] for number in range(3, 50)] == [[]] * 47
    with pytest.raises(pytest.fail.Exception, match="never reaches"):
        until_total(page)


@both_lists
@pytest.mark.parametrize("total", ["off_by_one", "drifting"])
def test_a_loop_until_a_total_that_is_too_high_never_ends(dts, listed, total):
    with pytest.raises(pytest.fail.Exception, match="never reaches"):
        until_total(listed(dts(f'total="{total}"')))


@both_lists
def test_a_loop_until_a_capped_total_stops_early_without_a_word(serve, listed):
    page = listed(Dts(serve(World(set=("dts.jobs.count=10500", 'dts.quirks.total="capped"')))))
    assert len(until_total(lambda number: page(number, size=1000))) == 10_000
    assert page(11, size=1000)[1] == 10_000 and len(page(11, size=1000)[0]) > 500


@both_lists
def test_a_missing_total_is_none(dts, listed):
    page = listed(dts('total="missing"'))
    assert page(1)[1] is None
    with pytest.raises(TypeError):
        until_total(page)
    assert dts('total="missing"').statuses([INIT]).total_record_count is None


@both_lists
def test_a_larger_page_than_allowed_is_clamped_in_silence_and_taken_for_the_last(dts, listed):
    clamped = listed(dts('over_limit="clamp"', "max_page_size=5"))
    rows, total = clamped(1, size=200)
    assert (len(rows), total) == (5, 7)
    refused = dts("max_page_size=5")
    with pytest.raises(ClientException) as caught:
        listed(refused)(1, size=200)
    assert (caught.value.status_code, caught.value.code) == (403, "InvalidParameter")


def test_a_clamped_page_says_so_in_its_page_record_count(dts):
    body = dts('over_limit="clamp"', "max_page_size=5").jobs(page_size=200)
    assert body.page_record_count == 5


@both_lists
def test_who_counts_pages_from_zero_is_refused_or_sees_the_first_page_twice(dts, listed):
    first = listed(dts('page_zero="first"'))
    assert first(0) == first(1)
    with pytest.raises(ClientException) as caught:
        listed(dts())(0)
    assert (caught.value.status_code, caught.value.code) == (403, "InvalidParameter")


@both_lists
def test_past_the_end_a_loop_until_empty_raises_or_never_ends(dts, listed):
    with pytest.raises(ClientException) as caught:
        until_empty(listed(dts('past_the_end="refuse"')))
    assert (caught.value.status_code, caught.value.code) == (403, "InvalidParameter")
    with pytest.raises(pytest.fail.Exception, match="never ends"):
        until_empty(listed(dts('past_the_end="last"')))
    for past in ("empty", "refuse", "last"):
        assert counted(until_short(listed(dts(f'past_the_end="{past}"')))) == (7, 7)


@both_lists
def test_a_live_traversal_repeats_a_row_for_each_arrival_and_a_snapshot_none(dts, listed):
    for consistency, rows in [("live", (11, 8)), ("snapshot", (8, 8))]:
        world = dts(f'consistency="{consistency}"', section="paging", copy=listed)
        world.advance("1h")
        assert counted(until_short(listed(world), between=world.create)) == rows


@pytest.mark.parametrize("empty", ["list", "null", "absent"])
def test_a_list_without_rows_is_an_empty_list_to_the_current_sdk_whatever_it_is(dts, empty):
    world = dts(f'empty_list="{empty}"')
    assert world.jobs(page_num=9).synchronization_instances == []
    assert world.dts_jobs(page_number=9).dts_job_list == []
    assert world.statuses([NOBODY]).synchronization_job_list_status_list == []


def test_numbers_that_are_texts_are_texts_to_the_caller(dts):
    world = dts('numbers="text"')
    body = world.jobs(page_size=SIZE)
    assert (body.total_record_count, body.page_number, body.page_record_count) == ("7", "1", "3")
    assert (world.detail(INIT).http_status_code, world.detail(INIT).delay) == ("200", "-1")
    with pytest.raises(TypeError):
        until_total(by_jobs(world))


@pytest.mark.parametrize("ask", [
    lambda dts: dts.jobs(), lambda dts: dts.dts_jobs(), lambda dts: dts.statuses([INIT]),
    lambda dts: dts.detail(INIT), lambda dts: dts.create(),
])
def test_xml_is_an_exception_of_the_current_sdk_which_has_neither_code_nor_status(dts, ask):
    with pytest.raises(UnretryableException, match="Failed to parse the value as json format") as caught:
        ask(dts('format="always_xml"', copy="xml"))
    assert not isinstance(caught.value, ClientException)
    assert not hasattr(caught.value, "status_code")


def test_a_job_is_bought_though_the_xml_of_the_answer_raises(dts):
    world = dts('format="always_xml"', copy="bought")
    legacy = Legacy(world.server)
    before = legacy.text(legacy_jobs.DescribeSynchronizationJobsRequest()).count("<SynchronizationInstances>")
    with pytest.raises(UnretryableException):
        world.create()
    after = legacy.text(legacy_jobs.DescribeSynchronizationJobsRequest()).count("<SynchronizationInstances>")
    assert after == before + 1


def test_a_refusal_is_raised_as_ever_where_answers_are_xml(dts):
    with pytest.raises(ClientException) as caught:
        dts('format="always_xml"', copy="xml").statuses()
    assert (caught.value.status_code, caught.value.code) == (400, "MissingSynchronizationJobIdListJsonStr")


def test_the_legacy_sdk_hands_every_answer_on_as_it_is(dts):
    jobs = legacy_jobs.DescribeSynchronizationJobsRequest
    legacy = Legacy(dts('empty_list="null"').server)
    assert json.loads(legacy.text(jobs(), PageNum=9))["SynchronizationInstances"] is None
    legacy = Legacy(dts('empty_list="absent"').server)
    assert "SynchronizationInstances" not in json.loads(legacy.text(jobs(), PageNum=9))
    legacy = Legacy(dts('numbers="text"').server)
    assert json.loads(legacy.text(jobs()))["TotalRecordCount"] == "7"
    legacy = Legacy(dts('total="missing"').server)
    assert "TotalRecordCount" not in json.loads(legacy.text(jobs()))
    legacy = Legacy(dts('format="always_xml"', copy="xml").server)
    assert legacy.text(jobs()).startswith("<?xml")


def test_the_legacy_sdk_raises_what_is_past_the_end_or_too_large(dts):
    for quirks, query in [(('past_the_end="refuse"',), {"PageNum": 2}), (("max_page_size=5",), {"PageSize": 6})]:
        with pytest.raises(ServerException) as caught:
            Legacy(dts(*quirks).server).text(legacy_jobs.DescribeSynchronizationJobsRequest(), **query)
        assert (caught.value.get_http_status(), caught.value.get_error_code()) == (403, "InvalidParameter")


def states(body):
    rows = body.synchronization_job_list_status_list
    return [(row.synchronization_job_id, row.synchronization_direction_info_list[0].status) for row in rows]


def test_rows_put_beside_ids_are_of_other_jobs_once_one_is_left_out_or_they_are_reversed(dts):
    ids = by_jobs(dts())(1)[0]
    right = dict(states(dts().statuses(ids)))
    left_out = [row for row, _ in states(dts().statuses([NOBODY, *ids]))]
    assert left_out == ids and [row == job for row, job in zip(left_out, [NOBODY, *ids])] == [False] * SIZE
    reverse = states(dts('status_list_order="reversed"').statuses(ids))
    assert [row for row, _ in reverse] == ids[::-1] and dict(reverse) == right


@pytest.mark.parametrize("unknown, some, none", [
    ("leave_out", 1, 0), ("refuse_if_all", 1, "InvalidJobId"), ("refuse", "InvalidJobId", "InvalidJobId"),
])
def test_unknown_ids_are_left_out_or_raised(dts, unknown, some, none):
    world = dts(f'unknown="{unknown}"')
    for ids, expected in [([INIT, NOBODY], some), ([NOBODY], none)]:
        if expected == "InvalidJobId":
            with pytest.raises(ClientException) as caught:
                world.statuses(ids)
            assert (caught.value.status_code, caught.value.code) == (403, expected)
        else:
            assert len(states(world.statuses(ids))) == expected


def test_duplicate_ids_come_once_or_as_often_as_they_were_sent(dts):
    assert len(states(dts().statuses([INIT] * 3))) == 1
    assert len(states(dts('duplicates="repeat"').statuses([INIT] * 3))) == 3


def test_no_ids_too_many_and_a_long_token_are_raised_where_the_scenario_says_so(dts):
    for quirk, ids, query, status in [
        ('empty="refuse"', [], {}, 403), ("max_ids=2", [INIT] * 3, {}, 403),
        ('client_token="forbidden"', [INIT], {"client_token": "x" * 65}, 403),
        ('client_token="bad_request"', [INIT], {"client_token": "x" * 65}, 400),
    ]:
        with pytest.raises(ClientException) as caught:
            dts(quirk).statuses(ids, **query)
        assert (caught.value.status_code, caught.value.code) == (status, "InvalidParameter")
    assert states(dts().statuses([])) == []
    assert len(states(dts('client_token="ignore"').statuses([INIT], client_token="x" * 65))) == 1


def test_a_job_of_another_region_is_left_out_without_a_word(dts):
    world = dts('other_region="leave_out"')
    assert [len(states(world.statuses([INIT], region_id=region))) for region in ("cn-beijing", "cn-hangzhou")] == [1, 0]
    assert len(states(dts().statuses([INIT], region_id="cn-hangzhou"))) == 1


@pytest.mark.parametrize("quirk, ids, code", [
    ('errors="soft"', None, "MissingSynchronizationJobIdListJsonStr"),
    ('missing="soft"', None, "MissingSynchronizationJobIdListJsonStr"),
    ('malformed="soft"', "dtsa,dtsb", "InvalidParameter"),
])
def test_a_soft_refusal_of_the_status_list_looks_like_no_jobs_to_who_does_not_ask_for_success(dts, quirk, ids, code):
    world = dts(quirk)
    body = world.client.describe_synchronization_job_status_list(
        models.DescribeSynchronizationJobStatusListRequest(synchronization_job_id_list_json_str=ids)).body
    assert (states(body), body.total_record_count) == ([], 0)
    assert (body.success, body.err_code) == (False, code) and body.err_message
    legacy = Legacy(world.server).text(
        legacy_statuses.DescribeSynchronizationJobStatusListRequest(),
        **({} if ids is None else {"SynchronizationJobIdListJsonStr": ids}))
    assert json.loads(legacy)["ErrCode"] == code


def test_a_soft_refusal_of_one_job_has_none_for_its_state(dts):
    soft = dts('errors="soft"')
    for body in (soft.status(NOBODY), soft.detail(NOBODY)):
        assert (body.status, body.success) == (None, False)
    assert (soft.detail(NOBODY).http_status_code, soft.detail(NOBODY).err_code) == (403, "Forbidden.InstanceNotFound")


@pytest.mark.parametrize("wrong_state, code", [("job", "InvalidJobStatus"), ("task", "InvalidTaskStatus")])
def test_a_wrong_state_is_raised_by_either_code(dts, wrong_state, code):
    world = dts(f'wrong_state="{wrong_state}"')
    start = models.StartSynchronizationJobRequest(synchronization_job_id=INIT)
    assert raised(world.client.start_synchronization_job, start) == (403, code)


@pytest.mark.parametrize("spelling, seen", [
    ("documented", ["Initializing", "Initializating", "Initializing", "initializating", "Initializing"]),
    ("modern", ["Initializing"] * 5),
    ("older", ["Initializating", "Initializating", "Initializing", "initializating", "Initializing"]),
])
def test_one_state_has_several_spellings(dts, spelling, seen):
    world = dts(f'spelling="{spelling}"')
    [listed] = [row.status for row in world.jobs().synchronization_instances if row.synchronization_job_id == INIT]
    [row] = world.dts_jobs(dts_instance_id=INIT).dts_job_list
    assert [states(world.statuses([INIT]))[0][1], listed, row.status, world.status(INIT).status,
            world.detail(INIT).status] == seen


def test_success_that_is_a_text_is_true_even_where_it_says_false(dts):
    world = dts('success="text"', 'errors="soft"')
    assert world.statuses([INIT]).success == "true"
    refused = world.statuses()
    assert refused.success == "false" and bool(refused.success)
    assert world.dts_jobs().success is True


def test_what_was_said_of_the_initialization_is_none_once_it_vanished(dts):
    for quirk, there in [("keep", True), ("vanish", False)]:
        world = dts(f'initialization_status="{quirk}"', copy="initialized")
        assert world.status(INIT).data_initialization_status is not None
        world.advance("2h")
        body = world.status(INIT)
        assert (body.data_initialization_status is not None, body.status) == (there, "synchronizing")


@pytest.mark.parametrize("pages, tables", [
    ("exact", [["a"], ["b"], ["c"], []]), ("lose", [["a"], ["c"], [], []]), ("empty_second", [["a"], [], ["b"], ["c"]]),
    ("unstable", [["a"], ["a"], ["b"], []]),
])
def test_pages_of_tables_have_anomalies_and_no_total_that_would_tell(dts, pages, tables):
    world = dts(f'pages="{pages}"', copy="tables")
    job = world.create()
    wanted = configuration(job)
    names = [{"TableName": name} for name in "abc"]
    wanted.synchronization_objects = json.dumps([{"DBName": "shop", "TableIncludes": names}])
    world.client.configure_synchronization_job(wanted)
    world.advance("1s")
    seen = [world.tables(job, page_num=number, page_size=1) for number in range(1, 5)]
    assert [[row.table_name for row in page.data_initialization_details] for page in seen] == tables
    assert not hasattr(seen[0], "total_record_count")


def test_a_bought_job_is_not_found_by_stale_reads_and_who_buys_again_has_two(dts):
    world = dts('stale_reads="30s"', copy="stale")
    world.advance("1m")
    before = world.jobs().total_record_count
    job = world.create()
    for call, request, code in [
        (world.client.describe_synchronization_job_status,
         models.DescribeSynchronizationJobStatusRequest(synchronization_job_id=job), "InvalidJobId"),
        (world.client.describe_dts_job_detail,
         models.DescribeDtsJobDetailRequest(dts_instance_id=job), "Forbidden.InstanceNotFound"),
    ]:
        assert raised(call, request) == (403, code)
    assert states(world.statuses([job])) == [] and world.jobs().total_record_count == before
    again = world.create()
    world.advance("30s")
    assert [row for row, _ in states(world.statuses([job, again]))] == [job, again]
    assert world.jobs().total_record_count == before + 2


def test_a_stale_state_is_that_of_before_a_reset(dts):
    world = dts('stale_reads="30s"', copy="reset")
    world.advance("1m")
    world.client.reset_synchronization_job(models.ResetSynchronizationJobRequest(synchronization_job_id=INIT))
    assert world.detail(INIT).status == "Initializing"
    world.advance("30s")
    assert world.detail(INIT).status == "NotConfigured"


def test_a_deleted_job_is_finished_for_a_while_or_unknown_at_once(dts):
    world = dts(copy="deleted")
    world.delete(INIT)
    assert (world.status(INIT).status, states(world.statuses([INIT]))) == ("finished", [(INIT, "Finished")])
    world.advance("5m")
    assert states(world.statuses([INIT])) == []
    world = dts('deleted_shown="0s"', copy="deleted")
    world.delete(INIT)
    assert states(world.statuses([INIT])) == []
    request = models.DescribeSynchronizationJobStatusRequest(synchronization_job_id=INIT)
    assert raised(world.client.describe_synchronization_job_status, request) == (403, "InvalidJobId")
