"""The paths of different servers and hosts, as `routable` makes them."""

import time
from typing import Any

import anyio
import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from algomancy_api.http.paths import DecodedNames, encoded, path_name, routable


def request(**scope: Any) -> Scope:
    """The scope that comes out for the scope that goes in."""
    return routable({"type": "http", **scope})


@pytest.mark.parametrize(
    ("path", "root", "raw", "routed", "mount"),
    [
        # Not mounted.
        ("/a/b", "", b"/a/b", "/a/b", ""),
        ("/a/b", "", b"/a%2Fb", "/a%2Fb", ""),
        ("/a/b", "", b"/a%2fb?c=%2F", "/a%2Fb", ""),
        ("/é/b", "", b"/%C3%A9%2Fb", "/é%2Fb", ""),
        ("/100%", "", b"/100%25", "/100%25", ""),
        ("/%2F", "", b"/%252F", "/%252F", ""),
        ("/\ufffd/b", "", b"/%FF%2Fb", "/\ufffd%2Fb", ""),
        ("//b", "", b"/%2Fb", "/%2Fb", ""),
        ("/a/", "", b"/a/", "/a/", ""),
        ("*", "", b"*", "*", ""),
        # Nobody says what the client wrote.
        ("/100%/b", "", None, "/100%25/b", ""),
        ("/x/100%", "/x", b"", "/x/100%25", "/x"),
        ("/a/b", "", b"http://host/a%2Fb", "/a/b", ""),
        # As the specification wants it.
        ("/x/a/b", "/x", b"/x/a%2Fb", "/x/a%2Fb", "/x"),
        ("/é/a/b", "/é", b"/%C3%A9/a%2Fb", "/é/a%2Fb", "/é"),
        ("/x/y/a", "/x/y", b"/x%2Fy/a", "/x/y/a", "/x/y"),
        ("/50%/a", "/50%", b"/50%25/a", "/50%25/a", "/50%25"),
        ("/x", "/x", b"/x", "/x", "/x"),
        ("/x/x/a", "/x", b"/x/x/a", "/x/x/a", "/x"),
        ("/xy", "/x", b"/xy", "/x/xy", "/x"),
        # The mount point is off the path, and said or not.
        ("/a/b", "/x", b"/x/a%2Fb", "/x/a%2Fb", "/x"),
        ("/x/a", "/x", b"/x/x/a", "/x/x/a", "/x"),
        ("/a/b", "", b"/x/y/a%2Fb", "/x/y/a%2Fb", "/x/y"),
        ("/a", "", b"/%C3%A9/a", "/é/a", "/é"),
        ("/a", "/x", b"/a", "/x/a", "/x"),
        ("/a", "/outer/x", b"/x/a", "/outer/x/a", "/outer/x"),
        ("/a", "/outer", b"/outer/x/a", "/outer/x/a", "/outer/x"),
        ("/a", "/", b"/a", "/a", ""),
        ("/a", "/x/", b"/x/a", "/x/a", "/x"),
        # A host that leads the client elsewhere.
        ("/new%", "", b"/old", "/new%25", ""),
        ("/new/b", "/x", b"/x/old%2Fb", "/x/new/b", "/x"),
        ("/b", "", b"/old%2Fb", "/b", ""),
    ],
)
def test_the_router_is_given_a_whole_path_of_encoded_names(
    path: str, root: str, raw: bytes | None, routed: str, mount: str
) -> None:
    scope = request(path=path, root_path=root, raw_path=raw)
    assert (scope["path"], scope["root_path"]) == (routed, mount)
    assert scope["raw_path"] == raw


def test_a_scope_that_is_right_is_left_alone() -> None:
    assert request(path="/a") == {"type": "http", "path": "/a"}


@pytest.mark.parametrize("raw", [b"/%2F" + b"/" * 60_000, b"/x" * 30_000, b"/%2F%FF" * 8_000])
@pytest.mark.parametrize("path", ["/", "/y", "/" * 30_000, "/x" * 29_999, "/y" * 30_000])
def test_a_long_path_takes_no_time(raw: bytes, path: str) -> None:
    start = time.process_time()
    request(path=path, raw_path=raw)
    assert time.process_time() - start < 1


def test_names_are_decoded_once_and_only_the_routes_own() -> None:
    seen: list[dict[str, Any]] = []

    async def endpoint(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["path_params"])
        assert path_name(Request(scope), "name") == scope["path_params"]["name"]

    async def call() -> None:
        names = {"name": encoded("a%2Fb") + "%2Fc", "number": 2, "tenant": "%41"}
        await DecodedNames(endpoint, ["name", "number"])({"type": "http", "path_params": names}, None, None)  # type: ignore[arg-type]

    anyio.run(call)
    assert seen == [{"name": "a%2Fb/c", "number": 2, "tenant": "%41"}]
