"""``python -m benchmarks.shares``: the time of the framework's calls and of this package's.

Each call is repeated for a second in this process, without a server; the best time counts.
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
    """The same work in the framework and in this package.

    Attributes:
        what: The work.
        framework: The framework's call.
        ours: The call of this package.
        relation: Whether ours replaces the framework's call or contains it.
    """

    what: str
    framework: Callable[[], Any]
    ours: Callable[[], Any]
    relation: str


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shares", description=__doc__)
    parser.add_argument("--rows", type=int, default=600_000, help="rows of the large dataset (default: 600000)")
    rows = parser.parse_args().rows
    app = ApiLauncher.build(configuration())
    sessions = app.state.session_manager
    fill(sessions, Contents(datasets={"large": rows}, scenarios={"main": 200}))
    table = Table("work", "framework ms", "ours ms", "relation", box=None)
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
    replaced, contained = "ours instead", "framework's inside ours"
    return [
        Share(
            f"a list of {len(scenarios)} scenarios",
            lambda: [ScenarioRecord.from_scenario(one).to_summary_dict() for one in scenarios],
            lambda: encoded_summaries(manager),
            f"{replaced}, encoding included",
        ),
        Share("a full scenario", scenario.to_dict, lambda: encode(full_form(manager, scenario)), contained),
        Share("a dataset as JSON", dataset.to_json, lambda: [len(p) for p in dataset_pieces(dataset, JSON)], replaced),
        Share(
            "a dataset from JSON",
            lambda: DataSource.from_json(text),
            lambda: manager.add_datasource_from_json(body),
            f"{contained}, but for the parsing",
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
