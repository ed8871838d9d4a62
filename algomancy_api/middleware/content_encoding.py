"""Compression of large responses, in the coding that the client prefers: zstd, br or gzip. Large bodies use a thread.

All codings have level 1: on tables and lists of scenarios the default levels take two to four times as long. They save
a fifth of the bytes in gzip, and almost none in the others.
"""

import re
import zlib
from collections.abc import Awaitable, Callable, Generator, Mapping
from functools import lru_cache

import brotli
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..concurrency.by_size import by_size
from ..concurrency.shared import SharedResults
from ..http.large_bodies import PIECE, ask_for_whole_bodies, taken
from ..http.negotiation import Headers, header, preferred_coding
from .held_response import HeldResponse

try:
    from compression import zstd
except ImportError:  # a Python that was built without it
    zstd = None  # type: ignore[assignment]

#: Bytes: smaller bodies are not compressed, since they fit into one packet anyway.
_LEAST = 1024

#: Key in the scope of a request: the coding of its response.
_CODING = "algomancy_api.coding"

#: Pieces: maximum of a stream that are compressed before they are sent; each takes some milliseconds.
_TOGETHER = 8

#: Content types that compress well. Event streams are left out: a proxy could hold back compressed events.
_COMPRESSIBLE = re.compile(
    rb"text/(?!event-stream)|image/svg|application/(?:[\w.-]+\+)?(?:json|xml|javascript|(?:x-|vnd\.)?msgpack)\b",
    re.IGNORECASE,
)

#: Compresses and flushes the next bytes of a body; True with the last ones.
type Compressor = Callable[[bytes, bool], bytes]


class ContentEncoding:
    """Middleware that compresses large and streamed responses, if their content type compresses well.

    A large body that several clients are sent at the same time is compressed once.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._shared = SharedResults[bytes, bytes | None]()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and (accepted := header(scope, b"accept-encoding")):
            coding = preferred_coding(accepted, _OFFERED)
            if coding is not None:
                send = _EncodedResponse(send, coding, self._shared, is_head=scope["method"] == "HEAD")
                scope[_CODING] = coding
                ask_for_whole_bodies(scope)
        return self.app(scope, receive, send)


def accepted_coding(scope: Scope) -> str | None:
    """The coding of the response to a request, if it is compressed; None if the client accepts no coding.

    `ContentEncoding` leaves a response alone that has a coding already, as one made of `compressed_pieces`.
    """
    coding: str | None = scope.get(_CODING)
    return coding


def compressed_pieces(pieces: Generator[bytes], coding: str) -> Generator[bytes]:
    """A compressed stream, for the worker thread that makes the pieces: it then returns less data.

    Args:
        pieces: The pieces of a body.
        coding: The coding, from `accepted_coding`.
    """
    compress = _COMPRESSORS[coding]()
    made: list[bytes] = []
    for piece in pieces:
        made.append(compress(piece, False))
        piece = b""  # or it would be held until the next one is made
        if len(made) == _TOGETHER or sum(map(len, made)) >= PIECE:
            yield taken(made)
    made.append(compress(b"", True))
    yield taken(made)


class _EncodedResponse(HeldResponse):
    """A `send` that decides by the first bytes of a body whether all of it is compressed."""

    def __init__(self, send: Send, coding: str, shared: SharedResults[bytes, bytes | None], *, is_head: bool) -> None:
        super().__init__(send, shared, coding, b"Accept-Encoding")
        self._coding = coding
        self._is_head = is_head
        self._compress: Compressor | None = None

    def can_convert(self, headers: Mapping[bytes, bytes]) -> bool:
        return (
            int(headers.get(b"content-length", _LEAST)) >= _LEAST
            and _is_compressible(headers.get(b"content-type", b""))
            and b"no-transform" not in headers.get(b"cache-control", b"").lower()
        )

    async def convert(self, body: bytes) -> bytes:
        return await by_size(_COMPRESSORS[self._coding](), body, True)

    def new_headers(self, length: int | None) -> Headers:
        new = [(b"content-encoding", self._coding.encode())]
        if length is not None:
            new.append((b"content-length", str(length).encode()))
        return new

    async def receive_body(self, start: Message, message: Message) -> None:
        data, more = message.get("body", b""), message.get("more_body", False)
        if more:
            self._compress = _COMPRESSORS[self._coding]()
            data = await by_size(self._compress, data, False)
            await self.release(start, self.new_headers(None))
            await self.send({**message, "body": data})
        elif len(data) >= _LEAST:
            await self.send_converted(start, data)
        else:
            is_cut_off = self._is_head and not data  # the start has told the length of what is left out
            await self.release(start, self.new_headers(None) if is_cut_off else None)
            await self.send(message)

    async def pass_on(self, message: Message) -> None:
        if self._compress is not None and message["type"] == "http.response.body":
            data, more = message.get("body", b""), message.get("more_body", False)
            message = {**message, "body": await by_size(self._compress, data, not more)}
        await self.send(message)


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
