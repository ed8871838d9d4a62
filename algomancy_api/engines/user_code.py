"""A user's code, unable to take along the thread that it runs on."""

import functools
from collections.abc import Callable


class Stopped(Exception):
    """User code ended with something that is not an `Exception`, and what it was."""


def contained[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """A function that raises nothing but an `Exception`.

    A `sys.exit()` or a `KeyboardInterrupt` of the user's ends a worker thread, and stops an event loop.

    Raises:
        Stopped: The function raised something else, such as `SystemExit`.
    """

    @functools.wraps(function)
    def call(*arguments: P.args, **keywords: P.kwargs) -> R:
        try:
            return function(*arguments, **keywords)
        except Exception:
            raise
        except BaseException as stop:
            raise Stopped(f"{type(stop).__name__}: {stop}") from stop

    return call
