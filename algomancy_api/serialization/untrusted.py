"""What is decoded may come from a client: checks that nothing which this package has written itself needs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath
from typing import Any

#: Checks a stream of Arrow within other content, before it is decoded.
type StreamCheck = Callable[[Any], None]

_check: ContextVar[StreamCheck | None] = ContextVar("the check of a client's streams", default=None)


@contextmanager
def decoding_of_clients(check: StreamCheck) -> Iterator[None]:
    """A context in which what is decoded comes from a client.

    Args:
        check: Raises an error for a stream that may not be decoded, as it would take too much memory.
    """
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def check_stream(data: Any) -> None:  # noqa: ANN401 - bytes, or a buffer of Arrow
    """Check a stream of Arrow, if it comes from a client."""
    if (check := _check.get()) is not None:
        check(data)


def check_file_name(name: str) -> None:
    """Raise ValueError for the name of a file outside of its folder, if it comes from a client."""
    path = PurePath(name)
    if _check.get() is not None and (path.is_absolute() or ".." in path.parts):
        raise ValueError(f"the name {name!r} leaves its folder")
