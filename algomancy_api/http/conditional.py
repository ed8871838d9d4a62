"""Conditional requests: a response with its ETag, or 304 for a client that has it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from ..concurrency.by_size import by_size
from ..serialization.digest import body_digest
from .negotiation import accepted_messagepack, header
from .responses import encoded_response

#: Bytes: bodies up to this size are hashed on the event loop, in at most a quarter of a millisecond.
_HASHED_ON_LOOP = 512 * 1024


async def conditional(
    request: Request, body: bytes, digest: bytes | None = None, media_type: str = "application/json"
) -> Response:
    """A response with an ETag, or a 304 if the request's `If-None-Match` has this ETag.

    Args:
        request: The request.
        body: The body, by default a JSON document. The ETag is computed from it, so it cannot miss a change.
        digest: The digest of ``body``, if the caller knows it.
        media_type: The media type of the body.
    """
    if digest is None:
        digest = body_digest(body) if len(body) <= _HASHED_ON_LOOP else await by_size(body_digest, body)
    # Two tags: with one, a cache could serve JSON to a client that accepts MessagePack.
    name = digest.hex()[:32]
    is_packed = media_type == "application/json" and accepted_messagepack(request.scope)
    etag = f'"{name}-msgpack"' if is_packed else f'"{name}"'
    headers = [(b"etag", etag.encode()), (b"cache-control", b"no-cache")]
    return unless_known(request.scope, etag, encoded_response(body, media_type, headers, digest))


def unless_known(scope: Scope, etag: str, response: Response) -> Response:
    """A response, or a 304 in its place if the request's `If-None-Match` has its ETag."""
    known = header(scope, b"if-none-match")
    if not known or not is_named(etag, known):
        return response
    unchanged = Response(status_code=304)
    unchanged.raw_headers = [field for field in response.raw_headers if not field[0].startswith(b"content-")]
    return unchanged


def is_named(etag: str, if_none_match: bytes) -> bool:
    """Whether an `If-None-Match` header has an ETag, as a weak or a strong one, or is ``*``."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.decode("latin-1").split(",")]
    return etag in tags or "*" in tags
