"""The response with a part of a table: whole, with an ETag, or in pieces."""

from collections.abc import AsyncGenerator

from starlette.requests import Request
from starlette.responses import Response

from ...http.conditional import unless_known
from ...http.negotiation import Headers
from ...http.responses import VARY
from ...http.streaming import StreamResponse
from ...middleware.content_encoding import accepted_coding, compressed_pieces
from ...serialization.digest import body_digest
from ...services.dependencies import open_stream
from ...services.scenarios import Session
from ...tables.formats import Part, Wanted
from .paging import page_headers

#: Media types: of files that are compressed in themselves, or on request.
_COMPRESSED = ("application/vnd.apache.arrow.stream", "application/vnd.apache.parquet")


def part_response(request: Request, session: Session, part: Part, wanted: Wanted) -> Response:
    """The response with a part of a table: 304 if the client has it, pieces if it is large."""
    headers = page_headers(request, part.total, wanted.query.offset, wanted.query.limit)
    if part.body is not None:
        return _whole(request, part.body, wanted.media_type, headers)
    coding = accepted_coding(request.scope) if wanted.media_type not in _COMPRESSED else None
    pieces = compressed_pieces(part.pieces, coding) if coding else part.pieces

    async def begin() -> AsyncGenerator[bytes]:
        return await session.workers.started(pieces)

    fields = {"vary": VARY} | ({"content-encoding": coding} if coding else {})
    response = StreamResponse(begin, open_stream(request), wanted.media_type, fields)
    response.raw_headers += headers
    return response


def _whole(request: Request, body: bytes, media_type: str, headers: Headers) -> Response:
    etag = f'"{body_digest(body).hex()[:32]}"'
    response = Response(body, media_type=media_type)
    response.raw_headers += [
        (b"etag", etag.encode()),
        (b"cache-control", b"no-cache"),
        (b"vary", VARY.encode()),
        *headers,
    ]
    return unless_known(request.scope, etag, response)
