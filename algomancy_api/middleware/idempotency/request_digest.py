"""The digest of a request, whose body is hashed as it is read: an upload is never held for it."""

from hashlib import sha256

from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from ...auth.identity import visible_sessions
from ...concurrency.by_size import by_size
from ...http.negotiation import header

#: Bytes: a longer piece is hashed on a worker thread. This many take a millisecond.
_MOST_ON_LOOP = 1024 * 1024


class HashedBody:
    """A `receive` that hashes the body of a request, after its method, path, query, and the sessions that it may see.

    Args:
        scope: The scope of the request.
        receive: Receives its body.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._ahead: Message | None = None
        self._is_whole = False
        visible = visible_sessions(scope)
        path = scope.get("raw_path") or scope["path"].encode()
        sessions = "" if visible is None else "\n".join(sorted(visible))
        self._hash = sha256(b"\0".join([scope["method"].encode(), path, scope["query_string"], sessions.encode()]))
        self._boundary = _Boundary(header(scope, b"content-type"))

    async def __call__(self) -> Message:
        message, self._ahead = self._ahead, None
        return await self._next() if message is None else message

    async def begin(self) -> None:
        """Read the first piece, and keep it. It is mostly all, and then the digest is known whoever reads it."""
        self._ahead = await self._next()

    async def finish(self) -> None:
        """Read the body to its end, and drop it.

        Raises:
            ClientDisconnect: The client has gone.
        """
        while not self._is_whole:
            if (await self._next())["type"] == "http.disconnect":
                raise ClientDisconnect

    def digest(self) -> str:
        """The digest of the request; empty until its body has been read."""
        return self._hash.hexdigest() if self._is_whole else ""

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            await by_size(self._add, message.get("body", b""), most=_MOST_ON_LOOP)
            self._is_whole = not message.get("more_body", False)
            if self._is_whole:
                self._hash.update(self._boundary.rest)
        return message

    def _add(self, piece: bytes) -> None:
        for part in self._boundary.without(piece):
            self._hash.update(part)


class _Boundary:
    """The boundary of a form, which a client draws anew for each request: it is no part of what is sent.

    Args:
        content_type: The content type of the body, of a form or not.
    """

    def __init__(self, content_type: bytes) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary") if kind.startswith(b"multipart/") else None
        self._boundary = boundary or None
        #: The end of what has come: the boundary may begin in it.
        self.rest = b""

    def without(self, piece: bytes) -> list[bytes]:
        """What has come until now, without the boundary, but for what may be the beginning of it."""
        if self._boundary is None:
            return [piece]
        *parts, last = (self.rest + piece).split(self._boundary)
        kept = min(len(last), len(self._boundary) - 1)
        self.rest = last[len(last) - kept :]
        return [*(part + b"\0" for part in parts), last[: len(last) - kept]]
