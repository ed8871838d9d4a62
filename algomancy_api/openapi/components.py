"""The components of the document: schemas of types, in the form that generators of clients understand."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ..schemas.domain import COMPONENT

#: Keywords whose values have no schemas.
_NO_SCHEMAS = ("const", "default", "discriminator", "enum", "example", "examples", "required")

_NULL = ("default", None)

type Json = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"


def components_of(types: Iterable[Any]) -> tuple[Sequence[Json], Json]:
    """The schema of each type, and the components that these refer to, by name.

    - A default of null is left out, because generators take such a field for required in responses.
    - An object without named fields gets ``additionalProperties``, a list of anything ``items``, and an enumeration of
      texts its ``type``.
    - A union that a field decides is a ``oneOf``, since no value is of two of its types.
    - A schema that is marked as a component becomes one.
    """
    references, generated = msgspec.json.schema_components(types, ref_template=REFERENCE)
    components: Json = {}
    components |= {name: _component(schema, components) for name, schema in generated.items()}
    return [_component(reference, components) for reference in references], components


def file_content(descriptions: Mapping[str, str]) -> Json:
    """A body that is a text or bytes, by its media types."""
    return {media_type: _file(media_type, description) for media_type, description in descriptions.items()}


def examples_content(content: Json, examples: Mapping[str, object]) -> Json:
    """A body with examples."""
    return content | {"examples": {name: {"value": value} for name, value in examples.items()}}


def _file(media_type: str, description: str) -> Json:
    if media_type.startswith("text/"):
        return {"schema": {"type": "string", "description": description}}
    schema = {"type": "string", "format": "binary", "description": description}
    return {"schema": schema, "example": "the bytes of a file"}


def _component(schema: Any, components: Json) -> Any:  # noqa: ANN401 - any part of a schema
    """A schema for generators, whose marked parts are added to the components."""
    if isinstance(schema, list):
        return [_component(part, components) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _keyword(key, value, components) for key, value in schema.items() if (key, value) != _NULL}
    kept = _missing(kept) | kept
    if "discriminator" in kept:
        kept["oneOf"] = kept.pop("anyOf")
    name = kept.pop(COMPONENT, None)
    if name is None:
        return kept
    components[name] = kept | {"title": name}
    return {"$ref": REFERENCE.format(name=name)}


def _keyword(key: str, value: Any, components: Json) -> Any:  # noqa: ANN401
    if key == "properties":
        return {name: _component(part, components) for name, part in value.items()}
    return value if key in _NO_SCHEMAS else _component(value, components)


def _missing(schema: Json) -> Json:
    """The keywords that generators miss in a schema."""
    kind = schema.get("type")
    if kind == "object" and "properties" not in schema:
        return {"additionalProperties": {}}
    if kind == "array" and "prefixItems" not in schema:
        return {"items": {}}
    if kind is None and all(isinstance(value, str) for value in schema.get("enum", [None])):
        return {"type": "string"}
    return {}
