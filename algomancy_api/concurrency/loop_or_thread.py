"""A call that was quick on a worker thread runs on the event loop the next time.

A switch to a thread costs a request some 0.1 ms, several times as much as a small piece of work, and the thread
competes with the loop for the interpreter anyway. So encoding is timed, and a call that took less than two milliseconds
runs on the loop from then on. If it becomes slow, it blocks the loop once, and runs on a thread again. Only times are
stored, no results.
"""

from collections.abc import Callable
from math import inf
from time import perf_counter, thread_time
from typing import Any
from weakref import WeakKeyDictionary

#: Seconds of processor time: limit of a quick call. Waiting, such as for the interpreter, does not count.
_QUICK = 0.002

#: Seconds on the loop: limit of a call that does not block. A longer call waits for something, such as a disk.
_BLOCKING = 0.02


class CallTimings:
    """The time that a call took for each of its subjects.

    All methods have the same arguments: the subject; the state of the subject on which the time depends; and the amount
    of work, to which the time is proportional.
    """

    def __init__(self) -> None:
        self._seconds: WeakKeyDictionary[Any, tuple[object, float]] = WeakKeyDictionary()

    def are_quick(self, subject: object, state: object = None, amount: int = 1) -> bool:
        """Whether the call is expected to be quick; False for the first call with a subject in a state."""
        known_state, seconds = self._seconds.get(subject, (None, inf))
        return known_state == state and seconds * amount < _QUICK

    def on_worker[T, R](self, call: Callable[[T], R], subject: T, state: object = None, amount: int = 1) -> R:
        """The result of a call on a worker thread, which is timed."""
        start = thread_time()
        result = call(subject)
        seconds = (thread_time() - start) / max(1, amount)
        # A call that has blocked the loop stays on worker threads until the subject's state changes.
        if self._seconds.get(subject) != (state, inf):
            self._seconds[subject] = state, seconds
        return result

    def on_loop[T, R](self, call: Callable[[T], R], subject: T, state: object = None) -> R:
        """The result of a call on the event loop, which was expected to be quick."""
        start = perf_counter()
        result = call(subject)
        if perf_counter() - start > _BLOCKING:
            self._seconds[subject] = state, inf
        return result
