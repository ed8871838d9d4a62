"""A token that was entered once is sent with every request, and is still there after the page was loaded anew."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .conftest import Visit
from .servers import altered


class TokenInDocument:
    """A host's middleware: the document says that every operation takes a token."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != "/openapi.json":
            await self.app(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        start, *parts = messages
        content = _with_token(b"".join(part["body"] for part in parts))
        headers = [(name, value) for name, value in start["headers"] if name not in (b"content-length", b"etag")]
        await send({**start, "headers": [*headers, (b"content-length", str(len(content)).encode())]})
        await send({"type": "http.response.body", "body": content})


def _with_token(content: bytes) -> bytes:
    document = json.loads(content)
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return json.dumps(document | {"security": [{"token": []}]}).encode()


@pytest.fixture
def root(tmp_path: Path) -> Iterator[str]:
    with altered(tmp_path / "data", Middleware(TokenInDocument)) as url:
        yield url


def test_a_token_outlives_the_page(root: str, visit: Visit) -> None:
    with visit(root) as docs:
        assert "authorization" not in docs.execute(docs.form("listSessions")).sent
        docs.authorize("a-token")
        docs.reload()
        answer = docs.execute(docs.form("getHealth"))  # the page comes back with the other one unfolded
        assert answer.status == 200
        assert answer.sent["authorization"] == "Bearer a-token"
