"""The one place where routes, middleware, error handlers and state meet."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from .configuration import ApiConfiguration
from .cors import Cors
from .engines import on_thread
from .errors import EXCEPTION_HANDLERS, ServerErrors
from .framework import ApiSessionManager
from .logs import RequestLog
from .paths import EncodedSlashes
from .routes import algorithms, data, meta, scenarios, sessions
from .sessions import Managers

_UNDER_PREFIX = [*sessions.ROUTES, *algorithms.ROUTES, *scenarios.ROUTES, *data.ROUTES]


def create_application(configuration: ApiConfiguration) -> Starlette:
    """The app, complete: nothing waits for a lifespan event, which a mounted app does not get."""
    app = Starlette(
        routes=_routes(configuration),
        middleware=_middleware(configuration),
        exception_handlers=EXCEPTION_HANDLERS,
    )
    app.state.config = configuration
    app.state.session_manager = _session_manager(configuration)
    app.state.managers = Managers(app.state.session_manager)
    return app


def _routes(configuration: ApiConfiguration) -> list[Route]:
    prefix = configuration.prefix.rstrip("/")
    return [
        *(
            Route(prefix + route.path, route.endpoint, methods=route.methods, name=route.name)
            for route in _UNDER_PREFIX
        ),
        *meta.ROUTES,
    ]


def _middleware(configuration: ApiConfiguration) -> list[Middleware]:
    """From the outside in."""
    middleware = []
    if configuration.forwarded_allow_ips is not None:
        # First: whoever comes after must see the client's scheme and address, not the proxy's.
        middleware.append(Middleware(ProxyHeadersMiddleware, trusted_hosts=configuration.forwarded_allow_ips))
    middleware.append(Middleware(RequestLog))
    if configuration.cors_origins:
        # Outside the error handlers: a page must be able to read an error, too.
        middleware.append(Middleware(Cors, origins=configuration.cors_origins))
    middleware.append(Middleware(ServerErrors))
    # Last: only the router has to see the path that this one gives it.
    middleware.append(Middleware(EncodedSlashes))
    return middleware


def _session_manager(configuration: ApiConfiguration) -> ApiSessionManager:
    """The session manager, with the templates wrapped for where they run; the configuration stays as it is."""
    # The framework's annotations allow None here, its validation does not.
    algorithms, kpis = on_thread(configuration.algorithms or {}, configuration.kpis or {})
    wrapped = configuration.as_dict() | {"algorithms": algorithms, "kpis": kpis}
    return ApiSessionManager.from_config(ApiConfiguration(**wrapped))
