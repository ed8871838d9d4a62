"""Where the server is, and how it is asked: by arguments, or else by the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from .retries import Retries

URL_VARIABLE = "ALGOMANCY_URL"
TOKEN_VARIABLE = "ALGOMANCY_TOKEN"  # noqa: S105 - a name
TIMEOUT_VARIABLE = "ALGOMANCY_TIMEOUT"
RETRIES_VARIABLE = "ALGOMANCY_RETRIES"

#: Where a server listens that nobody has told otherwise.
DEFAULT_URL = "http://127.0.0.1:8051"

#: Seconds: how long a server may be silent.
DEFAULT_TIMEOUT = 60.0

_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True)
class Settings:
    """Where the server is, and how it is asked.

    Attributes:
        url: The address of the API, with its prefix and without a slash at its end.
        token: The secret of an access token, if the server has some.
        timeout: Seconds: how long the server may be silent.
        retries: How often a request is sent again.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    timeout: float = DEFAULT_TIMEOUT
    retries: Retries = field(default_factory=Retries)

    @classmethod
    def of(
        cls,
        url: str | None = None,
        *,
        prefix: str = "/api/v1",
        token: str | None = None,
        timeout: float | None = None,
        retries: int | Retries | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Settings:
        """Settings of arguments, or else of the environment.

        Args:
            url: The address of the server, with or without the prefix of the API.
            prefix: The path of the API below it.
            token: The secret of an access token.
            timeout: Seconds: how long the server may be silent.
            retries: How often a request is sent again, or how and when.
            environment: What stands for arguments that are None; that of the process if it is None.

        Raises:
            ValueError: A value makes no sense.
        """
        variables = os.environ if environment is None else environment
        if retries is None:
            retries = _number(variables, RETRIES_VARIABLE, int)
        if timeout is None:
            timeout = _number(variables, TIMEOUT_VARIABLE, float)
        if isinstance(retries, int):
            retries = Retries(attempts=retries + 1)
        token = token or variables.get(TOKEN_VARIABLE) or None
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ValueError("a token has visible characters of ASCII alone")  # without the token, which is a secret
        return cls(
            url=api_url(url or variables.get(URL_VARIABLE) or DEFAULT_URL, prefix),
            token=token,
            timeout=DEFAULT_TIMEOUT if timeout is None else timeout,
            retries=retries or Retries(),
        )


def api_url(url: str, prefix: str) -> str:
    """The address of the API: that of the server with the prefix, unless it has it.

    Raises:
        ValueError: It is no address of HTTP.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"the address of a server begins with http:// or https://; got {url!r}")
    url, prefix = url.rstrip("/"), prefix.rstrip("/")
    return url if prefix and url.endswith(prefix) else url + prefix


def _number(variables: Mapping[str, str], name: str, kind: Callable[[str], _Number]) -> _Number | None:
    text = variables.get(name)
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{name} must be a number; got {text!r}") from None
