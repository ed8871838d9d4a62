"""The OpenAPI document: paths from the tables of routes, schemas from the Structs, the rest from `@operation`.

`describe` makes a document from routes. The document of the package's own routes is generated once, by
``make openapi``, and kept in a file. `ServedDocument` reads this file when an app is built, and adds the app's prefix,
title, routes and security.
"""

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from apispec import APISpec
from starlette.convertors import Convertor, FloatConvertor, IntegerConvertor, UUIDConvertor
from starlette.routing import Route

from ..schemas import Error
from ..serialization.digest import body_digest
from .components import REFERENCE, components_of, examples_content, file_content
from .idempotency import with_key
from .operation import (
    EVENT_STREAM,
    JSON,
    MESSAGEPACK,
    EventStream,
    Operation,
    Parameter,
    needed_for,
    operation_of,
)
from .security import Demand, secured
from .texts import DESCRIPTION, PARAMETERS, TAGS

_VERSION = "3.1.0"

#: Characters that a URL path may have unencoded (RFC 3986), beside letters and digits.
_UNENCODED = "/!$&'()*+,;=:@~"

Json = dict[str, Any]

#: Headers of 429 and 503.
_LATER = {"Retry-After": "Seconds after which to try again."}

_PARAMETER_SCHEMAS: dict[type[Convertor[Any]], Json] = {
    IntegerConvertor: {"type": "integer"},
    FloatConvertor: {"type": "number"},
    UUIDConvertor: {"type": "string", "format": "uuid"},
}

#: Statuses of any operation: URL or headers too long, too many requests, an internal error, or the server overloaded or
#: the database unavailable.
_ALWAYS = (414, 429, 431, 500, 503)

#: Further statuses of an operation with a request body.
_WITH_BODY = (413,)

#: Further statuses of an operation that writes: a disk is full.
_ON_CHANGES = (507,)

#: Folders that may have the generated file: inside an installed package, or beside it in a checkout.
_FOLDERS = (Path(__file__).parent, Path(__file__).parents[2] / "openapi")

#: The page that shows the document.
PAGE_FOLDER = Path(__file__).parent / "page"


def openapi_folder() -> Path:
    """The folder of the generated document and of the vendored Swagger UI."""
    return next(folder for folder in _FOLDERS if (folder / "openapi.json").exists())


class ServedDocument:
    """The document of one app, as bytes.

    Args:
        prefix: The prefix of all paths but those of ``outside``.
        outside: The paths outside the prefix.
        left_out: Paths of the package that this app does not serve.
        title: The title of the app.
        additional: A host's own routes, which are under the prefix, too.
        secured_routes: All routes, if the app has authentication; else none.
        takes_cookies: Whether the cookie of a login may take the place of a token.

    Raises:
        ValueError: A host's route has the operation id of another route, or a schema with the name of another schema.
    """

    def __init__(
        self,
        *,
        prefix: str,
        outside: Iterable[str],
        left_out: Iterable[str],
        title: str,
        additional: Sequence[Route] = (),
        secured_routes: Sequence[Route] = (),
        takes_cookies: bool = False,
    ) -> None:
        own: Json = json.loads((openapi_folder() / "openapi.json").read_bytes())
        for path in left_out:
            del own["paths"][path]
        addition = describe(additional, title=title, version="")
        document = merged(under_prefix(own, prefix, outside), under_prefix(addition, prefix))
        if secured_routes:
            document = secured(document, _demands(secured_routes), _error_response, takes_cookies=takes_cookies)
        self._document = document | {"info": own["info"] | {"title": title}}
        self.under = functools.lru_cache(maxsize=16)(self._under)

    def _under(self, root_path: str) -> tuple[bytes, bytes]:
        """The document for clients that reach the app under a mount point, and its digest.

        Args:
            root_path: The mount point, with its percent signs encoded by `routable`.
        """
        served = self._document | {"servers": [{"url": quote(root_path, safe=f"{_UNENCODED}%") or "/"}]}
        content = json.dumps(served, ensure_ascii=False).encode()
        return content, body_digest(content)


def describe(routes: Sequence[Route], *, title: str, version: str) -> Json:
    """The document of the routes that have an `@operation`."""
    described = [(route, spec) for route in routes if (spec := operation_of(route.endpoint)) is not None]
    document = APISpec(
        title=title,
        version=version,
        openapi_version=_VERSION,
        info={"description": DESCRIPTION},
        servers=[{"url": "/"}],
        security=[],
    )
    for tag in dict.fromkeys(tag for _, spec in described for tag in spec.tags):
        document.tag({"name": tag} | ({"description": TAGS[tag]} if tag in TAGS else {}))
    types = [Error, *(kind for _, spec in described for kind in _types(spec))]
    references, components = components_of(types)
    schemas = dict(zip(map(id, types), references, strict=True))
    for name, schema in sorted(components.items()):
        document.components.schema(name, schema)
    for route, spec in described:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            document.path(route.path_format, operations={method.lower(): _operation(route, method, spec, schemas)})
    return document.to_dict()


def merged(document: Json, addition: Json) -> Json:
    """A document with the operations, schemas and tags of another.

    Raises:
        ValueError: Both have different schemas of the same name, or operations of the same id.
    """
    schemas, more = (part["components"].get("schemas", {}) for part in (document, addition))
    _refuse("schema", [name for name in more if schemas.get(name, more[name]) != more[name]])
    _refuse("operation", _operation_ids(document) & _operation_ids(addition))
    paths = {path: document["paths"].get(path, {}) | item for path, item in addition["paths"].items()}
    known = {tag["name"] for tag in document["tags"]}
    return document | {
        "paths": document["paths"] | paths,
        "components": document["components"] | {"schemas": more | schemas},
        "tags": document["tags"] + [tag for tag in addition.get("tags", []) if tag["name"] not in known],
    }


def _operation_ids(document: Json) -> set[str]:
    return {operation["operationId"] for item in document["paths"].values() for operation in item.values()}


def _refuse(kind: str, names: Iterable[str]) -> None:
    for name in sorted(names):
        raise ValueError(f"the document already has another {kind} named {name!r}; choose another name")


def under_prefix(document: Json, prefix: str, outside: Iterable[str] = ()) -> Json:
    """A document with a prefix added to its paths, except those outside."""
    before = quote(prefix.rstrip("/"), safe=_UNENCODED)
    kept = set(outside)
    paths = {path if path in kept else before + path: item for path, item in document["paths"].items()}
    return document | {"paths": paths}


def written(document: Json) -> bytes:
    """The content of the generated file: the same bytes for the same routes, on any machine."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _types(spec: Operation) -> list[Any]:
    types = [returned for returned in spec.returns.values() if not isinstance(returned, str | EventStream)]
    return types if spec.body is None else [*types, spec.body]


def _operation(route: Route, method: str, spec: Operation, schemas: Mapping[int, Json]) -> Json:
    if method == "post" and not spec.is_secret:
        spec = with_key(spec)
    described: Json = {
        "operationId": _operation_id(route, method),
        "summary": spec.summary,
        "description": spec.description,
        "tags": list(spec.tags),
        "parameters": [
            *(_parameter(name, convertor) for name, convertor in route.param_convertors.items()),
            *map(_further_parameter, spec.parameters),
        ],
        "responses": _responses(spec, method, schemas),
    }
    if spec.body is not None:
        body: Json = {"schema": schemas[id(spec.body)]}
        if spec.example is not None:
            body["example"] = spec.example
        content = _content(body, spec.media_type)
        described["requestBody"] = {"required": spec.body_required, "content": content}
    return described


def _responses(spec: Operation, method: str, schemas: Mapping[int, Json]) -> Json:
    responses = {str(status): _response(status, returned, schemas) for status, returned in spec.returns.items()}
    if spec.returns_examples:
        body = next(response["content"] for response in responses.values() if JSON in response.get("content", ()))
        body[JSON] = examples_content(body[JSON], spec.returns_examples)
    if spec.returns_also:
        responses["200"]["content"] |= file_content(spec.returns_also)
    further = (*(() if spec.body is None else _WITH_BODY), *(() if method == "GET" else _ON_CHANGES))
    for status in {*spec.errors, *_ALWAYS, *further} - spec.returns.keys():
        responses[str(status)] = _response(status, Error, schemas)
    for status, headers in (dict.fromkeys((429, 503), _LATER) | dict(spec.headers)).items():
        if str(status) in responses:
            responses[str(status)]["headers"] = {name: _header(text) for name, text in headers.items()}
    return responses


def _response(status: int, returned: object, schemas: Mapping[int, Json]) -> Json:
    if isinstance(returned, str):
        return {"description": returned}
    if isinstance(returned, EventStream):
        return {"description": returned.description, "content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
    return {"description": HTTPStatus(status).phrase, "content": _content({"schema": schemas[id(returned)]})}


def _header(description: str) -> Json:
    return {"description": description, "schema": {"type": "string"}}


def _error_response(status: int) -> Json:
    return _response(status, Error, {id(Error): {"$ref": REFERENCE.format(name=Error.__name__)}})


def _demands(routes: Iterable[Route]) -> dict[str, Demand]:
    """What operations ask for, by operation id."""
    return {
        _operation_id(route, method): Demand(needed_for(route.endpoint, method), spec.takes_ticket)
        for route in routes
        if (spec := operation_of(route.endpoint)) is not None
        for method in route.methods or ()
    }


def _content(body: Json, media_type: str = JSON) -> Json:
    """A body by its media types: JSON can be MessagePack, too."""
    return dict.fromkeys((JSON, MESSAGEPACK) if media_type == JSON else (media_type,), body)


def _parameter(name: str, convertor: Convertor[Any]) -> Json:
    schema = _PARAMETER_SCHEMAS.get(type(convertor), {"type": "string"})
    parameter: Json = {"name": name, "in": "path", "required": True, "schema": schema}
    if name in PARAMETERS:
        description, example = PARAMETERS[name]
        parameter |= {"description": description, "example": example}
    return parameter


def _further_parameter(parameter: Parameter) -> Json:
    schema = dict(parameter.schema)
    return {"name": parameter.name, "in": parameter.place, "description": parameter.description, "schema": schema}


def _operation_id(route: Route, method: str) -> str:
    """The operation id, from the name of the route: ``list_sessions`` becomes ``listSessions``."""
    is_only = len((route.methods or set()) - {"HEAD"}) == 1
    first, *rest = (route.name if is_only else f"{method.lower()}_{route.name}").split("_")
    return first + "".join(word.capitalize() for word in rest)
