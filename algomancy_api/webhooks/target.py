"""The URL that events are sent to."""

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

#: Characters: the longest URL.
_LONGEST = 2_000

#: Visible ASCII without those that parsers of URLs disagree on.
_URL = re.compile(r"[\x21-\x7e]+")
_AMBIGUOUS = frozenset('\\"<>^`{|}')

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?")

_PORTS = {"https": 443, "http": 80}


class Target(NamedTuple):
    """The parts of a URL.

    Attributes:
        is_tls: Whether it is an https URL.
        host: The host name, in lower case, or the address, without brackets.
        port: The TCP port.
        authority: The value of the header `Host`.
        path: The path and the query.
    """

    is_tls: bool
    host: str
    port: int
    authority: str
    path: str

    @property
    def is_address(self) -> bool:
        """Whether the host is an address, and no name."""
        return _is_address(self.host)

    @property
    def shown(self) -> str:
        """The URL without its query, which may have a secret."""
        path, question_mark, _ = self.path.partition("?")
        scheme = "https" if self.is_tls else "http"
        return f"{scheme}://{self.authority}{path}{'?…' if question_mark else ''}"


def target_of(url: object) -> Target:
    """The parts of a URL.

    Raises:
        ValueError: It cannot be the URL of a webhook. The message does not show it, since it may have a secret.
    """
    if not isinstance(url, str) or not _URL.fullmatch(url) or len(url) > _LONGEST or _AMBIGUOUS & set(url):
        raise ValueError(f"its url must be a text of at most {_LONGEST} visible ASCII characters (a host in punycode)")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("its url has a malformed host or port") from error
    if parts.scheme not in _PORTS:
        raise ValueError("its url must begin with https://, or with http:// if allow_private=True")
    if "@" in parts.netloc:
        raise ValueError("its url must have no user and password: a signature proves who sends")
    if "#" in url:
        raise ValueError("its url must have no fragment (#…)")
    host = parts.hostname or ""
    is_ipv6 = ":" in host
    if port == 0 or not (_is_address(host) if is_ipv6 else _HOST.fullmatch(host)):
        raise ValueError("its url has a malformed host or port")
    default = _PORTS[parts.scheme]
    name = f"[{host}]" if is_ipv6 else host
    authority = name if port in (None, default) else f"{name}:{port}"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port or default, authority, path)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
