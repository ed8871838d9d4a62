"""What stands outside the prefix: is the server up?"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..codec import json_response
from ..messages import Health
from ..operations import OPEN, operation
from ..sessions import managers_of

TAGS = ("meta",)


@operation("Is the server up?", returns={200: Health}, tags=TAGS, access=OPEN)
async def get_health(request: Request) -> Response:
    """The server is up; its title and its sessions, as far as the sender sees them."""
    return json_response(Health("ok", request.app.state.config.title, managers_of(request).list().sessions))


# fmt: off
ROUTES = [
    Route("/health", get_health, methods=["GET"], name="get_health"),
]
# fmt: on
