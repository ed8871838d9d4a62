"""Validation of responses against the OpenAPI document: a response that it does not declare fails the test."""

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
from jsonschema_rs import Draft202012Validator

from algomancy_api.openapi.document import under_prefix
from algomancy_api.routes import health

FILE = Path(__file__).parents[2] / "openapi" / "openapi.json"

#: The 404 of the router for an unknown path, as JSON and as MessagePack.
UNKNOWN_PATH = (b'{"detail":"Not Found"}', msgspec.msgpack.encode({"detail": "Not Found"}))

MESSAGEPACK = "application/msgpack"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
ZIP = "application/zip"


class Declarations:
    """The responses that a document declares, under any mount path of a host.

    Args:
        document: The OpenAPI document, generated or served.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        # The document allows more fields, for later versions. Today a response must have no undeclared field.
        self._components = closed(document["components"])
        # Paths without parameters come first: the router prefers them where both match.
        paths = sorted(document["paths"].items(), key=lambda entry: entry[0].count("{"))
        self._paths = [(_pattern(path), item) for path, item in paths]
        self._validator = functools.cache(self._new_validator)

    def refuse_undeclared(self, response: httpx.Response) -> None:
        """Raise for a response of a documented operation whose status or body is not declared."""
        method, path = response.request.method, response.request.url.raw_path.partition(b"?")[0].decode()
        operation = self._operation("GET" if method == "HEAD" else method, path)
        if operation is None or _is_of_an_unknown_path(response):
            return
        if reason := self._fault(operation, response):
            raise AssertionError(f"{method} {path}: {response.status_code}: {reason}")

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        items = (item for pattern, item in self._paths if method.lower() in item and pattern.fullmatch(path))
        return next((item[method.lower()] for item in items), None)

    def _fault(self, operation: dict[str, Any], response: httpx.Response) -> str | None:
        declared = operation["responses"].get(str(response.status_code))
        if declared is None:
            return f"the status is not declared; the body is {_shortened(response.text)}"
        if "content" not in declared:
            return "there is a body, and none is declared" if response.content else None
        media_type = response.headers.get("content-type", "").partition(";")[0]
        if media_type not in declared["content"]:
            return f"the content type {media_type!r} is not declared"
        if response.request.method == "HEAD" or media_type not in (JSON, MESSAGEPACK):
            return None
        schema = json.dumps(declared["content"][media_type]["schema"])
        return next(self._faults_of_body(schema, response), None)

    def _faults_of_body(self, schema: str, response: httpx.Response) -> Iterator[str]:
        try:
            body = body_of(response)
        except ValueError as error:
            yield f"the body is not what its content type says: {error}"
            return
        for fault in self._validator(schema).iter_errors(body):
            yield f"at {'/'.join(map(str, fault.instance_path)) or 'the top'}: {_shortened(fault.message)}"

    def _new_validator(self, schema: str) -> Draft202012Validator:
        return Draft202012Validator(closed(json.loads(schema)) | {"components": self._components})


@functools.cache
def declarations(prefix: str = "/api/v1") -> Declarations:
    """The declarations of the generated document for an app with a prefix."""
    return Declarations(under_prefix(json.loads(FILE.read_bytes()), prefix, [route.path for route in health.ROUTES]))


def refuse_undeclared(response: httpx.Response) -> None:
    """An event hook of httpx that raises for an undeclared response."""
    if response.headers.get("content-type", "").partition(";")[0] != EVENT_STREAM:  # a stream has no end
        response.read()
    declarations().refuse_undeclared(response)


def body_of(response: httpx.Response) -> Any:
    """The decoded body of a response in JSON or MessagePack."""
    if response.headers.get("content-type") == MESSAGEPACK:
        return msgspec.msgpack.decode(response.content)
    return response.json()


def closed(schema: Any) -> Any:
    """A schema that forbids undeclared fields in every object."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: closed(part) for name, part in schema.items()}
    return {"additionalProperties": False} | parts if "properties" in schema else parts


def _is_of_an_unknown_path(response: httpx.Response) -> bool:
    return response.status_code == 404 and response.content in UNKNOWN_PATH


def _pattern(path: str) -> re.Pattern[str]:
    literals = re.split(r"\{\w+\}", path)
    return re.compile(r"(?:/.*)?" + "[^/]+".join(map(re.escape, literals)))


def _shortened(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]}…"
