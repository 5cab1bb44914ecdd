import json
import os
import signal
import subprocess
import time
from typing import NamedTuple

import pytest

BINARY = os.environ.get("SYNCMOCK_BIN") or pytest.exit("start the suite with tests/sdk/run", returncode=2)
NOW = "2026-03-02T10:00:00Z"
KEYS = ("testid", "testsecret")

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


class World(NamedTuple):
    scenario: str = "default"
    now: str | None = NOW
    seed: int | None = None
    speed: str | None = "frozen"
    set: tuple = ()

    def options(self):
        chosen = {"--now": self.now, "--seed": self.seed, "--speed": self.speed}
        options = [word for name, value in chosen.items() if value is not None for word in (name, str(value))]
        return options + [word for override in self.set for word in ("--set", override)]


class Server:
    def __init__(self, world, folder):
        self.log = folder / "log"
        port_file = folder / "port"
        command = [BINARY, "serve", world.scenario, "--listen", "127.0.0.1:0", "--port-file", port_file]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*command, *world.options()], stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 10
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError(f"syncmock did not start: {self.process.args}\n{self.log.read_text()}")
            time.sleep(0.005)
        self.host = f"127.0.0.1:{int(port_file.read_text())}"
        self.url = f"http://{self.host}"

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "still running 15 s after SIGTERM"


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    running = {}

    def start(world=World(), copy=1):
        if (world, copy) not in running:
            running[world, copy] = Server(world, tmp_path_factory.mktemp("server"))
        return running[world, copy]

    yield start
    exits = {key: server.stop() for key, server in running.items()}
    assert set(exits.values()) <= {0}, exits


@pytest.fixture(scope="session")
def call():
    def ask(service, operation, world=World(), **params):
        command = [BINARY, "call", service, operation]
        command += [f"{name}={value}" for name, value in params.items()]
        command += ["--scenario", world.scenario, "--format", "json", *world.options()]
        done = subprocess.run(command, capture_output=True, timeout=30)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return json.loads(done.stdout)

    return ask
