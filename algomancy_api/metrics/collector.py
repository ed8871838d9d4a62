"""What is looked up when somebody asks for it: nothing here costs a request or a run anything."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ..engines import Engine
from ..framework import ApiSessionManager
from .series import Series


@dataclass
class _Totals:
    """What all sessions hold together. Each session for itself would be as many series as clients make sessions."""

    sessions: int = 0
    datasets: int = 0
    scenarios: int = 0
    queued: int = 0
    running: int = 0


class StateCollector(Collector):
    """What there is at the moment, in memory: no database is asked.

    Args:
        series: What is counted of the app.
        sessions: Its sessions.
        engine: Where its algorithms run.
    """

    def __init__(self, series: Series, sessions: ApiSessionManager, engine: Engine) -> None:
        self._series = series
        self._sessions = sessions
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """One gauge for each."""
        totals = self._totals()
        gauges: dict[str, tuple[str, int]] = {
            "requests_in_progress": ("Requests whose answer has not ended.", self._series.in_progress),
            "sessions": ("Sessions.", totals.sessions),
            "datasets": ("Datasets, in all sessions.", totals.datasets),
            "scenarios": ("Scenarios, in all sessions.", totals.scenarios),
            "scenarios_queued": ("Scenarios that wait in a queue, in all sessions.", totals.queued),
            "scenarios_running": ("Scenarios that are being run, in all sessions.", totals.running),
        }
        if (workers := self._engine.workers) is not None:
            bound, busy = workers
            gauges["engine_workers"] = ("Runs that there may be at once.", bound)
            gauges["engine_workers_busy"] = ("Runs that there are.", busy)
        for name, (documentation, value) in gauges.items():
            yield GaugeMetricFamily(f"algomancy_api_{name}", documentation, value)

    def _totals(self) -> _Totals:
        totals = _Totals()
        for session in self._sessions.list_sessions():
            try:
                manager = self._sessions.get_scenario_manager(session["id"])
            except KeyError:  # deleted since
                continue
            totals.sessions += 1
            totals.datasets += len(manager.get_data_keys())
            totals.scenarios += manager.count_scenarios()
            totals.queued += len(manager.queued_ids())
            totals.running += manager.currently_processing is not None
        return totals
