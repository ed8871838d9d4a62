"""Counters and histograms of requests and runs."""

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector

from ..framework import Outcome
from ..webhooks.outbox import State

#: The outcome of a try to deliver an event, by the state that the delivery has then.
_TRIES = {State.DELIVERED: "delivered", State.WAITING: "failed", State.GAVE_UP: "gave_up"}

#: Seconds: upper bounds of the buckets.
_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_RUN_BUCKETS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400)


class Series:
    """The counters and histograms of one app, with those of its process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.in_progress = 0  # requests of one event loop, so no lock is needed
        self.requests = Counter(
            "algomancy_api_requests",
            "Requests, counted at the end of their response.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.latencies = Histogram(
            "algomancy_api_request_duration_seconds",
            "Time until the response starts.",
            ("method", "route"),
            buckets=_REQUEST_BUCKETS,
            registry=self.registry,
        )
        self.runs = Counter("algomancy_api_runs", "Runs that have ended.", ("outcome",), registry=self.registry)
        self.run_durations = Histogram(
            "algomancy_api_run_duration_seconds",
            "Duration of runs that had started.",
            ("outcome",),
            buckets=_RUN_BUCKETS,
            registry=self.registry,
        )
        self.tries = Counter(
            "algomancy_api_webhook_tries",
            "Tries to deliver an event to a webhook.",
            ("outcome",),
            registry=self.registry,
        )
        for name in _TRIES.values():
            self.tries.labels(name)  # as the outcomes below
        for outcome in Outcome:
            self.runs.labels(outcome)  # exists as 0 from the start: a rate needs the first step
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def run_ended(self, outcome: Outcome, seconds: float | None) -> None:
        """Count a run and its seconds; None if it never started."""
        self.runs.labels(outcome).inc()
        if seconds is not None:
            self.run_durations.labels(outcome).observe(seconds)

    def tried(self, state: State) -> None:
        """Count a try to deliver an event, after which the delivery has a state."""
        self.tries.labels(_TRIES[state]).inc()
