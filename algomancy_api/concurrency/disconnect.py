"""The listener for a client's disconnect, which cancels the work for it."""

import anyio
from starlette.types import Receive


class DisconnectListener:
    """Listens until a client disconnects.

    `has_left` is what the listener itself received. Asked once more after a listener was cancelled, some servers
    (gunicorn 27) report a disconnect in any case.

    Args:
        receive: Receives the messages of the request, whose body has arrived.

    Attributes:
        has_left: Whether the client has disconnected while `listen` was running.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.has_left = False

    async def listen(self, scope: anyio.CancelScope) -> None:
        """Cancel the work for a client once it has disconnected."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.has_left = True
        scope.cancel()
