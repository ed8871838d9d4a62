"""What a request says of a run, and what is found out about it."""

import math
from dataclasses import dataclass
from typing import NamedTuple

#: Seconds: how long a run may take to end by itself, if the request does not say.
GRACE = 10.0


class RunOptions(NamedTuple):
    """The options of a run, from the request for it.

    Attributes:
        time_limit: Seconds: the time limit of the run; None for that of the engine.
        retries: How often the run is repeated after its process or its worker has died.
        sender: Who asks for it: a name that is unique to the sender of the request; None for nobody.
        keeps_best: Whether the run ends with what it has at its time limit, and does not fail.
    """

    time_limit: float | None = None
    retries: int = 0
    sender: str | None = None
    keeps_best: bool = False


class Usage(NamedTuple):
    """What a run has used: seconds of processor time, and at most how many bytes of memory, if that is known."""

    cpu_seconds: float
    peak_memory: int | None


@dataclass
class RunFacts:
    """What an engine finds out about a run; None for what is not known.

    Attributes:
        worker: Where it runs: a process, or the address of a Dask worker.
        usage: What it has used, once it has ended.
        seed: The seed of its random numbers.
    """

    worker: str | None = None
    usage: Usage | None = None
    seed: int | None = None


def is_time_limit(value: object) -> bool:
    """Whether a value is a time limit: a positive number of seconds, or None for no limit."""
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
