"""A call that is given up after a time: drivers of databases have no limit for how long an answer may take."""

import threading
from collections.abc import Callable
from concurrent.futures import Future


def within[R](seconds: float, call: Callable[[], R]) -> R:
    """The result of a call on a thread of its own. Given up, it goes on there, and the end of the process ends it.

    Raises:
        TimeoutError: It takes longer.
        RuntimeError: There are no new threads: the process is ending.
    """
    outcome: Future[R] = Future()

    def work() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=work, name="algomancy-api database", daemon=True).start()
    return outcome.result(seconds)
