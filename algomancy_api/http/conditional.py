"""Bytes to Struct, value to response."""

from starlette.requests import Request
from starlette.responses import Response

from ..concurrency.by_size import by_size
from ..serialization.digest import body_digest
from .negotiation import accepted_messagepack, header
from .responses import VARY, EncodedJSONResponse

#: So many bytes are hashed in a quarter of a millisecond.
_HASHED_ON_LOOP = 512 * 1024


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
    return EncodedJSONResponse(body, headers=[(b"etag", etag.encode()), (b"cache-control", b"no-cache")], digest=digest)


def is_named(etag: str, if_none_match: bytes) -> bool:
    """Whether the header of a request names a tag, weak or not."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.decode("latin-1").split(",")]
    return etag in tags or "*" in tags
