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
from .session import AsyncSession
from .transport import AsyncTransport

if TYPE_CHECKING:
    from typing_extensions import Self


class AsyncClient:
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
        http_client: httpx.AsyncClient | None = None,
        events: bool | None = None,
    ) -> None:
        settings = Settings.of(url, prefix=prefix, token=token, timeout=timeout, retries=retries)
        self._transport = AsyncTransport(settings, http_client, events)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<Client of {self._transport.settings.url}>"

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def sessions(self) -> list[AsyncSession]:
        """The sessions that the token may see."""
        return [AsyncSession(self._transport, name) for name in (await self._listed()).sessions]

    async def session(self, name: str | None = None) -> AsyncSession:
        """The session of a name or an id; the default one if it is None.

        Raises:
            NotFound: There is none that the token may see.
        """
        listed = await self._listed()
        wanted = listed.default if name is None else name
        found = [each for each in listed.sessions if wanted in (each.id, each.display_name)]
        if not found:
            known = ", ".join(repr(each.display_name) for each in listed.sessions) or "none"
            raise NotFound(f"Session {wanted!r} not found; there are {known}", 404)
        return AsyncSession(self._transport, found[0])

    async def create_session(self, name: str) -> AsyncSession:
        """A new, empty session.

        Raises:
            Conflict: The name is taken.
            Forbidden: The token may not create one, or nobody may.
        """
        await self._transport.send(Call("POST", "/sessions", body={"display_name": name}))
        return await self.session(name)

    async def _listed(self) -> SessionList:
        return read(await self._transport.send(Call("GET", "/sessions")), SessionList)
