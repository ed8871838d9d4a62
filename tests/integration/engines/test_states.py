"""The states of scenarios, whatever clients ask in whatever order: none goes back, and all answers agree."""

import os
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from algomancy_api import ApiLauncher

from ...conftest import default_session, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, calling, eventually
from .algorithms import ALGORITHMS
from .clusters import DaskCluster
from .conftest import Scenario

#: The order of the states of one run.
ORDER = ["created", "queued", "processing", "complete", "failed"]

#: Runs at the same time.
RUNS = 2

CANCELLED = "Cancelled"
TIMED_OUT = "Timed out after 0.05 s"


class Watch:
    """Looks at the states of all scenarios all the time, and notes each that goes back."""

    def __init__(self, manager: Any) -> None:
        self.faults: list[str] = []
        self._manager = manager
        self._seen: dict[str, str] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def reset(self, scenario_id: str, action: Callable[[], Any]) -> Any:
        """Do what may set a scenario back."""
        with self._lock:
            value = action()
            self._seen.pop(scenario_id, None)
            return value

    def end(self) -> None:
        self._ended.set()
        self._thread.join(PATIENCE)
        assert self.faults == []

    def _look(self) -> None:
        while not self._ended.wait(0.0005):
            with self._lock:
                for scenario_id in self._manager.scenario_ids():
                    if (position := self._manager.position(scenario_id)) is not None:
                        self._note(scenario_id, position[1])

    def _note(self, scenario_id: str, status: str) -> None:
        before = self._seen.get(scenario_id, "created")
        if status != before and (ORDER.index(status) < ORDER.index(before) or before in ORDER[3:]):
            self.faults.append(f"{before} became {status}")
        self._seen[scenario_id] = status


class States(RuleBasedStateMachine):
    """A session on a database, and what its scenarios must be."""

    engine: str = "thread"
    address: str | None = None
    scenarios = Bundle("scenarios")

    def __init__(self) -> None:
        super().__init__()
        self.files = ExitStack()
        self.folder = Path(self.files.enter_context(tempfile.TemporaryDirectory()))
        self.expected: dict[str, tuple[str, str | None]] = {}
        self.by_id: dict[str, Scenario] = {}
        self.running: list[str] = []
        self.waiting: list[str] = []
        self.cut_off: list[str] = []
        self.watch: Watch | None = None

    @initialize()
    def start(self) -> None:
        self.open()
        self.session = default_session(self.client)
        upload_items(self.client, self.session)

    def open(self, **overrides: Any) -> None:
        self.server = ExitStack()
        keywords: dict[str, Any] = {
            "algorithms": ALGORITHMS,
            "engine": self.engine,
            "engine_workers": RUNS,
            "session_runs": RUNS,
        }
        keywords["engine_address"] = self.address
        self.app = ApiLauncher.build(wiring.on_sqlite(self.folder, **keywords | overrides))
        self.client = self.server.enter_context(calling(self.app))
        self.manager = self.app.state.session_manager.get_scenario_manager("main")
        self.watch = Watch(self.manager)

    def close(self) -> None:
        """Stop the server. On threads, what runs goes on: it is let go, and does not count."""
        if self.watch is not None:
            self.watch.end()
        self.app.state.session_manager.close()
        self.app.state.engine.close()
        for scenario_id in self.running:
            self.release_file(scenario_id).touch()
        eventually(lambda: not self.manager._processor.threads())
        for scenario_id in self.running:
            self.prepare(scenario_id)
        self.server.close()

    def release_file(self, scenario_id: str) -> Path:
        return self.by_id[scenario_id].folder / "release"

    def prepare(self, scenario_id: str) -> None:
        for name in ("release", "started"):
            (self.by_id[scenario_id].folder / name).unlink(missing_ok=True)

    def post(self, scenario_id: str, action: str, **keywords: Any) -> int:
        status: int = self.client.post(f"{self.session}/scenarios/{scenario_id}/{action}", **keywords).status_code
        return status

    def status(self, scenario_id: str) -> str:
        status: str = self.client.get(f"{self.session}/scenarios/{scenario_id}/status").json()["status"]
        return status

    def settle(self, scenario_id: str, status: str, error: str | None = None) -> None:
        """The run of a scenario has ended, and the next one begins."""
        (self.running if scenario_id in self.running else self.waiting).remove(scenario_id)
        self.expected[scenario_id] = status, error
        self.fill()

    def queue(self, *scenario_ids: str) -> None:
        """Scenarios are queued, and some of them begin."""
        self.waiting += scenario_ids
        self.cut_off = [each for each in self.cut_off if each not in scenario_ids]
        self.expected |= dict.fromkeys(scenario_ids, ("queued", None))
        self.fill()

    def forget(self, scenario_id: str) -> None:
        self.cut_off = [each for each in self.cut_off if each != scenario_id]

    def fill(self) -> None:
        while self.waiting and len(self.running) < RUNS:
            self.running.append(self.waiting.pop(0))
            self.expected[self.running[-1]] = "processing", None

    @rule(target=scenarios)
    def create(self) -> Any:
        if len(self.by_id) >= 6:
            return multiple()
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        scenario = Scenario(self.client, self.session, "Held", folder, folder.name)
        self.by_id[scenario.id] = scenario
        self.expected[scenario.id] = "created", None
        return scenario.id

    @rule(scenario_id=scenarios)
    def run(self, scenario_id: str) -> None:
        is_created = self.expected[scenario_id][0] == "created"
        if is_created:
            self.prepare(scenario_id)
        assert self.post(scenario_id, "run", json={"retries": 0}) == (202 if is_created else 409)
        if is_created:
            self.queue(scenario_id)

    @rule(scenario_id=scenarios)
    def cancel(self, scenario_id: str) -> None:
        is_active = scenario_id in self.running or scenario_id in self.waiting
        assert self.post(scenario_id, "cancel") == (202 if is_active else 409)
        if is_active:
            self.settle(scenario_id, "failed", CANCELLED)

    @rule(scenario_id=scenarios, by=st.sampled_from(["end", "cancel"]))
    def release(self, scenario_id: str, by: str) -> None:
        """Let a run end, alone or at the same moment as it is cancelled: then the response says who wins."""
        if scenario_id not in self.running:
            return
        eventually((self.by_id[scenario_id].folder / "started").exists)
        self.release_file(scenario_id).touch()
        is_cancelled = by == "cancel" and self.post(scenario_id, "cancel") == 202
        self.settle(scenario_id, *(("failed", CANCELLED) if is_cancelled else ("complete", None)))

    @rule(scenario_id=scenarios)
    def run_out_of_time(self, scenario_id: str) -> None:
        """Run a scenario that is let go at about its time limit: the first look at its end says who wins."""
        if self.expected[scenario_id][0] != "created" or len(self.running) == RUNS:
            return
        self.prepare(scenario_id)
        assert self.post(scenario_id, "run", json={"timeout": 0.05}) == 202
        self.queue(scenario_id)
        self.release_file(scenario_id).touch()
        status = eventually(lambda: (now := self.status(scenario_id)) in ORDER[3:] and now)
        self.settle(scenario_id, status, None if status == "complete" else TIMED_OUT)

    @rule(scenario_id=scenarios)
    def reset(self, scenario_id: str) -> None:
        is_active = scenario_id in self.running or scenario_id in self.waiting
        assert self.watch is not None
        answer = self.watch.reset(scenario_id, lambda: self.post(scenario_id, "reset"))
        assert answer == (409 if is_active else 200)
        if not is_active:
            self.expected[scenario_id] = "created", None
            self.forget(scenario_id)

    @rule(scenario_id=scenarios)
    def refuse_to_delete(self, scenario_id: str) -> None:
        if scenario_id in self.running or scenario_id in self.waiting:
            assert self.client.delete(f"{self.session}/scenarios/{scenario_id}").status_code == 409

    @rule(scenario_id=consumes(scenarios))
    def delete(self, scenario_id: str) -> None:
        if scenario_id in self.running or scenario_id in self.waiting:
            self.cancel(scenario_id)
            eventually(lambda: self.status(scenario_id) == "failed")
        assert self.client.delete(f"{self.session}/scenarios/{scenario_id}").status_code == 204
        del self.expected[scenario_id]
        del self.by_id[scenario_id]
        self.forget(scenario_id)

    @rule(resumed=st.sampled_from(["queued", "all", "none"]))
    def restart(self, resumed: str) -> None:
        for scenario_id in self.running:  # so that it is kept that its run has begun
            eventually((self.by_id[scenario_id].folder / "started").exists)
        self.close()
        left = self.waiting
        self.cut_off += self.running
        self.expected |= dict.fromkeys([*self.running, *left], ("created", None))
        self.running, self.waiting = [], []
        if resumed != "none":
            self.queue(*(self.cut_off if resumed == "all" else []), *left)
        self.open(resume_runs=resumed)

    @invariant()
    def all_answers_agree(self) -> None:
        if self.watch is None:
            return
        eventually(lambda: self.seen() == self.expected)
        for scenario_id, (status, error) in self.expected.items():
            url = f"{self.session}/scenarios/{scenario_id}"
            form, short = self.client.get(url).json(), self.client.get(f"{url}/status").json()
            assert (form["status"], short["status"], short.get("error")) == (status, status, error)
            assert (
                form["result"] == {"error": error}
                if status == "failed"
                else (form["result"] is None) is (status != "complete")
            )
        processing = self.client.get(f"{self.session}/processing").json()
        assert (processing and processing["id"]) == next(iter(self.running), None)
        assert [each["id"] for each in self.client.get(f"{self.session}/queue").json()] == self.waiting

    def seen(self) -> dict[str, tuple[str, str | None]]:
        """What the list says of each scenario."""
        listed = self.client.get(f"{self.session}/scenarios").json()
        return {each["id"]: (each["status"], each.get("error")) for each in listed}

    def teardown(self) -> None:
        try:
            if self.watch is not None:
                self.close()
        finally:
            self.files.close()


class StatesOfProcesses(States):
    """The same, where each run has a process, which can die."""

    engine = "process"

    @rule(scenario_id=States.scenarios)
    def die(self, scenario_id: str) -> None:
        """Kill the process of a run."""
        if scenario_id not in self.running:
            return
        started = self.by_id[scenario_id].folder / "started"
        eventually(started.exists)
        os.kill(int(started.read_text()), signal.SIGKILL)
        self.settle(scenario_id, "failed", "The worker process was killed by SIGKILL (out of memory?)")


class StatesOfDask(StatesOfProcesses):
    """The same on a cluster."""

    engine = "dask"


@pytest.mark.parametrize(("machine", "examples", "steps"), [(States, 8, 20), (StatesOfProcesses, 4, 15)])
def test_no_state_goes_back(machine: type[States], examples: int, steps: int) -> None:
    run(machine, examples, steps)


def test_no_state_goes_back_on_dask(dask: DaskCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StatesOfDask, "address", dask.address)
    run(StatesOfDask, 3, 12)


def run(machine: type[States], examples: int, steps: int) -> None:
    few = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)
