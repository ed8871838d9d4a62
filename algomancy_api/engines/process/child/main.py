"""The main function of a child: receive a job, run it, send the result.

The contract with the parent: the parent sends the setup and the job, then maybe requests to end with what there is, and
to stop. The child sends progress, reports and log records, then the result or a failure. Standard output and error are
pipes that the parent reads.
"""

import contextlib
import faulthandler
import importlib
import logging
import os
import pickle
import signal
import sys
import threading
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from socket import socket

from ...reports import Reports
from ...run import Run, RunStopped
from ...user_code import wrap_base_exceptions
from ..errors import Failure
from ..jobs import Job
from ..transport.frames import Kind, Wire
from ..transport.values import ReceivedValues, pieces
from . import orphans, parent_death
from .progress import MOST_POINTS, Progress
from .records import RecordSender
from .setup import Setup, memory
from .usage import UsageMeter

#: Nice value of a child: the server gets the processor first.
_NICENESS = 19

type Frame = tuple[Kind, bytearray]


def main(end: socket, death_pipe: Connection, output: Connection, errors: Connection) -> None:
    """Run one job.

    Args:
        end: The socket to the parent.
        death_pipe: A pipe that closes when the parent dies.
        output: The pipe for standard output.
        errors: The pipe for standard error.
    """
    importlib.import_module(".marker", __package__)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    parent_death.kill_on_close(death_pipe.fileno(), alone=_is_forked())
    orphans.adopt_orphans()
    _leave_the_server()
    _redirect(output, errors)
    wire = Wire(end)
    records = _log_to(wire)
    try:
        setup: Setup = pickle.loads(wire.receive()[1])  # noqa: S301 - from the parent
        job = _job(wire)
    except EOFError:
        return  # the parent has closed the socket
    run = Run("", reports=Reports(MOST_POINTS))
    threading.Thread(target=_listen, args=(wire, run), name="algomancy-api parent", daemon=True).start()
    with contextlib.suppress(OSError):  # the parent died: this process is about to be killed
        _run_job(wire, setup, job, run)
    records.flush()
    sys.stdout.flush()


def _is_forked() -> bool:
    """Whether the fork server is the parent, and ends what this process leaves behind."""
    return f"{__package__}.fork_server" in sys.modules


def _leave_the_server() -> None:
    """Drop what a process of `multiprocessing` shares with the one that has started it.

    Its tracker of shared memory and semaphores ends with the server only: this child gets one of its own, which cleans
    up at its end. And the fork server ends with the last process that holds its pipe.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for shared, name in ((resource_tracker._resource_tracker, "_fd"), (forkserver._forkserver, "_forkserver_alive_fd")):
        if (descriptor := getattr(shared, name)) is not None:
            setattr(shared, name, None)
            os.close(descriptor)


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
            kind, reason = wire.receive()
            if kind is Kind.ASK:
                run.ask_to_end(None)
            else:
                run.stop(reason.decode())
    except EOFError:
        parent_death.kill_self(alone=_is_forked())


def _run_job(wire: Wire, setup: Setup, frames: list[Frame], run: Run) -> None:
    """Run the job, and send its result or failure."""
    progress, meter = Progress(wire, run.reports), UsageMeter()
    try:
        with run.under_way(), run.alone():
            setup.apply()
            result = _result(frames, progress)
        progress.end(with_result=False)
        wire.send(Kind.USAGE, meter.frame())
        for kind, content in pieces("result", result):
            wire.send(kind, content)
    except (Exception, RunStopped) as error:
        memory.lift()
        progress.end(with_result=True)
        wire.send(Kind.USAGE, meter.frame())
        wire.send(Kind.FAILURE, pickle.dumps(Failure.of(memory.explained(error, setup.bounds.memory))))


@wrap_base_exceptions
def _result(frames: list[Frame], progress: Progress) -> object:
    received = ReceivedValues()
    for kind, content in frames[:-1]:
        received.add(kind, content)
    _, skeleton = frames[-1]
    frames.clear()
    job: Job = received.value(skeleton)
    return job(progress.report)


def _log_to(wire: Wire) -> RecordSender:
    root = logging.getLogger()
    sender = RecordSender(wire)
    root.handlers[:] = [sender]
    return sender
