"""Cross-origin requests, refused in the shape of every other error."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from ..http.errors import error_response
from .request_id import HEADER


class Cors(CORSMiddleware):
    """Allows the pages of some origins every method and header, with credentials if the origins are named.

    A browser that sent its credentials for the pages of everybody would hand them to everybody. A token that a page
    knows by itself is none of these: it may come from any page.
    """

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        named = "*" not in origins
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials=named,
            expose_headers=[HEADER],
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to a browser that asks first; a refusal is plain text in Starlette."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return error_response(response.status_code, bytes(response.body).decode(), headers)
