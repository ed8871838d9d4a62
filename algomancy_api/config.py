"""What a server is told: the framework's own configuration and the HTTP side of it."""

import ipaddress
import logging
import re
from collections.abc import Sequence
from math import inf
from os import PathLike
from typing import Any

from algomancy_scenario import CoreConfig

from .auth.tokens import Keyring, Token
from .engines import ENGINES, is_time_limit
from .limits import Limits

_logger = logging.getLogger(__name__)

#: Every keyword of ``CoreConfig``. It swallows the ones it does not know, so they are named here to warn of the rest.
_CORE_KEYWORDS = frozenset(
    {
        "data_path",
        "has_persistent_state",
        "save_type",
        "data_object_type",
        "persistence_backend",
        "database_url",
        "hydrated_cache_size",
        "eager_startup",
        "etl_factory",
        "kpis",
        "algorithms",
        "schemas",
        "autocreate",
        "default_algo",
        "default_algo_params_values",
        "autorun",
    }
)


#: A name, all names below one, or an address of IPv4.
_HOST = re.compile(r"(?:\*\.)?[\w-]+(?:\.[\w-]+)*", re.ASCII)

_PATH_RULE = "None or a string that starts with '/' and does not end with it"


class ApiConfiguration(CoreConfig):
    """The configuration of one API server.

    Takes every keyword of `algomancy_scenario.CoreConfig` (by name) and the ones below.

    Args:
        title: Shown by ``/health`` and the OpenAPI document.
        host: The address to listen on.
        port: The TCP port to listen on, 1 to 65535.
        prefix: What every route but ``/health``, ``/openapi.json`` and ``/docs`` stands under; starts with ``/``.
        cors_origins: Origins whose pages may call the API from a browser, with credentials. Empty: none.
        allow_session_create: Whether clients may create and copy sessions; else both answer 403.
        compression: Whether large answers are compressed for the clients that accept it. False leaves that to a proxy.
        shutdown_grace: How long a server that is being stopped may take, in seconds: for answers that are under way,
            and to close what is open.
        metrics: Whether ``/metrics`` has numbers for Prometheus; needs the extra ``metrics``.
        docs_url: Where the page with Swagger UI is; None turns it off.
        openapi_url: Where the OpenAPI document is; None turns it and the page off.
        engine: Where algorithms run: ``"thread"``, in the server's own process; ``"process"``, in children of it;
            ``"dask"``, in children of a Dask cluster's workers.
        engine_address: The address of the Dask scheduler, such as ``"tcp://host:8786"``; None for a cluster of this
            machine's own.
        engine_workers: How many scenarios run at once, in all sessions, where the engine has a bound; None for as
            many as there are cores, or threads of the workers of a cluster that has an address.
        run_timeout: How long a run may take, in seconds, if it is given no limit of its own; None for no limit.
        limits: How much a client may ask for; a dict holds the fields of `Limits` that are not to be as they are.
        forwarded_allow_ips: The proxies whose ``X-Forwarded-Proto`` and ``X-Forwarded-For`` are trusted: one
            address, several, or ``"*"``. None trusts nobody.
        tokens: Who may come in, and do what. Without any, and without the next two, everybody may do everything.
        tokens_file: A file with more of them, which may change while the app runs.
        authentication: A Starlette ``AuthenticationBackend`` in place of tokens. Of the scopes that it gives a user,
            ``"read"``, ``"write"`` and ``"admin"`` count; if its user has ``sessions``, it sees these alone.
        allowed_hosts: The names and addresses, without a port, that requests may be for; ``*.example.org`` is all
            names below that one. None is any.
        core: The keywords of ``CoreConfig``. Unknown ones are ignored with a warning in the log, so that one
            dict can configure several front ends.

    Raises:
        ValueError: A value breaks its rule; the message names the keyword and the rule.
    """

    def __init__(
        self,
        *,
        title: str = "Algomancy API",
        host: str = "127.0.0.1",
        port: int = 8051,
        prefix: str = "/api/v1",
        cors_origins: list[str] | None = None,
        allow_session_create: bool = True,
        compression: bool = True,
        metrics: bool = False,
        engine: str = "thread",
        engine_address: str | None = None,
        engine_workers: int | None = None,
        run_timeout: float | None = None,
        shutdown_grace: float = 10,
        limits: Limits | dict[str, Any] | None = None,
        forwarded_allow_ips: str | list[str] | None = None,
        docs_url: str | None = "/docs",
        openapi_url: str | None = "/openapi.json",
        tokens: Sequence[Token] = (),
        tokens_file: str | PathLike[str] | None = None,
        authentication: Any = None,  # noqa: ANN401 - a backend of Starlette's, which is not known here
        allowed_hosts: list[str] | None = None,
        **core: Any,  # noqa: ANN401 - whatever CoreConfig takes
    ) -> None:
        for keyword in sorted(core.keys() - _CORE_KEYWORDS):
            _logger.warning("ApiConfiguration ignores %r, which it does not know", keyword)
        super().__init__(title=title, **core)
        self.host = host
        self.port = port
        self.prefix = prefix
        self.cors_origins = [] if cors_origins is None else cors_origins
        self.allow_session_create = allow_session_create
        self.compression = compression
        self.metrics = metrics
        self.engine = engine
        self.engine_address = engine_address
        self.engine_workers = engine_workers
        self.run_timeout = run_timeout
        self.shutdown_grace = shutdown_grace
        self.limits = limits if isinstance(limits, Limits) else _as_limits(limits)
        self.forwarded_allow_ips = forwarded_allow_ips
        self.docs_url = docs_url
        self.openapi_url = openapi_url
        self.tokens = tokens
        self.tokens_file = tokens_file
        self.authentication = authentication
        self.allowed_hosts = allowed_hosts
        self._validate_api()
        # Lists of our own, whatever the caller does to theirs.
        self.cors_origins = list(self.cors_origins)
        self.tokens = list(self.tokens)
        if self.allowed_hosts is not None:
            self.allowed_hosts = list(self.allowed_hosts)
        if self.forwarded_allow_ips is not None and not isinstance(self.forwarded_allow_ips, str):
            self.forwarded_allow_ips = list(self.forwarded_allow_ips)

    def as_dict(self) -> dict[str, Any]:
        """Every field by its keyword: ``ApiConfiguration(**cfg.as_dict())`` is the same configuration."""
        return super().as_dict() | {
            "host": self.host,
            "port": self.port,
            "prefix": self.prefix,
            "cors_origins": list(self.cors_origins),
            "allow_session_create": self.allow_session_create,
            "compression": self.compression,
            "metrics": self.metrics,
            "engine": self.engine,
            "engine_address": self.engine_address,
            "engine_workers": self.engine_workers,
            "run_timeout": self.run_timeout,
            "shutdown_grace": self.shutdown_grace,
            "limits": self.limits,
            "forwarded_allow_ips": self.forwarded_allow_ips,
            "docs_url": self.docs_url,
            "openapi_url": self.openapi_url,
            "tokens": list(self.tokens),
            "tokens_file": self.tokens_file,
            "authentication": self.authentication,
            "allowed_hosts": self.allowed_hosts,
        }

    def _validate_api(self) -> None:
        rules = (
            ("host", _is_text(self.host), "a non-empty string"),
            ("port", _is_port(self.port), "an integer from 1 to 65535"),
            (
                "prefix",
                _is_prefix(self.prefix),
                "a string that starts with '/' and has no braces",
            ),
            ("cors_origins", _are_texts(self.cors_origins), "a list of non-empty strings"),
            ("allow_session_create", isinstance(self.allow_session_create, bool), "True or False"),
            ("compression", isinstance(self.compression, bool), "True or False"),
            ("metrics", isinstance(self.metrics, bool), "True or False"),
            ("engine", self.engine in list(ENGINES), f"one of {', '.join(map(repr, ENGINES))}"),
            ("engine_address", _is_address(self.engine_address), "None or a string like 'tcp://host:8786'"),
            ("engine_workers", _is_count(self.engine_workers), "None or a positive integer"),
            ("run_timeout", is_time_limit(self.run_timeout), "None or a positive number of seconds"),
            ("shutdown_grace", _is_duration(self.shutdown_grace), "a positive number of seconds"),
            (
                "forwarded_allow_ips",
                _are_trusted_hosts(self.forwarded_allow_ips),
                "None, a non-empty string or a non-empty list of them",
            ),
            ("docs_url", _is_own_path(self.docs_url), _PATH_RULE),
            ("openapi_url", _is_own_path(self.openapi_url), _PATH_RULE),
            ("tokens_file", _is_file_name(self.tokens_file), "None or the path of a file"),
            (
                "authentication",
                self.authentication is None or callable(getattr(self.authentication, "authenticate", None)),
                "None or an AuthenticationBackend",
            ),
            (
                "allowed_hosts",
                self.allowed_hosts is None or _are_hosts(self.allowed_hosts),
                "None or a non-empty list of names and addresses without a port",
            ),
        )
        for field, holds, rule in rules:
            if not holds:
                raise ValueError(f"{field} must be {rule}; got {getattr(self, field)!r}")
        self._validate_tokens()

    def _validate_tokens(self) -> None:
        if not _are_tokens(self.tokens):
            raise ValueError("tokens must be a list of Token")  # what it is instead may hold a secret
        try:
            Keyring(self.tokens)
        except ValueError as error:
            raise ValueError(f"tokens must differ in name and secret: {error}") from error
        if self.authentication is not None and (self.tokens or self.tokens_file is not None):
            raise ValueError("authentication takes the place of tokens and tokens_file: give it, or them")


def _as_limits(value: Any) -> Limits:  # noqa: ANN401 - whatever was given
    try:
        return Limits(**({} if value is None else value))
    except TypeError as error:
        raise ValueError(f"limits must be Limits or a dict of its fields; got {value!r}") from error


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536


def _is_count(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)


def _is_duration(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < inf


def _is_address(value: object) -> bool:
    if value is None:
        return True
    scheme, _, rest = value.partition("://") if isinstance(value, str) else ("", "", "")
    return scheme.isalnum() and bool(rest) and not set(rest) & set(" /")


def _is_prefix(value: object) -> bool:
    # A brace would make it a path with a parameter.
    return isinstance(value, str) and value.startswith("/") and not set(value) & set("{}")


def _is_own_path(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.startswith("/") and not value.endswith("/"))


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_text, value))


def _are_tokens(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, Token) for one in value)


def _is_file_name(value: object) -> bool:
    return value is None or isinstance(value, PathLike) or _is_text(value)


def _are_hosts(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(map(_is_host, value))


def _is_host(value: object) -> bool:
    return isinstance(value, str) and (_HOST.fullmatch(value) is not None or _is_ipv6(value))


def _is_ipv6(value: str) -> bool:
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return True


def _are_trusted_hosts(value: object) -> bool:
    return value is None or _is_text(value) or (_are_texts(value) and bool(value))
