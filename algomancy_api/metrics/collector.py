"""Gauges that are read on each scrape. They cost requests and runs nothing."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ..engines import Engine
from ..framework import ApiSessionManager
from ..webhooks.outbox import Outbox
from .series import Series

_logger = logging.getLogger("algomancy_api")


@dataclass
class _Totals:
    """Sums over all sessions. With a series for each session, clients could create any number of series."""

    sessions: int = 0
    datasets: int = 0
    scenarios: int = 0
    queued: int = 0
    running: int = 0


class StateCollector(Collector):
    """Collector of the current numbers of sessions, datasets, scenarios, workers, and events that wait.

    Args:
        series: The series of the app.
        sessions: The session manager of the app.
        engine: The engine of the app.
    """

    def __init__(self, series: Series, sessions: ApiSessionManager, engine: Engine) -> None:
        self._series = series
        self._sessions = sessions
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """One gauge for each number."""
        totals = self._totals()
        gauges: dict[str, tuple[str, int]] = {
            "requests_in_progress": ("Requests whose response has not ended.", self._series.in_progress),
            "sessions": ("Sessions.", totals.sessions),
            "datasets": ("Datasets, in all sessions.", totals.datasets),
            "scenarios": ("Scenarios, in all sessions.", totals.scenarios),
            "scenarios_queued": ("Queued scenarios, in all sessions.", totals.queued),
            "scenarios_running": ("Running scenarios, in all sessions.", totals.running),
        }
        if (workers := self._engine.workers) is not None:
            maximum, busy = workers
            gauges["engine_workers"] = ("Maximum number of runs at a time.", maximum)
            gauges["engine_workers_busy"] = ("Runs in progress.", busy)
        for name, (documentation, value) in (gauges | self._backlog()).items():
            yield GaugeMetricFamily(f"algomancy_api_{name}", documentation, value)

    def _backlog(self) -> dict[str, tuple[str, float]]:
        """The gauges of the outbox, which may be in a database; none while that cannot be read."""
        outbox: Outbox = self._sessions.outbox
        try:
            waiting, oldest = outbox.backlog()
        except Exception as error:  # all others are worth a scrape
            _logger.warning("The events that wait for webhooks cannot be counted: %r", error)
            return {}
        age = 0.0 if oldest is None else max(0.0, time.time() - oldest)
        return {
            "webhook_deliveries_waiting": ("Deliveries of events to webhooks that wait.", waiting),
            "webhook_oldest_waiting_seconds": ("Age of the oldest event that waits; 0 if none does.", age),
        }

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
            totals.running += len(manager.running())
        return totals
