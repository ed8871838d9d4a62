"""Where uploads lie while they are read: a folder of one app's own, removed by the next one if that was killed."""

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
    """A folder in the system's folder for temporary files, made for the first upload.

    A lock on a file beside it, which ends with the process, tells that it is in use.
    """

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._path: Path | None = None
        self._remove: weakref.finalize[..., UploadsFolder] | None = None

    def new(self) -> Path:
        """A new, empty, private folder for one upload."""
        with self._making:
            if self._path is None:
                self._path = self._made()
            return Path(tempfile.mkdtemp(dir=self._path))

    def close(self) -> None:
        """Remove it with all that is in it."""
        with self._making:
            if self._remove is not None:
                self._remove()
            self._path = self._remove = None

    def _made(self) -> Path:
        path = Path(tempfile.gettempdir()) / f"{_NAME}{secrets.token_hex(8)}"
        lock = _lock_of(path)
        lock.acquire()  # before there is a folder: one without a lock is nobody's
        path.mkdir(mode=0o700)
        self._remove = weakref.finalize(self, _remove, path, lock)
        return path


def remove_abandoned_uploads() -> None:
    """Remove the folders of apps whose process has ended without doing so."""
    for path in Path(tempfile.gettempdir()).glob(f"{_NAME}*"):
        with contextlib.suppress(OSError, Timeout):
            if path.is_dir(follow_symlinks=False) and _is_own(path):
                lock = _lock_of(path)
                lock.acquire()
                _remove(path, lock)


def _is_own(path: Path) -> bool:
    """Whether it is of this user, where the system's folder is everybody's."""
    return not hasattr(os, "geteuid") or path.lstat().st_uid == os.geteuid()


def _lock_of(path: Path) -> FileLock:
    return FileLock(f"{path}.lock", timeout=0, thread_local=False)


def _remove(path: Path, lock: FileLock) -> None:
    shutil.rmtree(path, ignore_errors=True)
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
