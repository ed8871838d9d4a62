"""Large answers, compressed for the clients that accept it, and never on the event loop.

By zstd, br or gzip, as the client likes best, of equals the first. All of them at level 1: on tables and on lists of
scenarios the usual levels cost two to four times as much, for a fifth fewer bytes in gzip and next to none in others.
"""

import re
import zlib
from collections.abc import Awaitable, Callable
from functools import lru_cache

import brotli
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .negotiation import Headers, header, preferred_coding, revised
from .offloading import by_size

try:
    from compression import zstd
except ImportError:  # a Python that was built without it
    zstd = None  # type: ignore[assignment]

#: An answer below this size, in bytes, fits into one packet anyway.
_LEAST = 1024

#: Texts and the like, but for a stream of events: that has to arrive as it is made, by whatever is in between.
_COMPRESSIBLE = re.compile(
    rb"text/(?!event-stream)|image/svg|application/(?:[\w.-]+\+)?(?:json|xml|javascript|(?:x-|vnd\.)?msgpack)\b",
    re.IGNORECASE,
)

#: These have no body, or a part of one.
_UNTOUCHED = frozenset({204, 205, 206, 304})

#: Compresses the next bytes, such that all of them can be read at once; True with the last ones.
type Compressor = Callable[[bytes, bool], bytes]


class Compression:
    """Compresses the answers of an app that are large, or streamed, and that gain by it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on."""
        if scope["type"] == "http" and (accepted := header(scope, b"accept-encoding")):
            coding = preferred_coding(accepted, _OFFERED)
            if coding is not None:
                send = _CompressedAnswer(send, coding, is_head=scope["method"] == "HEAD")
        return self.app(scope, receive, send)


class _CompressedAnswer:
    """What an answer is sent through: decides at its first bytes whether they, and all that follow, are compressed."""

    def __init__(self, send: Send, coding: str, *, is_head: bool) -> None:
        self._send = send
        self._coding = coding
        self._is_head = is_head
        self._start: Message | None = None
        self._compress: Compressor | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._start is not None:
            start, self._start = self._start, None
            await self._decide(start, message)
        elif self._compress is not None and message["type"] == "http.response.body":
            data, more = message.get("body", b""), message.get("more_body", False)
            await self._send({**message, "body": await by_size(self._compress, data, not more)})
        else:
            await self._send(message)

    async def _begin(self, start: Message) -> None:
        if start["status"] == 304:
            start = {**start, "headers": revised(start.get("headers", []), [], b"Accept-Encoding")}
        elif _can_gain(start):
            self._start = start  # its headers depend on the body
            return
        await self._send(start)

    async def _decide(self, start: Message, message: Message) -> None:
        data, more = message.get("body", b""), message.get("more_body", False)
        if message["type"] == "http.response.body" and (more or len(data) >= _LEAST):
            self._compress = _COMPRESSORS[self._coding]()
            data = await by_size(self._compress, data, not more)
            start = {**start, "headers": self._headers(start, None if more else len(data))}
            message = {**message, "body": data}
        elif self._is_head and message.get("body") == b"":  # it has told its length
            start = {**start, "headers": self._headers(start, None)}
        await self._send(start)
        await self._send(message)

    def _headers(self, start: Message, length: int | None) -> Headers:
        new = [(b"content-encoding", self._coding.encode())]
        if length is not None:
            new.append((b"content-length", str(length).encode()))
        return revised(start.get("headers", []), new, b"Accept-Encoding")


def _can_gain(start: Message) -> bool:
    """Whether an answer is to be compressed, unless its body turns out to be small."""
    headers = dict(start.get("headers", ()))
    if int(headers.get(b"content-length", _LEAST)) < _LEAST or start["status"] in _UNTOUCHED:
        return False
    return (
        b"content-encoding" not in headers
        and _is_compressible(headers.get(b"content-type", b""))
        and b"no-transform" not in headers.get(b"cache-control", b"").lower()
    )


@lru_cache(maxsize=64)
def _is_compressible(content_type: bytes) -> bool:
    return _COMPRESSIBLE.match(content_type) is not None


def _zstd() -> Compressor:
    compressor = zstd.ZstdCompressor(level=1)
    return lambda data, is_last: compressor.compress(
        data, compressor.FLUSH_FRAME if is_last else compressor.FLUSH_BLOCK
    )


def _brotli() -> Compressor:
    compressor = brotli.Compressor(quality=1)
    return lambda data, is_last: compressor.process(data) + (compressor.finish() if is_last else compressor.flush())


def _gzip() -> Compressor:
    compressor = zlib.compressobj(level=1, wbits=16 + zlib.MAX_WBITS)
    return lambda data, is_last: (
        compressor.compress(data) + compressor.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)
    )


_COMPRESSORS: dict[str, Callable[[], Compressor]] = {"zstd": _zstd, "br": _brotli, "gzip": _gzip}
_OFFERED = tuple(coding for coding in _COMPRESSORS if coding != "zstd" or zstd is not None)
