"""The end of a child when its parent dies.

The parent holds the writing end of a pipe, on which nothing is ever written: it becomes readable at its end. The kernel
closes it when the parent dies, however that happens, and sends SIGKILL to the child. That also ends code in C that
never releases the interpreter. The fork server then ends what the child has started, and gives it time to clean up
(`fork_server`). Without one, the whole process group of the child gets the SIGKILL. Where the kernel has no
`F_SETSIG`, the child's thread that listens to the parent kills the group (`main`), once it gets the interpreter.
"""

import fcntl
import os
import signal


def kill_on_close(descriptor: int, *, alone: bool) -> None:
    """Make this process the leader of a process group, and have it killed when the pipe closes.

    Args:
        descriptor: The file descriptor of the pipe's reading end.
        alone: Whether this process alone is killed, and not its group.
    """
    os.setpgid(0, 0)
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid() if alone else -os.getpgrp())
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)


def kill_self(*, alone: bool) -> None:
    """Kill this process, or its process group."""
    if alone:
        os.kill(os.getpid(), signal.SIGKILL)
    else:
        os.killpg(os.getpgrp(), signal.SIGKILL)
