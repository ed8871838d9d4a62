"""The OpenAPI document: paths from the tables of routes, schemas from the Structs, the rest from `@operation`.

`describe` makes it from routes. That of the package's own routes is made once, by ``make openapi``, and lies in a
file; `ServedDocument` reads it when an app is built and adds what belongs to this app.
"""

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from apispec import APISpec
from starlette.convertors import Convertor, FloatConvertor, IntegerConvertor, UUIDConvertor
from starlette.routing import Route

from ..schemas import Error
from ..serialization.digest import body_digest
from .operation import (
    EVENT_STREAM,
    JSON,
    MESSAGEPACK,
    EventStream,
    Needed,
    Operation,
    Parameter,
    needed_for,
    operation_of,
)
from .security import secured

_VERSION = "3.1.0"

#: What a path of a URL holds as it is (RFC 3986), beside letters and digits.
_PLAIN = "/!$&'()*+,;=:@~"

_SCHEMA_REFERENCE = "#/components/schemas/{name}"

Json = dict[str, Any]

_DESCRIPTION = """\
A session holds datasets and scenarios. A scenario (a dataset, an algorithm, parameter values) runs in the background
and ends with a result and KPIs.

Names in a path may hold any character, percent-encoded, `/` as `%2F` included. The body of every answer of 400 and
above is `{"detail": "<message>"}`. What is JSON is MessagePack for who sends or accepts `application/msgpack`. Every
answer has an `X-Request-ID`, the client's own or a new one, by which the server's log can be searched."""

_TAGS = {
    "sessions": "Rooms of their own: each has its datasets and its scenarios.",
    "algorithms": "What a scenario can be made of: algorithms with their parameters, and KPIs.",
    "scenarios": "Runs of an algorithm over a dataset: create, run, watch, compare.",
    "data": "Datasets: upload, download, derive.",
    "meta": "The server itself.",
}

#: Each parameter's description, and a value that the bundled example knows.
_PARAMETERS = {
    "session_id": ("A session's id, or its display name.", "main"),
    "scenario_id": ("A scenario's id.", "0b7ff1f4-5d0c-4b8e-9d0a-6a3f0c1c2a58"),
    "algorithm_name": ("The name of an algorithm.", "Slow"),
    "data_key": ("The key of a dataset.", "Master data"),
}

#: The headers of what is refused for the moment.
_LATER = {"Retry-After": "In so many seconds it may be worth while to try again."}

_PARAMETER_SCHEMAS: dict[type[Convertor[Any]], Json] = {
    IntegerConvertor: {"type": "integer"},
    FloatConvertor: {"type": "number"},
    UUIDConvertor: {"type": "string", "format": "uuid"},
}

#: What any operation may answer: its URL or its headers are too long, its sender asks too much, something is wrong,
#: nobody is free, or the database is away.
_ALWAYS = (414, 429, 431, 500, 503)

#: And one with a body.
_WITH_BODY = (413,)

#: And one that writes: a disk is full.
_ON_CHANGES = (507,)

#: Where the file lies: inside an installed package, or beside it in a checkout.
_PLACES = (Path(__file__).parent, Path(__file__).parents[2] / "openapi")

#: The page that shows the document.
PAGE_FOLDER = Path(__file__).parent / "page"


def openapi_folder() -> Path:
    """The folder of the generated document and of the vendored Swagger UI."""
    return next(place for place in _PLACES if (place / "openapi.json").exists())


class ServedDocument:
    """The document of one app, as bytes.

    Args:
        prefix: What the paths stand under, but for those of ``apart``.
        apart: The paths that stand beside the prefix.
        title: The title of the app.
        additional: A host's own routes; they stand under the prefix, too.
        guarded: The routes that are behind the guard, the package's own included; none if there is no guard.

    Raises:
        ValueError: A name or a body of a host's route is called like another one of the package's own.
    """

    def __init__(
        self,
        *,
        prefix: str,
        apart: Iterable[str],
        title: str,
        additional: Sequence[Route] = (),
        guarded: Sequence[Route] = (),
    ) -> None:
        own: Json = json.loads((openapi_folder() / "openapi.json").read_bytes())
        addition = describe(additional, title=title, version="")
        document = merged(under_prefix(own, prefix, apart), under_prefix(addition, prefix))
        if guarded:
            document = secured(document, _needs(guarded), _error_response)
        self._document = document | {"info": own["info"] | {"title": title}}
        self.under = functools.lru_cache(maxsize=16)(self._under)

    def _under(self, root_path: str) -> tuple[bytes, bytes]:
        """The document for clients that reach the app under a path, and a digest that tells it from others.

        Args:
            root_path: That path; its percent signs are encoded already, as `routable` leaves them.
        """
        served = self._document | {"servers": [{"url": quote(root_path, safe=f"{_PLAIN}%") or "/"}]}
        content = json.dumps(served, ensure_ascii=False).encode()
        return content, body_digest(content)


def describe(routes: Sequence[Route], *, title: str, version: str) -> Json:
    """The document of routes, those without an `@operation` left out."""
    described = [(route, said) for route in routes if (said := operation_of(route.endpoint)) is not None]
    document = APISpec(title=title, version=version, openapi_version=_VERSION, info={"description": _DESCRIPTION})
    for tag in dict.fromkeys(tag for _, said in described for tag in said.tags):
        document.tag({"name": tag} | ({"description": _TAGS[tag]} if tag in _TAGS else {}))
    types = [Error, *(kind for _, said in described for kind in _types(said))]
    references, components = msgspec.json.schema_components(types, ref_template=_SCHEMA_REFERENCE)
    schemas = dict(zip(map(id, types), references, strict=True))
    for name, schema in sorted(components.items()):
        document.components.schema(name, _for_generators(schema))
    for route, said in described:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            document.path(route.path_format, operations={method.lower(): _operation(route, method, said, schemas)})
    return document.to_dict()


def _for_generators(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """A schema as generators of clients want it.

    A default of null is left out, which they take for a field that is always there; an object without named fields
    says that it may have any.
    """
    if isinstance(schema, list):
        return [_for_generators(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _for_generators(part) for name, part in schema.items() if (name, part) != ("default", None)}
    is_open = kept.get("type") == "object" and "properties" not in kept
    return ({"additionalProperties": {}} if is_open else {}) | kept


def merged(document: Json, addition: Json) -> Json:
    """A document with the operations, schemas and tags of another.

    Raises:
        ValueError: Both have a schema of one name that differs, or an operation of one id.
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
        raise ValueError(f"the document has another {kind} that is called {name!r}: yours needs a name of its own")


def under_prefix(document: Json, prefix: str, apart: Iterable[str] = ()) -> Json:
    """A document whose paths stand under a prefix, but for some."""
    before = quote(prefix.rstrip("/"), safe=_PLAIN)
    outside = set(apart)
    paths = {path if path in outside else before + path: item for path, item in document["paths"].items()}
    return document | {"paths": paths}


def written(document: Json) -> bytes:
    """A document as a file: the same bytes for the same routes, on any machine and any run."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _types(said: Operation) -> list[Any]:
    answers = [answer for answer in said.returns.values() if not isinstance(answer, str | EventStream)]
    return answers if said.body is None else [*answers, said.body]


def _operation(route: Route, method: str, said: Operation, schemas: Mapping[int, Json]) -> Json:
    described: Json = {
        "operationId": _operation_id(route, method),
        "summary": said.summary,
        "description": said.description,
        "tags": list(said.tags),
        "parameters": [
            *(_parameter(name, convertor) for name, convertor in route.param_convertors.items()),
            *map(_further_parameter, said.parameters),
        ],
        "responses": _responses(said, method, schemas),
    }
    if said.body is not None:
        body: Json = {"schema": schemas[id(said.body)]}
        if said.example is not None:
            body["example"] = said.example
        described["requestBody"] = {"required": said.body_required, "content": _content(body, said.media_type)}
    return described


def _responses(said: Operation, method: str, schemas: Mapping[int, Json]) -> Json:
    responses = {str(status): _response(status, answer, schemas) for status, answer in said.returns.items()}
    further = (*(() if said.body is None else _WITH_BODY), *(() if method == "GET" else _ON_CHANGES))
    for status in {*said.errors, *_ALWAYS, *further} - said.returns.keys():
        responses[str(status)] = _response(status, Error, schemas)
    for status, headers in (dict.fromkeys((429, 503), _LATER) | dict(said.headers)).items():
        if str(status) in responses:
            responses[str(status)]["headers"] = {name: _header(text) for name, text in headers.items()}
    return responses


def _response(status: int, answer: object, schemas: Mapping[int, Json]) -> Json:
    if isinstance(answer, str):
        return {"description": answer}
    if isinstance(answer, EventStream):
        return {"description": answer.description, "content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
    return {"description": HTTPStatus(status).phrase, "content": _content({"schema": schemas[id(answer)]})}


def _header(description: str) -> Json:
    return {"description": description, "schema": {"type": "string"}}


def _error_response(status: int) -> Json:
    return _response(status, Error, {id(Error): {"$ref": _SCHEMA_REFERENCE.format(name=Error.__name__)}})


def _needs(routes: Iterable[Route]) -> dict[str, Needed]:
    """What it takes to send a request of each operation, by its id."""
    return {
        _operation_id(route, method): needed_for(route.endpoint, method)
        for route in routes
        if operation_of(route.endpoint) is not None
        for method in route.methods or ()
    }


def _content(body: Json, media_type: str = JSON) -> Json:
    """A body by its media types: what is JSON can be MessagePack, too."""
    return dict.fromkeys((JSON, MESSAGEPACK) if media_type == JSON else (media_type,), body)


def _parameter(name: str, convertor: Convertor[Any]) -> Json:
    schema = _PARAMETER_SCHEMAS.get(type(convertor), {"type": "string"})
    parameter: Json = {"name": name, "in": "path", "required": True, "schema": schema}
    if name in _PARAMETERS:
        description, example = _PARAMETERS[name]
        parameter |= {"description": description, "example": example}
    return parameter


def _further_parameter(parameter: Parameter) -> Json:
    schema = dict(parameter.schema)
    return {"name": parameter.name, "in": parameter.place, "description": parameter.description, "schema": schema}


def _operation_id(route: Route, method: str) -> str:
    """The name of the route, which its own methods alone share: ``list_sessions`` is ``listSessions``."""
    is_only = len((route.methods or set()) - {"HEAD"}) == 1
    first, *rest = (route.name if is_only else f"{method.lower()}_{route.name}").split("_")
    return first + "".join(word.capitalize() for word in rest)
