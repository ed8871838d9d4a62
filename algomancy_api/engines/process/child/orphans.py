"""Processes that have lost their parent, and how they come to have another one that ends them.

On Linux, a *subreaper* becomes the parent of its orphaned descendants, whatever group or session they are in. A child
is one while it lives, so that its descendants stay below it. The fork server is one for what is left after that.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

#: The option of `prctl` that makes a process a subreaper.
_PR_SET_CHILD_SUBREAPER = 36

#: Seconds: time for processes to clean up between SIGTERM and SIGKILL.
GRACE = 1.0

#: Seconds: time for a tracker, which may have only just been started, to clean up what others have left.
_TRACKER_GRACE = 10.0

#: Seconds: longest wait for processes to end, from the first signal.
_KILL_TIMEOUT = 15.0

#: Seconds: shortest and longest interval between two looks at processes that are to end.
_FIRST_INTERVAL, _LAST_INTERVAL = 0.001, 0.02

_PROC = Path("/proc")


class Process(NamedTuple):
    """A process that is alive, as the system lists it."""

    number: int
    parent: int
    group: int


def adopt_orphans() -> None:
    """Make this process the parent of its orphaned descendants, where the system can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children_of(process_id: int) -> list[Process]:
    """The children of a process with one thread; empty where the system does not tell."""
    try:
        numbers = (_PROC / f"{process_id}/task/{process_id}/children").read_text().split()
    except OSError:
        return _filtered(lambda one: one.parent == process_id)  # the kernel has no such list, or there is no process
    return [one for one in map(_process, map(int, numbers)) if one is not None]


def members_of(group: int) -> list[Process]:
    """The processes of a group, apart from those that have ended and are not reaped."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError, PermissionError:
        return []
    if not _PROC.is_dir():
        return [Process(-group, 0, group)]  # the system does not tell which: a signal to this number goes to all
    return _filtered(lambda one: one.group == group)


def users_of(folder: str) -> list[Process]:
    """The processes that were started with a folder for temporary files."""
    entry = f"\0TMPDIR={folder}\0".encode()
    return _filtered(lambda one: entry in b"\0" + _environment(one.number))


def end(listed: Callable[[], Iterable[Process]]) -> None:
    """End processes: SIGTERM, time to clean up, SIGKILL.

    A tracker of shared memory removes it once all that use it have ended, so it is killed later than those.

    Args:
        listed: A function that lists those that are left; an end may bring others to light.
    """
    told: set[int] = set()
    interval, start = _FIRST_INTERVAL, time.monotonic()
    while (left := list(listed())) and (passed := time.monotonic() - start) < _KILL_TIMEOUT:
        for one in left:
            if passed > _TRACKER_GRACE or (passed > GRACE and not _is_tracker(one.number)):
                _send(one.number, signal.SIGKILL)
            elif one.number not in told:
                _send(one.number, signal.SIGTERM)
        told.update(one.number for one in left)
        time.sleep(interval)
        interval = min(2 * interval, _LAST_INTERVAL)


def _is_tracker(number: int) -> bool:
    """Whether a process is a resource tracker, of `multiprocessing` or of loky."""
    try:
        return b"resource_tracker" in (_PROC / str(number) / "cmdline").read_bytes()
    except OSError:
        return False


def _send(process_id: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process_id, number)


def _filtered(holds: Callable[[Process], bool]) -> list[Process]:
    numbers = [int(path.name) for path in _PROC.glob("[0-9]*")]
    return [one for one in map(_process, numbers) if one is not None and holds(one)]


def _process(number: int) -> Process | None:
    """A process by its number; None if it has ended."""
    try:
        fields = (_PROC / str(number) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # While other threads of a process are ending, its first one counts as a zombie, and its children are still its own.
    has_ended = fields[0] in "ZX" and int(fields[17]) <= 1
    return None if has_ended else Process(number, int(fields[1]), int(fields[2]))


def _environment(number: int) -> bytes:
    try:
        return (_PROC / str(number) / "environ").read_bytes()
    except OSError:
        return b""
