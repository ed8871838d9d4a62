"""The prints and log records of an algorithm that runs on a thread of this process.

While such a run is under way, objects of this module stand in place of `sys.stdout`, `sys.stderr` and the factory of
log records. They pass everything on, and copy what comes from the context of a run. Others may replace the same
objects at any time: only those of this module are taken away again.
"""

import copy
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from .kept import KeptOutput
from .lines import Lines, record_lines
from .pages import LOG, STDERR, STDOUT

#: The attributes of `sys` that are replaced: the number and the level of each stream.
_STREAMS = {"stdout": (STDOUT, logging.INFO), "stderr": (STDERR, logging.WARNING)}

_formatter = logging.Formatter()


class _Capture:
    """Takes what one run prints and logs."""

    def __init__(self, output: KeptOutput) -> None:
        self._output = output
        self._lock = threading.RLock()  # an object that is collected meanwhile may print
        self._lines = {name: Lines(partial(self._add, *stream)) for name, stream in _STREAMS.items()}

    def write(self, stream: str, text: str) -> None:
        with self._lock:
            self._lines[stream].feed(text.encode(errors="backslashreplace"))

    def record(self, record: logging.LogRecord) -> None:
        self._add(LOG, record.levelno, record_lines(record.name, _formatter.format(copy.copy(record))))

    def end(self) -> None:
        with self._lock:
            for lines in self._lines.values():
                lines.end()

    def _add(self, stream: int, level: int, lines: bytes) -> None:
        self._output.add(time.time(), stream, level, lines)


_current: ContextVar[_Capture | None] = ContextVar("current capture", default=None)

#: The state of a thread: whether it is inside an object of this module, which another one of them may call.
_thread = threading.local()

_changing = threading.Lock()
_runs = 0


@contextmanager
def captured(output: KeptOutput | None) -> Iterator[None]:
    """A context whose prints and log records are copied to an output; None for no effect."""
    if output is None:
        yield
        return
    capture = _Capture(output)
    _enter()
    token = _current.set(capture)
    try:
        yield
    finally:
        _current.reset(token)
        _leave()
        capture.end()


def _enter() -> None:
    global _runs
    with _changing:
        _runs += 1
        for name in _STREAMS:
            if not isinstance(stream := getattr(sys, name), _Stream):
                setattr(sys, name, _Stream(stream, name))
        if not isinstance(factory := logging.getLogRecordFactory(), _RecordFactory):
            logging.setLogRecordFactory(_RecordFactory(factory))


def _leave() -> None:
    global _runs
    with _changing:
        _runs -= 1
        if _runs:
            return
        for name in _STREAMS:
            if isinstance(stream := getattr(sys, name), _Stream):
                setattr(sys, name, stream.former)
        if isinstance(factory := logging.getLogRecordFactory(), _RecordFactory):
            logging.setLogRecordFactory(factory.former)


@contextmanager
def _outermost() -> Iterator[_Capture | None]:
    """A context with the capture of the current run; None inside another such context, which has it already."""
    capture = _current.get()
    if capture is None or getattr(_thread, "is_inside", False):
        yield None
        return
    _thread.is_inside = True
    try:
        yield capture
    finally:
        _thread.is_inside = False


class _Stream:
    """A text stream that copies what a run writes. All else is that of the former stream."""

    def __init__(self, former: Any, name: str) -> None:  # noqa: ANN401 - None, or any object with a `write`
        self.former = former
        self._stream = name

    def write(self, text: str) -> Any:  # noqa: ANN401 - what the former stream returns
        with _outermost() as capture:
            if capture is not None and isinstance(text, str):
                capture.write(self._stream, text)
            return len(text) if self.former is None else self.former.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self.former is not None:
            self.former.flush()

    def __iter__(self) -> Iterator[str]:
        return iter(self.former)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self.former, name)


class _RecordFactory:
    """A factory of log records that copies those of a run.

    A handler would see fewer of them, and change `logging`: with a handler, `basicConfig` does nothing.
    """

    def __init__(self, former: Callable[..., logging.LogRecord]) -> None:
        self.former = former

    def __call__(self, *arguments: Any, **keywords: Any) -> logging.LogRecord:  # noqa: ANN401
        with _outermost() as capture:
            record = self.former(*arguments, **keywords)
            if capture is not None and record.name:
                _copy(record, capture)
            return record


def _copy(record: logging.LogRecord, capture: _Capture) -> None:
    try:
        capture.record(record)
    except Exception:  # its arguments do not fit: the handlers report it
        capture.record(logging.LogRecord(record.name, record.levelno, "", 0, "%r", (record.msg,), None))
