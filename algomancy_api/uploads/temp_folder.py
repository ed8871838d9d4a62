"""The temporary folder of an app's uploads. If the app is killed, the next one removes it."""

import contextlib
import os
import secrets
import shutil
import tempfile
import threading
import weakref
from pathlib import Path

from filelock import FileLock, Timeout

_NAME = "algomancy-uploads-"


class UploadsFolder:
    """A folder in the system's temporary folder, created for the first upload.

    A lock on a file beside it marks it as in use; the lock ends with the process.
    """

    def __init__(self) -> None:
        self._creation_lock = threading.Lock()
        self._path: Path | None = None
        self._remove: weakref.finalize[..., UploadsFolder] | None = None

    def new(self) -> Path:
        """A new, empty, private folder for one upload."""
        with self._creation_lock:
            if self._path is None:
                self._path = self._create()
            return Path(tempfile.mkdtemp(dir=self._path))

    def close(self) -> None:
        """Remove the folder with its contents."""
        with self._creation_lock:
            if self._remove is not None:
                self._remove()
            self._path = self._remove = None

    def _create(self) -> Path:
        path = Path(tempfile.gettempdir()) / f"{_NAME}{secrets.token_hex(8)}"
        lock = _lock_of(path)
        lock.acquire()  # before the folder exists: another app removes one without a lock
        path.mkdir(mode=0o700)
        self._remove = weakref.finalize(self, _remove, path, lock)
        return path


def remove_abandoned_uploads() -> None:
    """Remove the folders of apps whose process ended without removing them."""
    for path in Path(tempfile.gettempdir()).glob(f"{_NAME}*"):
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
