"""What load to put on which server."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What a load is made of.
KINDS = {
    "reads": "one GET: /health, or a session's lists, scenarios and their status",
    "polls": "one GET of the status of a scenario that is there",
    "runs": "create a scenario, run it, poll its status until it has ended, delete it",
    "uploads": "send a dataset's download back under a new name, delete that dataset",
}

#: Those that write.
WRITING = frozenset({"runs", "uploads"})


class LoadError(Exception):
    """Why there is no load, in one line for the user."""

    exit_code = 1


class UsageError(LoadError):
    """What the user has to change in how the load was asked for."""

    exit_code = 2


@dataclass(frozen=True)
class Plan:
    """A load.

    Attributes:
        url: The root of the app, without its prefix.
        connections: How many are kept open, each with one request under way at most.
        seconds: How long requests are begun. Those under way at the end have their ``timeout``.
        mix: Weight by kind, of `KINDS`: how often a connection that is free takes up which.
        rate: Requests per second over all connections, evenly spaced; None is as fast as the server answers.
        prefix: What the routes of the app stand under.
        session: Id or name of the session that is read and written to. None is the default session for what is read,
            and a session made for the purpose, and deleted, for what is written.
        algorithm: What the runs run; None is the first whose parameters all have a value.
        dataset: What the runs run on and the uploads send; None is the first.
        token: For ``Authorization: Bearer``.
        timeout: How long a request may take, in seconds.
    """

    url: str
    connections: int = 16
    seconds: float = 10
    mix: Mapping[str, float] = field(default_factory=lambda: {"reads": 100})
    rate: float | None = None
    prefix: str = "/api/v1"
    session: str | None = None
    algorithm: str | None = None
    dataset: str | None = None
    token: str | None = field(default=None, repr=False)
    timeout: float = 10

    @property
    def writes(self) -> bool:
        """Whether anything of it writes to the server."""
        return not WRITING.isdisjoint(self.mix)
