"""The Host check: a page cannot reach the API by a name of its own that it has pointed at this address."""

import re
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from .errors import error_response
from .negotiation import header

#: The name or address, without the port.
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:\[\]]+)(?::\d+)?", re.ASCII | re.IGNORECASE)


class AllowedHosts:
    """Answers 400 to requests for other hosts.

    Args:
        app: The app.
        hosts: The names and addresses, without a port; ``*.example.org`` is all names below that one.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app = app
        self._names = frozenset(host.lower() for host in hosts)
        self._endings = tuple(host.removeprefix("*").lower() for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] == "http" and not self._allows(header(scope, b"host").decode("latin-1")):
            await error_response(400, "This server does not answer for that host")(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _allows(self, value: str) -> bool:
        match = _HOST.fullmatch(value)
        if match is None:
            return False
        name = match[1].lower().removeprefix("[").removesuffix("]")
        return name in self._names or name.endswith(self._endings)
