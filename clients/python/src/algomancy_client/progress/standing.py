"""How many runs have ended, and how far the others are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Run(Protocol):
    """What a standing is made of."""

    @property
    def status(self) -> str: ...

    @property
    def progress(self) -> float: ...

    @property
    def is_active(self) -> bool: ...


class Standing(NamedTuple):
    """How far some runs are.

    Attributes:
        total: Their number.
        ended: How many have ended, in whatever way.
        failed: How many of these are not complete.
        percent: How far all of them are, from 0 to 100.
    """

    total: int
    ended: int
    failed: int
    percent: float

    @classmethod
    def of(cls, runs: Iterable[Run]) -> Standing:
        """The standing of some runs. A queued one has no progress, and one that has ended has all of it."""
        known = list(runs)
        ended = [run for run in known if not run.is_active]
        failed = sum(run.status != "complete" for run in ended)
        done = 100.0 * len(ended) + sum(run.progress for run in known if run.status == "processing")
        return cls(len(known), len(ended), failed, done / max(len(known), 1))

    def __str__(self) -> str:
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{self.ended:,} of {self.total:,} runs have ended{failed}; {self.percent:.0f} %"
