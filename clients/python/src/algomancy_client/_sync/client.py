# Generated from _async by `make client`: change that, and run it again.
"""The client of a server."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

import httpx

from ..errors import NotFound
from ..retries import Retries
from ..settings import Settings
from ..wire.answers import SessionList
from ..wire.calls import Call
from ..wire.faults import read
from .session import Session
from .transport import Transport

if TYPE_CHECKING:
    from typing_extensions import Self


class Client:
    """The client of an algomancy-api.

    Args:
        url: The address of the server; None for that in `ALGOMANCY_URL`, or else http://127.0.0.1:8051.
        token: The secret of an access token; None for that in `ALGOMANCY_TOKEN`, if there is one.
        timeout: Seconds: how long the server may be silent; None for `ALGOMANCY_TIMEOUT`, or else 60.
        retries: How often a request is sent again, or how and when; None for `ALGOMANCY_RETRIES`, or else 4.
        prefix: The path of the API below the address.
        http_client: A client of httpx, which is not closed here: for certificates, proxies, or an app in memory.
        events: Whether waits read the server's events; None to find out.

    Raises:
        ValueError: A value makes no sense.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        timeout: float | None = None,
        retries: int | Retries | None = None,
        prefix: str = "/api/v1",
        http_client: httpx.Client | None = None,
        events: bool | None = None,
    ) -> None:
        settings = Settings.of(url, prefix=prefix, token=token, timeout=timeout, retries=retries)
        self._transport = Transport(settings, http_client, events)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client of {self._transport.settings.url}>"

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def sessions(self) -> list[Session]:
        """The sessions that the token may see."""
        return [Session(self._transport, name) for name in (self._listed()).sessions]

    def session(self, name: str | None = None) -> Session:
        """The session of a name or an id; the default one if it is None.

        Raises:
            NotFound: There is none that the token may see.
        """
        listed = self._listed()
        wanted = listed.default if name is None else name
        found = [each for each in listed.sessions if wanted in (each.id, each.display_name)]
        if not found:
            known = ", ".join(repr(each.display_name) for each in listed.sessions) or "none"
            raise NotFound(f"Session {wanted!r} not found; there are {known}", 404)
        return Session(self._transport, found[0])

    def create_session(self, name: str) -> Session:
        """A new, empty session.

        Raises:
            Conflict: The name is taken.
            Forbidden: The token may not create one, or nobody may.
        """
        self._transport.send(Call("POST", "/sessions", body={"display_name": name}))
        return self.session(name)

    def _listed(self) -> SessionList:
        return read(self._transport.send(Call("GET", "/sessions")), SessionList)
