"""Start and end of a child process, in the parent."""

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from typing import Any

from .child import main as child
from .child.parent_death import signal_group
from .errors import EngineError
from .transport.frames import Kind, Wire

_MARKER = f"{__package__}.child.marker"

#: Seconds: wait for the end of a process that was killed.
_KILL_TIMEOUT = 5


def start_method() -> str:
    """The fastest start method of this system: a fork server with all modules imported, else a new interpreter."""
    return "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


def is_engine_process() -> bool:
    """Whether this process is a child or a fork server of `multiprocessing`, or is about to become one.

    Such a process imports the modules of a wiring, which must not open the database or listen on the port again.
    """
    return _MARKER in sys.modules or getattr(multiprocessing.current_process(), "_inheriting", False)


class Child:
    """A child process for one job, as its parent sees it.

    Args:
        process: The process, a class of `multiprocessing` that depends on the start method.
        wire: The connection to the child.
        death_pipe: The pipe whose end kills the child.
        streams: The child's output streams, each with the level at which its lines are logged.
    """

    def __init__(self, process: Any, wire: Wire, death_pipe: Connection, streams: dict[Connection, int]) -> None:  # noqa: ANN401
        self._process = process
        self._death_pipe = death_pipe
        self._killing = threading.Lock()
        self.wire = wire
        self.streams = streams
        self.has_ended = threading.Event()

    @property
    def sentinel(self) -> int:
        """The file descriptor that becomes readable when the process ends."""
        descriptor: int = self._process.sentinel
        return descriptor

    def exit_code(self) -> int:
        """The exit code of the ended process; a negative one is that of a signal."""
        code: int = self._process.wait()
        return code

    def request_stop(self, reason: str) -> None:
        """Ask the job to stop."""
        with contextlib.suppress(OSError):
            self.wire.send_unless_busy(Kind.STOP, reason.encode())

    def terminate(self) -> None:
        """Send SIGTERM to the child's process group."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL to the child's process group."""
        with self._killing:
            self._death_pipe.close()
        self._signal(signal.SIGKILL)

    def end(self) -> None:
        """Kill the child's process group, wait for the child, and close its streams."""
        self.kill()
        self.wire.close()
        for stream in self.streams:
            stream.close()
        self._process.wait(_KILL_TIMEOUT)
        self.has_ended.set()
        self._process.close()

    def _signal(self, number: signal.Signals) -> None:
        # A child that has only just been started has no process group yet.
        if not signal_group(self._process.pid, number) and not wait([self.sentinel], 0):
            os.kill(self._process.pid, number)


def preload(modules: Iterable[str]) -> None:
    """Have the fork server import modules, so that its children need not.

    A process has one fork server. It imports the modules that are known when the first child is started.
    """
    known: list[str] = forkserver._forkserver._preload_modules  # type: ignore[attr-defined]
    wanted = [_MARKER, *known, __name__, *_package_of_main(), *modules]
    multiprocessing.set_forkserver_preload(list(dict.fromkeys(wanted)))


class ChildStarter:
    """Starts child processes.

    Args:
        method: ``"forkserver"`` or ``"spawn"``.
    """

    def __init__(self, method: str) -> None:
        self._context: Any = multiprocessing.get_context(method)

    @contextmanager
    def child(self, level: int) -> Iterator[Child]:
        """A child that waits for its job; the end of the context kills its process group.

        Args:
            level: The lowest level of its log.

        Raises:
            EngineError: The process could not be started.
        """
        try:
            child = self._started(level)
        except (OSError, EOFError) as error:
            raise EngineError(f"The worker process could not be started: {type(error).__name__}: {error}") from error
        try:
            yield child
        finally:
            child.end()

    def _started(self, level: int) -> Child:
        # The parent's ends are closed on an error only, those of the child always: it has its own copies.
        with contextlib.ExitStack() as of_child, contextlib.ExitStack() as of_parent:
            end, child_end = socket.socketpair()
            of_parent.callback(end.close)
            of_child.callback(child_end.close)
            child_death_pipe, death_pipe = self._pipe(of_child, of_parent)
            out, child_out = self._pipe(of_parent, of_child)
            errors, child_errors = self._pipe(of_parent, of_child)
            arguments = (child_end, child_death_pipe, child_out, child_errors, level)
            process = _launched(self._context, arguments)
            of_parent.pop_all()
        return Child(process, Wire(end), death_pipe, {out: logging.INFO, errors: logging.WARNING})

    def _pipe(self, of_reader: contextlib.ExitStack, of_writer: contextlib.ExitStack) -> tuple[Connection, Connection]:
        """The reading and the writing end of a pipe, each closed by its stack."""
        reader, writer = self._context.Pipe(duplex=False)
        of_reader.callback(reader.close)
        of_writer.callback(writer.close)
        return reader, writer


def _launched(context: Any, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401 - differs by start method
    process: Any = context.Process(target=child.main, args=arguments, name="algomancy-api child")
    # Not a daemon, even if this process is one, as a Dask worker is: the child may start processes. `Process.start` is
    # not used: it refuses to start a child of a daemon, and makes this process wait for the child at exit.
    process.daemon = False
    return process._Popen(process)


def _package_of_main() -> list[str]:
    """The package of the main module, for the fork server: otherwise each child imports it."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return ["__main__"] if spec is None else [spec.name.removesuffix(".__main__")] * spec.name.endswith(".__main__")
