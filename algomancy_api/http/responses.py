"""Responses from bytes that are already encoded, JSON or not, and the empty 204."""

from collections.abc import Iterable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..serialization.json_encoder import encode
from .large_bodies import LARGE, LargeResponses, are_whole_bodies_wanted, send_body

#: Request headers: the representation of a response depends on them, so every response names them to caches. Small
#: responses are never compressed, nor is any if compression is off, but a cache need not know that.
VARY = "Accept, Accept-Encoding"

_VARY = (b"vary", VARY.encode())


class EncodedResponse(Response):
    """A response from encoded bytes. It sends two ASGI messages, or more if the body is large.

    Args:
        body: The body.
        content_type: Its type.
        status_code: The status.
        headers: Headers beside Content-Length, Content-Type and Vary.
        digest: The digest of the body, if the caller knows it.
    """

    def __init__(
        self,
        body: bytes,
        content_type: bytes,
        status_code: int = 200,
        headers: Iterable[tuple[bytes, bytes]] = (),
        digest: bytes | None = None,
    ) -> None:
        self.status_code = status_code
        self.body = body
        self.background = None
        self._digest = digest
        self.raw_headers = [
            (b"content-length", str(len(body)).encode()),
            (b"content-type", content_type),
            _VARY,
            *headers,
        ]

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if len(self.body) > LARGE:
            await self._send_large(scope, send)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})

    async def _send_large(self, scope: Scope, send: Send) -> None:
        large: LargeResponses = scope["app"].state.sessions.large_bodies
        body, self.body = bytes(self.body), b""
        async with large.sending(scope, body, self._digest) as body:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if are_whole_bodies_wanted(scope):
                await send({"type": "http.response.body", "body": body})
            else:
                await send_body(body, send)


class EncodedJSONResponse(EncodedResponse):
    """A JSON response from encoded bytes.

    Args:
        body: The JSON document.
        status_code: The status.
        headers: Headers beside Content-Length, Content-Type and Vary.
        digest: The digest of the body, if the caller knows it.
    """

    def __init__(
        self,
        body: bytes,
        status_code: int = 200,
        headers: Iterable[tuple[bytes, bytes]] = (),
        digest: bytes | None = None,
    ) -> None:
        super().__init__(body, b"application/json", status_code, headers, digest)


def encoded_response(
    body: bytes,
    media_type: str,
    headers: Iterable[tuple[bytes, bytes]] = (),
    digest: bytes | None = None,
) -> EncodedResponse:
    """A response of a media type. Text is UTF-8."""
    content_type = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    return EncodedResponse(body, content_type.encode(), headers=headers, digest=digest)


def json_response(value: object, status_code: int = 200) -> EncodedJSONResponse:
    """A small value as a JSON response. Encode large values with `json_encoder.encode` on a worker thread."""
    return EncodedJSONResponse(encode(value), status_code)


def with_next[R: Response](response: R, query: str | None) -> R:
    """A response with a link to the next page, which has another query; the same response at the last page.

    The link is relative, so that it holds behind any proxy (RFC 8288, RFC 3986).
    """
    if query is not None:
        response.raw_headers.append((b"link", f'<?{query}>; rel="next"'.encode()))
    return response


def no_content() -> Response:
    """A 204 response."""
    return Response(status_code=204)
