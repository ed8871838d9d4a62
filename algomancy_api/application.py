"""The application: routes, middleware, exception handlers and state, put together in `create_application`."""

import copy
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from os import PathLike
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.convertors import PathConvertor
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.routing import BaseRoute, Mount, Route, compile_path
from starlette.types import ASGIApp

from .auth.backend import tokens_watch_of
from .auth.configured import authentication_of
from .auth.tickets import Tickets
from .auth.token_watch import TokensWatch
from .config import ApiConfiguration
from .engines import Bounds, Engine, chosen_engine, wrapped_kpis
from .framework import ApiSessionManager
from .http.errors import EXCEPTION_HANDLERS, ExceptionLayer
from .http.paths import DecodedNames, encoded
from .http.router import ApiRouter
from .middleware import layers
from .openapi.document import ServedDocument
from .routes import (
    access,
    algorithms,
    compare,
    datasets,
    events,
    health,
    lists,
    root,
    run_logs,
    runs,
    scenarios,
    sessions,
    tables,
    webhooks,
)
from .routes.pages.console import console_routes
from .routes.pages.docs import docs_routes
from .services.readiness import Readiness
from .services.sessions import Sessions
from .services.webhooks import Webhooks
from .uploads.temp_folder import UploadsFolder, remove_abandoned_uploads
from .webhooks.dispatcher import Dispatcher

if TYPE_CHECKING:  # the library behind it is an extra
    from .metrics.endpoint import Metrics

UNDER_PREFIX = [
    *sessions.ROUTES,
    *algorithms.ROUTES,
    *lists.ROUTES,
    *scenarios.ROUTES,
    *compare.ROUTES,
    *runs.ROUTES,
    *run_logs.ROUTES,
    *events.ROUTES,
    *access.ROUTES,
    *datasets.ROUTES,
    *tables.ROUTES,
    *webhooks.ROUTES,
    *access.LOGIN_ROUTES,
]
OUTSIDE_PREFIX = [*health.ROUTES, *root.ROUTES]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

#: Keys of a host's handlers for exceptions that no other handler and not even `ServerErrorLayer` has handled.
_UNHANDLED = (500, Exception)


class Application(Starlette):
    """Starlette, with error middleware that costs nothing until there is an exception."""

    def build_middleware_stack(self) -> ASGIApp:
        """Starlette's middleware stack, with `ExceptionLayer` in place of `ExceptionMiddleware`.

        `ServerErrorMiddleware` is left out unless it is needed: `ServerErrorLayer` handles exceptions before it.
        """
        handlers = dict(self.exception_handlers)
        last = [handlers.pop(cause) for cause in _UNHANDLED if cause in handlers]
        stack: ASGIApp = ExceptionLayer(self.router, handlers)
        for layer, arguments, keywords in reversed(self.user_middleware):
            stack = layer(stack, *arguments, **keywords)
        if last or self.debug:
            stack = ServerErrorMiddleware(stack, handler=last[-1] if last else None, debug=self.debug)
        return stack


def create_application(
    configuration: ApiConfiguration,
    routes: Sequence[Route] = (),
    middleware: Sequence[Middleware] = (),
    tokens_file: str | PathLike[str] | None = None,
) -> Starlette:
    """The complete app. Nothing waits for a lifespan event, since a mounted app gets none.

    Args:
        configuration: The configuration.
        routes: A host's own routes, under the prefix.
        middleware: A host's own middleware, around all routes.
        tokens_file: The path of the token file, from the configuration or the environment.

    Raises:
        TypeError: A host's route is not a `Route`.
        ValueError: A host's route has the method and path of one of the package's, the tokens have an error, cookies
            are to take the place of tokens that there are not, or a KPI cannot be built.
        ImportError: The configuration turns metrics on, and their library is not installed.
    """
    _check_routes(routes)
    backend = authentication_of(configuration, tokens_file)
    document = _document(configuration, routes, is_secured=backend is not None)
    pages = [*docs_routes(configuration, document), *console_routes(configuration)]
    metrics = _metrics() if configuration.metrics else None
    router = _router(configuration, pages, routes, metrics)
    metrics_middleware = None if metrics is None else metrics.middleware(router)
    tickets = Tickets()
    app = Application(
        middleware=layers(
            configuration,
            middleware,
            router,
            backend,
            tickets=tickets,
            open_routes=pages,
            metrics=metrics_middleware,
        ),
        exception_handlers=EXCEPTION_HANDLERS,
    )
    app.router = router
    app.state.config = configuration
    app.state.tickets = tickets
    app.state.authentication = backend
    app.state.engine = chosen_engine(
        configuration.engine,
        configuration.engine_workers,
        configuration.run_timeout,
        configuration.engine_address,
        Bounds(configuration.threads_per_run, configuration.memory_per_run),
    )
    app.state.session_manager = _session_manager(configuration, app.state.engine)
    app.state.sessions = Sessions(app.state.session_manager, configuration.limits)
    app.state.answers = app.state.session_manager.answers(
        configuration.idempotency_seconds, configuration.idempotency_keys
    )
    app.state.dispatcher = Dispatcher(configuration.webhooks, app.state.session_manager.outbox)
    app.state.webhooks = Webhooks(app.state.dispatcher, app.state.sessions.workers)
    app.state.stop = app.state.sessions.stop
    app.state.uploads_folder = UploadsFolder()
    app.state.readiness = Readiness(app.state.session_manager, app.state.engine, tokens_watch_of(backend))
    app.state.tokens_watch = tokens_watch_of(backend)
    if metrics is not None:
        metrics.watch(app.state.session_manager, app.state.engine, app.state.dispatcher)
    app.state.dispatcher.open()
    app.state.session_manager.resume()
    return app


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """The lifespan of an app. At its end, the database is closed and idle threads end.

    An app that is served on its own enters it itself. A host that mounts the app enters it in its own lifespan. It can
    be entered again after its end. Runs in progress are not waited for: their scenarios can be run again after the
    next start.
    """
    app.state.engine.open()
    app.state.session_manager.open()
    app.state.dispatcher.open()
    app.state.sessions.open()
    tokens: TokensWatch | None = app.state.tokens_watch
    if tokens is not None:
        tokens.open()
    try:
        await anyio.to_thread.run_sync(remove_abandoned_uploads)
        yield
    finally:
        app.state.stop()
        with anyio.CancelScope(shield=True):
            if tokens is not None:
                await anyio.to_thread.run_sync(tokens.close)
            await anyio.to_thread.run_sync(app.state.dispatcher.close)
            # In this order: runs that the engine stops must find their session closed.
            await anyio.to_thread.run_sync(app.state.session_manager.close)
            await anyio.to_thread.run_sync(app.state.engine.close)
            await anyio.to_thread.run_sync(app.state.uploads_folder.close)


def _metrics() -> Metrics:
    try:
        from .metrics.endpoint import Metrics
    except ImportError as error:
        raise ImportError("metrics=True requires the extra 'metrics': pip install 'algomancy-api[metrics]'") from error
    return Metrics()


def _check_routes(additional: Sequence[Route]) -> None:
    for route in additional:
        if not isinstance(route, Route):
            raise TypeError(f"routes must be of starlette.routing.Route; got {type(route).__name__}")


def _document(configuration: ApiConfiguration, additional: Sequence[Route], *, is_secured: bool) -> ServedDocument:
    return ServedDocument(
        prefix=configuration.prefix.rstrip("/"),
        outside=[route.path for route in OUTSIDE_PREFIX],
        left_out=[route.path for route in UNDER_PREFIX if route not in _under_prefix(configuration)],
        title=configuration.title,
        additional=additional,
        secured_routes=[*UNDER_PREFIX, *OUTSIDE_PREFIX, *additional] if is_secured else (),
        takes_cookies=configuration.cookie_auth,
    )


def _router(
    configuration: ApiConfiguration,
    docs: Sequence[BaseRoute],
    additional: Sequence[Route],
    metrics: Metrics | None,
) -> ApiRouter:
    prefix = configuration.prefix.rstrip("/")
    own = [*(_under(prefix, route) for route in _under_prefix(configuration)), *health.ROUTES]
    scraped = [] if metrics is None else [metrics.route()]
    hosts = [_under(prefix, route) for route in additional]
    for route in hosts:
        _refuse_collision(route, [*own, *docs, *scraped])
    return ApiRouter(own, [*docs, *scraped, *hosts], lifespan, last=root.ROUTES)


def _under_prefix(configuration: ApiConfiguration) -> list[Route]:
    """The package's own routes under the prefix, those that the configuration turns off left out."""
    return [route for route in UNDER_PREFIX if configuration.cookie_auth or route not in access.LOGIN_ROUTES]


def _under(prefix: str, route: Route) -> Route:
    """A copy of a route under the prefix. All else that a `Route` was given, middleware for example, stays."""
    moved = copy.copy(route)
    moved.path = prefix + route.path
    moved.path_regex, moved.path_format, moved.param_convertors = compile_path(encoded(moved.path))
    moved.app = DecodedNames(route.app, moved.param_convertors)
    moved.methods = _methods(route)
    return moved


def _methods(route: Route) -> set[str] | None:
    """The methods of a route; None for all of them."""
    endpoint = route.endpoint
    if route.methods is not None or not (isinstance(endpoint, type) and issubclass(endpoint, HTTPEndpoint)):
        return route.methods
    # Starlette would route all methods to the class, which then refuses those that another route may have.
    methods = {method for method in _METHODS if hasattr(endpoint, method.lower())}
    return methods | {"HEAD"} if "GET" in methods else methods


def _refuse_collision(route: Route, own: Sequence[BaseRoute]) -> None:
    """Raise if one of the package's own routes would get all requests for a route."""
    path = route.path_format
    for name, convertor in route.param_convertors.items():
        if isinstance(convertor, PathConvertor):
            path = path.replace(f"{{{name}}}", "several/names")
    for other in own:
        if isinstance(other, Route | Mount) and other.path_regex.match(path):
            theirs = getattr(other, "methods", None)
            if route.methods is None or theirs is None or route.methods & theirs:
                raise ValueError(
                    f"the route {route.path!r} is taken: the API has its own, {other.name!r}, at that path"
                )


def _session_manager(configuration: ApiConfiguration, engine: Engine) -> ApiSessionManager:
    """The session manager, with algorithms, KPIs and ETL factory wrapped. The configuration is not changed."""
    wrapped = configuration.as_dict()
    wrapped["kpis"] = wrapped_kpis(wrapped["kpis"])
    wrapped["algorithms"] = engine.wrapped(wrapped["algorithms"])
    wrapped["etl_factory"] = engine.wrapped_etl(wrapped["etl_factory"])
    sessions = ApiSessionManager.from_config(ApiConfiguration(**wrapped))
    sessions.run_limits.of_session = lambda: configuration.session_runs or engine.session_runs
    sessions.run_limits.of_sender = configuration.runs_per_token
    return sessions
