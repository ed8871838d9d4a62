"""Headers of a page of something longer: the total, and the addresses of other pages (RFC 8288)."""

from collections.abc import Iterator
from urllib.parse import urlencode

from starlette.requests import Request

from ...http.negotiation import Headers

#: Bytes: of all addresses. Proxies refuse responses with longer headers.
_MOST_BYTES = 2_048


def page_headers(request: Request, total: int, offset: int, limit: int | None) -> Headers:
    """`X-Total-Count`, and `Link` with the addresses of the next, previous, first and last page, as far as they fit.

    Args:
        request: The request, whose query the addresses have, with other offsets.
        total: The number of all items.
        offset: The number of items before the page.
        limit: The most items of the page; None if all are on it.
    """
    headers = [(b"x-total-count", str(total).encode())]
    links, size = [], 0
    for relation, start in _starts(total, offset, limit or 0):
        others = [(name, value) for name, value in request.query_params.multi_items() if name != "offset"]
        link = f'<?{urlencode([*others, ("offset", start)])}>; rel="{relation}"'
        size += len(link)
        if size <= _MOST_BYTES:
            links.append(link)
    return [*headers, (b"link", ", ".join(links).encode())] if links else headers


def _starts(total: int, offset: int, limit: int) -> Iterator[tuple[str, int]]:
    if not limit:
        return
    if offset + limit < total:
        yield "next", offset + limit
    if offset:
        yield "prev", max(0, offset - limit)
    yield "first", 0
    yield "last", max(0, (total - 1) // limit * limit)
