"""Start of a child process: forked from a server with all modules imported, or else in a new interpreter."""

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from multiprocessing import forkserver, spawn
from types import FunctionType, ModuleType
from typing import Any

from .child import imported_threads, orphans
from .child import main as child
from .child.setup import Bounds, environment
from .temp_folder import TempFolder, remove_abandoned

_logger = logging.getLogger("algomancy_api.engines")

_MARKER = f"{__package__}.child.marker"
_LAST = f"{__package__}.child.fork_server"

#: What each child would import: the second one by unpickling its process.
_OF_CHILDREN = (f"{__package__}.child_process", "multiprocessing.popen_forkserver")

#: Characters: longest path of a folder in which `multiprocessing` can make its sockets.
_LONGEST_FOLDER = 75

#: Seconds: time for a thread that ends at a fork.
_LAST_BREATH = 1

#: Seconds: time limit of the search for the module that starts threads.
_SEARCH_TIMEOUT = 120


def start_method() -> str:
    """The fastest start method of this system: a fork server with all modules imported, else a new interpreter."""
    return "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


def is_engine_process() -> bool:
    """Whether this process is a child or a fork server of `multiprocessing`, or is about to become one.

    Such a process imports the modules of a wiring, which must not open the database or listen on the port again.
    """
    return _MARKER in sys.modules or getattr(multiprocessing.current_process(), "_inheriting", False)


def preload(modules: Iterable[str]) -> None:
    """Have the fork server import modules, so that its children need not.

    A process has one fork server. It imports the modules that are known when the first child is started.
    """
    known: list[str] = forkserver._forkserver._preload_modules  # type: ignore[attr-defined]
    own = [_MARKER, *known, *_OF_CHILDREN, *_of_main(), *modules]
    wanted = [*(name for name in dict.fromkeys(own) if name != _LAST), _LAST]
    multiprocessing.set_forkserver_preload(wanted)


class Launcher:
    """Starts the processes of all children of this process, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._living: set[int] = set()
        self._threaded: int | None = None
        self._folder: TempFolder | None = None

    def new_folder(self) -> str:
        """A new folder for the temporary files of a child, below one that this process removes at its end."""
        with self._lock:
            return str(self._own_folder().new())

    def launched(self, method: str, arguments: tuple[Any, ...], bounds: Bounds) -> Any:  # noqa: ANN401 - differs by method
        """A new process, of a class of `multiprocessing` that depends on the start method.

        Args:
            method: ``"forkserver"`` or ``"spawn"``.
            arguments: Those of the main function of a child.
            bounds: What its run may use.
        """
        with self._lock:
            process = self._forked(arguments, bounds) if method == "forkserver" else _started(method, arguments, bounds)
            self._living.add(process.pid)
            return process

    def forget(self, process_id: int) -> None:
        """Take note that a process has ended: from now on, one with this number is another one."""
        with self._lock:
            self._living.discard(process_id)

    def left_to_server(self) -> list[orphans.Process]:
        """Processes that children of this process have left behind, and that have left the group of the child."""
        server = _server()
        if server is None:
            return []
        with self._lock:
            left = [one for one in orphans.children_of(server) if one.group != server]
            return [one for one in left if one.number not in self._living]

    def _forked(self, arguments: tuple[Any, ...], bounds: Bounds) -> Any:  # noqa: ANN401 - differs by method
        """A process of the fork server; one in a new interpreter if a module has started threads on import.

        A fork copies the thread that calls it, and no other one. Locks that others hold stay locked for ever, and pools
        have no threads to work with: a child waits for them without end.
        """
        self._own_folder()
        if _server() is None:
            preload([])
        if self._threaded is None or self._threaded != _server():
            process = _started("forkserver", arguments, bounds)
            # Not before the first fork: OpenBLAS, for one, ends its threads then, and starts them again when needed.
            if not _has_threads(_server()):
                return process
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process.close()
            self._threaded = _server()
            _logger.warning(
                "Importing %s starts threads, which no forked process has: each run starts in a new interpreter, "
                "which takes longer. Start them when an algorithm runs",
                _culprit(),
            )
        return _started("spawn", arguments, bounds)

    def _own_folder(self) -> TempFolder:
        """The folder of this process, in which its fork server has its socket, too."""
        if self._folder is None:
            remove_abandoned(environment.FOLDERS)
            self._folder = TempFolder(environment.FOLDERS)
        path = str(self._folder.path)
        if _server() is None and len(path) <= _LONGEST_FOLDER:
            configuration: dict[str, Any] = multiprocessing.current_process()._config  # type: ignore[attr-defined]
            configuration["tempdir"] = path  # in place of one of this process's parent, too
        return self._folder


#: The launcher of this process.
LAUNCHER = Launcher()


def is_forked(process: Any) -> bool:  # noqa: ANN401 - as `Launcher.launched` returns it
    """Whether a process is a fork of the fork server."""
    return bool(process.method == "forkserver")


def sentinel_of(process: Any) -> int:  # noqa: ANN401 - as `Launcher.launched` returns it
    """A file descriptor that becomes readable when the process ends; not that of the process itself, if it is new."""
    if is_forked(process) or not hasattr(os, "pidfd_open"):
        descriptor: int = process.sentinel
        return descriptor
    return os.pidfd_open(process.pid)  # its own one is a pipe, which its children keep open


def _started(method: str, arguments: tuple[Any, ...], bounds: Bounds) -> Any:  # noqa: ANN401 - differs by method
    context: Any = multiprocessing.get_context(method)
    process: Any = context.Process(target=child.main, args=arguments, name="algomancy-api child")
    # Not a daemon, even if this process is one, as a Dask worker is: the child may start processes. `Process.start` is
    # not used: it refuses to start a child of a daemon, and makes this process wait for the child at exit.
    process.daemon = False
    is_interpreter = method == "spawn" or _server() is None  # else it is a fork, which has read the variables
    with environment.inherited(environment.thread_variables(bounds.threads) if is_interpreter else {}):
        return process._Popen(process)


def _server() -> int | None:
    """The fork server's process id; None if there is none."""
    process_id: int | None = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    return process_id


def _has_threads(process_id: int | None) -> bool:
    """Whether a process that has just forked has more than one thread; False where the system does not tell."""
    deadline = time.monotonic() + _LAST_BREATH
    try:
        while process_id is not None and imported_threads.count(process_id) > 1:
            if time.monotonic() > deadline:
                return True
            time.sleep(0.001)  # a thread is listed for some moments after its end
    except OSError:
        return False
    return False


def _culprit() -> str:
    """The module whose import starts threads, found by importing all modules in another interpreter."""
    modules = [name for name in forkserver._forkserver._preload_modules if name != _LAST]  # type: ignore[attr-defined]
    main_path = spawn.get_preparation_data("search").get("init_main_from_path") if "__main__" in modules else None
    program = (
        f"import sys; sys.path[:] = {sys.path!r}; import {_MARKER}; "
        f"from {imported_threads.__name__} import main; main({modules!r}, {main_path!r})"
    )
    command = [sys.executable, "-c", program]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_SEARCH_TIMEOUT, check=False)  # noqa: S603
    except OSError, subprocess.TimeoutExpired:
        return "a module"
    found = [line for line in answer.stdout.splitlines() if line.startswith(imported_threads.ANSWER)]
    return found[-1].removeprefix(imported_threads.ANSWER) if found else "a module"


def _of_main() -> list[str]:
    """What the fork server imports of the main module: all of it, or what each child would import to run it again."""
    main = sys.modules["__main__"]
    spec = getattr(main, "__spec__", None)
    if spec is None:
        return ["__main__"]
    if spec.name.endswith(".__main__"):
        return [spec.name.removesuffix(".__main__")]
    names = [_source_of(value) for value in list(vars(main).values())]
    return [name for name in names if name in sys.modules and name != "__main__"]


def _source_of(value: object) -> str:
    """The name of a module, or that of the module of a class or a function; empty for another value."""
    if isinstance(value, ModuleType):
        return value.__name__
    return value.__module__ or "" if isinstance(value, type | FunctionType) else ""
