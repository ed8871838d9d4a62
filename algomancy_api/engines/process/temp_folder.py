"""Temporary folders of this process. If it is killed, a later process removes them."""

import contextlib
import os
import secrets
import shutil
import tempfile
import threading
import weakref
from pathlib import Path

from filelock import FileLock, Timeout


class TempFolder:
    """A folder in the system's temporary folder, created when it is first used.

    A lock on a file beside it marks it as in use; the lock ends with the process.

    Args:
        prefix: The start of its name.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._creation_lock = threading.Lock()
        self._path: Path | None = None
        self._remove: weakref.finalize[..., TempFolder] | None = None

    @property
    def path(self) -> Path:
        """The folder, which is private."""
        with self._creation_lock:
            if self._path is None or not self._path.is_dir():
                self._path = self._create()
            return self._path

    def new(self) -> Path:
        """A new, empty, private folder in it."""
        return Path(tempfile.mkdtemp(prefix="", dir=self.path))

    def close(self) -> None:
        """Remove the folder with its contents."""
        with self._creation_lock:
            if self._remove is not None:
                self._remove()
            self._path = self._remove = None

    def _create(self) -> Path:
        path = Path(tempfile.gettempdir()) / f"{self._prefix}{secrets.token_hex(8)}"
        lock = _lock_of(path)
        lock.acquire()  # before the folder exists: another process removes one without a lock
        path.mkdir(mode=0o700)
        self._remove = weakref.finalize(self, _remove, path, lock)
        return path


def remove_abandoned(prefix: str) -> None:
    """Remove the folders of that prefix whose process ended without removing them."""
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError, Timeout):
            if path.is_dir(follow_symlinks=False) and _is_own(path):
                lock = _lock_of(path)
                lock.acquire()
                _remove(path, lock)


def _is_own(path: Path) -> bool:
    """Whether this user owns the path: all users share the system's temporary folder."""
    return not hasattr(os, "geteuid") or path.lstat().st_uid == os.geteuid()


def _lock_of(path: Path) -> FileLock:
    return FileLock(f"{path}.lock", timeout=0, thread_local=False)


def _remove(path: Path, lock: FileLock) -> None:
    shutil.rmtree(path, ignore_errors=True)
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
