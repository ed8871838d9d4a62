"""When an event is tried again, and when it is given up."""

import random
from typing import Final

from .outbox import Tried

#: Seconds: the first pause, the longest, and the age at which an event is given up.
FIRST: Final = 5.0
LONGEST: Final = 24 * 3600.0
OLDEST: Final = 3 * 24 * 3600.0

#: By how much a pause is longer than the one before; and the power with which it is a day in any case.
_FACTOR, _MOST_POWER = 4, 10

#: The part of a pause that is drawn at random, so that events that failed together are not tried together.
_JITTER = 0.2

#: Seconds: a receiver that has not answered at all gets no event for so long, however many wait.
SILENCE: Final = 60.0


def pause_after(tries: int, tried: Tried) -> float:
    """Seconds until an event is tried again: from seconds to a day, or longer if the receiver asks for that.

    Args:
        tries: How often it was tried.
        tried: The last try.
    """
    longest = min(LONGEST, FIRST * float(_FACTOR ** min(tries - 1, _MOST_POWER)))
    return max(longest * random.uniform(1 - _JITTER, 1), _wish(tried))  # noqa: S311 - no secret


def rest_after(tries: int, tried: Tried) -> float:
    """Seconds in which a receiver gets no event at all, after a try that has failed.

    One that answers may refuse one event and take the next. One that does not answer is asked by one try at a time.
    """
    rest = min(SILENCE, pause_after(tries, tried)) if tried.status is None else 0.0
    return max(rest, _wish(tried))


def is_too_old(created: float, due: float) -> bool:
    """Whether an event would be tried again later than it is worth."""
    return due > created + OLDEST


def _wish(tried: Tried) -> float:
    return min(LONGEST, tried.retry_after or 0.0)
