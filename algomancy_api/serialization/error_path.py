"""The path to the part of a value that has no JSON form, for error messages."""

import dataclasses
import reprlib
from collections.abc import Iterator
from enum import Enum
from typing import Any

import msgspec

from .hooks import UnencodableValue, natural_form

_ENCODER = msgspec.json.Encoder(enc_hook=natural_form)


def error_path(value: object, depth: int = 100) -> str:
    """The path to the part without a JSON form, such as ", at [3].costs"; empty if it is the value itself."""
    path = ""
    for _ in range(depth):
        step, value = next((child for child in _children(value) if _is_unencodable(child[1])), (None, None))
        if step is None:
            break
        path += step
    return f", at {path}" if path else ""


def _children(value: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401
    """The parts of a value, each with its path segment."""
    if isinstance(value, dict):
        return ((f"[{reprlib.repr(key)}]", child) for key, child in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return ((f"[{position}]", child) for position, child in enumerate(value))
    if isinstance(value, msgspec.Struct):
        return ((f".{name}", getattr(value, name, None)) for name in value.__struct_fields__)
    if dataclasses.is_dataclass(value):
        return ((f".{field.name}", getattr(value, field.name, None)) for field in dataclasses.fields(value))
    if isinstance(value, Enum):
        return iter([(".value", value.value)])
    try:
        return iter([("", natural_form(value))])
    except UnencodableValue:
        return iter([])


def _is_unencodable(value: object) -> bool:
    try:
        _ENCODER.encode(value)
    except UnencodableValue:
        return True
    except Exception:
        return False
    return False
