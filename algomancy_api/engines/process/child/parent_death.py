"""The end of a child's process group when its parent dies.

The parent holds the writing end of a pipe, on which nothing is ever written: it becomes readable at its end. The kernel
closes it when the parent dies, however that happens, and sends SIGKILL to the child's process group. That also ends
code in C that never releases the interpreter. Where the kernel has no `F_SETSIG`, the child's thread that listens to
the parent kills the group (`main`), once it gets the interpreter.
"""

import fcntl
import os
import signal


def kill_group_on_close(descriptor: int) -> None:
    """Make this process the leader of a process group that is killed when the pipe closes.

    Args:
        descriptor: The file descriptor of the pipe's reading end.
    """
    os.setpgid(0, 0)
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)


def kill_own_group() -> None:
    """Kill the process group of this process."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


def signal_group(process_id: int, number: signal.Signals) -> bool:
    """Send a signal to a child's process group; False if there is no such group."""
    try:
        os.killpg(process_id, number)
    except ProcessLookupError, PermissionError:
        return False
    return True
