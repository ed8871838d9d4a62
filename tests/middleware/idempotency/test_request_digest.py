"""The digest of a request: the same for the same request, however its body arrives."""

import asyncio
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from algomancy_api.auth.identity import _SESSIONS
from algomancy_api.middleware.idempotency.request_digest import HashedBody


def digest(*pieces: bytes, content_type: str = "application/json", **scope: Any) -> str:
    """The digest of a request whose body comes in pieces, and is read to its end."""
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, 1)
    ]
    asked = {
        "method": "POST",
        "raw_path": b"/sessions",
        "query_string": b"",
        "headers": [(b"content-type", content_type.encode())],
    }

    async def receive() -> Message:
        return messages.pop(0)

    async def read() -> str:
        body = HashedBody(asked | scope, receive)
        await body.begin()
        assert (await body())["body"] == pieces[0]
        await body.finish()
        return body.digest()

    return asyncio.run(read())


def form(boundary: str, content: bytes) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="items.csv"\r\n\r\n'
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()


def cut(body: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({0, len(body), *(place % len(body) for place in places)})
    return [body[start:end] for start, end in pairwise(ends)]


@given(content=st.binary(max_size=60), places=st.lists(st.integers(0, 10_000), max_size=12))
def test_a_form_is_the_same_with_another_boundary_and_in_other_pieces(content: bytes, places: list[int]) -> None:
    first, second = form("aaaa-first", content), form("b-second-one", content)
    assert digest(*cut(first, places), content_type="multipart/form-data; boundary=aaaa-first") == digest(
        second, content_type='multipart/form-data; boundary="b-second-one"'
    )


@given(content=st.binary(max_size=60), other=st.binary(max_size=60), places=st.lists(st.integers(0, 10_000)))
def test_another_content_is_another_request(content: bytes, other: bytes, places: list[int]) -> None:
    kind = "multipart/form-data; boundary=xyz"
    one = digest(*cut(form("xyz", content), places), content_type=kind)
    assert (one == digest(form("xyz", other), content_type=kind)) == (content == other)


def test_path_query_and_visible_sessions_count() -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"raw_path": b"/sessions/main"},
        {"query_string": b"replace=true"},
        {_SESSIONS: frozenset({"main"})},
        {_SESSIONS: frozenset({"main", "other"})},
    ]
    assert len({digest(b"{}", **change) for change in changes}) == len(changes)
    assert digest(b"{}") != digest(b"{} ")


def test_a_long_piece_is_hashed_like_short_ones() -> None:
    long = b"x" * (3 * 1024 * 1024)
    assert digest(long) == digest(*[long[start : start + 1000] for start in range(0, len(long), 1000)])
