"""``python -m benchmarks.runs``: what runs cost on the process engine, without a server.

- the runs of one session, one after the other and side by side: some that burn processor time, and some that sleep
- many runs that do next to nothing, and one at a time
- runs on a large dataset: until the algorithm begins, and the memory of its process

Nothing else should run meanwhile. To measure a former build, run this file with that build on Python's path.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from algomancy_api import ApiConfiguration, ApiLauncher
from benchmarks.served.wiring import Assignment, Contents, Walk, configuration, fill

#: Seconds: about the duration of a run.
_RUN = 1

#: Columns of the large dataset: numbers of eight bytes.
_COLUMNS = 10


class Begins(Walk):
    """Tells when it begins, in microseconds, and how much memory its process has for itself, in kB."""

    def run(self, data: Any) -> Any:  # noqa: ANN401
        """The two numbers."""
        [own] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon")]
        return Assignment(data.id, [int(time.time() * 1e6), int(own.split()[1])])


def main() -> int:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.runs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=12, help="runs of a session side by side (default: 12)")
    parser.add_argument("--workers", type=int, default=2, help="workers of the engine (default: 2)")
    parser.add_argument("--instant", type=int, default=500, help="runs that do next to nothing (default: 500)")
    parser.add_argument("--megabytes", type=int, default=1_000, help="size of the large dataset (default: 1000)")
    arguments = parser.parse_args()
    console = Console()
    if "session_runs" in signature(ApiConfiguration).parameters:
        console.print(_side_by_side(arguments.runs, arguments.workers))
    console.print(_instant(arguments.instant, arguments.workers))
    console.print(_large(arguments.megabytes))
    return 0


def _side_by_side(runs: int, workers: int) -> Table:
    table = Table("runs", "one by one s", "side by side s", "times as fast", box=None)
    for what, algorithm, parameters in (
        ("burn processor time", "Assign", {"rounds": _rounds()}),
        ("sleep", "Walk", {"seconds": _RUN}),
    ):
        times = []
        for session_runs in (1, workers):
            with _session(workers, session_runs=session_runs) as manager:
                times.append(_seconds(manager, algorithm, parameters, runs))
        one, many = times
        table.add_row(f"{runs} that {what}", f"{one:.1f}", f"{many:.1f}", f"{one / many:.2f}")
    return table


def _instant(count: int, workers: int) -> Table:
    table = Table("runs that do next to nothing", "ms each", box=None)
    with _session(workers) as manager:
        table.add_row(f"{count}, queued together", f"{_seconds(manager, 'Assign', {}, count) / count * 1_000:.1f}")
        alone = [_seconds(manager, "Assign", {}, 1, f"alone {number}") for number in range(50)]
        table.add_row("50, one at a time", f"{np.median(alone) * 1_000:.1f}")
    return table


def _large(megabytes: int) -> Table:
    table = Table("run", "begins after s", "memory of its process MB", box=None)
    with _session(1, algorithms={"Begins": Begins}) as manager:
        for name, rows in (("on a small dataset", 0), *((f"{n} on the large one", megabytes * 12_500) for n in "123")):
            if rows and "large" not in manager.get_data("small").tables:
                numbers = np.random.default_rng(0).random((rows, _COLUMNS))
                manager.get_data("small").tables["large"] = pd.DataFrame(numbers)
            scenario = manager.create_scenario(name, "small", "Begins", {})
            time.sleep(0.5)
            start = time.time()
            manager.process_scenario_async(scenario)
            manager.wait_for_processing()
            begun, memory = scenario.result.depots
            table.add_row(name, f"{begun / 1e6 - start:.3f}", f"{memory / 1024:.0f}")
    return table


def _rounds() -> int:
    """The rounds of `Assign` that take about a second here."""
    rounds = 10**7
    start = time.perf_counter()
    for _ in range(rounds):
        pass
    return int(rounds * _RUN / (time.perf_counter() - start))


@contextmanager
def _session(workers: int, **keywords: Any) -> Iterator[Any]:  # noqa: ANN401
    """A session with a small dataset, whose modules are imported."""
    engine = {"engine": "process", "engine_workers": workers}
    app = ApiLauncher.build(ApiConfiguration(**configuration().as_dict() | engine | keywords))
    app.state.engine.open()
    try:
        fill(app.state.session_manager, Contents(datasets={"small": 10}))
        manager = app.state.session_manager.get_scenario_manager("main")
        _seconds(manager, next(iter(manager.available_algorithms)), {}, 1, "first")
        time.sleep(1)
        yield manager
    finally:
        app.state.session_manager.close()
        app.state.engine.close()


def _seconds(manager: Any, algorithm: str, parameters: dict[str, Any], count: int, name: str = "run") -> float:  # noqa: ANN401
    """The time from the first request to the last result."""
    created = [manager.create_scenario(f"{name} {one}", "small", algorithm, parameters) for one in range(count)]
    start = time.perf_counter()
    for scenario in created:
        manager.process_scenario_async(scenario)
    manager.wait_for_processing()
    if any(scenario.status != "complete" for scenario in created):
        raise RuntimeError("a run has failed")
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main())
