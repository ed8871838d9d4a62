"""What happens in a child: it gets a job, does it, tells of it, and ends.

Its contract with the parent: the parent sends the job, then perhaps that it should stop. The child sends progress and
log records, then the result or a failure. Standard output and error are pipes that the parent reads.
"""

import contextlib
import faulthandler
import importlib
import logging
import os
import pickle
import sys
import threading
from multiprocessing.connection import Connection
from socket import socket

from ...run import Run, RunStopped
from ...user_code import contained
from ..errors import Failure
from ..jobs import Job
from ..transport.frames import Kind, Wire
from ..transport.values import ReceivedValues, pieces
from . import parent_death
from .progress import Progress

#: How far a child stands back where processors are scarce: the server answers first.
_NICENESS = 19

type Frame = tuple[Kind, bytearray]


def main(end: socket, lifeline_end: Connection, output: Connection, errors: Connection, level: int) -> None:
    """Do one job.

    Args:
        end: The line to the parent.
        lifeline_end: What tells of the parent's end.
        output: Where standard output goes.
        errors: Where standard error goes.
        level: The least level that is logged.
    """
    importlib.import_module(".marker", __package__)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    parent_death.hold(lifeline_end.fileno())
    _redirect(output, errors)
    wire = Wire(end)
    _log_to(wire, level)
    try:
        job = _job(wire)
    except EOFError:
        return  # nobody wants it any more
    run = Run("")
    threading.Thread(target=_listen, args=(wire, run), name="algomancy-api parent", daemon=True).start()
    with contextlib.suppress(OSError):  # the parent is gone, and so is this process in a moment
        _tell(wire, job, run)
    sys.stdout.flush()


def _redirect(output: Connection, errors: Connection) -> None:
    """Have what is printed, by whatever code, go to the parent."""
    os.dup2(output.fileno(), 1)
    os.dup2(errors.fileno(), 2)
    output.close()
    errors.close()
    keywords = {"buffering": 1, "encoding": "utf-8", "errors": "backslashreplace", "closefd": False}
    sys.stdout, sys.stderr = (open(number, "w", **keywords) for number in (1, 2))  # type: ignore[call-overload]  # noqa: PTH123, SIM115
    faulthandler.enable(sys.stderr)


def _job(wire: Wire) -> list[Frame]:
    """The frames of the job: all of them, before any code of the user's can print and wait for the parent."""
    frames = [wire.receive()]
    while frames[-1][0] is not Kind.VALUE:
        frames.append(wire.receive())
    return frames


def _listen(wire: Wire, run: Run) -> None:
    try:
        while True:
            _kind, reason = wire.receive()
            run.stop(reason.decode())
    except EOFError:
        parent_death.end_own_group()


def _tell(wire: Wire, frames: list[Frame], run: Run) -> None:
    """Do the job, and tell what came of it."""
    progress = Progress(wire)
    try:
        with run.under_way():
            result = _done(frames, progress)
        progress.end()
        for kind, content in pieces("result", result):
            wire.send(kind, content)
    except (Exception, RunStopped) as error:
        progress.end()
        wire.send(Kind.FAILURE, pickle.dumps(Failure.of(error)))


@contained
def _done(frames: list[Frame], progress: Progress) -> object:
    arrival = ReceivedValues()
    for kind, content in frames[:-1]:
        arrival.add(kind, content)
    _, skeleton = frames[-1]
    frames.clear()
    job: Job = arrival.value(skeleton)
    return job(progress.tell)


class _Records(logging.Handler):
    """Sends what is logged to the parent."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record as level, logger and text, its traceback included."""
        with contextlib.suppress(OSError):
            told = record.levelno, record.name, self.format(record)
            self._wire.send(Kind.RECORD, pickle.dumps(told))


def _log_to(wire: Wire, level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [_Records(wire)]
    root.setLevel(level)
