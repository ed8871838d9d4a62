"""Work that takes as long as its data are many: few bytes on the event loop, many on a worker thread."""

from collections.abc import Callable, Sized

import anyio.to_thread

#: So many bytes are decoded or compressed in some tenths of a millisecond at most, which is what a switch of threads
#: costs.
_MOST_ON_LOOP = 32 * 1024


async def by_size[D: Sized, *A, R](call: Callable[[D, *A], R], data: D, *arguments: *A, most: int = _MOST_ON_LOOP) -> R:
    """The result of a call on some bytes, made where it keeps nobody waiting: more than ``most`` on a worker thread."""
    if len(data) <= most:
        return call(data, *arguments)
    return await anyio.to_thread.run_sync(call, data, *arguments)
