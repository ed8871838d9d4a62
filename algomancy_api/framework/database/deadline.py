"""Calls with a deadline: drivers of databases have no time limit for an answer."""

import threading
from collections.abc import Callable
from concurrent.futures import Future


def within[R](seconds: float, call: Callable[[], R]) -> R:
    """The result of a call on a thread of its own. After the deadline, the call goes on there until the process ends.

    Raises:
        TimeoutError: It takes longer.
        RuntimeError: The process is ending, and cannot start threads.
    """
    outcome: Future[R] = Future()

    def work() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=work, name="algomancy-api database", daemon=True).start()
    return outcome.result(seconds)
