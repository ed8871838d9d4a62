"""Bytes to Struct, value to response."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterable

from msgspec import ValidationError
from msgspec.json import Decoder
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .bodies import LARGE, LargeBodies, are_whole_bodies_wanted, body_digest, send_body
from .framework.nesting import nests_deeper
from .negotiation import accepted_messagepack, header
from .offloading import by_size
from .values import encode

#: The content types of a body that is decoded, whatever their parameters.
_JSON_TYPE = re.compile(r"\s*application/(?:[\w.-]+\+)?json\s*(?:;|$)", re.ASCII | re.IGNORECASE)

#: The content types that a page of another site can send without a browser's asking first.
_UNASKED_TYPE = re.compile(
    r"(?:text/plain|application/x-www-form-urlencoded|multipart/form-data)\s*(?:;|$)", re.ASCII | re.IGNORECASE
)

#: What the form of an answer depends on: a cache must know it of every form. It has no influence on a small answer's
#: compression, nor on any where that is off, which a cache need not know.
VARY = "Accept, Accept-Encoding"

_VARY = (b"vary", VARY.encode())

_NOT_JSON = "The body must be JSON, sent with Content-Type: application/json"

#: So many bytes are hashed in a quarter of a millisecond.
_HASHED_ON_LOOP = 512 * 1024


class JSONResponse(Response):
    """A JSON document, encoded already: two messages to the server and no more, unless it is large.

    Args:
        body: The document.
        status_code: The status.
        headers: Headers beside its length and its type.
        digest: The digest of the document, if that is known.
    """

    def __init__(
        self,
        body: bytes,
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
            (b"content-type", b"application/json"),
            _VARY,
            *headers,
        ]

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        if len(self.body) > LARGE:
            await self._send_large(scope, send)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})

    async def _send_large(self, scope: Scope, send: Send) -> None:
        large: LargeBodies = scope["app"].state.managers.large_bodies
        body, self.body = bytes(self.body), b""
        async with large.sending(scope, body, self._digest) as body:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if are_whole_bodies_wanted(scope):
                await send({"type": "http.response.body", "body": body})
            else:
                await send_body(body, send)


def json_response(value: object, status_code: int = 200) -> JSONResponse:
    """A small value as a response; what may be large is encoded on a worker thread, with `values.encode`."""
    return JSONResponse(encode(value), status_code)


def no_content() -> Response:
    """It is done, and there is nothing to say."""
    return Response(status_code=204)


async def conditional(request: Request, body: bytes, digest: bytes | None = None) -> Response:
    """A JSON document for who has not got this very one already, and a 304 for who has.

    Args:
        request: The request, with the `If-None-Match` of who has one.
        body: The document. What is asked is whether it changed, and it says so itself: nothing can be forgotten.
        digest: What tells it from all others, if that is known.
    """
    if digest is None:
        digest = body_digest(body) if len(body) <= _HASHED_ON_LOOP else await by_size(body_digest, body)
    # A cache must not give a client JSON for MessagePack because both have one tag.
    name = digest.hex()[:32]
    etag = f'"{name}-msgpack"' if accepted_messagepack(request.scope) else f'"{name}"'
    known = header(request.scope, b"if-none-match")
    if known and is_named(etag, known):
        return Response(status_code=304, headers={"etag": etag, "cache-control": "no-cache", "vary": VARY})
    return JSONResponse(body, headers=[(b"etag", etag.encode()), (b"cache-control", b"no-cache")], digest=digest)


async def decode[T](request: Request, decoder: Decoder[T]) -> T:
    """A request's body as the decoder's Struct.

    Raises:
        HTTPException: 415, if its type is one that any page can send; 422, if it is not JSON and said to be, or lacks
            a field or has it of a wrong type.
    """
    refuse_unasked(request)
    if not _JSON_TYPE.match(request.headers.get("content-type", "")):
        raise HTTPException(422, _NOT_JSON)
    body = (await request.body()).removeprefix(BOM_UTF8)
    most: int = request.app.state.config.limits.nesting
    if await by_size(nests_deeper, body, most):
        raise HTTPException(422, f"The body has more than {most} lists and objects in one another")
    try:
        return await by_size(decoder.decode, body)
    except ValidationError as error:
        raise HTTPException(422, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"The body is not valid JSON: {error}") from error


def refuse_unasked(request: Request) -> None:
    """Raise for a body that a page of another site may have sent, with no say of the one who looks at the page.

    Raises:
        HTTPException: 415, if its type is one that any page can send. No type at all is another; that is refused to
            browsers alone, which name the page's origin.
    """
    headers = request.headers
    content_type = headers.get("content-type", "").strip()
    is_untyped = not content_type and headers.get("content-length", "0") != "0"
    if _UNASKED_TYPE.match(content_type) or (is_untyped and "origin" in headers):
        raise HTTPException(415, _NOT_JSON)


def is_named(etag: str, if_none_match: bytes) -> bool:
    """Whether the header of a request names a tag, weak or not."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.decode("latin-1").split(",")]
    return etag in tags or "*" in tags
