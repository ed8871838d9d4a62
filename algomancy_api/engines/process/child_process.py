"""How a child begins, and how it is ended."""

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
from .child.parent_death import end_group
from .errors import EngineError
from .transport.frames import Kind, Wire

_INSIDE = f"{__package__}.child.marker"

#: How long a process that was killed may take to be gone, in seconds.
_GONE = 5


def start_method() -> str:
    """The best way to start a process here: forked from a server that has imported all that it needs, else anew."""
    return "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


def is_inside() -> bool:
    """Whether this process is a child, or a server that forks children, or is on the way to become one.

    These import the modules of a wiring, which must not open its database or listen on its port a second time.
    """
    return _INSIDE in sys.modules or getattr(multiprocessing.current_process(), "_inheriting", False)


class Child:
    """A process that does one job, as its parent sees it."""

    def __init__(self, process: Any, wire: Wire, lifeline: Connection, streams: dict[Connection, int]) -> None:  # noqa: ANN401 - multiprocessing's own, which differ
        self._process = process
        self._lifeline = lifeline
        self._killing = threading.Lock()
        self.wire = wire
        #: What it prints, and the level at which that is logged.
        self.streams = streams
        self.has_ended = threading.Event()

    @property
    def sentinel(self) -> int:
        """What becomes readable when the process ends."""
        descriptor: int = self._process.sentinel
        return descriptor

    def exit_code(self) -> int:
        """The exit code of a process that has ended; below zero it is a signal's."""
        code: int = self._process.wait()
        return code

    def ask(self, reason: str) -> None:
        """Ask it to stop."""
        with contextlib.suppress(OSError):
            self.wire.send_unless_busy(Kind.STOP, reason.encode())

    def terminate(self) -> None:
        """Tell it to stop, with all that it has started."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it, with all that it has started."""
        with self._killing:
            self._lifeline.close()
        self._signal(signal.SIGKILL)

    def end(self) -> None:
        """End it, and let go of all that belonged to it."""
        self.kill()
        self.wire.close()
        for stream in self.streams:
            stream.close()
        self._process.wait(_GONE)
        self.has_ended.set()
        self._process.close()

    def _signal(self, how: signal.Signals) -> None:
        # One that has only just been started is not a group yet.
        if not end_group(self._process.pid, how) and not wait([self.sentinel], 0):
            os.kill(self._process.pid, how)


def preload(modules: Iterable[str]) -> None:
    """Have a fork server import modules, so that its children need not.

    There is one in each process, which imports what is wanted by the time that the first child is started.
    """
    known: list[str] = forkserver._forkserver._preload_modules  # type: ignore[attr-defined]
    wanted = [_INSIDE, *known, __name__, *_package_of_main(), *modules]
    multiprocessing.set_forkserver_preload(list(dict.fromkeys(wanted)))


class ChildStarter:
    """Starts children.

    Args:
        method: ``"forkserver"`` or ``"spawn"``.
    """

    def __init__(self, method: str) -> None:
        self._context: Any = multiprocessing.get_context(method)

    @contextmanager
    def child(self, level: int) -> Iterator[Child]:
        """A child that waits for its job; at the end it is gone, with all that it has started.

        Args:
            level: The least level that it logs.

        Raises:
            EngineError: None could be started.
        """
        try:
            child = self._started(level)
        except (OSError, EOFError) as error:
            raise EngineError(f"No process could be started: {type(error).__name__}: {error}") from error
        try:
            yield child
        finally:
            child.end()

    def _started(self, level: int) -> Child:
        with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
            end, their_end = socket.socketpair()
            ours.callback(end.close)
            theirs.callback(their_end.close)
            lifeline_end, lifeline = self._pipe(ours, theirs, reverse=True)
            out, their_out = self._pipe(ours, theirs)
            errors, their_errors = self._pipe(ours, theirs)
            arguments = (their_end, lifeline_end, their_out, their_errors, level)
            process = _launched(self._context, arguments)
            ours.pop_all()
        return Child(process, Wire(end), lifeline, {out: logging.INFO, errors: logging.WARNING})

    def _pipe(
        self, ours: contextlib.ExitStack, theirs: contextlib.ExitStack, *, reverse: bool = False
    ) -> tuple[Connection, Connection]:
        """Both ends of a pipe, of which the reading one is ours, unless it is the reverse."""
        reading, writing = self._context.Pipe(duplex=False)
        for end, owner in ((reading, theirs if reverse else ours), (writing, ours if reverse else theirs)):
            owner.callback(end.close)
        return reading, writing


def _launched(context: Any, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401 - multiprocessing's own, which differ
    process: Any = context.Process(target=child.main, args=arguments, name="algomancy-api child")
    # A child of a daemon is none: it may start processes. And it is started past `Process.start`, which refuses that
    # to a daemon, such as a Dask worker is, and makes this process wait for it at exit.
    process.daemon = False
    return process._Popen(process)


def _package_of_main() -> list[str]:
    """What the command that runs here is a part of, which each child would import otherwise."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return ["__main__"] if spec is None else [spec.name.removesuffix(".__main__")] * spec.name.endswith(".__main__")
