"""Large buffers in files that children map, in place of a copy for each of them through the socket.

A child maps a file privately: what it changes is its own, and only the pages that it changes take memory. Before a file
is used again its content is compared with the buffers, which takes 70 ms for a gigabyte: whoever changes a dataset in
place gets a new file.
"""

import contextlib
import errno
import mmap
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np

#: Bytes: buffers that are smaller all in all go through the socket, which takes a few milliseconds.
MIN_SIZE = 4 * 1024**2

#: Bytes: most in the files that no run uses.
_MOST_KEPT = 4 * 1024**3

#: Bytes: the start of each buffer is a multiple of it, as Arrow and numpy like it.
_ALIGNMENT = 64

#: Bytes: compared at once, in the processor's cache.
_COMPARED = 65_536


class Mapped(NamedTuple):
    """Buffers in a file, as a child is told of them.

    Attributes:
        path: The path of the file.
        sizes: The size of each buffer in bytes, in their order.
    """

    path: str
    sizes: tuple[int, ...]

    def buffers(self) -> list[memoryview]:
        """The buffers, writable, for this process alone.

        Raises:
            MemoryError: This process may not have so much memory.
        """
        return self._slices(mmap.ACCESS_COPY)

    def holds(self, buffers: Sequence[memoryview]) -> bool:
        """Whether these are the buffers in the file."""
        if self.sizes != _sizes(buffers):
            return False
        return all(map(_are_equal, self._slices(mmap.ACCESS_READ), buffers, strict=True))

    def _slices(self, access: int) -> list[memoryview]:
        with Path(self.path).open("rb") as file:
            try:
                whole = memoryview(mmap.mmap(file.fileno(), 0, access=access))
            except OSError as error:
                raise (MemoryError(str(error)) if error.errno == errno.ENOMEM else error) from error
        starts = accumulate(map(_padded, self.sizes[:-1]), initial=0)
        return [whole[start : start + size] for start, size in zip(starts, self.sizes, strict=True)]


#: Puts buffers into a file; None if they are to go through the socket.
type Share = Callable[[Sequence[memoryview]], Mapped | None]


class BufferFiles:
    """The files of this process, at most one for each owner of buffers, such as a dataset.

    Args:
        new_folder: Makes a private folder for a file.
    """

    def __init__(self, new_folder: Callable[[], str]) -> None:
        self._new_folder = new_folder
        self._lock = threading.RLock()  # the collector may forget an owner while this thread has it
        self._files: dict[int, Mapped] = {}  # by the owner's identity, the one that was used last at the end
        self._gone: deque[int] = deque()
        self._uses: dict[str, int] = {}  # by path, of those in use

    @contextmanager
    def lent(self, owner: object) -> Iterator[Share]:
        """A context with a function for the buffers of an owner; the file stays at least until its end."""
        used: list[str] = []

        def share(buffers: Sequence[memoryview]) -> Mapped | None:
            if sum(_sizes(buffers)) < MIN_SIZE:
                return None
            with self._lock:
                mapped = self._file_of(owner, buffers)
                if mapped is not None:
                    used.append(mapped.path)
                    self._uses[mapped.path] = self._uses.get(mapped.path, 0) + 1
                return mapped

        try:
            yield share
        finally:
            with self._lock:
                for path in used:
                    self._give_back(path)
                self._forget_gone()

    def close(self) -> None:
        """Remove the files that no run uses."""
        with self._lock:
            self._remove_beyond(0)

    def _file_of(self, owner: object, buffers: Sequence[memoryview]) -> Mapped | None:
        self._forget_gone()
        known = self._files.pop(id(owner), None)
        if known is not None:
            self._files[id(owner)] = known
            if known.holds(buffers):
                return known
            self._forget(id(owner))
        try:
            weakref.finalize(owner, self._note_end, id(owner)).atexit = False
            written = _written(self._new_folder(), buffers)
        except TypeError, OSError:  # it has no weak references; there is no space
            return None
        self._files[id(owner)] = written
        return written

    def _give_back(self, path: str) -> None:
        self._uses[path] -= 1
        if not self._uses[path]:
            del self._uses[path]
            if all(path != mapped.path for mapped in self._files.values()):
                _remove(path)
            self._remove_beyond(_MOST_KEPT)

    def _remove_beyond(self, most: int) -> None:
        kept = 0
        for number, mapped in reversed(list(self._files.items())):
            kept += sum(mapped.sizes)
            if kept > most and mapped.path not in self._uses:
                self._forget(number)

    def _note_end(self, number: int) -> None:
        """Forget an owner that is gone, without waiting: the collector may call this on an event loop."""
        self._gone.append(number)
        if self._lock.acquire(blocking=False):  # else the thread that has it does so
            try:
                self._forget_gone()
            finally:
                self._lock.release()

    def _forget_gone(self) -> None:
        while self._gone:
            self._forget(self._gone.popleft())

    def _forget(self, number: int) -> None:
        mapped = self._files.pop(number, None)
        if mapped is not None and mapped.path not in self._uses:
            _remove(mapped.path)


def _written(folder: str, buffers: Sequence[memoryview]) -> Mapped:
    path = Path(folder) / "buffers"
    try:
        with path.open("xb") as file:
            for buffer in buffers:
                file.write(buffer)
                file.write(bytes(_padded(buffer.nbytes) - buffer.nbytes))
    except OSError:
        _remove(str(path))
        raise
    return Mapped(str(path), _sizes(buffers))


def _remove(path: str) -> None:
    """Remove a file and its folder. Who has mapped it keeps it."""
    with contextlib.suppress(OSError):
        os.unlink(path)  # noqa: PTH108 - at the end of a program, when little else is left
        os.rmdir(os.path.dirname(path))  # noqa: PTH106, PTH120


def _are_equal(one: memoryview, other: memoryview) -> bool:
    first, second = np.frombuffer(one, np.uint8), np.frombuffer(other, np.uint8)
    starts = range(0, first.size, _COMPARED)
    return all(bool((first[at : at + _COMPARED] == second[at : at + _COMPARED]).all()) for at in starts)


def _sizes(buffers: Sequence[memoryview]) -> tuple[int, ...]:
    return tuple(buffer.nbytes for buffer in buffers)


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
