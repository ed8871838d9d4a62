"""The tables of routes in ``docs/routes.md``, generated from the OpenAPI document."""

from collections.abc import Iterator
from typing import Any

from marked_page import renewed

type Json = dict[str, Any]

#: Statuses that any operation can have. The page names them once, not in each row.
_COMMON = frozenset({"413", "414", "429", "431", "500", "503", "507"})

_ERROR = {"$ref": "#/components/schemas/Error"}

_HEADING = "| route | does | request | answers |\n|---|---|---|---|"


def with_tables(page: str, document: Json) -> str:
    """The page with new tables, in one section for each tag of the document.

    Raises:
        ValueError: The page lacks the comments around the tables.
    """
    return renewed(page, "the routes", "\n".join(_section(tag, document) for tag in document["tags"]))


def _section(tag: Json, document: Json) -> str:
    rows = [
        _row(method, path, operation, document["components"]["schemas"])
        for path, item in document["paths"].items()
        for method, operation in _by_method(item)
        if tag["name"] in operation["tags"]
    ]
    return f"### {tag['name']}\n\n{tag['description']}\n\n{_HEADING}\n" + "".join(f"{row}\n" for row in rows)


def _by_method(item: Json) -> Iterator[tuple[str, Json]]:
    for method in ("get", "post", "put", "patch", "delete"):
        if method in item:
            yield method.upper(), item[method]


def _row(method: str, path: str, operation: Json, schemas: Json) -> str:
    request = ", ".join([*_body(operation, schemas), *_parameters(operation)])
    return f"| {method} `{path}` | {_sentence(operation)} | {request} | {', '.join(_statuses(operation))} |"


def _sentence(operation: Json) -> str:
    """The first paragraph of the description, on one line."""
    return " ".join(operation["description"].partition("\n\n")[0].split()) or str(operation["summary"])


def _body(operation: Json, schemas: Json) -> Iterator[str]:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if "$ref" not in content["schema"]:
            yield f"or `{media_type}`"
            continue
        schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
        if media_type == "multipart/form-data":
            yield f"form {', '.join(f'`{name}`' for name in schema['properties'])}"
        elif media_type == "application/json":
            required = schema.get("required", ())
            fields = [f'"{name}"{"" if name in required else "?"}' for name in schema["properties"]]
            yield f"`{{{', '.join(fields)}}}`"


def _parameters(operation: Json) -> Iterator[str]:
    for parameter in operation["parameters"]:
        if parameter["in"] != "path":
            yield f"`{'?' if parameter['in'] == 'query' else ''}{parameter['name']}`"


def _statuses(operation: Json) -> Iterator[str]:
    for status, response in sorted(operation["responses"].items()):
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if status not in _COMMON or schema != _ERROR:
            yield status
