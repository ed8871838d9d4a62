"""Jobs for a child, without an app: what they do to random numbers, memory, files and processes."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from .bounded import THREADS

SHAKEN = random.Random()  # noqa: S311
DRAWN = np.random.default_rng()
LEGACY = np.random.RandomState()
BITS = np.random.PCG64()
FIXED = random.Random(42)  # noqa: S311
FIXED_DRAWN = np.random.default_rng(42)


class Solver:
    """A class with a generator of its own."""

    rng = random.Random()  # noqa: S311


def draw(_report: Any) -> dict[str, list[float]]:
    """The first numbers of each generator that this module can reach."""
    return {
        "random": [random.random()],  # noqa: S311
        "numpy.random": [float(np.random.random())],
        "Random": [SHAKEN.random()],
        "Generator": [float(DRAWN.random())],
        "RandomState": [float(LEGACY.random())],
        "BitGenerator": [float(BITS.random_raw())],
        "of a class": [Solver.rng.random()],
        "fixed": [FIXED.random(), float(FIXED_DRAWN.random())],
    }


def environment(_report: Any) -> dict[str, str | None]:
    """The folders and the numbers of threads that libraries are told."""
    names = [*THREADS, "TMPDIR", "JOBLIB_TEMP_FOLDER"]
    Path(tempfile.mkstemp()[1]).write_text("left")
    return {name: os.environ.get(name) for name in names} | {"gettempdir": tempfile.gettempdir()}


class Take(NamedTuple):
    """Takes memory, in one of several ways."""

    size: int
    how: str

    def __call__(self, _report: Any) -> int:
        return len(TAKING[self.how](self.size))


TAKING: dict[str, Callable[[int], Any]] = {
    "numpy": lambda size: np.ones(size // 8),
    "Arrow": lambda size: pa.allocate_buffer(size),
    "bytes": lambda size: bytearray(size),
}

_SLEEP = "import time; time.sleep(600)"


class Leave(NamedTuple):
    """Leaves processes, shared memory and a folder behind, and ends in one of several ways.

    It writes the numbers of its processes, and the paths of the rest, to a file ``left``.
    """

    folder: str
    how: str

    def __call__(self, _report: Any) -> str:
        command = [sys.executable, "-c", _SLEEP]
        processes = [
            subprocess.Popen(command),  # noqa: S603
            subprocess.Popen(command, start_new_session=True),  # noqa: S603
            subprocess.Popen(command, process_group=0),  # noqa: S603
        ]
        forked = multiprocessing.get_context("fork").Process(target=_in_a_session_of_its_own)
        forked.start()
        memory = SharedMemory(create=True, size=1_000)
        lock = multiprocessing.get_context("spawn").Lock()
        files = [f"/dev/shm/{memory.name}", tempfile.mkdtemp()]  # noqa: S108
        left = [*(process.pid for process in processes), forked.pid, *files]
        part = Path(self.folder) / "part"
        part.write_text("\n".join(map(str, [os.getpid(), *left])))
        part.rename(Path(self.folder) / "left")
        HOW_TO_END[self.how](self.folder)
        del lock
        return "left"


def _in_a_session_of_its_own() -> None:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def _ignore(_folder: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def _wait(folder: str) -> None:
    while not (Path(folder) / "release").exists():
        time.sleep(0.01)


HOW_TO_END: dict[str, Callable[[str], Any]] = {
    "exits": lambda _folder: os._exit(0),
    "crashes": lambda _folder: os.kill(os.getpid(), signal.SIGSEGV),
    "is killed": lambda _folder: os.kill(os.getpid(), signal.SIGKILL),
    "sleeps": lambda _folder: time.sleep(600),
    "ignores SIGTERM": _ignore,
    "waits": _wait,
}


def start_method_of_this_process(_report: Any) -> str:
    """The start method of this child."""
    return "forked" if "algomancy_api.engines.process.child.fork_server" in sys.modules else "spawned"
