"""Mutated paths, queries and headers: each gets a valid response, never a 5xx."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .app import Request, fuzzed_app
from .mutations import mutated

_TARGETS = [
    *(b"/", b"/health", b"/ready", b"/docs", b"/openapi.json", b"/docs/swagger-ui/swagger-ui.css", b"/api/v1/sessions"),
    *(b"%s/data", b"%s/data/items", b"%s/algorithms", b"%s/algorithms/Parametrised/parameters", b"%s/kpis"),
    *(b"%s/scenarios", b"%r", b"%r/status", b"%r/status?wait=0", b"%r/status?wait=0.001&wait=x", b"%s/processing"),
    *(b"%s/queue", b"/api/v1/sessions/main/data/%2F%00%ff", b"//api/v1/sessions", b"/api/v1/./sessions/../sessions"),
]

#: Valid and odd values of each header.
_HEADERS: dict[bytes, list[bytes]] = {
    b"accept": [b"application/msgpack;q=0.5, */*;q=0.1", b"application/x-msgpack", b"text/html"],
    b"accept-encoding": [b"gzip, br;q=0.9, zstd;q=1.0, identity;q=0", b"*", b"identity"],
    b"if-none-match": [b'"0123456789abcdef0123456789abcdef"', b'W/"a", "b"', b"*"],
    b"prefer": [b"wait=0", b"respond-async, wait=0; foo", b'wait="0"'],
    b"last-event-id": [b"1-2", b"0"],
    b"range": [b"bytes=0-1", b"bytes=-5,3-", b"items=1"],
    b"origin": [b"https://page.example", b"null"],
    b"authorization": [b"Bearer abc", b"Basic YTpi"],
    b"x-request-id": [b"abc", b"a" * 129],
    b"content-type": [b"application/json", b"text/plain; charset=x"],
    b"content-length": [b"0", b"12", b"-1", b"99999999999999999999"],
}


@st.composite
def headers(draw: st.DrawFn) -> list[tuple[bytes, bytes]]:
    """A few headers, some of them invalid."""
    names = draw(st.lists(st.sampled_from(sorted(_HEADERS)), max_size=4))
    return [(name, draw(mutated(_HEADERS[name], most=2)).translate(None, b"\r\n\0")) for name in names]


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests that change nothing."""
    method = draw(st.sampled_from(["GET", "GET", "GET", "HEAD", "OPTIONS", "PUT", "TRACE", "get", "X"]))
    # An HTTP server never passes on these bytes in a target.
    target = draw(mutated(_TARGETS, most=3)).translate(None, b"\r\n \0").replace(b"#", b"")
    return Request(method, target, draw(headers()))


@pytest.mark.parametrize("wanted", [b"%2F", b"bytes=0-1", b"bytes=9999999999-", b"bytes=-"])
def test_a_file_of_the_page_comes_whole(wanted: bytes) -> None:
    whole = fuzzed_app().answer(Request("GET", b"/docs/swagger-ui/swagger-ui.css"))
    answer = fuzzed_app().answer(Request("GET", b"/docs/swagger-ui/swagger-ui.css", [(b"range", wanted)]))
    assert (answer.status, answer.body) == (200, whole.body)


@settings(max_examples=300, deadline=None)
@given(requests())
def test_there_is_an_answer_to_any_request(request: Request) -> None:
    fuzzed_app().answer(request)
