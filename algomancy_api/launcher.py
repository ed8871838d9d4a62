"""Build the app from a configuration, and run it."""

import copy
import ipaddress
import logging
import logging.config
import os
from collections.abc import Sequence
from os import PathLike
from typing import Any, Literal

import uvicorn.config
from algomancy_scenario import CoreConfig
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from .application import create_application
from .config import ApiConfiguration
from .engines import is_engine_process
from .server.uvicorn_server import run_server

_logger = logging.getLogger("algomancy_api")

#: The environment's word for the file with tokens, where the configuration has none.
TOKENS_FILE_VARIABLE = "ALGOMANCY_API_TOKENS_FILE"

#: How log lines look.
type LogFormat = Literal["text", "json"]

#: By format: what makes a line of a record.
_FORMATTERS: dict[LogFormat, dict[str, Any]] = {
    "text": {
        "()": "algomancy_api.logs.TextFormatter",
        "fmt": "%(asctime)s %(levelprefix)s %(request_id)s %(message)s",
    },
    "json": {"()": "algomancy_api.logs.JsonFormatter"},
}


class ApiLauncher:
    """Builds the app and hosts it."""

    @staticmethod
    def build(
        cfg: ApiConfiguration | CoreConfig | dict[str, Any],
        routes: Sequence[Route] = (),
        middleware: Sequence[Middleware] = (),
    ) -> Starlette:
        """The app of a configuration, ready to serve or to be mounted.

        ``app.state.config`` is its `ApiConfiguration`, ``app.state.session_manager`` its `SessionManager`.

        Args:
            cfg: The configuration, in any of its forms.
            routes: Routes of your own. They stand under the prefix; what an `operation` says of them is in the
                document; what their handlers raise follows the table of errors.
            middleware: Pure ASGI middleware of your own, around every route.

        Raises:
            TypeError: ``cfg`` is none of the three, or one of ``routes`` is no `Route`.
            ValueError: A value of the configuration breaks its rule; ``database_url`` is of a database or a driver that
                is not supported; one of ``routes`` is at method and path of one of the API's own; or something is wrong
                with the file of tokens, which ``ALGOMANCY_API_TOKENS_FILE`` names if the configuration does not.
        """
        if is_engine_process():
            return Starlette()  # a child imports the user's modules; the database is its parent's
        configuration = as_configuration(cfg)
        return create_application(configuration, routes, middleware, _tokens_file(configuration))

    @staticmethod
    def run(
        app: Starlette,
        host: str | None = None,
        port: int | None = None,
        log_level: str = "info",
        log_format: LogFormat = "text",
    ) -> None:
        """Serve the app with uvicorn until it is stopped by a signal; a second one does not let it finish anything.

        Warns in the log of an address that others can reach, if they may do everything there.

        Args:
            app: What `build` gave.
            host: Overrides the configuration's.
            port: Overrides the configuration's.
            log_level: The least level that is logged: ``critical``, ``error``, ``warning``, ``info`` or ``debug``.
            log_format: ``text`` for people, or ``json`` for programs: one object a line.
        """
        if is_engine_process():
            return
        configuration: ApiConfiguration = app.state.config
        host = host or configuration.host
        log_config = _log_config(log_level, log_format)
        logging.captureWarnings(capture=True)  # else they are lines of their own
        logging.config.dictConfig(log_config)  # uvicorn does so, too, but not before the warning
        if is_exposed(configuration, host):
            _logger.warning("Whoever can reach %s may do everything: there are no tokens", host)
        run_server(
            app,
            configuration.shutdown_grace,
            configuration.limits,
            host=host,
            port=port or configuration.port,
            proxy_headers=False,  # the app's own middleware decides whom to trust
            access_log=False,  # the app's own has the milliseconds
            log_config=log_config,
            log_level=log_level,
        )


def as_configuration(cfg: object) -> ApiConfiguration:
    """A configuration in any of its forms, as an `ApiConfiguration`.

    Raises:
        TypeError: It is none of them.
        ValueError: A value breaks its rule.
    """
    if isinstance(cfg, ApiConfiguration):
        return cfg
    if isinstance(cfg, CoreConfig):
        return ApiConfiguration(**cfg.as_dict())
    if isinstance(cfg, dict):
        return ApiConfiguration(**cfg)
    raise TypeError(f"expected an ApiConfiguration, a CoreConfig or a dict; got {type(cfg).__name__}")


def is_exposed(configuration: ApiConfiguration, host: str) -> bool:
    """Whether others than the programs of this machine could do everything on an address."""
    has_door = configuration.tokens or configuration.authentication or _tokens_file(configuration)
    return not has_door and not _is_loopback(host)


def _tokens_file(configuration: ApiConfiguration) -> str | PathLike[str] | None:
    return configuration.tokens_file or os.environ.get(TOKENS_FILE_VARIABLE) or None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _log_config(level: str, log_format: LogFormat) -> dict[str, Any]:
    """The set-up of `logging` that uvicorn brings, with this package's logger beside its own."""
    config = copy.deepcopy(uvicorn.config.LOGGING_CONFIG)
    config["formatters"]["default"] = _FORMATTERS[log_format]
    config["filters"] = {"request_id": {"()": "algomancy_api.RequestIdFilter"}}
    config["handlers"]["default"]["filters"] = ["request_id"]
    # It warns of each malformed form, which the client is told already.
    config["loggers"]["python_multipart"] = {"level": "ERROR"}
    config["loggers"]["algomancy_api"] = {"handlers": ["default"], "level": level.upper(), "propagate": False}
    if not logging.getLogger().handlers:  # what else is logged, the user's own code above all, has lines like ours
        config["root"] = {
            "handlers": ["default"],
            "level": max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]),
        }
    return config
