"""Identities of clients and ways to authenticate them: tokens, a token file, an authentication backend."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser, SimpleUser
from starlette.requests import HTTPConnection
from starlette.routing import Route
from starlette.types import ASGIApp

from algomancy_api import ApiLauncher, Token
from algomancy_api.auth.token_file import line_of

from ..conftest import API
from . import wiring
from .clients import AppClient, calling

#: Access and sessions by name. The secret of each token is its name and 32 times "x".
IDENTITIES: dict[str, tuple[Any, list[str]]] = {
    "read": ("read", ["*"]),
    "write": ("write", ["*"]),
    "admin": ("admin", ["*"]),
    "read elsewhere": ("read", ["other"]),
    "write here": ("write", ["main"]),
    "write elsewhere": ("write", ["other"]),
    "admin here": ("admin", ["main"]),
    "admin elsewhere": ("admin", ["other"]),
    "admin nowhere": ("admin", ["no-such"]),
}

TOKENS = [Token(name, f"{name.replace(' ', '-')}-{'x' * 32}", *rights) for name, rights in IDENTITIES.items()]


def bearer(name: str) -> dict[str, str]:
    """The headers that authenticate an identity by its token; none for "nobody"."""
    return {} if name == "nobody" else {"Authorization": f"Bearer {name.replace(' ', '-')}-{'x' * 32}"}


class Visitor(SimpleUser):
    """A user of a host's authentication backend that can see some sessions."""

    def __init__(self, name: str, sessions: list[str]) -> None:
        super().__init__(name)
        self.sessions = sessions


class NamedInHeader(AuthenticationBackend):
    """An authentication backend of a host that trusts the header ``X-Name``."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        name = conn.headers.get("x-name")
        if name is None:
            return None
        if name not in IDENTITIES:
            raise AuthenticationError("Never heard of them")
        access, sessions = IDENTITIES[name]
        user = SimpleUser(name) if sessions == ["*"] else Visitor(name, sessions)
        return AuthCredentials(["named", access]), user


def named(name: str) -> dict[str, str]:
    """The headers that authenticate an identity by name; none for "nobody"."""
    return {} if name == "nobody" else {"X-Name": name}


def in_file(folder: Path) -> dict[str, Any]:
    """Keywords of a configuration with some of the tokens in a file."""
    (folder / "tokens.toml").write_text("# tokens\n\n" + "\n".join(map(line_of, TOKENS[2:])) + "\n")
    return {"tokens": TOKENS[:2], "tokens_file": folder / "tokens.toml"}


#: For each way to authenticate: keywords of the configuration, and the headers of an identity.
AUTHENTICATION: dict[str, tuple[Callable[[Path], dict[str, Any]], Callable[[str], dict[str, str]]]] = {
    "tokens": (lambda _: {"tokens": TOKENS}, bearer),
    "file": (in_file, bearer),
    "backend": (lambda _: {"authentication": NamedInHeader()}, named),
}


@contextmanager
def protected(
    *routes: Route, around: Callable[[ASGIApp], ASGIApp] = lambda app: app, **configured: Any
) -> Iterator[AppClient]:
    """A client of the wiring's app with authentication and the sessions ``main`` and ``other``."""
    app = ApiLauncher.build(wiring.configuration(**({"tokens": TOKENS} | configured)), routes=routes)
    app.state.session_manager.create_new_session("other")
    with calling(around(app)) as client:
        client.declared_only = False  # only the served document declares the responses 401 and 403
        yield client
    app.state.session_manager.shutdown()


def names(client: AppClient, headers: dict[str, str]) -> list[str]:
    """The names of the sessions in the list that a client gets."""
    listed = client.get(f"{API}/sessions", headers=headers).json()["sessions"]
    return [session["display_name"] for session in listed]
