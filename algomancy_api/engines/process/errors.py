"""Errors on their way back to the parent, and what is said of a child that can say nothing any more."""

import copyreg
import io
import pickle
import re
import signal
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

#: What pickle notes of the way to what it cannot pickle: innermost first.
_ITEM = re.compile(r"when serializing (dict|list|tuple) item (.*)", re.DOTALL)
_STATE = re.compile(r"when serializing .* state")


class EngineError(Exception):
    """What went wrong where an algorithm or an ETL ran, through no word of its own."""


class NotPicklable(EngineError):
    """Something cannot leave its process, and what."""


class ChildDied(EngineError):
    """A child ended before its work did, and how."""


class AlgorithmFailed(Exception):
    """What an algorithm raised in a child, where that cannot be raised here: its text."""


@dataclass(frozen=True)
class Failure:
    """What was raised in a child. Only the parent, which may know the same classes, tries to make an error of it."""

    text: str
    traceback: str
    error: bytes | None

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """What is to be told of an error."""
        try:
            text = str(error)
        except Exception as worse:
            text = f"{type(error).__name__}, whose text cannot be read: {type(worse).__name__}"
        told = "".join(traceback.format_exception(error))
        return cls(text, told, _pickled(error))

    def as_error(self) -> Exception:
        """The error, as it was raised if that can be, else as one of the same text and of a class that both know."""
        error = self._unpickled() or AlgorithmFailed(self.text)
        error.add_note(f"In the child process:\n{self.traceback.rstrip()}")
        return error

    def _unpickled(self) -> Exception | None:
        try:
            error = pickle.loads(self.error or b"")  # noqa: S301 - from a child of this process
            return error if isinstance(error, Exception) and str(error) == self.text else None
        except Exception:  # its class is not to be imported here, or its constructor takes something else
            return None


def _pickled(error: BaseException) -> bytes | None:
    """An error pickled, or the nearest of its kind that can be: which status it has depends on its class."""
    for kind in type(error).__mro__:
        try:
            alike = error if kind is type(error) else kind(str(error))
            pickled = _dumped(alike)
            if str(pickle.loads(pickled)) == str(error):  # noqa: S301 - our own, of a moment ago
                return pickled
        except Exception:  # noqa: S112 - then the next one
            continue
    return None


def _dumped(error: BaseException) -> bytes:
    """A pickle, made in the error's own way: Dask, where it is imported, registers another for every kind of error."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer)
    registered = copyreg.dispatch_table.items()
    pickler.dispatch_table = {kind: reduce for kind, reduce in registered if not issubclass(kind, BaseException)}
    pickler.dump(error)
    return buffer.getvalue()


def reason_not_to_pickle(name: str, error: Exception) -> str:
    """What pickle says, with the way to what it says it of: ``data.cache['x']: cannot pickle …``."""
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
            continue  # of the two halves of a state, that of the slots
        yield f".{key[1:-1]}" if is_attribute else f"[{key}]"
        is_attribute = False


def death(exit_code: int) -> ChildDied:
    """How a child ended that had no time to say so."""
    if exit_code >= 0:
        return ChildDied(f"The process that ran it exited with code {exit_code} before it was done")
    name = signal.Signals(-exit_code).name if -exit_code in set(signal.Signals) else f"signal {-exit_code}"
    cause = ", as the system does where memory runs out" if name == "SIGKILL" else ""
    return ChildDied(f"The process that ran it was ended by {name}{cause}")
