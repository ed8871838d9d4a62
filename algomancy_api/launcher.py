"""The launcher: builds the app from a configuration, and serves it."""

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
from .concurrency.memory import use_the_allocator_of_c
from .config import ApiConfiguration
from .engines import is_engine_process
from .server.uvicorn_server import run_server

_logger = logging.getLogger("algomancy_api")

#: Environment variable: path of the token file, if the configuration has none.
TOKENS_FILE_VARIABLE = "ALGOMANCY_API_TOKENS_FILE"

#: Format of log lines.
type LogFormat = Literal["text", "json"]

#: Formatters of `logging.config`, by format.
_FORMATTERS: dict[LogFormat, dict[str, Any]] = {
    "text": {
        "()": "algomancy_api.logs.TextFormatter",
        "fmt": "%(asctime)s %(levelprefix)s %(request_id)s %(message)s",
    },
    "json": {"()": "algomancy_api.logs.JsonFormatter"},
}


class ApiLauncher:
    """Builds the app and serves it."""

    @staticmethod
    def build(
        cfg: ApiConfiguration | CoreConfig | dict[str, Any],
        routes: Sequence[Route] = (),
        middleware: Sequence[Middleware] = (),
    ) -> Starlette:
        """The app of a configuration, ready to be served or mounted.

        ``app.state.config`` is the `ApiConfiguration`, and ``app.state.session_manager`` the `SessionManager`.

        Args:
            cfg: The configuration.
            routes: Your own routes, under the prefix. Those with an `operation` are in the OpenAPI document.
                Exceptions of their handlers become the same error responses as elsewhere.
            middleware: Your own pure ASGI middleware, around all routes.

        Raises:
            TypeError: ``cfg`` is none of the three types, or one of ``routes`` is not a `Route`.
            ValueError: A value of the configuration is invalid; the database or driver of ``database_url`` is not
                supported; a KPI cannot be built; one of ``routes`` has the method and path of one of the API's own; or
                the token file, which ``ALGOMANCY_API_TOKENS_FILE`` names if the configuration does not, has an error.
        """
        if is_engine_process():
            return Starlette()  # a child process imports the user's modules, but its parent owns the database
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
        """Serve the app with uvicorn until a signal stops it. A second signal stops it at once.

        Logs the address of the console first, or that of another page without it, and a warning if other machines can
        reach the server, and there is no authentication.

        Args:
            app: The app that `build` returned.
            host: Address to listen on, in place of the configuration's.
            port: TCP port to listen on, in place of the configuration's.
            log_level: Minimum log level: ``critical``, ``error``, ``warning``, ``info`` or ``debug``.
            log_format: ``text``, or ``json`` with one object on each line.
        """
        if is_engine_process():
            return
        use_the_allocator_of_c()
        configuration: ApiConfiguration = app.state.config
        host, port = host or configuration.host, port or configuration.port
        log_config = _log_config(log_level, log_format)
        logging.captureWarnings(capture=True)  # else they are printed without the log format
        logging.config.dictConfig(log_config)  # uvicorn does this, too, but after the warning
        _logger.info("%s: %s", configuration.title, _address(configuration, host, port))
        if is_exposed(configuration, host):
            _logger.warning("Anyone who can reach %s can do everything: there are no tokens", host)
        run_server(
            app,
            configuration.shutdown_grace,
            configuration.limits,
            host=host,
            port=port,
            proxy_headers=False,  # the app's own middleware trusts `forwarded_allow_ips`
            access_log=False,  # the app has its own access log, with milliseconds
            log_config=log_config,
            log_level=log_level,
        )


def as_configuration(cfg: object) -> ApiConfiguration:
    """The `ApiConfiguration` of any form of configuration.

    Raises:
        TypeError: ``cfg`` is not an `ApiConfiguration`, a `CoreConfig` or a dict.
        ValueError: A value of the configuration is invalid.
    """
    if isinstance(cfg, ApiConfiguration):
        return cfg
    if isinstance(cfg, CoreConfig):
        return ApiConfiguration(**cfg.as_dict())
    if isinstance(cfg, dict):
        return ApiConfiguration(**cfg)
    raise TypeError(f"expected an ApiConfiguration, a CoreConfig or a dict; got {type(cfg).__name__}")


def is_exposed(configuration: ApiConfiguration, host: str) -> bool:
    """Whether other machines can reach an address, and there is no authentication."""
    has_authentication = configuration.tokens or configuration.authentication or _tokens_file(configuration)
    return not has_authentication and not _is_loopback(host)


def _tokens_file(configuration: ApiConfiguration) -> str | PathLike[str] | None:
    return configuration.tokens_file or os.environ.get(TOKENS_FILE_VARIABLE) or None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _address(configuration: ApiConfiguration, host: str, port: int) -> str:
    """The URL of the page that a person would look at first."""
    name = f"[{host}]" if ":" in host else host
    docs = configuration.docs_url if configuration.openapi_url is not None else None
    return f"http://{name}:{port}{configuration.console_url or docs or '/'}"


def _log_config(level: str, log_format: LogFormat) -> dict[str, Any]:
    """The configuration of `logging` of uvicorn, with this package's logger and formats."""
    config = copy.deepcopy(uvicorn.config.LOGGING_CONFIG)
    config["formatters"]["default"] = _FORMATTERS[log_format]
    config["filters"] = {"request_id": {"()": "algomancy_api.RequestIdFilter"}}
    config["handlers"]["default"]["filters"] = ["request_id"]
    # It warns of each malformed form, although the client gets an error response.
    config["loggers"]["python_multipart"] = {"level": "ERROR"}
    config["loggers"]["algomancy_api"] = {"handlers": ["default"], "level": level.upper(), "propagate": False}
    if not logging.getLogger().handlers:  # other loggers, of user code above all, get the same format
        config["root"] = {
            "handlers": ["default"],
            "level": max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]),
        }
    return config
