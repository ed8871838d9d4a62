"""Request bodies: the check of the Content-Type, and the decoding of JSON to a Struct."""

import re
from codecs import BOM_UTF8

from msgspec import ValidationError
from msgspec.json import Decoder
from starlette.exceptions import HTTPException
from starlette.requests import Request

from ..concurrency.by_size import by_size
from ..serialization.json_depth import nests_deeper

#: The content types of JSON, with any parameters.
_JSON_TYPE = re.compile(r"\s*application/(?:[\w.-]+\+)?json\s*(?:;|$)", re.ASCII | re.IGNORECASE)

#: The content types that a page of another origin can send without a CORS preflight.
_TYPE_WITHOUT_PREFLIGHT = re.compile(
    r"(?:text/plain|application/x-www-form-urlencoded|multipart/form-data)\s*(?:;|$)", re.ASCII | re.IGNORECASE
)

_NOT_JSON = "The body must be JSON, sent with Content-Type: application/json"


async def decode[T](request: Request, decoder: Decoder[T]) -> T:
    """A request's body as the decoder's Struct.

    Raises:
        HTTPException: 415 for a Content-Type that any page can send; 422 if the Content-Type or the body is not JSON,
            the body is nested too deeply, or a field is missing or of a wrong type.
    """
    refuse_without_preflight(request)
    if not _JSON_TYPE.match(request.headers.get("content-type", "")):
        raise HTTPException(422, _NOT_JSON)
    body = (await request.body()).removeprefix(BOM_UTF8)
    deepest: int = request.app.state.config.limits.nesting
    if await by_size(nests_deeper, body, deepest):
        raise HTTPException(422, f"The body is nested more than {deepest} levels deep")
    try:
        return await by_size(decoder.decode, body)
    except ValidationError as error:
        raise HTTPException(422, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"The body is not valid JSON: {error}") from error


def refuse_without_preflight(request: Request) -> None:
    """Refuse a body that a page of another origin can make a browser send without a CORS preflight.

    Raises:
        HTTPException: 415 for a Content-Type that needs no preflight. A body without Content-Type needs none either,
            but is refused only to browsers, which send `Origin`.
    """
    headers = request.headers
    content_type = headers.get("content-type", "").strip()
    is_untyped = not content_type and headers.get("content-length", "0") != "0"
    if _TYPE_WITHOUT_PREFLIGHT.match(content_type) or (is_untyped and "origin" in headers):
        raise HTTPException(415, _NOT_JSON)
