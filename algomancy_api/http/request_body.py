"""Bytes to Struct, value to response."""

import re
from codecs import BOM_UTF8

from msgspec import ValidationError
from msgspec.json import Decoder
from starlette.exceptions import HTTPException
from starlette.requests import Request

from ..concurrency.by_size import by_size
from ..serialization.json_depth import nests_deeper

#: The content types of a body that is decoded, whatever their parameters.
_JSON_TYPE = re.compile(r"\s*application/(?:[\w.-]+\+)?json\s*(?:;|$)", re.ASCII | re.IGNORECASE)


#: The content types that a page of another site can send without a browser's asking first.
_UNASKED_TYPE = re.compile(
    r"(?:text/plain|application/x-www-form-urlencoded|multipart/form-data)\s*(?:;|$)", re.ASCII | re.IGNORECASE
)


_NOT_JSON = "The body must be JSON, sent with Content-Type: application/json"


async def decode[T](request: Request, decoder: Decoder[T]) -> T:
    """A request's body as the decoder's Struct.

    Raises:
        HTTPException: 415, if its type is one that any page can send; 422, if it is not JSON and said to be, or lacks
            a field or has it of a wrong type.
    """
    refuse_unasked(request)
    if not _JSON_TYPE.match(request.headers.get("content-type", "")):
        raise HTTPException(422, _NOT_JSON)
    body = (await request.body()).removeprefix(BOM_UTF8)
    most: int = request.app.state.config.limits.nesting
    if await by_size(nests_deeper, body, most):
        raise HTTPException(422, f"The body has more than {most} lists and objects in one another")
    try:
        return await by_size(decoder.decode, body)
    except ValidationError as error:
        raise HTTPException(422, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"The body is not valid JSON: {error}") from error


def refuse_unasked(request: Request) -> None:
    """Raise for a body that a page of another site may have sent, with no say of the one who looks at the page.

    Raises:
        HTTPException: 415, if its type is one that any page can send. No type at all is another; that is refused to
            browsers alone, which name the page's origin.
    """
    headers = request.headers
    content_type = headers.get("content-type", "").strip()
    is_untyped = not content_type and headers.get("content-length", "0") != "0"
    if _UNASKED_TYPE.match(content_type) or (is_untyped and "origin" in headers):
        raise HTTPException(415, _NOT_JSON)
