"""Webhooks, for admins: list, read the deliveries, test."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...http.conditional import conditional
from ...http.paths import path_name
from ...http.responses import EncodedJSONResponse
from ...openapi import examples
from ...openapi.operation import UNCHANGED, operation
from ...schemas.webhooks import WebhookDeliveries, WebhookList, WebhookTest
from ...services.dependencies import webhooks_of
from .parameters import LIMIT, limit_of

TAGS = ("webhooks",)


@operation(
    "List the webhooks",
    returns={200: WebhookList, 304: UNCHANGED},
    returns_examples=examples.WEBHOOKS,
    tags=TAGS,
    access="admin",
)
async def list_webhooks(request: Request) -> Response:
    """The receivers of events, and how they do. Requires a token that sees all sessions."""
    return await conditional(request, await webhooks_of(request).list())


@operation(
    "List the deliveries to a webhook",
    returns={200: WebhookDeliveries, 304: UNCHANGED},
    returns_examples=examples.DELIVERIES,
    errors=(404, 422),
    parameters=(LIMIT,),
    tags=TAGS,
    access="admin",
)
async def list_deliveries(request: Request) -> Response:
    """The last events for a receiver, the newest first, with the outcome of the last try and the time of the next."""
    webhooks, limit = webhooks_of(request), limit_of(request.query_params.get("limit"))
    return await conditional(request, await webhooks.deliveries(path_name(request, "webhook"), limit))


@operation(
    "Test a webhook",
    returns={200: WebhookTest},
    returns_examples=examples.WEBHOOK_TEST,
    errors=(404,),
    tags=TAGS,
    access="admin",
)
async def test_webhook(request: Request) -> Response:
    """Send a `test` event at once, and say what came of it. If it arrives, a disabled webhook is enabled again.

    The response is a 200 also if the receiver has refused it. It is tried once, and is not among the deliveries.
    """
    return EncodedJSONResponse(await webhooks_of(request).test(path_name(request, "webhook")))


# fmt: off
ROUTES = [
    Route("/webhooks",                      list_webhooks,   methods=["GET"],  name="list_webhooks"),
    Route("/webhooks/{webhook}/deliveries", list_deliveries, methods=["GET"],  name="list_deliveries"),
    Route("/webhooks/{webhook}/test",       test_webhook,    methods=["POST"], name="test_webhook"),
]
# fmt: on
