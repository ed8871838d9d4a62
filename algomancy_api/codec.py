"""Bytes to Struct, value to response."""

import re
from codecs import BOM_UTF8

import anyio.to_thread
from msgspec import ValidationError
from msgspec.json import Decoder
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .values import encode

#: The content types of a body that is decoded, whatever their parameters.
_JSON_TYPE = re.compile(r"\s*application/(?:[\w.-]+\+)?json\s*(?:;|$)", re.ASCII | re.IGNORECASE)

#: A body up to this size is decoded on the loop; a larger one, in bytes, on a worker thread.
_LARGE_BODY = 64 * 1024


class JSONResponse(Response):
    """A JSON document, encoded already: two messages to the server and no more."""

    def __init__(self, body: bytes, status_code: int = 200) -> None:
        self.status_code = status_code
        self.body = body
        self.background = None
        self.raw_headers = [
            (b"content-length", str(len(body)).encode()),
            (b"content-type", b"application/json"),
        ]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


def json_response(value: object, status_code: int = 200) -> JSONResponse:
    """A small value as a response; what may be large is encoded on a worker thread, with `values.encode`."""
    return JSONResponse(encode(value), status_code)


def no_content() -> Response:
    """It is done, and there is nothing to say."""
    return Response(status_code=204)


async def decode[T](request: Request, decoder: Decoder[T]) -> T:
    """A request's body as the decoder's Struct.

    Raises:
        HTTPException: 422, if it is not JSON and said to be, or lacks a field or has it of a wrong type.
    """
    if not _JSON_TYPE.match(request.headers.get("content-type", "")):
        # What a page of another site can send unasked is none of these types.
        raise HTTPException(422, "The body must be JSON, sent with Content-Type: application/json")
    body = (await request.body()).removeprefix(BOM_UTF8)
    try:
        if len(body) > _LARGE_BODY:
            return await anyio.to_thread.run_sync(decoder.decode, body)
        return decoder.decode(body)
    except ValidationError as error:
        raise HTTPException(422, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"The body is not valid JSON: {error}") from error
