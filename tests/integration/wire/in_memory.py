"""A connection of the server's own protocol without a socket: what comes together is for the test to say."""

import asyncio
import re
from collections.abc import Iterable

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from algomancy_api import Limits
from algomancy_api.server.http_protocol import BoundedProtocol


class _Recorder(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        """Nothing is read here."""

    def resume_reading(self) -> None:
        """Nothing is read here."""


async def _silent(_scope: Scope, _receive: Receive, _send: Send) -> None:
    await asyncio.sleep(0)


async def _refusal(pieces: Iterable[bytes]) -> int | None:
    config = uvicorn.Config(_silent, lifespan="off", log_config=None)
    loop = asyncio.get_running_loop()
    protocol = BoundedProtocol(limits=Limits(), config=config, server_state=ServerState(), app_state={}, _loop=loop)
    transport = _Recorder()
    protocol.connection_made(transport)
    for piece in pieces:
        protocol.data_received(piece)
    is_over = transport.is_closed or not protocol.cycle.keep_alive
    protocol.connection_lost(None)
    for task in protocol.tasks:
        task.cancel()
    [status] = re.findall(rb"HTTP/1.1 (\d+) ", transport.written) or [b"0" if is_over else b""]
    return int(status) if status else None


def refusal(pieces: Iterable[bytes]) -> int | None:
    """The status by which the server refuses bytes that come in pieces, before it has answered any request.

    0, if there is a request before them, whose answer is then the last one of the connection. None, if it takes all.
    """
    return asyncio.run(_refusal(pieces))
