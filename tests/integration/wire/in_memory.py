"""The HTTP protocol class of the server without a socket: a test decides which bytes arrive together."""

import asyncio
import re
from collections.abc import Iterable

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from algomancy_api import Limits
from algomancy_api.server.http_protocol import BoundedProtocol


class _Recorder(asyncio.Transport):
    """A transport that records what is written."""

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
        """Do nothing: there is no socket."""

    def resume_reading(self) -> None:
        """Do nothing: there is no socket."""


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
    """The status with which the server rejects bytes that arrive in pieces, before any response.

    0 if a valid request comes first, whose response is then the last of the connection. None if all bytes are accepted.
    """
    return asyncio.run(_refusal(pieces))
