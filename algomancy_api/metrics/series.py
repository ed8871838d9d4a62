"""What is counted as it happens."""

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector

from ..framework import Outcome

#: In seconds.
_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_RUN_BUCKETS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400)


class Series:
    """The counters and histograms of one app, with those of its process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.in_progress = 0  # requests, which are all of one event loop
        self.requests = Counter(
            "algomancy_api_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.latencies = Histogram(
            "algomancy_api_request_duration_seconds",
            "Time until an answer begins.",
            ("method", "route"),
            buckets=_REQUEST_BUCKETS,
            registry=self.registry,
        )
        self.runs = Counter("algomancy_api_runs", "Runs that have ended.", ("outcome",), registry=self.registry)
        self.run_durations = Histogram(
            "algomancy_api_run_duration_seconds",
            "Time that runs took which had begun.",
            ("outcome",),
            buckets=_RUN_BUCKETS,
            registry=self.registry,
        )
        for outcome in Outcome:
            self.runs.labels(outcome)  # is 0 from the start: a rate needs the step from there
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def run_ended(self, outcome: Outcome, seconds: float | None) -> None:
        """Count a run, which took some seconds, or never began."""
        self.runs.labels(outcome).inc()
        if seconds is not None:
            self.run_durations.labels(outcome).observe(seconds)
