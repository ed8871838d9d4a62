"""The JSON encoder for any Python value of user code.

The fast path is msgspec's encoder with `natural_form` as its hook. It fails for few values (a lone surrogate, a number
of many digits, strided memory) and is wrong for fewer (a Decimal that is NaN or infinite, NaN as a key). These take
the slow path: a tree of builtins, then text.
"""

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from types import NoneType
from typing import Any

import msgspec

from .error_path import error_path
from .hooks import UnencodableValue, base64_text, builtin_form, integer_text, key_text, natural_form, type_name

__all__ = ["UnencodableValue", "encode", "natural_form"]

_ENCODER = msgspec.json.Encoder(enc_hook=natural_form)
_quoted = json.JSONEncoder(ensure_ascii=False).encode

# The output of msgspec for a Decimal that is NaN or infinite, and for NaN as a key. A user's string may match, too,
# which only costs time.
_DOUBTFUL = re.compile(rb'"-?(?:s?NaN\d*|Infinity)"|"nan":')


def encode(value: object) -> bytes:
    """A value as a JSON document (RFC 8259), in UTF-8, without spaces.

    NaN and infinities, also those of Decimal, numpy and pandas, become null; a Decimal, a datetime or duration
    (ISO 8601) and bytes (base64) a string; a table the list of its rows; a dict's key the text of its form. A
    `msgspec.Raw` is copied without validation.

    Raises:
        UnencodableValue: A part has no natural form, or the value contains itself or nests too deeply.
    """
    try:
        document = _fast(value)
        return _slow(value) if document is None else document
    except UnencodableValue as error:
        raise UnencodableValue(f"{error}{error_path(value)}") from error
    except RecursionError:
        raise UnencodableValue(f"{type_name(value)} contains itself or nests too deeply for JSON") from None


def _fast(value: object) -> bytes | None:
    """The document from msgspec; None if the encoder fails or the output may be wrong."""
    try:
        document = _ENCODER.encode(value)
    except UnencodableValue:
        raise
    except ArithmeticError, AttributeError, BufferError, TypeError, ValueError:
        return None
    return None if _is_doubtful(document) else document


def _is_doubtful(document: bytes) -> bool:
    # These substring searches take a tenth of the time of the encoding; the pattern alone would take more.
    suspicious = (b"N" in document and b"NaN" in document) or (b"I" in document and b"Inf" in document)
    return (suspicious or b'nan":' in document) and _DOUBTFUL.search(document) is not None


def _slow(value: object) -> bytes:
    try:
        form = builtin_form(value)
    except UnencodableValue:
        raise
    except (AttributeError, TypeError) as error:  # a Struct with an unset field, or a dict's key
        raise UnencodableValue(f"{type_name(value)} has no natural JSON form: {error}") from error
    # UTF-8 cannot encode a lone surrogate: it becomes a \uXXXX escape of JSON.
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
