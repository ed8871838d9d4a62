"""`SystemExit` and the like in user code, turned into exceptions."""

import functools
from collections.abc import Callable

from .failure_report import attach_report, report_of


class Stopped(Exception):
    """User code raised a `BaseException` that is not an `Exception`; the text has its type and message."""


def wrap_base_exceptions[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """A decorator for a function that calls user code: each `BaseException` becomes an `Exception`.

    Otherwise a `sys.exit()` or a `KeyboardInterrupt` in user code ends a worker thread, or stops the event loop.

    Raises:
        Stopped: The function raised a `BaseException` such as `SystemExit`.
    """

    @functools.wraps(function)
    def call(*arguments: P.args, **keywords: P.kwargs) -> R:
        try:
            return function(*arguments, **keywords)
        except Exception:
            raise
        except BaseException as stop:
            stopped = Stopped(f"{type(stop).__name__}: {stop}")
            attach_report(stopped, report_of(stop))
            raise stopped from stop

    return call
