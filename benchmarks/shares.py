"""``python -m benchmarks.shares``: how much of a request's work is the framework's, and how much this package's.

Each is called in this process, without a server, as often as a second allows; the best time counts.
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from algomancy_data import DataSource
from algomancy_scenario.records import ScenarioRecord
from rich.console import Console
from rich.table import Table

from algomancy_api import ApiLauncher
from algomancy_api.framework import ApiScenarioManager
from algomancy_api.serialization.datasets.stream import JSON, dataset_pieces
from algomancy_api.serialization.json_encoder import encode
from algomancy_api.services.scenario_views import encoded_summaries, full_form

from .served.wiring import Contents, configuration, fill

_SECONDS = 1


class Share(NamedTuple):
    """What the framework does for a request, what we do in its place or around it, and which of the two it is."""

    what: str
    framework: Callable[[], Any]
    ours: Callable[[], Any]
    relation: str


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shares", description=__doc__)
    parser.add_argument("--rows", type=int, default=600_000, help="of the large dataset (default: 600000)")
    rows = parser.parse_args().rows
    app = ApiLauncher.build(configuration())
    sessions = app.state.session_manager
    fill(sessions, Contents(datasets={"large": rows}, scenarios={"main": 200}))
    table = Table("work", "framework ms", "ours ms", "the two", box=None)
    for share in _shares(sessions.get_scenario_manager("main")):
        framework, ours = (_best(call) * 1000 for call in (share.framework, share.ours))
        table.add_row(share.what, f"{framework:,.3g}", f"{ours:,.3g}", share.relation)
    Console().print(table)
    return 0


def _shares(manager: ApiScenarioManager) -> list[Share]:
    scenarios: list[Any] = manager.summarised()
    scenario: Any = scenarios[0]
    dataset: Any = manager.get_data("large")
    body = b"".join(dataset_pieces(dataset, JSON)).replace(b'"large"', b'"again"', 1)
    text = body.decode()
    instead, inside = "ours instead", "framework's inside ours"
    return [
        Share(
            f"a list of {len(scenarios)} scenarios",
            lambda: [ScenarioRecord.from_scenario(one).to_summary_dict() for one in scenarios],
            lambda: encoded_summaries(scenarios),
            f"{instead}, encoding included",
        ),
        Share("a full scenario", scenario.to_dict, lambda: encode(full_form(manager, scenario)), inside),
        Share("a dataset as JSON", dataset.to_json, lambda: [len(p) for p in dataset_pieces(dataset, JSON)], instead),
        Share(
            "a dataset from JSON",
            lambda: DataSource.from_json(text),
            lambda: manager.add_datasource_from_json(body),
            f"{inside}, but for the parsing",
        ),
    ]


def _best(call: Callable[[], Any]) -> float:
    best, end = float("inf"), time.perf_counter() + _SECONDS
    while True:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
        if time.perf_counter() > end:
            return best


if __name__ == "__main__":
    sys.exit(main())
