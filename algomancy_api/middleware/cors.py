"""CORS, with refusals in the JSON body of every other error."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from ..http.errors import error_response
from .request_id import HEADER


class Cors(CORSMiddleware):
    """Starlette's CORS middleware, which allows every method and header, and credentials for named origins only.

    With ``"*"``, credentials would let any page use the cookies of the user. A token that a page sends in
    `Authorization` by itself is not a credential in this sense, and any page may send one.
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
        """The response to a preflight request. Starlette's refusal is plain text; this one is JSON."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return error_response(response.status_code, bytes(response.body).decode(), headers)
