"""The environment variables of a child: its folder for temporary files, and its number of threads.

A process engine writes the environment, and reads nothing from it.
"""

import contextlib
import multiprocessing
import os
import tempfile
from collections.abc import Iterator, Mapping

#: The start of the names of the folders of servers, in which each child has its own.
FOLDERS = "algomancy-runs-"

#: What programs and libraries look up to learn where temporary files go.
_FOLDERS = ("TMPDIR", "TEMP", "TMP", "JOBLIB_TEMP_FOLDER")

#: What libraries look up to learn how many threads to use.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "POLARS_MAX_THREADS",
)


def thread_variables(threads: int | None) -> dict[str, str]:
    """The variables for a number of threads; None for none of them."""
    return {} if threads is None else dict.fromkeys(THREADS, str(threads))


def use(folder: str, threads: int | None) -> None:
    """Set the variables of this process, for itself and for all that it starts.

    Args:
        folder: Its own folder for temporary files.
        threads: The number of threads; None leaves those variables as they are.
    """
    os.environ.update(dict.fromkeys(_FOLDERS, folder) | thread_variables(threads))
    tempfile.tempdir = None  # it may have been looked up before the fork
    configuration: dict[str, object] = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    configuration.pop("tempdir", None)  # that of the parent, for sockets of `multiprocessing`


@contextlib.contextmanager
def inherited(variables: Mapping[str, str]) -> Iterator[None]:
    """A context in which a process that is started gets these variables, too.

    A library reads them when it is imported, which is before the main function of a child.
    """
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
