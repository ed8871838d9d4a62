"""``python -m tests.integration.faults.chaos --seconds 3600``: runs and all that can end them, at random.

Clients create, run, stop, cancel, reset and delete scenarios and read all there is of them, while processes of runs and
workers, and the server, are killed. Afterwards each scenario has an end that is true, and no process, no shared
memory, no temporary file, no memory and no file descriptor is left behind.
"""

import argparse
import contextlib
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from ...conftest import default_session, upload_items
from ...support.clients import PATIENCE, eventually
from ...support.processes import Process, free_port
from ..engines.clusters import DaskCluster
from .wild_runs import ALGORITHMS

CLIENTS = 4

#: Seconds: shortest and longest time between two kills of a process of a run, and of the server.
_OF_A_RUN = (0.5, 5)
_OF_THE_SERVER = (30, 90)

#: Where the system shows shared memory.
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108

#: Scenarios of a client: it deletes its oldest one when it has more.
_MOST = 20

#: What a client asks of one of its scenarios: method, end of the path, body.
_ACTIONS: list[tuple[str, str, Any]] = [
    ("POST", "run", None),
    ("POST", "run", {"timeout": 0.2}),
    ("POST", "run", {"timeout": 0.2, "on_timeout": "stop"}),
    ("POST", "run", {"retries": 2}),
    ("POST", "stop?grace=0.1", None),
    ("POST", "stop", None),
    ("POST", "cancel", None),
    ("POST", "reset", None),
    ("GET", "status?wait=1", None),
    ("GET", "log", None),
    ("GET", "progress", None),
    ("GET", "runs", None),
    ("GET", "", None),
]


class Chaos:
    """The server, its clients, and who kills.

    Args:
        engine: The engine.
        folder: A folder for the database, for temporary files and for the cluster.
        seed: The seed of all choices.
        keep_server: Whether the server is not killed, to see what it takes.
    """

    def __init__(self, engine: str, folder: Path, seed: int, *, keep_server: bool) -> None:
        self._environment = {
            "WIRING_ENGINE": engine,
            "WIRING_DATABASE": f"sqlite:///{folder}/chaos.sqlite",
            "TMPDIR": str(folder / "temporary"),
            "CHAOS": folder.name,
        }
        (folder / "temporary").mkdir()
        self.cluster = DaskCluster(folder) if engine == "dask" else None
        if self.cluster is not None:
            self._environment["WIRING_ADDRESS"] = self.cluster.address
        self.chance = random.Random(seed)  # noqa: S311
        self.answers: Counter[str] = Counter()
        self.faults: list[str] = []
        self.kills: Counter[str] = Counter()
        self._keep_server = keep_server
        self._port = free_port()
        self._over = threading.Event()
        self._serving = threading.Lock()
        self.server = self._started()

    def _started(self) -> Process:
        target = {"module": "tests.integration.faults.wild_runs", **self._environment}
        return Process("configuration", self._port, patience=PATIENCE, **target)  # type: ignore[arg-type]

    def marked(self) -> list[int]:
        """The processes that were started from here, the server included."""
        mark = f"CHAOS={self._environment['CHAOS']}".encode()
        numbers = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
        return [number for number in numbers if mark in _environment(number)]

    def run(self, seconds: float, tell: Callable[[str], None]) -> None:
        """Let clients and killers loose for so long."""
        names = [f"client {number}" for number in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS + 2) as pool:
            threads = [pool.submit(self._ask, name, self.chance.random()) for name in names]
            threads.append(pool.submit(self._kill_runs))
            if not self._keep_server:
                threads.append(pool.submit(self._kill_server))
            for minute in range(int(seconds // 60) + 1):
                self._over.wait(min(60, seconds - 60 * minute))
                answers, kills = sum(self.answers.values()), sum(self.kills.values())
                tell(f"{answers} answers, {kills} kills, {len(self.faults)} faults; the server: {self.taken()}")
            self._over.set()
            for thread in threads:
                thread.result()

    def _ask(self, name: str, seed: float) -> None:
        chance = random.Random(seed)  # noqa: S311
        own: list[str] = []
        with httpx.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=PATIENCE) as client:
            while not self._over.is_set():
                try:
                    self._ask_once(client, name, own, chance)
                except httpx.TransportError:
                    time.sleep(0.2)  # it was killed

    def _ask_once(self, client: httpx.Client, name: str, own: list[str], chance: random.Random) -> None:
        session = default_session(client)
        if len(own) > _MOST:
            self._note("DELETE", client.delete(f"{session}/scenarios/{own.pop(0)}"))
        elif len(own) < 2 or chance.random() < 0.2:
            body = {
                "tag": f"{name} {chance.random()}",
                "dataset_key": "items",
                "algo_name": chance.choice([*ALGORITHMS]),
            }
            answer = client.post(f"{session}/scenarios", json=body | {"run": chance.random() < 0.5})
            self._note("create", answer)
            own += [answer.json()["id"]] if answer.is_success else []
        else:
            method, action, body = chance.choice(_ACTIONS)
            address = f"{session}/scenarios/{chance.choice(own)}/{action}".rstrip("/")
            self._note(action, client.request(method, address, json=body))

    def _note(self, action: str, answer: httpx.Response) -> None:
        self.answers[f"{action} {answer.status_code}"] += 1
        if answer.status_code == 500:
            self.faults.append(f"{action}: {answer.text}")

    def _kill_runs(self) -> None:
        while not self._over.wait(self.chance.uniform(*_OF_A_RUN)):
            others = [number for number in self.marked() if number != self.server.process_id and _is_a_run(number)]
            if others and self.chance.random() < 0.5:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.chance.choice(others), self.chance.choice([signal.SIGKILL, signal.SIGTERM]))
                    self.kills["run"] += 1

    def _kill_server(self) -> None:
        while not self._over.wait(self.chance.uniform(*_OF_THE_SERVER)):
            how = self.chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
            self.server.end(how)
            self.kills[f"server, {how.name}"] += 1
            self.server = self._started()

    def taken(self) -> str:
        """The memory, files and threads that the server has."""
        with contextlib.suppress(OSError):
            own = Path("/proc") / str(self.server.process_id)
            files, threads = len(list((own / "fd").iterdir())), len(list((own / "task").iterdir()))
            return f"{self.server.memory() / 1e6:.0f} MB, {files} files, {threads} threads"
        return "away"

    def settle(self) -> None:
        """End all runs, and check what is told of each scenario."""
        client = self.server.client
        session = default_session(client)
        listed = client.get(f"{session}/scenarios").json()
        for scenario in listed:
            client.post(f"{session}/scenarios/{scenario['id']}/cancel")
        for address in ("queue", "processing"):
            eventually(lambda: not client.get(f"{session}/{address}").json())  # noqa: B023 - called at once
        for scenario in client.get(f"{session}/scenarios").json():
            self._check(client, f"{session}/scenarios/{scenario['id']}", scenario)

    def _check(self, client: httpx.Client, address: str, listed: dict[str, Any]) -> None:
        full, status = client.get(address).json(), client.get(f"{address}/status").json()
        runs = client.get(f"{address}/runs").json()
        if len({listed["status"], full["status"], status["status"]}) != 1:
            self.faults.append(f"{address}: {listed['status']}, {full['status']}, {status['status']}")
        if full["status"] not in ("created", "complete", "failed"):
            self.faults.append(f"{address} is {full['status']}")
        if full["status"] == "failed" and not status.get("error"):
            self.faults.append(f"{address} has failed without an error")
        if any(run["ended"] is None for run in runs):
            self.faults.append(f"{address} has a run without an end: {runs}")


def _environment(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/environ").read_bytes()
    except OSError:
        return b""


def _is_a_run(number: int) -> bool:
    """Whether a process is a child that has a run, or one of its own, and neither a fork server nor a tracker."""
    try:
        return os.getpgid(number) == number and Path(f"/proc/{number}/oom_score").exists() and _is_busy(number)
    except ProcessLookupError:
        return False


def _is_busy(number: int) -> bool:
    try:
        command = Path(f"/proc/{number}/cmdline").read_bytes()
        parent = int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
        return b"forkserver" in command and b"forkserver" in Path(f"/proc/{parent}/cmdline").read_bytes()
    except OSError:
        return False


@contextmanager
def nothing_left(chaos: Chaos, temporary: Path) -> Iterator[None]:
    """A context after which nothing is left of the server but its database."""
    shared = set(_SHARED_MEMORY.iterdir())
    yield
    if chaos.cluster is not None:
        chaos.cluster.stop()
    with contextlib.suppress(TimeoutError):
        eventually(lambda: not chaos.marked(), 30)
    chaos.faults += [f"process {number} is left: {_command(number)}" for number in chaos.marked()]
    left = [*(set(_SHARED_MEMORY.iterdir()) - shared - _mapped()), *temporary.iterdir()]
    chaos.faults += [f"{path} is left" for path in left]


def _mapped() -> set[Path]:
    """The shared memory of processes that are alive: when all of this test have ended, that of other programs."""
    found = set()
    for maps in Path("/proc").glob("[0-9]*/maps"):
        with contextlib.suppress(OSError):
            found |= {Path(line.split()[-1]) for line in maps.read_text().splitlines() if str(_SHARED_MEMORY) in line}
    return found


def _command(number: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200]
    return ""


def main() -> int:
    """Run the chaos, and print what was found."""
    parser = argparse.ArgumentParser(prog="tests.integration.faults.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long (default: 600)")
    parser.add_argument("--engine", choices=("process", "dask"), default="process")
    parser.add_argument("--keep-server", action="store_true", help="do not kill the server")
    parser.add_argument("--seed", type=int, default=1, help="seed of the choices (default: 1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        chaos = Chaos(options.engine, Path(folder), options.seed, keep_server=options.keep_server)
        upload_items(chaos.server.client, default_session(chaos.server.client))
        with nothing_left(chaos, Path(folder) / "temporary"):
            try:
                chaos.run(options.seconds, print)
                chaos.settle()
                print(f"at the end: {chaos.taken()}")
            finally:
                chaos.server.end(signal.SIGTERM)
    for action, count in sorted(chaos.answers.items()):
        print(f"{count:8,} {action}")
    print(f"kills: {dict(chaos.kills)}")
    print("\n".join(chaos.faults) or "nothing was lost, and nothing is left")
    return 1 if chaos.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
