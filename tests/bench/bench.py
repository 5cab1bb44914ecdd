"""What the benchmarks share: the two servers, what they are asked, and wrk that asks it.

The floor is a bare hyper server that answers everything with one fixed body. What syncmock is
compared with is the floor with syncmock's own answer as that body, asked the same way.
"""
import copy
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import namedtuple

import signing

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
START, START_TEXT = 1772445600, "2026-03-02T10:00:00Z"

PROJECT = "054ba152d480d55b2f5dc0069e7ddef0"
INSTANCE = "idaas_ue2jvisn35ea5lmthk267xxxxx"
OMS_TASK = "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks/4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb"
DRS = f"/v5/{PROJECT}/batch-async-jobs"
COMMITTED = f"{DRS}?status=COMMIT_SUCCESS"
EIAM = f"/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}&PageNumber=1"
AUTHING = "/api/v3/list-sync-jobs?syncTaskId=1000&page=1"
DTS = "/?Version=2020-01-01&Format=JSON"

Work = namedtuple("Work", "name path target")


STATISTICS = (f"{OMS_TASK}/statistics?data_type=REQUEST,SUCCESS,FAILURE,SKIP,SIZE"
              f"&start_time={START - 86_400}000&end_time={START}000")


def dts_status(url, count):
    jobs = f"{DTS}&Action=DescribeSynchronizationJobs&PageNum=1&PageSize={count}"
    jobs = json.loads(fetch(url + jobs))["SynchronizationInstances"]
    ids = ",".join(f"%22{job['SynchronizationJobId']}%22" for job in jobs)
    return f"{DTS}&Action=DescribeSynchronizationJobStatusList&SynchronizationJobIdListJsonStr=[{ids}]"


def last(url, path, rows):
    """The offset of the last full page of a list of DRS."""
    return max(json.loads(fetch(url + path))["total_count"] - rows, 0)


def matrix(url):
    """The works, with the ratio each should have."""
    committed = last(url, COMMITTED, 10)
    return [
        Work("DRS page of 10, first", f"{DRS}?limit=10&offset=0", 0.90),
        Work("DRS page of 10, last", f"{DRS}?limit=10&offset={last(url, DRS, 10)}", 0.90),
        Work("DRS page of 10 by status, first", f"{COMMITTED}&limit=10&offset=0", 0.85),
        Work("DRS page of 10 by status, middle", f"{COMMITTED}&limit=10&offset={committed // 2}", 0.85),
        Work("DRS page of 10 by status, last", f"{COMMITTED}&limit=10&offset={committed}", 0.85),
        Work("EIAM page of 100", f"{EIAM}&Format=JSON&PageSize=100", 0.60),
        Work("EIAM page of 20 in XML", f"{EIAM}&Format=XML&PageSize=20", 0.60),
        Work("Authing page of 50", f"{AUTHING}&limit=50", 0.80),
        Work("DTS status of 50 ids", dts_status(url, 50), 0.80),
        Work("OMS statistics, 24 h, five types", STATISTICS, 0.75),
    ]


def fetch(url, headers={}):
    """The body; an answer that is no success ends the run."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        sys.exit(f"\n{url[:200]} answers {error.code}:\n{error.read().decode(errors='replace')}")


class Question:
    """The very same request again and again, as pollers and most load tests send it."""

    script = None

    def __init__(self, url, path, headers={}):
        self.url, self.path, self.headers = url, path, headers

    def to(self, url):
        """The same, of another server."""
        question = copy.copy(self)
        question.url = url
        return question

    def answer(self):
        return fetch(self.url + self.path, self.headers)

    def arguments(self, folder, seconds):
        """What wrk is given to ask it, beside the script."""
        headers = (f"-H{name}: {value}" for name, value in self.headers.items())
        return [*headers, self.url + self.path]

    def asked(self, rate):
        """It was asked so often a second."""


class Fresh(Question):
    """Never the same request twice, so that no answer can be given again; of several paths,
    each in turn."""

    script = HERE / "fresh.lua"

    def __init__(self, url, *paths):
        super().__init__(url, paths[0])
        self.paths = paths

    def arguments(self, folder, seconds):
        paths = folder / "paths"
        paths.write_text("\n".join(self.paths))
        return [self.url, "--", paths]


class Signed(Question):
    """Alibaba's: each request with a nonce and a signature of its own."""

    script = HERE / "signed.lua"

    def __init__(self, url, path):
        self.call = signing.Alibaba(path, START)
        super().__init__(url, self.call.path)
        self.again = False
        # What is not known yet; twice as much is signed as was asked the last time.
        self.rate = 50_000

    def to(self, url):
        question = super().to(url)
        question.again = True
        return question

    def answer(self):
        return fetch(self.url + self.path + next(self.call.endings(1)))

    def arguments(self, folder, seconds):
        endings = folder / "endings"
        count = 10_000 if self.again else 2 * self.rate * seconds
        endings.write_text("\n".join(self.call.endings(count)))
        return [self.url, "--", self.path, endings, "again" if self.again else "once"]

    def asked(self, rate):
        self.rate = int(rate) + 1_000


def ask(kind, url, path):
    """"same", "fresh", or with credentials that a server verifies."""
    if kind == "fresh":
        return Fresh(url, path)
    if kind != "verified":
        return Question(url, path)
    if path.startswith("/?"):
        return Signed(url, path)
    headers = signing.authing(url) if path.startswith("/api/") else signing.huawei(url, path, START)
    return Question(url, path, headers)


def build(quick=False):
    profile = "debug" if quick else "release"
    command = ["cargo", "build", "--locked", "--quiet", "--bin", "syncmock", "--example", "floor"]
    subprocess.run(command + ([] if quick else ["--release"]), cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / profile
    return target / "syncmock", target / "examples" / "floor"


class Server:
    """A process that writes its port to a file when it is ready; it ends with the block."""

    def __init__(self, command, port_file, log=subprocess.DEVNULL):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        began = time.monotonic()
        while time.monotonic() < began + 10:
            if port_file.exists() and (port := port_file.read_text()):
                self.url = f"http://127.0.0.1:{port.strip()}"
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.0005)
        self.stop()
        sys.exit(f"{command[0]} did not start")

    def resident(self):
        """Memory, in MB."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) / 1_024

    def stop(self):
        """The exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def serve(binary, scenario, *options):
    with tempfile.TemporaryDirectory() as folder:
        port_file = pathlib.Path(folder) / "port"
        return Server([binary, "serve", scenario, "--listen", "127.0.0.1:0", "--port-file", port_file,
                       "--now", START_TEXT, *options], port_file)


FROZEN = ("--speed", "frozen")
VERIFIED = (*FROZEN, "--set=gateway.credentials=verified")


def jobs(count):
    """So many of them in each service that lists any."""
    sections = ["eiam.jobs", "dts.jobs", "authing.jobs", "drs.jobs", "oms.tasks"]
    return [f"--set={section}.count={count}" for section in sections]


def floor_with(binary, body):
    with tempfile.TemporaryDirectory() as folder:
        port_file, body_file = pathlib.Path(folder) / "port", pathlib.Path(folder) / "body"
        body_file.write_bytes(body)
        return Server([binary, port_file, body_file], port_file)


def wrk(question, seconds, connections=32):
    """Requests a second, and the median latency in ms."""
    done = run_wrk(question, seconds, connections, question.script)
    if done.returncode or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        # What it is that is answered, wrk tells only if it is asked, which slows it down.
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            for part in filter(None, [question.script, HERE / "refused.lua"]):
                script.write(f'dofile("{part}")\n')
            script.flush()
            shown = run_wrk(question, 1, connections, script.name).stderr
        sys.exit(f"\n{question.url}{question.path}"[:200] + f":\n{done.stdout}{done.stderr}{shown}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])
    number, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", done.stdout).groups()
    question.asked(rate)
    return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1_000}[unit]


def run_wrk(question, seconds, connections, script):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=20s", "--latency"]
    with tempfile.TemporaryDirectory() as folder:
        command += ["-s", script] if script else []
        command += question.arguments(pathlib.Path(folder), seconds)
        return subprocess.run(command, capture_output=True, text=True)


def alternate(questions, runs, seconds, connections=32):
    """Each in turn, so that whatever else goes on on the machine meets all of them: the medians
    of their requests a second and p50."""
    measured = [[] for _ in questions]
    for _ in range(runs):
        for question, results in zip(questions, measured):
            results.append(wrk(question, seconds, connections))
    return [tuple(map(statistics.median, zip(*results))) for results in measured]


def against_floor(question, floor, runs, seconds, connections=32):
    """A question to syncmock, and the same to the floor."""
    body = question.answer()
    with floor_with(floor, body) as server:
        (rate, p50), (floor_rate, floor_p50) = alternate(
            [question, question.to(server.url)], runs, seconds, connections)
    return {"bytes": len(body), "rate": round(rate), "floor": round(floor_rate),
            "ratio": round(rate / floor_rate, 3), "p50_ms": round(p50, 3),
            "floor_p50_ms": round(floor_p50, 3)}


def needs_wrk():
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt-get install wrk")
