"""The media type that a client prefers of those that a route offers."""

from collections.abc import Sequence

import pytest

from algomancy_api.http.negotiation import preferred_type

JSON, CSV, ARROW = OFFERED = ("application/json", "text/csv", "application/vnd.apache.arrow.stream")


@pytest.mark.parametrize(
    ("accept", "offered", "preferred"),
    [
        (None, OFFERED, JSON),
        ("*/*", OFFERED, JSON),
        ("text/csv", OFFERED, CSV),
        ("TEXT/CSV; q=1", OFFERED, CSV),
        ("text/*", OFFERED, CSV),
        ("text/csv, */*", OFFERED, CSV),  # a name says more than a wildcard
        ("*/*, text/csv;q=0.5", OFFERED, JSON),
        ("text/csv;q=0.5, application/vnd.apache.arrow.stream", OFFERED, ARROW),
        ("text/csv, application/json", OFFERED, CSV),  # of equal ones, the first in the header
        ("application/msgpack, text/csv;q=0.9", OFFERED, JSON),  # which becomes MessagePack
        ("application/msgpack;q=0.5, text/csv", OFFERED, CSV),
        ("application/*", OFFERED, JSON),
        ("application/json;q=0, */*", OFFERED, CSV),
        ("text/html, application/xhtml+xml, */*;q=0.8", OFFERED, JSON),
        ("image/png", OFFERED, JSON),  # nothing fits
        ("text/csv;q=0", OFFERED, JSON),
        ("nonsense", (CSV, ARROW), CSV),
    ],
)
def test_the_preferred_type(accept: str | None, offered: Sequence[str], preferred: str) -> None:
    headers = [] if accept is None else [(b"accept", accept.encode())]
    assert preferred_type({"type": "http", "headers": headers}, offered) == preferred
