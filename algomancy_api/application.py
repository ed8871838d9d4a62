"""The one place where routes, middleware, error handlers and state meet."""

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
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from .answer_headers import headers_for
from .audit import Audit
from .authentication import authentication_of, tokens_watch_of
from .bounds import Bounds
from .compression import Compression
from .configuration import ApiConfiguration
from .cors import Cors
from .dispatch import Dispatcher, RouteLookup
from .document import ServedDocument
from .engines import Engine, chosen_engine
from .errors import EXCEPTION_HANDLERS, Exceptions, ServerErrors
from .framework import ApiSessionManager
from .guard import Guard
from .hosts import AllowedHosts
from .logs import RequestLog
from .logs_ids import RequestIds
from .messagepack import MessagePack
from .needs import Needs
from .paths import DecodedNames, encoded
from .readiness import Readiness
from .routes import algorithms, data, events, meta, scenarios, sessions
from .routes.docs import docs_routes
from .sessions import Managers
from .tokens_watch import TokensWatch
from .uploads_folder import UploadsFolder, remove_abandoned_uploads

if TYPE_CHECKING:  # the library behind it is an extra
    from .metrics import Metrics

UNDER_PREFIX = [*sessions.ROUTES, *algorithms.ROUTES, *scenarios.ROUTES, *events.ROUTES, *data.ROUTES]
BESIDE_PREFIX = [*meta.ROUTES]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


#: A host's handlers for these answer what no other handler and not even `ServerErrors` has answered.
_UNFORESEEN = (500, Exception)


class Application(Starlette):
    """Starlette, whose layers for what is raised cost nothing until something is."""

    def build_middleware_stack(self) -> ASGIApp:
        """The middleware around the router, as Starlette's own with `Exceptions` for its `ExceptionMiddleware`.

        The outermost layer is left out where it has nothing to do: `ServerErrors` has answered already.
        """
        handlers = dict(self.exception_handlers)
        last = [handlers.pop(cause) for cause in _UNFORESEEN if cause in handlers]
        stack: ASGIApp = Exceptions(self.router, handlers)
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
    """The app, complete: nothing waits for a lifespan event, which a mounted app does not get.

    Args:
        configuration: Its configuration.
        routes: A host's own routes, which stand under the prefix beside the package's.
        middleware: A host's own middleware, around every route.
        tokens_file: The file with tokens, wherever its name comes from.

    Raises:
        TypeError: One of a host's routes is something else.
        ValueError: One of a host's routes has method and path of one of the package's; something is wrong with the
            tokens.
        ImportError: The configuration asks for metrics, and their library is not installed.
    """
    _check_routes(routes)
    backend = authentication_of(configuration, tokens_file)
    docs = docs_routes(configuration, _document(configuration, routes, is_guarded=backend is not None))
    metrics = _metrics() if configuration.metrics else None
    router = _router(configuration, docs, routes, metrics)
    needs = Needs(open_routes=docs)
    guard = [] if backend is None else [Middleware(Guard, needs=needs, backend=backend)]
    rates = [] if configuration.limits.requests is None else [_rate_limit(needs, configuration.limits.requests)]
    app = Application(
        middleware=_middleware(configuration, middleware, router, [*guard, *rates], metrics),
        exception_handlers=EXCEPTION_HANDLERS,
    )
    app.router = router
    app.state.config = configuration
    app.state.engine = chosen_engine(
        configuration.engine, configuration.engine_workers, configuration.run_timeout, configuration.engine_address
    )
    app.state.session_manager = _session_manager(configuration, app.state.engine)
    app.state.managers = Managers(app.state.session_manager, configuration.limits)
    app.state.stop = app.state.managers.stop
    app.state.uploads_folder = UploadsFolder()
    app.state.readiness = Readiness(app.state.session_manager, app.state.engine, tokens_watch_of(backend))
    app.state.tokens_watch = tokens_watch_of(backend)
    if metrics is not None:
        metrics.watch(app.state.session_manager, app.state.engine)
    return app


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """The time in which an app works; at its end it closes its database and ends its idle threads.

    The app enters it itself where it is served on its own. A host that mounts it enters it in its own lifespan.
    What a scenario is in the middle of is not waited for: after the next start it can be run again. That may be a
    start of the same app: its lifespan can be entered again and again.
    """
    app.state.engine.open()
    app.state.session_manager.open()
    app.state.managers.open()
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
            # In this order: what the engine stops must find its session closed.
            await anyio.to_thread.run_sync(app.state.session_manager.close)
            await anyio.to_thread.run_sync(app.state.engine.close)
            await anyio.to_thread.run_sync(app.state.uploads_folder.close)


def _metrics() -> Metrics:
    try:
        from .metrics import Metrics
    except ImportError as error:
        raise ImportError("metrics=True needs a library: pip install 'algomancy-api[metrics]'") from error
    return Metrics()


def _rate_limit(needs: Needs, most: int) -> Middleware:
    from .rates import RateLimit  # with a library that takes its time to be imported

    return Middleware(RateLimit, needs=needs, most=most)


def _check_routes(additional: Sequence[Route]) -> None:
    for route in additional:
        if not isinstance(route, Route):
            raise TypeError(f"routes must be of starlette.routing.Route; got {type(route).__name__}")


def _document(configuration: ApiConfiguration, additional: Sequence[Route], *, is_guarded: bool) -> ServedDocument:
    return ServedDocument(
        prefix=configuration.prefix.rstrip("/"),
        apart=[route.path for route in BESIDE_PREFIX],
        title=configuration.title,
        additional=additional,
        guarded=[*UNDER_PREFIX, *BESIDE_PREFIX, *additional] if is_guarded else (),
    )


def _router(
    configuration: ApiConfiguration,
    docs: Sequence[BaseRoute],
    additional: Sequence[Route],
    metrics: Metrics | None,
) -> Dispatcher:
    prefix = configuration.prefix.rstrip("/")
    own = [*(_under(prefix, route) for route in UNDER_PREFIX), *BESIDE_PREFIX]
    scraped = [] if metrics is None else [metrics.route()]
    hosts = [_under(prefix, route) for route in additional]
    for route in hosts:
        _refuse_collision(route, [*own, *docs, *scraped])
    return Dispatcher(own, [*docs, *scraped, *hosts], lifespan)


def _under(prefix: str, route: Route) -> Route:
    """A route under the prefix, in all else as it is: what is given to a `Route`, middleware for one, stays."""
    moved = copy.copy(route)
    moved.path = prefix + route.path
    moved.path_regex, moved.path_format, moved.param_convertors = compile_path(encoded(moved.path))
    moved.app = DecodedNames(route.app, moved.param_convertors)
    moved.methods = _methods(route)
    return moved


def _methods(route: Route) -> set[str] | None:
    """The methods that a route is for; None for all of them."""
    endpoint = route.endpoint
    if route.methods is not None or not (isinstance(endpoint, type) and issubclass(endpoint, HTTPEndpoint)):
        return route.methods
    # Starlette leaves it to the class to refuse the others, which then belong to no other route of the path.
    methods = {method for method in _METHODS if hasattr(endpoint, method.lower())}
    return methods | {"HEAD"} if "GET" in methods else methods


def _refuse_collision(route: Route, own: Sequence[BaseRoute]) -> None:
    """Raise for a route whose requests would all come to one of the package's own."""
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


def _middleware(
    configuration: ApiConfiguration,
    additional: Sequence[Middleware],
    router: Dispatcher,
    door: Sequence[Middleware],
    metrics: Metrics | None,
) -> list[Middleware]:
    """From the outside in."""
    middleware = []
    if configuration.forwarded_allow_ips is not None:
        # First: whoever comes after must see the client's scheme and address, not the proxy's.
        middleware.append(Middleware(ProxyHeadersMiddleware, trusted_hosts=configuration.forwarded_allow_ips))
    # Around all that logs or answers.
    has_backend = configuration.authentication is not None
    middleware.append(Middleware(RequestIds, headers=headers_for(configuration.cors_origins, has_backend=has_backend)))
    if metrics is not None:
        middleware.append(metrics.middleware(router))
    middleware.append(Middleware(RequestLog))
    if configuration.allowed_hosts is not None:
        # Outside all that answers: a page under a name of its own is of one origin with what it finds here.
        middleware.append(Middleware(AllowedHosts, hosts=configuration.allowed_hosts))
    if configuration.cors_origins:
        # Outside the error handlers: a page must be able to read an error, too.
        middleware.append(Middleware(Cors, origins=configuration.cors_origins))
    # Before anything is done for a request.
    middleware.append(Middleware(Bounds, limits=configuration.limits))
    if configuration.compression:
        middleware.append(Middleware(Compression))
    # Inside the compression, whose output nothing reads, and outside the error handlers: errors are MessagePack, too.
    middleware.append(Middleware(MessagePack))
    # Around a host's own middleware: what that raises has the shape of every other error.
    middleware += [Middleware(ServerErrors), *additional]
    # Inside a host's own middleware, which may change the path; around all that decides by the route.
    middleware.append(Middleware(RouteLookup, router=router))
    # Around the door: what is refused there is in the audit, too, with who it was.
    middleware.append(Middleware(Audit))
    # Last: nothing between the door and the router can change what is asked for.
    return [*middleware, *door]


def _session_manager(configuration: ApiConfiguration, engine: Engine) -> ApiSessionManager:
    """The session manager, with the templates wrapped for where they run; the configuration stays as it is."""
    wrapped = configuration.as_dict()
    wrapped["algorithms"] = engine.wrapped(wrapped["algorithms"])
    wrapped["etl_factory"] = engine.wrapped_etl(wrapped["etl_factory"])
    return ApiSessionManager.from_config(ApiConfiguration(**wrapped))
