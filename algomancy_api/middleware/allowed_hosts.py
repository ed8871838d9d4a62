"""The Host check: a page cannot reach the API by a name of its own that it has pointed at this address."""

import re
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from ..http.errors import error_response
from ..http.negotiation import header

#: The name, or the address, of IPv6 in brackets; and perhaps a port.
_HOST = re.compile(r"([\w.-]+|\[[0-9a-f]*:[0-9a-f:.]*\])(?::\d{1,5})?", re.ASCII | re.IGNORECASE)

#: The first names of a host, in lower case and with their dots. They may have underscores, which DNS takes and networks
#: of containers have.
_BELOW = re.compile(r"(?:(?!-)[\w-]{1,63}(?<!-)\.)+", re.ASCII)

#: The longest name of DNS, in characters.
_LONGEST = 253


class AllowedHosts:
    """Answers 400 to requests for other hosts.

    Args:
        app: The app.
        hosts: The names and addresses, without a port; ``*.example.org`` is all names below that one.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app = app
        self._names = frozenset(_bracketed(host.lower()) for host in hosts if not host.startswith("*."))
        self._domains = [host.removeprefix("*.").lower() for host in hosts if host.startswith("*.")]

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
        host = match[1].lower()
        return host in self._names or any(_is_below(host, domain) for domain in self._domains)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_below(host: str, domain: str) -> bool:
    below = host.removesuffix(domain)
    return below != host and len(host) <= _LONGEST and _BELOW.fullmatch(below) is not None
