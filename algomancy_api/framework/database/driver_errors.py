"""Errors of a database driver, translated to those of `framework.errors`.

The drivers have one class, `OperationalError`, for a lost server, a full disk and a table with too many columns. Only
their codes tell these apart.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import ExceptionContext

from ..errors import DatabaseUnavailable, NotStorable


class ErrorCodes(NamedTuple):
    """The meaning of a driver's errors.

    Attributes:
        code_of: The code of an error, if it has one.
        meanings: The exception to raise, by the beginning of the code, the special before the general.
        without_code: The exception to raise for an operational error without a code, if any.
    """

    code_of: Callable[[BaseException], str | None]
    meanings: Mapping[str, type[Exception]]
    without_code: type[Exception] | None = None


def translate_errors(engine: sa.Engine, codes: ErrorCodes) -> None:
    """Have an engine raise `DatabaseUnavailable`, `StorageFull` and `NotStorable`. All else stays SQLAlchemy's."""

    def translated(context: ExceptionContext) -> BaseException | None:
        is_interrupt = not isinstance(context.original_exception, Exception)  # Ctrl-C, which SQLAlchemy passes on
        if context.is_pre_ping or is_interrupt:  # the pool's own check, after which it reconnects
            return None
        meaning = _meaning(context, codes)
        return None if meaning is None else meaning(" ".join(str(context.original_exception).split()))

    sa.event.listen(engine, "handle_error", translated)


def _meaning(context: ExceptionContext, codes: ErrorCodes) -> type[Exception] | None:
    if context.is_disconnect:
        return DatabaseUnavailable
    if (code := codes.code_of(context.original_exception)) is not None:
        return next((meaning for start, meaning in codes.meanings.items() if code.startswith(start)), None)
    if isinstance(context.sqlalchemy_exception, sa.exc.DataError):
        return NotStorable  # the driver refuses to send a value, such as a text with a NUL
    if isinstance(context.sqlalchemy_exception, sa.exc.OperationalError):
        return codes.without_code
    return None
