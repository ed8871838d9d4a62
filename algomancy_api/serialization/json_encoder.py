"""Any value that a user's code can hold, as JSON.

The fast way is msgspec's encoder with `natural_form` as its hook. It refuses little (a lone surrogate, a number of many
digits, memory in strides) and gets less wrong (a Decimal that is no number, a NaN as a key): these go the slow way,
through a tree of builtins to a text.
"""

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from types import NoneType
from typing import Any

import msgspec

from .error_path import place_of_refusal
from .hooks import UnencodableValue, base64_text, builtin_form, integer_text, key_text, natural_form, type_name

__all__ = ["UnencodableValue", "encode", "natural_form"]

_ENCODER = msgspec.json.Encoder(enc_hook=natural_form)
_quoted = json.JSONEncoder(ensure_ascii=False).encode

# What msgspec writes for a Decimal that is no number, and for a NaN that is a key. A text of the user's may look like
# it, which costs time and nothing else.
_DOUBTFUL = re.compile(rb'"-?(?:s?NaN\d*|Infinity)"|"nan":')


def encode(value: object) -> bytes:
    """A value as a JSON document (RFC 8259), in UTF-8, without spaces.

    NaN, infinities and their like in Decimal, numpy and pandas become null; a Decimal, a moment or duration (ISO 8601)
    and bytes (base64) a text; a table the list of its rows; a dict's key the text of its form. A `msgspec.Raw` is
    trusted to be JSON.

    Raises:
        UnencodableValue: Something in it has no natural form, or it contains itself or nests too deeply.
    """
    try:
        document = _fast(value)
        return _slow(value) if document is None else document
    except UnencodableValue as error:
        raise UnencodableValue(f"{error}{place_of_refusal(value)}") from error
    except RecursionError:
        raise UnencodableValue(f"{type_name(value)} contains itself or nests too deeply for JSON") from None


def _fast(value: object) -> bytes | None:
    """The document as msgspec writes it, or None where that is refused or doubtful."""
    try:
        document = _ENCODER.encode(value)
    except UnencodableValue:
        raise
    except ArithmeticError, AttributeError, BufferError, TypeError, ValueError:
        return None
    return None if _is_doubtful(document) else document


def _is_doubtful(document: bytes) -> bool:
    # These three searches cost a tenth of the encoding; the pattern alone would cost more than that.
    suspicious = (b"N" in document and b"NaN" in document) or (b"I" in document and b"Inf" in document)
    return (suspicious or b'nan":' in document) and _DOUBTFUL.search(document) is not None


def _slow(value: object) -> bytes:
    try:
        form = builtin_form(value)
    except UnencodableValue:
        raise
    except (AttributeError, TypeError) as error:  # a Struct that lacks a field, or a dict's key
        raise UnencodableValue(f"{type_name(value)} has no natural JSON form: {error}") from error
    # A lone surrogate, which UTF-8 cannot hold, comes out as the escape that JSON has for it.
    return _text(form).encode("utf-8", "backslashreplace")


def _text(form: object) -> str:
    write = _TEXTS.get(type(form))
    return write(form) if write else _text(builtin_form(form))


def _object_text(form: dict[object, object]) -> str:
    members = {key_text(key): value for key, value in form.items()}
    return f"{{{','.join([f'{_quoted(key)}:{_text(value)}' for key, value in members.items()])}}}"


def _array_text(form: list[object] | tuple[object, ...]) -> str:
    return f"[{','.join([_text(value) for value in form])}]"


_TEXTS: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "null",
    bool: lambda truth: "true" if truth else "false",
    int: integer_text,
    float: lambda number: repr(number) if math.isfinite(number) else "null",
    str: _quoted,
    list: _array_text,
    tuple: _array_text,
    dict: _object_text,
    Decimal: lambda number: f'"{number}"' if number.is_finite() else "null",
    memoryview: lambda memory: f'"{base64_text(memory)}"',
}
