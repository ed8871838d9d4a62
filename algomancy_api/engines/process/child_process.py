"""Start and end of a child process, in the parent."""

import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any

from .child import orphans
from .child.setup import Bounds, Setup
from .errors import EngineError
from .launch import LAUNCHER, is_forked, sentinel_of
from .transport.frames import Kind, Wire

#: Seconds: wait for the end of a process that was killed.
_KILL_TIMEOUT = 5


class Child:
    """A child process for one job, as its parent sees it.

    Args:
        process: The process, a class of `multiprocessing` that depends on the start method.
        wire: The connection to the child.
        death_pipe: The pipe whose end kills the child.
        streams: The child's output streams, each with the level at which its lines are logged.
        folder: Its folder for temporary files.

    Attributes:
        setup: What it sets up before its job, once it has one.
    """

    setup: Setup

    def __init__(
        self,
        process: Any,  # noqa: ANN401 - differs by start method
        wire: Wire,
        death_pipe: Connection,
        streams: dict[Connection, int],
        folder: str,
    ) -> None:
        self._process = process
        self._death_pipe = death_pipe
        self._signalling = threading.Lock()
        self._sentinel = sentinel_of(process)
        self.wire = wire
        self.streams = streams
        self.folder = folder
        self.has_job = threading.Event()
        self.has_ended = threading.Event()
        self._are_ended = False

    @property
    def sentinel(self) -> int:
        """The file descriptor that becomes readable when the process ends."""
        return self._sentinel

    @property
    def pid(self) -> int:
        """The id of the process."""
        number: int = self._process.pid
        return number

    @property
    def is_forked(self) -> bool:
        """Whether it is a fork of the fork server, with all that that has imported."""
        return is_forked(self._process)

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return not wait([self.sentinel], 0)

    def exit_code(self) -> int:
        """The exit code of the ended process; a negative one is that of a signal."""
        code: int = self._process.wait()
        return code

    def request_stop(self, reason: str) -> None:
        """Ask the job to stop."""
        with contextlib.suppress(OSError):
            self.wire.send_unless_busy(Kind.STOP, reason.encode())

    def ask_to_end(self) -> None:
        """Ask the job to end with what it has, once it has been sent: it is not to be lost between the job's frames."""
        self.has_job.wait()
        with contextlib.suppress(OSError):
            self.wire.send(Kind.ASK, b"")

    def terminate(self) -> None:
        """Send SIGTERM to the child's process group."""
        self._signal(signal.SIGTERM, os.killpg)

    def kill(self) -> None:
        """Send SIGKILL to the child. What it has started gets time to clean up: `end_processes`."""
        self._signal(signal.SIGKILL, os.kill)

    def end_processes(self) -> None:
        """End the child if it lives, and all that it has started: with SIGTERM, and after a second SIGKILL."""
        if self._are_ended:
            return
        if self.is_alive():
            self.terminate()
            if not wait([self.sentinel], orphans.GRACE):
                self.kill()
                wait([self.sentinel], _KILL_TIMEOUT)
        self._process.poll()  # else it would count as one that is left
        orphans.end(self._left_behind)
        self._death_pipe.close()
        self._are_ended = True

    def end(self) -> None:
        """End the child's processes, close its streams, and remove its folder."""
        self.end_processes()
        self.wire.close()
        for stream in self.streams:
            stream.close()
        self.has_job.set()
        with self._signalling:
            self.has_ended.set()
            LAUNCHER.forget(self._process.pid)
            if self._sentinel != self._process.sentinel:
                os.close(self._sentinel)
            self._process.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _left_behind(self) -> list[orphans.Process]:
        """The processes of the child's group and those that it has left to the fork server."""
        left = orphans.members_of(self._process.pid) + LAUNCHER.left_to_server()
        # Without a fork server, orphans are children of a process that is no part of the server.
        return left if self.is_forked else left + orphans.users_of(self.folder)

    def _signal(self, number: signal.Signals, send: Callable[[int, int], None]) -> None:
        with self._signalling:
            if self.has_ended.is_set() or not self.is_alive():
                return
            # The child may end at any moment. One that has only just been started has no process group yet.
            for attempt in (send, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    attempt(self._process.pid, number)
                    return


def started_child(method: str, bounds: Bounds) -> Child:
    """A new child, which waits for its setup and its job.

    Args:
        method: ``"forkserver"`` or ``"spawn"``.
        bounds: What its run may use.

    Raises:
        EngineError: The process could not be started.
    """
    try:
        return _started(method, bounds, LAUNCHER.new_folder())
    except (OSError, EOFError) as error:
        raise EngineError(f"The worker process could not be started: {type(error).__name__}: {error}") from error


def _started(method: str, bounds: Bounds, folder: str) -> Child:
    # The parent's ends are closed on an error only, those of the child always: it has its own copies.
    with contextlib.ExitStack() as of_child, contextlib.ExitStack() as of_parent:
        of_parent.callback(shutil.rmtree, folder, ignore_errors=True)
        end, child_end = socket.socketpair()
        of_parent.callback(end.close)
        of_child.callback(child_end.close)
        child_death_pipe, death_pipe = _pipe(of_child, of_parent)
        out, child_out = _pipe(of_parent, of_child)
        errors, child_errors = _pipe(of_parent, of_child)
        process = LAUNCHER.launched(method, (child_end, child_death_pipe, child_out, child_errors), bounds)
        of_parent.pop_all()
    return Child(process, Wire(end), death_pipe, {out: logging.INFO, errors: logging.WARNING}, folder)


def _pipe(of_reader: contextlib.ExitStack, of_writer: contextlib.ExitStack) -> tuple[Connection, Connection]:
    """The reading and the writing end of a pipe, each closed by its stack."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    of_reader.callback(reader.close)
    of_writer.callback(writer.close)
    return reader, writer
