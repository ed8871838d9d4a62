"""ASGI middleware, one class a module, from the outside in. `layers` has their order, with the reason for each place.

- `request_id`: an id for each request, on its answer and in its log lines
- `answer_headers`: headers of every answer that tell a browser what it may not do with it
- `access_log`: a line in the log for each request
- `allowed_hosts`: a 400 for requests to other hosts
- `cors`: cross-origin requests
- `size_limits`: a refusal of requests that are too large, or too slow
- `held_response`: a response whose start is held back until its body tells in which form it is sent
- `content_encoding`: large answers, compressed
- `messagepack`: MessagePack beside JSON
- `audit_log`: a line in the log for each request that changes something
- `authorization`: a refusal of requests whose sender may not send them
- `rate_limit`: a refusal of more requests a second than a sender may send
"""

from collections.abc import Sequence

from starlette.authentication import AuthenticationBackend
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ..config import ApiConfiguration
from ..http.errors import ServerErrorLayer
from ..http.route_access import RouteAccess
from ..http.router import ApiRouter, RouteLookup
from .access_log import AccessLog
from .allowed_hosts import AllowedHosts
from .answer_headers import headers_for
from .audit_log import AuditLog
from .authorization import Authorization
from .content_encoding import ContentEncoding
from .cors import Cors
from .messagepack import MessagePack
from .request_id import RequestIds
from .size_limits import SizeLimits


def layers(
    configuration: ApiConfiguration,
    additional: Sequence[Middleware],
    router: ApiRouter,
    backend: AuthenticationBackend | None,
    *,
    open_routes: Sequence[BaseRoute],
    metrics: Middleware | None,
) -> list[Middleware]:
    """The middleware of an app, from the outside in.

    Args:
        configuration: The configuration.
        additional: A host's own middleware.
        router: The router, which all of them are around.
        backend: What authenticates requests; None if nothing does.
        open_routes: Routes for everybody, beside those whose operation says so.
        metrics: What counts the requests; None if nothing does.
    """
    middleware = []
    if configuration.forwarded_allow_ips is not None:
        # First: whoever comes after must see the client's scheme and address, not the proxy's.
        middleware.append(Middleware(ProxyHeadersMiddleware, trusted_hosts=configuration.forwarded_allow_ips))
    # Around all that logs or answers.
    has_backend = configuration.authentication is not None
    middleware.append(Middleware(RequestIds, headers=headers_for(configuration.cors_origins, has_backend=has_backend)))
    if metrics is not None:
        middleware.append(metrics)
    middleware.append(Middleware(AccessLog))
    if configuration.allowed_hosts is not None:
        # Outside all that answers: a page under a name of its own is of one origin with what it finds here.
        middleware.append(Middleware(AllowedHosts, hosts=configuration.allowed_hosts))
    if configuration.cors_origins:
        # Outside the error handlers: a page must be able to read an error, too.
        middleware.append(Middleware(Cors, origins=configuration.cors_origins))
    # Before anything is done for a request.
    middleware.append(Middleware(SizeLimits, limits=configuration.limits))
    if configuration.compression:
        middleware.append(Middleware(ContentEncoding))
    # Inside the compression, whose output nothing reads, and outside the error handlers: errors are MessagePack, too.
    middleware.append(Middleware(MessagePack))
    # Around a host's own middleware: what that raises has the shape of every other error.
    middleware += [Middleware(ServerErrorLayer), *additional]
    # Inside a host's own middleware, which may change the path; around all that decides by the route.
    middleware.append(Middleware(RouteLookup, router=router))
    # Around the authorization: what that refuses is in the audit log, too, with its sender.
    middleware.append(Middleware(AuditLog))
    needs = RouteAccess(open_routes)
    if backend is not None:
        # Nothing between the authorization and the router can change the request.
        middleware.append(Middleware(Authorization, needs=needs, backend=backend))
    if configuration.limits.requests is not None:
        # Inside the authorization, which says whose request it is.
        middleware.append(_rate_limit(needs, configuration.limits.requests))
    return middleware


def _rate_limit(needs: RouteAccess, most: int) -> Middleware:
    from .rate_limit import RateLimit  # with a library that takes its time to be imported

    return Middleware(RateLimit, needs=needs, most=most)
