"""The memory that a run may have, and the error of one that needs more.

The limit is that of the system on the data of a process (`RLIMIT_DATA`): all memory that it may write to. It counts
what is reserved by an allocator and not used, but no shared libraries and no files that are mapped to be read, unlike
`RLIMIT_AS`, which numpy, Arrow and their thread stacks exceed by gigabytes without using any of it.
"""

import resource

from ....failure_report import FailureReport, attach_report, message_of, report_of
from ...errors import EngineError

#: What the error of such a run begins with.
EXCEEDED = "The run needs more memory than memory_per_run allows"


class MemoryExceeded(EngineError):
    """A run needs more memory than it may have."""


def limit(size: int | None) -> None:
    """Limit the memory of this process.

    Args:
        size: Bytes; None for no limit.
    """
    if size is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def lift() -> None:
    """End the limit of this process, so that it can tell of it."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def explained(error: BaseException, size: int | None) -> BaseException:
    """The exception of a job, or if that is one of memory, the error that names the limit.

    Args:
        error: What the job raised.
        size: The limit in bytes; None if there was none.
    """
    if size is None or not _is_of_memory(error):
        return error
    text = f"{EXCEEDED} ({size:,} bytes): {message_of(error) or type(error).__name__}"
    exceeded = MemoryExceeded(text)
    attach_report(exceeded, FailureReport(text, report_of(error).traceback))
    return exceeded


def _is_of_memory(error: BaseException | None) -> bool:
    """Whether an exception, or what it was raised from, is a `MemoryError`."""
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__
    return error is not None
