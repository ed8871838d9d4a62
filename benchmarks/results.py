"""Results of a run of the benchmarks, as in ``results/latest.json``. Latencies are in milliseconds."""

from statistics import median
from typing import Self

from msgspec import Struct

from .wrk import Rate


class Requests(Struct):
    """The rates of one kind of request.

    Attributes:
        what: The request.
        sides: The median of some rounds, by server.
        over_peer: Target: our rate over the peer's.
        over_bare: Target: our rate over the bare app's; None where they are not comparable.
    """

    what: str
    sides: dict[str, Rate]
    over_peer: float
    over_bare: float | None = None

    def ratio(self, side: str) -> float | None:
        """Our rate over another server's; None if that was not measured."""
        other = self.sides.get(side)
        return self.sides["ours"].rate / other.rate if other and other.rate else None


class Figure(Struct):
    """Another figure of each server. Less is better.

    Attributes:
        what: What is measured.
        unit: Its unit.
        sides: The figure, by server.
        wanted: The target, in words.
        holds: Whether our figure meets the target; None if that is unknown.
    """

    what: str
    unit: str
    sides: dict[str, float]
    wanted: str = ""
    holds: bool | None = None


class Point(Struct):
    """The cost of one `status` request at a size: CPU time of each server, in microseconds."""

    what: str
    size: int
    cost: dict[str, float]


class Results(Struct):
    """All results of one run."""

    machine: str
    versions: dict[str, str]
    requests: list[Requests] = []
    figures: list[Figure] = []
    growth: list[Point] = []

    def add(self, other: Self) -> None:
        """Add the results of another part."""
        self.requests += other.requests
        self.figures += other.figures
        self.growth += other.growth


def middle(rates: list[Rate]) -> Rate:
    """The median of some rounds, for each figure separately; requests and errors are summed."""
    return Rate(
        requests=sum(rate.requests for rate in rates),
        rate=median(rate.rate for rate in rates),
        p50=median(rate.p50 for rate in rates),
        p99=median(rate.p99 for rate in rates),
        worst=max(rate.worst for rate in rates),
        errors=sum(rate.errors for rate in rates),
    )
