"""The check of the `Host` header, against DNS rebinding: a page whose own name points to this server gets a 400."""

import re
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from ..http.errors import error_response
from ..http.negotiation import header

#: A `Host` header: a name or an address, IPv6 in brackets, and an optional port.
_HOST = re.compile(r"([\w.-]+|\[[0-9a-f]*:[0-9a-f:.]*\])(?::\d{1,5})?", re.ASCII | re.IGNORECASE)

#: The labels of a subdomain, each with its dot. They may have underscores, which DNS allows and container networks use.
_SUBDOMAIN = re.compile(r"(?:(?!-)[\w-]{1,63}(?<!-)\.)+", re.ASCII)

#: Characters: maximum length of a DNS name.
_MAX_LENGTH = 253


class AllowedHosts:
    """Middleware that answers 400 if the `Host` of a request is not allowed.

    Args:
        app: The inner app.
        hosts: The allowed names and addresses, without a port; ``*.example.org`` allows all its subdomains.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app = app
        self._names = frozenset(_bracketed(host.lower()) for host in hosts if not host.startswith("*."))
        self._domains = [host.removeprefix("*.").lower() for host in hosts if host.startswith("*.")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._allows(header(scope, b"host").decode("latin-1")):
            await error_response(400, "Host not allowed")(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _allows(self, value: str) -> bool:
        match = _HOST.fullmatch(value)
        if match is None:
            return False
        host = match[1].lower()
        return host in self._names or any(_is_subdomain(host, domain) for domain in self._domains)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_subdomain(host: str, domain: str) -> bool:
    labels = host.removesuffix(domain)
    return labels != host and len(host) <= _MAX_LENGTH and _SUBDOMAIN.fullmatch(labels) is not None
