import time

from conftest import World
from test_eiam import tea

LIVE = World(speed="3600")
FINISHED = {"success", "partial_success", "failed"}


def eventually(look, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.002)
    raise AssertionError(f"nothing within {seconds} s")


def test_a_running_job_finishes_as_the_clock_runs(serve):
    list_jobs = tea(serve(LIVE))

    def newest_running():
        return next(iter(list_jobs(MaxResults=1, Status="running")["SynchronizationJobs"]), None)

    started = eventually(newest_running)
    assert "EndTime" not in started
    assert "Result" not in started

    def the_same_finished():
        window = {"StartTime": started["StartTime"] - 1, "EndTime": started["StartTime"] + 1}
        jobs = list_jobs(MaxResults=100, **window)["SynchronizationJobs"]
        same = [job for job in jobs if job["SynchronizationJobId"] == started["SynchronizationJobId"]]
        return next((job for job in same if job["Status"] in FINISHED), None)

    finished = eventually(the_same_finished)
    assert finished["StartTime"] == started["StartTime"] < finished["EndTime"]
    assert finished["Result"]
