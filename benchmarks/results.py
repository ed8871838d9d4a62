"""What a run of the benchmarks found, as it stands in ``results/latest.json``. Times are in milliseconds."""

from statistics import median
from typing import Self

from msgspec import Struct

from .wrk import Rate


class Requests(Struct):
    """A kind of request, and what each side made of it.

    Attributes:
        what: The request.
        sides: The median of some rounds, by side.
        over_peer: How many times the peer's rate is wanted.
        over_bare: Which part of the bare app's rate is wanted, if that says anything.
    """

    what: str
    sides: dict[str, Rate]
    over_peer: float
    over_bare: float | None = None

    def ratio(self, side: str) -> float | None:
        """Our rate in terms of another side's, where that was measured."""
        other = self.sides.get(side)
        return self.sides["ours"].rate / other.rate if other and other.rate else None


class Figure(Struct):
    """Something else that was measured of each side, of which less is better.

    Attributes:
        what: What.
        unit: In which unit.
        sides: The figure, by side.
        wanted: What it should be, in words.
        holds: Whether it is.
    """

    what: str
    unit: str
    sides: dict[str, float]
    wanted: str = ""
    holds: bool | None = None


class Point(Struct):
    """What one `status` costs at a size: processor time of the server in microseconds, by side."""

    what: str
    size: int
    cost: dict[str, float]


class Results(Struct):
    """All of one run."""

    machine: str
    versions: dict[str, str]
    requests: list[Requests] = []
    figures: list[Figure] = []
    growth: list[Point] = []

    def add(self, other: Self) -> None:
        """Take over what another part has found."""
        self.requests += other.requests
        self.figures += other.figures
        self.growth += other.growth


def middle(rates: list[Rate]) -> Rate:
    """The median of some rounds, each figure for itself; errors of all of them."""
    return Rate(
        requests=sum(rate.requests for rate in rates),
        rate=median(rate.rate for rate in rates),
        p50=median(rate.p50 for rate in rates),
        p99=median(rate.p99 for rate in rates),
        worst=max(rate.worst for rate in rates),
        errors=sum(rate.errors for rate in rates),
    )
