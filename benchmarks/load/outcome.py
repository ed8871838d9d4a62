"""What was measured, and the figures of it."""

import math
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import Struct

from .plan import KINDS

#: So many different errors of a step are told apart, lest a long load fills the memory with them.
_DISTINCT_ERRORS = 100
_OTHERS = "other errors"


class Step(NamedTuple):
    """One request of a kind of the mix."""

    kind: str
    name: str
    method: str = "GET"


@dataclass
class Series:
    """The requests of one step. A latency is a good answer's, in seconds; an error has none."""

    requests: int = 0
    latencies: array[float] = field(default_factory=lambda: array("d"))
    errors: Counter[str] = field(default_factory=Counter)

    def failed(self, error: str) -> None:
        """Count an error."""
        known = error in self.errors or len(self.errors) < _DISTINCT_ERRORS
        self.errors[error if known else _OTHERS] += 1


class Figures(Struct, frozen=True):
    """Some requests in figures; the latencies are those of the good answers, and None where there was none."""

    requests: int
    per_second: float
    p50_ms: float | None
    p90_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    errors: int


@dataclass
class Outcome:
    """A load as far as it has come, and what is to be said of it.

    Attributes:
        steps: What was measured.
        phase: What is being done, for people who wait.
        began: When the first request was due, as `time.perf_counter` has it; None before.
        ended: When the last one was answered; None before.
        timer_delays: How late this program itself was to send requests that had their time, in seconds.
        processor: The share of one core that this program used.
        left_out: What of the mix the server has nothing for.
        left_behind: What could not be cleared up.
        interrupted: Whether it was ended before its time.
    """

    steps: dict[Step, Series] = field(default_factory=lambda: defaultdict(Series))
    phase: str = "looking at the server"
    began: float | None = None
    ended: float | None = None
    timer_delays: array[float] = field(default_factory=lambda: array("d"))
    processor: float = 0.0
    left_out: list[str] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    interrupted: bool = False

    @contextmanager
    def measuring(self) -> Iterator[float]:
        """The time of the load, from the moment that it gives."""
        processor = time.process_time()
        self.began = time.perf_counter()
        try:
            yield self.began
        finally:
            self.ended = time.perf_counter()
            self.processor = (time.process_time() - processor) / self.elapsed

    @property
    def elapsed(self) -> float:
        """How long it has been measured, in seconds."""
        if self.began is None:
            return 0.0
        return (self.ended or time.perf_counter()) - self.began

    @property
    def requests(self) -> int:
        """How many requests have an answer or an error."""
        return sum(series.requests for series in self.steps.values())

    @property
    def errors(self) -> int:
        """How many errors there were."""
        return sum(series.errors.total() for series in self.steps.values())

    def total(self) -> Figures:
        """The figures of all requests."""
        return self._figures(self.steps.values())

    def by_kind(self) -> dict[str, Figures]:
        """The figures of each kind of the mix that has requests."""
        kinds = {kind: [series for step, series in self.steps.items() if step.kind == kind] for kind in KINDS}
        return {kind: self._figures(series) for kind, series in kinds.items() if any(one.requests for one in series)}

    def by_step(self, kind: str) -> dict[str, Figures]:
        """The figures of each step of a kind that has requests."""
        steps = {step.name: series for step, series in self.steps.items() if step.kind == kind and series.requests}
        return {name: self._figures([series]) for name, series in steps.items()}

    def _figures(self, several: Iterable[Series]) -> Figures:
        series = list(several)
        ordered = sorted(latency for one in series for latency in one.latencies)
        p50, p90, p99, most = (_milliseconds(ordered, share) for share in (0.5, 0.9, 0.99, 1))
        requests = sum(one.requests for one in series)
        rate = requests / self.elapsed if self.elapsed else 0.0
        return Figures(requests, rate, p50, p90, p99, most, sum(one.errors.total() for one in series))


def percentile(ordered: list[float], share: float) -> float:
    """The least value that such a share of the values, of 0 to 1, does not exceed; they are sorted, and some."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _milliseconds(ordered: list[float], share: float) -> float | None:
    return percentile(ordered, share) * 1000 if ordered else None
