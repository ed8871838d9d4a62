"""What was quick on a worker thread is done on the event loop the next time.

A thread costs a request some 0.1 ms, several times the work itself where that is small, and it keeps the loop from the
interpreter no less. So encoding is timed, and what took less than two milliseconds goes without a thread from then on.
What turns out to be slow meanwhile holds up the loop once, and is on a thread thereafter. Nothing but the place of the
work depends on this: no value is kept.
"""

from collections.abc import Callable
from math import inf
from time import perf_counter, thread_time
from typing import Any
from weakref import WeakKeyDictionary

#: Processor time, in seconds: what else a thread may wait for, the interpreter above all, does not count.
_QUICK = 0.002

#: Time on the loop, in seconds. What takes that much waits for something that must not be waited for there.
_BLOCKING = 0.02


class AdaptivePacing:
    """How long a call took for each thing that it was made for.

    The arguments are the same everywhere: the thing; the state of it that decides how long the call takes; and the
    amount of what there is to do.
    """

    def __init__(self) -> None:
        self._seconds: WeakKeyDictionary[Any, tuple[object, float]] = WeakKeyDictionary()

    def are_quick(self, thing: object, state: object = None, amount: int = 1) -> bool:
        """Whether the call is expected to be quick; the first one for a thing in a state is not."""
        known_state, seconds = self._seconds.get(thing, (None, inf))
        return known_state == state and seconds * amount < _QUICK

    def on_worker[T, R](self, call: Callable[[T], R], thing: T, state: object = None, amount: int = 1) -> R:
        """The result of the call, which takes the thing and is timed, on a worker thread."""
        start = thread_time()
        result = call(thing)
        seconds = (thread_time() - start) / max(1, amount)
        # What has blocked the loop once is not given a second chance in the same state.
        if self._seconds.get(thing) != (state, inf):
            self._seconds[thing] = state, seconds
        return result

    def on_loop[T, R](self, call: Callable[[T], R], thing: T, state: object = None) -> R:
        """The result of the call, which takes the thing and was expected to be quick, on the event loop."""
        start = perf_counter()
        result = call(thing)
        if perf_counter() - start > _BLOCKING:
            self._seconds[thing] = state, inf
        return result
