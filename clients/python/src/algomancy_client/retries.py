"""How often a request is sent again, and after which pause."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

#: Statuses of 500 and above that another attempt does not change: not implemented, wrong version, no space left.
_FINAL = frozenset({501, 505, 507})

#: Statuses below 500 whose cause passes by itself.
_PASSING = frozenset({408, 425, 429})


@dataclass(frozen=True)
class Retries:
    """How often a request is sent again, and after which pause.

    Attributes:
        attempts: How often it is sent at most; 1 for no retry.
        first: Seconds: the pause after the first attempt. Each further one is twice as long, and up to half of it is
            left out at random, so that clients do not come back at the same moment.
        longest: Seconds: the longest pause. If the server asks for a longer one, its error is raised.
        outage: Seconds: how long a wait for runs outlasts a server that does not answer, such as one that restarts.
    """

    attempts: int = 5
    first: float = 0.25
    longest: float = 30.0
    outage: float = 300.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or min(self.first, self.longest, self.outage) < 0:
            raise ValueError(f"attempts must be at least 1, and no time negative; got {self}")

    def pause(self, attempt: int, asked: float = 0) -> float | None:
        """Seconds until the next attempt, or None if there is none.

        Args:
            attempt: The number of attempts that have failed.
            asked: Seconds: the pause that the server asks for.
        """
        if attempt >= self.attempts or asked > self.longest:
            return None
        longest = min(self.longest, self.first * 2.0 ** min(attempt - 1, 30))
        return asked + longest * random.uniform(0.5, 1)  # noqa: S311 - for pauses, not for secrets


def is_passing(status: int, retry_after: str | None) -> bool:
    """Whether the cause of a status may be gone at the next attempt.

    A 409 that says when to come back is one of an earlier attempt that is still under way.
    """
    if status == 409:
        return retry_after is not None
    return status in _PASSING or (status >= 500 and status not in _FINAL)


def seconds_of(retry_after: str | None) -> float:
    """The pause in a `Retry-After`, in seconds: of a number, or of a date; 0 if there is none that can be read."""
    if not retry_after:
        return 0
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())
