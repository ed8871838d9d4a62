"""The main function of a child: receive a job, run it, send the result.

The contract with the parent: the parent sends the job, then maybe a request to stop. The child sends progress and log
records, then the result or a failure. Standard output and error are pipes that the parent reads.
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
from ...user_code import wrap_base_exceptions
from ..errors import Failure
from ..jobs import Job
from ..transport.frames import Kind, Wire
from ..transport.values import ReceivedValues, pieces
from . import parent_death
from .progress import Progress

#: Nice value of a child: the server gets the processor first.
_NICENESS = 19

type Frame = tuple[Kind, bytearray]


def main(end: socket, death_pipe: Connection, output: Connection, errors: Connection, level: int) -> None:
    """Run one job.

    Args:
        end: The socket to the parent.
        death_pipe: A pipe that closes when the parent dies.
        output: The pipe for standard output.
        errors: The pipe for standard error.
        level: The lowest level of the log.
    """
    importlib.import_module(".marker", __package__)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    parent_death.kill_group_on_close(death_pipe.fileno())
    _redirect(output, errors)
    wire = Wire(end)
    _log_to(wire, level)
    try:
        job = _job(wire)
    except EOFError:
        return  # the parent has closed the socket
    run = Run("")
    threading.Thread(target=_listen, args=(wire, run), name="algomancy-api parent", daemon=True).start()
    with contextlib.suppress(OSError):  # the parent died: this process is about to be killed
        _run_job(wire, job, run)
    sys.stdout.flush()


def _redirect(output: Connection, errors: Connection) -> None:
    """Send standard output and error to the parent, also those of C code."""
    os.dup2(output.fileno(), 1)
    os.dup2(errors.fileno(), 2)
    output.close()
    errors.close()
    keywords = {"buffering": 1, "encoding": "utf-8", "errors": "backslashreplace", "closefd": False}
    sys.stdout, sys.stderr = (open(number, "w", **keywords) for number in (1, 2))  # type: ignore[call-overload]  # noqa: PTH123, SIM115
    faulthandler.enable(sys.stderr)


def _job(wire: Wire) -> list[Frame]:
    """The frames of the job: all of them, before user code runs, whose output may have to wait for the parent."""
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
        parent_death.kill_own_group()


def _run_job(wire: Wire, frames: list[Frame], run: Run) -> None:
    """Run the job, and send its result or failure."""
    progress = Progress(wire)
    try:
        with run.under_way():
            result = _result(frames, progress)
        progress.end()
        for kind, content in pieces("result", result):
            wire.send(kind, content)
    except (Exception, RunStopped) as error:
        progress.end()
        wire.send(Kind.FAILURE, pickle.dumps(Failure.of(error)))


@wrap_base_exceptions
def _result(frames: list[Frame], progress: Progress) -> object:
    received = ReceivedValues()
    for kind, content in frames[:-1]:
        received.add(kind, content)
    _, skeleton = frames[-1]
    frames.clear()
    job: Job = received.value(skeleton)
    return job(progress.report)


class _WireHandler(logging.Handler):
    """Sends log records to the parent."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record as level, logger and text, its traceback included."""
        with contextlib.suppress(OSError):
            content = record.levelno, record.name, self.format(record)
            self._wire.send(Kind.RECORD, pickle.dumps(content))


def _log_to(wire: Wire, level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [_WireHandler(wire)]
    root.setLevel(level)
