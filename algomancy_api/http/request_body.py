"""Request bodies: the check of the Content-Type, and the decoding of JSON to a Struct.

Unknown fields are ignored, and named in the response's header `X-Ignored-Fields`.
"""

import re
from codecs import BOM_UTF8
from functools import cache
from itertools import accumulate
from typing import Any
from urllib.parse import quote

from msgspec import Raw, Struct, ValidationError, defstruct
from msgspec.json import Decoder
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Scope

from ..concurrency.by_size import by_size
from ..serialization.json_depth import nests_deeper
from .negotiation import header

#: The content types of JSON, with any parameters.
_JSON_TYPE = re.compile(rb"\s*application/(?:[\w.-]+\+)?json\s*(?:;|$)", re.ASCII | re.IGNORECASE)

#: The content types that a page of another origin can send without a CORS preflight.
_TYPE_WITHOUT_PREFLIGHT = re.compile(
    rb"(?:text/plain|application/x-www-form-urlencoded|multipart/form-data)\s*(?:;|$)", re.ASCII | re.IGNORECASE
)

#: Scope key: the names of ignored fields, in a list that `RequestIds` creates.
IGNORED_FIELDS = "algomancy_api.ignored_fields"

#: The documented header of a successful response to a body that `decode` reads.
IGNORED_FIELDS_HEADER = {"X-Ignored-Fields": "The unknown fields of the body, percent-encoded, with commas between."}

#: Characters: longer names of ignored fields are cut, and names after the last that fits are left out. Proxies limit
#: the headers of a response, some to 4,096 bytes.
_MAX_NAME, _MAX_NAMES = 60, 1_000

#: The characters that an ignored field's name has in a header; others are percent-encoded (UTF-8).
_IN_HEADER = "!#$&*+^`|"

_ANY_FIELDS = Decoder(dict[str, Raw])

_NOT_JSON = "The body must be JSON, sent with Content-Type: application/json"


async def decode[T](request: Request, decoder: Decoder[T]) -> T:
    """A request's body as the decoder's Struct. Fields that it lacks are ignored, and named in the response.

    Raises:
        HTTPException: 415 for a Content-Type that any page can send; 422 if the Content-Type or the body is not JSON,
            the body is nested too deeply, or a field is missing or of a wrong type.
    """
    if not _JSON_TYPE.match(header(request.scope, b"content-type")):
        refuse_without_preflight(request)
        raise HTTPException(422, _NOT_JSON)
    deepest: int = request.app.state.config.limits.nesting
    decoded, ignored = await by_size(_decoded, await request.body(), decoder, deepest)
    if ignored:
        request.scope.get(IGNORED_FIELDS, []).extend(ignored)
    return decoded


def ignored_fields(scope: Scope) -> tuple[bytes, bytes] | None:
    """The header that names the ignored fields of a request's body; None if there are none.

    Names are percent-encoded and separated by commas. Long names are cut, and those that exceed the limit are left out.
    """
    names: list[str] = scope[IGNORED_FIELDS]
    if not names:
        return None
    encoded = [quote(name[:_MAX_NAME], safe=_IN_HEADER) for name in names]
    lengths = accumulate(len(name) + len(", ") for name in encoded)
    fitting = [name for name, length in zip(encoded, lengths, strict=True) if length <= _MAX_NAMES]
    return b"X-Ignored-Fields", ", ".join(fitting).encode()


def refuse_without_preflight(request: Request) -> None:
    """Refuse a body that a page of another origin can make a browser send without a CORS preflight.

    Raises:
        HTTPException: 415 for a Content-Type that needs no preflight. A body without Content-Type needs none either,
            but is refused only to browsers, which send `Origin`.
    """
    headers = request.headers
    content_type = header(request.scope, b"content-type").strip()
    is_untyped = not content_type and headers.get("content-length", "0") != "0"
    if _TYPE_WITHOUT_PREFLIGHT.match(content_type) or (is_untyped and "origin" in headers):
        raise HTTPException(415, _NOT_JSON)


def _decoded[T](body: bytes, decoder: Decoder[T], deepest: int) -> tuple[T, list[str]]:
    """The Struct of a body, and the names of the fields that it lacks."""
    document = body.removeprefix(BOM_UTF8)
    if nests_deeper(document, deepest):
        raise HTTPException(422, f"The body is nested more than {deepest} levels deep")
    try:
        return _without_unknown_fields(decoder).decode(document), []
    except ValidationError:  # for an unknown field, or for another reason
        pass
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"The body is not valid JSON: {error}") from error
    try:
        return decoder.decode(document), _unknown_fields(document, decoder)
    except ValidationError as error:
        raise HTTPException(422, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, f"The body is not valid JSON: {error}") from error


@cache
def _without_unknown_fields[T](decoder: Decoder[T]) -> Decoder[T]:
    """A decoder that raises for unknown fields: bodies without them, which is most, are parsed only once."""
    kind: Any = decoder.type
    return Decoder(defstruct(kind.__name__, [], bases=(kind,), module=kind.__module__, forbid_unknown_fields=True))


def _unknown_fields(document: bytes, decoder: Decoder[Any]) -> list[str]:
    kind: type[Struct] = decoder.type
    return [name for name in _ANY_FIELDS.decode(document) if name not in kind.__struct_encode_fields__]
