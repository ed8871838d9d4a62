"""A call with a timeout: database drivers have none for a response."""

import threading
from collections.abc import Callable
from concurrent.futures import Future


def within[R](seconds: float, call: Callable[[], R]) -> R:
    """The result of a call, which runs on a new daemon thread. After a timeout, the call continues on that thread.

    Raises:
        TimeoutError: The call takes longer.
        RuntimeError: No thread can start because the process is ending.
    """
    outcome: Future[R] = Future()

    def work() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=work, name="algomancy-api database", daemon=True).start()
    return outcome.result(seconds)
