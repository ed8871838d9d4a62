"""Few bytes are processed on the event loop, many on a worker thread."""

from collections.abc import Callable, Sized

import anyio.to_thread

#: Bytes: limit of the data processed on the loop. Decoding or compressing them takes some tenths of a millisecond at
#: most, as long as a switch to a thread.
_MAX_ON_LOOP = 32 * 1024


async def by_size[D: Sized, *A, R](call: Callable[[D, *A], R], data: D, *arguments: *A, most: int = _MAX_ON_LOOP) -> R:
    """The result of a call whose time depends on the size of its data.

    Args:
        call: The call.
        data: Its first argument.
        arguments: Its other arguments.
        most: Data of more items or bytes are processed on a worker thread, others on the event loop.
    """
    if len(data) <= most:
        return call(data, *arguments)
    return await anyio.to_thread.run_sync(call, data, *arguments)
