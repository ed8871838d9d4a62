"""Exceptions sent from a child to its parent, and the error for a child that died."""

import copyreg
import io
import pickle
import re
import signal
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from ..failure_report import Explained, FailureReport, attach_report, message_of, report_of
from ..options import Usage

#: Patterns of the notes that pickle adds to its errors, innermost first: the path to the part that cannot be pickled.
_ITEM = re.compile(r"when serializing (dict|list|tuple) item (.*)", re.DOTALL)
_STATE = re.compile(r"when serializing .* state")


#: Signals that end programs which get no memory, and do not expect that.
_WITHOUT_MEMORY = ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGTRAP")


class EngineError(Explained):
    """An engine failed to run an algorithm or an ETL, for a reason outside of their code."""


class NotPicklable(EngineError):
    """A value cannot be pickled for another process; the text has the path to the part."""


class ChildDied(EngineError):
    """A child process, or the Dask worker that had it, ended before its job did."""


class AlgorithmFailed(Exception):
    """An algorithm's exception that cannot be unpickled in this process; it has the same text."""


@dataclass(frozen=True)
class Failure:
    """An exception raised in a child. Only the parent unpickles it, since it may have the same classes.

    On its way from a Dask worker it has what the run has used.
    """

    text: str
    traceback: str
    error: bytes | None
    report: FailureReport
    usage: Usage | None = None

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """The failure for an exception."""
        formatted = "".join(traceback.format_exception(error))
        return cls(message_of(error), formatted, _pickled(error), report_of(error))

    def as_error(self) -> Exception:
        """The exception as it was raised, or else one with the same text and a base class that both processes have."""
        error = self._unpickled() or AlgorithmFailed(self.text)
        attach_report(error, self.report)
        error.add_note(f"In the child process:\n{self.traceback.rstrip()}")
        return error

    def _unpickled(self) -> Exception | None:
        try:
            error = pickle.loads(self.error or b"")  # noqa: S301 - from a child of this process
            return error if isinstance(error, Exception) and str(error) == self.text else None
        except Exception:  # its class cannot be imported here, or its constructor takes other arguments
            return None


def _pickled(error: BaseException) -> bytes | None:
    """The pickled exception, or one of its nearest base class that can be pickled: the HTTP status depends on it."""
    for kind in type(error).__mro__:
        try:
            replacement = error if kind is type(error) else kind(str(error))
            pickled = _dumped(replacement)
            if str(pickle.loads(pickled)) == str(error):  # noqa: S301 - pickled two lines above
                return pickled
        except Exception:  # noqa: S112 - try the next base class
            continue
    return None


def _dumped(error: BaseException) -> bytes:
    """A pickle made by the exception's own `__reduce__`: Dask, once imported, registers another for all exceptions."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer)
    registered = copyreg.dispatch_table.items()
    pickler.dispatch_table = {kind: reduce for kind, reduce in registered if not issubclass(kind, BaseException)}
    pickler.dump(error)
    return buffer.getvalue()


def reason_not_to_pickle(name: str, error: Exception) -> str:
    """The message of a pickle error with the path to the part: ``data.cache['x'] cannot be sent to another process``.

    Args:
        name: The start of the path.
        error: What pickle raised.
    """
    path = name + "".join(_steps(reversed(getattr(error, "__notes__", []))))
    return f"{path.removeprefix('.')} cannot be sent to another process: {error}"


def _steps(notes: Iterator[str]) -> Iterator[str]:
    is_attribute = False
    for note in notes:
        if (item := _ITEM.fullmatch(note)) is None:
            is_attribute = _STATE.fullmatch(note) is not None or is_attribute
            continue
        container, key = item.groups()
        if is_attribute and container == "tuple":
            continue  # a state of two parts: the tuple is not part of the path
        yield f".{key[1:-1]}" if is_attribute else f"[{key}]"
        is_attribute = False


def death(exit_code: int, *, has_limit: bool = False) -> ChildDied:
    """The error for a child that ended without a result.

    Args:
        exit_code: Its exit code; a negative one is that of a signal.
        has_limit: Whether its memory was limited: what cannot have more of it often aborts.
    """
    if exit_code >= 0:
        return ChildDied(f"The worker process exited with code {exit_code} before it was done")
    name = signal.Signals(-exit_code).name if -exit_code in set(signal.Signals) else f"signal {-exit_code}"
    cause = " (out of memory?)" if name == "SIGKILL" else ""
    if has_limit and name in _WITHOUT_MEMORY:
        cause = " (more than memory_per_run?)"
    return ChildDied(f"The worker process was killed by {name}{cause}")
