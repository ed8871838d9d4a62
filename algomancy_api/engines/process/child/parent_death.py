"""The end of a parent is the end of its child, and of all that the child has started.

A pipe of which the parent holds the writing end, and on which nothing is ever written: what becomes readable is its
end. The kernel closes it with the parent, however that ends, and then sends the child's process group the signal that
nothing can ignore: also to code in C that never gives the interpreter back. Where the kernel has no such service, the
thread that listens to the parent does it (`child`), once it gets its turn.
"""

import fcntl
import os
import signal


def hold(descriptor: int) -> None:
    """Make this process a group of its own that ends with the pipe, whose reading end this is."""
    os.setpgid(0, 0)
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)


def end_own_group() -> None:
    """End this process with all that it has started."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


def end_group(process_id: int, how: signal.Signals) -> bool:
    """Send a signal to a child with all that it has started and that has not left its group; False if there is none."""
    try:
        os.killpg(process_id, how)
    except ProcessLookupError, PermissionError:
        return False
    return True
