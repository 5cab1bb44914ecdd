"""What the vendor's Python client makes of each switch of [authing.quirks] that it can meet.

It hands out the answer as a dict, whatever is in it: no type, no exception, no HTTP status.
"""
import itertools
import json
import urllib.request

import pytest
from authing import ManagementClient

from conftest import KEYS, World

LIMIT = 3
SETUP = (
    "authing.tasks.count=7",
    'authing.jobs={count=7,waiting="10s",duration="20s"}',
    "authing.risk_operations={count=7,outcomes={pending=1,others=0}}",
)
DOWNSTREAM = 1003


class Authing:
    def __init__(self, server):
        self.server = server
        self.client = ManagementClient(*KEYS, host=server.url)

    def __getattr__(self, name):
        return getattr(self.client, name)

    def advance(self, by):
        request = urllib.request.Request(
            f"{self.server.url}/_syncmock/clock/advance",
            data=json.dumps({"by": by}).encode(),
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request).read()

    def create(self):
        return self.client.create_sync_task(
            field_mapping=[{"expression": "mobile", "targetKey": "phone"}],
            sync_task_trigger="manually",
            sync_task_flow="upstream",
            client_config={"activeDirectoryConfig": {}},
            sync_task_type="active-directory",
            sync_task_name="n",
        )


@pytest.fixture
def authing(serve):
    def connect(*settings, copy=1):
        return Authing(serve(World(set=(*SETUP, *(f"authing.{setting}" for setting in settings))), copy=copy))

    return connect


def page(authing, number, limit=LIMIT):
    return authing.list_sync_tasks(page=number, limit=limit)


def ids(answer):
    return [task["syncTaskId"] for task in answer["data"]["list"]]


def until_short(authing):
    """Until a page is not full."""
    seen = []
    for number in range(1, 12):
        rows = ids(page(authing, number))
        seen += rows
        if len(rows) < LIMIT:
            return seen
    return None


def until_empty(authing):
    seen = []
    for number in range(1, 12):
        rows = ids(page(authing, number))
        if not rows:
            return seen
        seen += rows
    return None


def until_total(authing):
    """Until there are as many rows as the first page says."""
    seen = []
    for number in range(1, 12):
        data = page(authing, number)["data"]
        seen += [task["syncTaskId"] for task in data["list"]]
        if len(seen) >= data["totalCount"]:
            return seen
    return None


def by_pages(authing):
    """As many pages as the total makes."""
    total = page(authing, 1)["data"]["totalCount"]
    return [task for number in range(1, -(-total // LIMIT) + 1) for task in ids(page(authing, number))]


LOOPS = (until_short, until_empty, until_total, by_pages)


def seen_by(authing):
    """(rows, different rows) that each of the loops sees of seven; None if it never ends."""
    loops = [loop(authing) for loop in LOOPS]
    return [seen and (len(seen), len(set(seen))) for seen in loops]


@pytest.mark.parametrize("pages, short, empty, total, number", [
    ("exact", (7, 7), (7, 7), (7, 7), (7, 7)),
    ("repeat", (10, 7), (10, 7), (9, 7), (9, 7)),
    ("lose", (6, 6), (6, 6), None, (6, 6)),
    ("short", (2, 2), (7, 7), (7, 7), (6, 6)),
    ("empty_second", (3, 3), (3, 3), (7, 7), (6, 6)),
    ("unstable", (7, 5), (7, 5), (7, 5), (7, 5)),
])
def test_each_loop_loses_or_repeats_rows_without_a_word(authing, pages, short, empty, total, number):
    assert seen_by(authing(f'quirks.pages="{pages}"')) == [short, empty, total, number]


@pytest.mark.parametrize("claim, total, number", [
    ("exact", (7, 7), (7, 7)), ("off_by_one", None, (7, 7)), ("capped", (7, 7), (7, 7)), ("drifting", None, (7, 7)),
])
def test_a_loop_until_the_total_never_ends_if_it_is_too_high(authing, claim, total, number):
    quirky = authing(f'quirks.total="{claim}"')
    assert seen_by(quirky) == [(7, 7), (7, 7), total, number]


def test_pages_made_of_a_capped_total_lose_the_rest(serve):
    world = World(set=("authing.jobs.count=10007", 'authing.quirks.total="capped"'))
    client = Authing(serve(world))
    data = client.list_sync_jobs(1000, page=200, limit=50)["data"]
    assert (data["totalCount"], len(data["list"])) == (10_000, 50)
    assert len(client.list_sync_jobs(1000, page=201, limit=50)["data"]["list"]) == 7


def test_a_missing_total_is_a_key_error(authing):
    silent = authing('quirks.total="missing"')
    assert ids(page(silent, 1)) == [1006, 1005, 1004]
    with pytest.raises(KeyError, match="totalCount"):
        until_total(silent)


def test_who_counts_pages_from_zero_is_refused_in_silence_or_sees_the_first_page_twice(authing):
    refused = page(authing(), 0)
    assert (refused["statusCode"], refused.get("data")) == (400, None)
    first = authing('quirks.page_zero="first"')
    assert ids(page(first, 0)) == ids(page(first, 1)) == [1006, 1005, 1004]


def test_a_loop_until_a_page_is_empty_fails_or_never_ends_at_the_end(authing):
    refusing = authing('quirks.past_the_end="refuse"')
    with pytest.raises(KeyError, match="data"):
        until_empty(refusing)
    answer = page(refusing, 4)
    assert (answer["statusCode"], answer["message"]) == (400, "page must not be greater than 3")
    assert until_empty(authing('quirks.past_the_end="last"')) is None


def test_an_empty_list_that_is_null_is_none_and_an_absent_one_a_key_error(authing):
    null, absent = authing('quirks.empty_list="null"'), authing('quirks.empty_list="absent"')
    assert page(null, 9)["data"] == {"totalCount": 7, "list": None}
    with pytest.raises(TypeError):
        until_empty(null)
    with pytest.raises(KeyError, match="list"):
        until_empty(absent)


def test_a_list_that_is_an_object_is_one_row_and_its_rows_are_the_names_of_its_members(authing):
    single = authing('quirks.list="object"')
    assert page(single, 1)["data"]["list"]["syncTaskId"] == 1006
    assert "syncTaskName" in [row for row in page(single, 1)["data"]["list"]]
    with pytest.raises(TypeError):
        until_empty(single)
    assert page(single, 4)["data"]["list"] is None


def test_numbers_that_are_texts_stay_texts_and_compare_as_texts(authing):
    texts = authing('quirks.numbers="text"')
    data = page(texts, 1)["data"]
    assert (data["totalCount"], data["list"][0]["syncTaskId"]) == ("7", "1006")
    with pytest.raises(TypeError):
        until_total(texts)
    assert ids(page(texts, 1)) != ids(page(authing(), 1)) and texts.get_sync_task(1000)["statusCode"] == 200


def test_a_limit_above_the_bound_is_clamped_without_a_word(serve):
    clamping = Authing(serve(World(set=("authing.tasks.count=53", 'authing.quirks.limit_over_50="clamp"'))))
    assert len(page(clamping, 1, limit=100)["data"]["list"]) == 50
    allowing = Authing(serve(World(set=("authing.tasks.count=53", 'authing.quirks.limit_over_50="allow"'))))
    assert len(page(allowing, 1, limit=100)["data"]["list"]) == 53
    refusing = Authing(serve(World(set=("authing.tasks.count=53",))))
    assert page(refusing, 1, limit=51)["statusCode"] == 400


def test_a_created_task_and_a_triggered_job_are_not_found_by_stale_reads(authing):
    stale = authing('quirks.stale_reads="30s"', copy="stale")
    stale.advance("1m")
    task = stale.create()["data"]["syncTaskId"]
    job = stale.trigger_sync_task(task)["data"]["syncJobId"]
    assert stale.get_sync_task(task)["statusCode"] == stale.get_sync_job(job)["statusCode"] == 404
    assert task not in ids(page(stale, 1))
    # Who triggers again, because it was not found, is refused.
    assert stale.trigger_sync_task(task)["statusCode"] == 422
    stale.advance("30s")
    assert stale.get_sync_job(job)["data"]["syncStatus"] == "pending"
    assert ids(page(stale, 1))[0] == task


def test_live_a_job_that_arrives_between_pages_shows_a_row_twice_and_a_snapshot_does_not(authing):
    def traverse(world):
        seen = []
        for number in itertools.count(1):
            rows = world.list_sync_jobs(1000, page=number, limit=LIMIT)["data"]["list"]
            if not rows:
                return len(seen), len(set(seen))
            seen += [row["syncJobId"] for row in rows]
            world.advance("31s")
            assert world.trigger_sync_task(1000)["statusCode"] == 200

    assert traverse(authing(copy="live")) == (10, 7)
    assert traverse(authing('paging={consistency="snapshot",snapshot_window="1h"}', copy="snapshot")) == (7, 7)


def test_who_cancels_what_a_page_shows_and_reads_on_skips_the_rest(authing):
    def traverse(world):
        done = 0
        for number in itertools.count(1):
            answer = world.list_sync_risk_operations(DOWNSTREAM, page=number, limit=LIMIT, status=["PENDING"])
            some = [row["syncRiskOperationId"] for row in answer["data"]["list"]]
            if not some:
                return done
            done += len(world.cancel_sync_risk_operation(some)["data"]["successList"])

    assert traverse(authing(copy="cancel live")) == 4
    snapshot = authing('paging={consistency="snapshot",snapshot_window="1h"}', copy="cancel snapshot")
    assert traverse(snapshot) == 7


def test_who_reads_on_in_the_log_of_a_job_that_runs_misses_the_lines_added_to_a_page(authing):
    def traverse(world):
        job = world.trigger_sync_task(1000)["data"]["syncJobId"]
        world.advance("19s")
        counts = []
        for number in (1, 2, 3):
            counts.append(len(world.list_sync_job_logs(job, page=number, limit=LIMIT)["data"]["list"]))
            world.advance("11s")
        return counts, world.list_sync_job_logs(job)["data"]["totalCount"]

    few = "entities={departments=2,accounts=3}"
    assert traverse(authing(few, copy="logs")) == ([2, 2, 0], 5)


def test_the_envelope_of_a_success_is_handed_out_as_it_is(authing):
    assert page(authing('quirks.success_message="操作成功"'), 1)["message"] == "操作成功"
    assert page(authing("quirks.success_api_code=20001"), 1)["apiCode"] == 20001
    assert "requestId" not in page(authing('quirks.request_id="never"'), 1)
    assert "apiCode" not in page(authing(), 1) and page(authing(), 1)["requestId"]


def test_the_token_is_had_whatever_successes_look_like(authing):
    for quirk in ('numbers="text"', "success_api_code=20001", 'success_message="操作成功"', 'empty_list="absent"'):
        token, pool = authing(f"quirks.{quirk}").http_client.token_provider.get_access_token()
        assert token.count(".") == 2 and pool


def test_an_http_status_of_404_is_a_dict_too(authing):
    plain, mirrored = authing(), authing('quirks.http_status="mirror"')
    for client in (plain, mirrored):
        answer = client.get_sync_task(77)
        assert (answer["statusCode"], "data" in answer) == (404, False)


def test_an_unknown_task_is_404_or_602_or_a_task_without_jobs(authing):
    codes = [authing(f'quirks.unknown_task="{code}"').list_sync_jobs(77)["statusCode"]
             for code in ("not_found", "no_provider", "empty_list")]
    assert codes == [404, 602, 200]
    empty = authing('quirks.unknown_task="empty_list"')
    assert empty.list_sync_jobs(77)["data"] == {"totalCount": 0, "list": []}
    assert empty.get_sync_task(77)["statusCode"] == 404


def test_who_takes_any_err_msg_for_a_failure_sees_none_fail(authing):
    def jobs(world):
        return world.list_sync_jobs(1000)["data"]["list"]

    good = [job for job in jobs(authing('quirks.err_msg="empty"')) if job["syncStatus"] == "success"]
    assert good and all(job["errMsg"] == "" for job in good)
    assert not any("errMsg" in job for job in jobs(authing()) if job["syncStatus"] == "success")


def test_validation_complains_in_two_languages(authing):
    english, localized = authing(), authing('quirks.validation="localized"')
    assert page(english, 0)["message"] == "page must not be less than 1"
    assert page(localized, 0)["message"] == "参数 page 格式错误"


@pytest.mark.parametrize("quirk, second", [("invalid_operation", 422), ("client_error", 499), ("start", 200)])
def test_who_triggers_twice_is_refused_or_has_two_jobs(authing, quirk, second):
    world = authing(f'quirks.trigger_while_running="{quirk}"', copy="trigger")
    codes = [world.trigger_sync_task(1000)["statusCode"] for _ in range(2)]
    assert codes == [200, second]
    total = world.list_sync_jobs(1000)["data"]["totalCount"]
    assert total == (9 if quirk == "start" else 8)


def test_an_operation_that_is_not_canceled_is_a_success_all_the_same(authing):
    world = authing('quirks.cancel_executing="refuse"', copy="cancel")
    rows = world.list_sync_risk_operations(DOWNSTREAM, status=["PENDING"])["data"]["list"]
    first = rows[0]["syncRiskOperationId"]
    world.trigger_sync_risk_operations([first])
    answer = world.cancel_sync_risk_operation([first])
    assert (answer["statusCode"], answer["data"]) == (200, {"successList": [], "faildList": [first]})


def test_a_written_task_that_is_a_page_has_no_id(authing):
    assert "syncTaskId" in authing(copy="write").create()["data"]
    paged = authing('quirks.written_task="page"', copy="write").create()["data"]
    assert "syncTaskId" not in paged and paged["list"][0]["syncTaskId"] == 1007


def test_the_declared_answer_of_logs_has_no_lines(authing):
    declared = authing('quirks.job_logs="declared"')
    job = declared.list_sync_jobs(1000)["data"]["list"][0]["syncJobId"]
    assert declared.list_sync_job_logs(job)["data"] == {"syncJobId": job}
