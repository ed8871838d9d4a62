"""ASGI middleware, one class for each module, from the outside in. `layers` has the order and the reasons for it.

- `request_id`: an id for each request, in its response and its log lines
- `head`: no body in the response to HEAD
- `access_log`: a log line for each request
- `allowed_hosts`: 400 for a `Host` that is not allowed
- `cors`: cross-origin requests, and the security headers of every response
- `size_limits`: 408, 413, 414 and 431 for requests that are too large or too slow
- `held_response`: a response whose start waits until its body decides on the form (used by the next two)
- `content_encoding`: compression of large responses
- `messagepack`: MessagePack in place of JSON, in requests and responses
- `audit_log`: a log line for each request that changes something
- `authorization`: 401 and 403; and the tickets of event streams, which no log may have
- `rate_limit`: 429 for a sender of too many requests per second
- `idempotency`: the first answer again for a POST that is sent again with its key
"""

from collections.abc import Sequence

from starlette.authentication import AuthenticationBackend
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ..auth.tickets import Tickets
from ..config import ApiConfiguration
from ..http.errors import ServerErrorLayer
from ..http.route_access import RouteAccess
from ..http.router import ApiRouter, RouteLookup
from ..http.shutdown import ShutdownLayer
from .access_log import AccessLog
from .allowed_hosts import AllowedHosts
from .audit_log import AuditLog
from .authorization import Authorization, HiddenTickets
from .content_encoding import ContentEncoding
from .cors import PRIVATE, Cors, headers_for
from .head import Head
from .idempotency import Idempotency
from .messagepack import MessagePack
from .request_id import RequestIds
from .size_limits import SizeLimits


def layers(
    configuration: ApiConfiguration,
    additional: Sequence[Middleware],
    router: ApiRouter,
    backend: AuthenticationBackend | None,
    *,
    tickets: Tickets,
    open_routes: Sequence[BaseRoute],
    metrics: Middleware | None,
) -> list[Middleware]:
    """The middleware of an app, from the outside in.

    Args:
        configuration: The configuration.
        additional: A host's own middleware.
        router: The router inside all of them.
        backend: The authentication backend; None without authentication.
        tickets: The tickets of event streams.
        open_routes: Routes that require no token, beside those whose `@operation` has ``access="open"``.
        metrics: The middleware that counts requests; None without metrics.
    """
    middleware = []
    if configuration.forwarded_allow_ips is not None:
        # Outermost: all others must see the client's scheme and address, not the proxy's.
        middleware.append(Middleware(ProxyHeadersMiddleware, trusted_hosts=configuration.forwarded_allow_ips))
    # Outside all middleware that logs or may copy the scope.
    middleware.append(Middleware(HiddenTickets))
    # Outside all middleware that logs or responds.
    may_use_cookies = configuration.authentication is not None or configuration.cookie_auth
    headers = headers_for(configuration.cors_origins, may_use_cookies=may_use_cookies)
    if configuration.cookie_auth:
        headers = (*headers, PRIVATE)
    middleware.append(Middleware(RequestIds, headers=headers))
    # Outside the compression and all else that takes a header from the body.
    middleware.append(Middleware(Head))
    if metrics is not None:
        middleware.append(metrics)
    middleware.append(Middleware(AccessLog))
    if configuration.allowed_hosts is not None:
        # Outside all middleware that responds: a page whose name points here (DNS rebinding) may read any response.
        middleware.append(Middleware(AllowedHosts, hosts=configuration.allowed_hosts))
    if configuration.cors_origins:
        # Outside the error handlers: a page must be able to read errors, too.
        middleware.append(Middleware(Cors, origins=configuration.cors_origins))
    # Outside all middleware that waits: whatever a request waits for, the server may cancel it.
    middleware.append(Middleware(ShutdownLayer))
    # Outside all middleware that uses memory, threads or processor time for a request.
    middleware.append(Middleware(SizeLimits, limits=configuration.limits))
    if configuration.compression:
        middleware.append(Middleware(ContentEncoding))
    # Inside the compression, since it converts plain bodies; outside the error handlers, to convert errors, too.
    middleware.append(Middleware(MessagePack))
    # Outside a host's own middleware: its exceptions get the JSON body of every other error.
    middleware += [Middleware(ServerErrorLayer), *additional]
    # Inside a host's own middleware, which may change the path; outside all middleware that decides by the route.
    middleware.append(Middleware(RouteLookup, router=router))
    # Outside the authorization: the audit log has refused requests, too, with their sender.
    middleware.append(Middleware(AuditLog))
    access = RouteAccess(open_routes)
    if backend is not None:
        # Just outside the router, but for the rate limit: nothing after it can change the request.
        middleware.append(Middleware(Authorization, access=access, backend=backend, tickets=tickets))
    if configuration.limits.requests is not None:
        # Inside the authorization, which identifies the sender.
        middleware.append(_rate_limit(access, configuration.limits.requests))
    if configuration.idempotency_seconds:
        # Inside the rate limit: a retry counts. Inside the authorization: a key belongs to its sender, and who has
        # lost access gets no answer again. Inside the conversions: an answer is kept plain, and given in any form.
        middleware.append(Middleware(Idempotency))
    return middleware


def _rate_limit(access: RouteAccess, requests: int) -> Middleware:
    from .rate_limit import RateLimit  # imports a library that takes long to load

    return Middleware(RateLimit, access=access, requests=requests)
