"""The natural JSON form of a value that msgspec does not write by itself, one step at a time."""

import math
import re
from base64 import b64encode
from collections import UserString
from collections.abc import Callable, Mapping, Sequence, ValuesView
from collections.abc import Set as AbstractSet
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, singledispatch
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from json import loads
from operator import attrgetter, methodcaller
from pathlib import PurePath
from types import NoneType
from typing import Any, NoReturn

import msgspec

from .arrays import ARRAY_FORMS
from .datetimes import timedelta_text

type Form = Callable[[Any], object]


class UnencodableValue(TypeError):
    """A value without a natural JSON form. The message names its type and, where it is known, its place."""


def natural_form(value: object) -> object:
    """One step of a value towards JSON: what msgspec writes, or what has a natural form in turn.

    This is an `enc_hook` for msgspec's encoders, which call it for what they do not write by themselves, be it a value
    or the key of a dict. None, a bool, a tuple and a frozenset reach it as keys alone, and become the text of the key.

    Raises:
        UnencodableValue: There is none, or the value's own code failed to give it.
    """
    try:
        form = _form_of(type(value))(value)
    except UnencodableValue, RecursionError, MemoryError:
        raise
    except Exception as error:
        raise UnencodableValue(f"{type_name(value)} failed to become JSON: {type(error).__name__}: {error}") from error
    if form is value:
        raise UnencodableValue(f"{type_name(value)} becomes itself, not JSON")
    return form


def builtin_form(value: object) -> Any:  # noqa: ANN401 - it depends on the value
    """A value as nothing but dict, list, tuple, str, int, float, bool, None, Decimal and memoryview, keys included.

    NaN, infinities, lone surrogates and large numbers are still what they are, and so is the value of an Enum, which
    msgspec passes on: it may need this once more.

    Raises:
        UnencodableValue: It has no natural form.
        TypeError: A dict has a key whose form cannot be one.
    """
    return msgspec.to_builtins(value, builtin_types=(Decimal, memoryview), enc_hook=natural_form)


def key_text(key: object) -> str:
    """A dict's key as a JSON object's: the text of its natural form, the parts of a tuple joined with commas.

    Raises:
        UnencodableValue: It has no such text.
    """
    form = key if type(key) is str else builtin_form(builtin_form(key))
    if type(form) not in _KEY_TEXTS:
        _refuse_key(key)
    return _KEY_TEXTS[type(form)](form)


def type_name(value: object) -> str:
    """The full name of a value's type, such as "decimal.Decimal"."""
    return f"{type(value).__module__}.{type(value).__qualname__}"


def integer_text(number: int) -> str:
    """All the digits: int's own text ends at 4,300 of them, a Decimal's does not."""
    return str(Decimal(number))


def base64_text(data: bytes | memoryview) -> str:
    """Bytes as msgspec writes them, from memory of any layout."""
    return b64encode(bytes(data)).decode()


def _own_form(value: Any) -> object:  # noqa: ANN401 - of a type that no other rule covers
    if callable(getattr(type(value), "to_dict", None)):
        return value.to_dict()
    raise UnencodableValue(f"{type_name(value)} has no natural JSON form")


def _refuse_key(key: object) -> NoReturn:
    raise UnencodableValue(f"{type_name(key)} has no JSON form as a key")


_FORMS: dict[type, Form] = {
    **ARRAY_FORMS,
    # Subclasses of what msgspec writes: the base's own method gives the plain value, whatever the subclass overrides.
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: base64_text,
    bytearray: base64_text,
    date: methodcaller("isoformat"),  # a datetime, too, and a pandas Timestamp, which adds its nanoseconds
    time: methodcaller("isoformat"),
    timedelta: timedelta_text,
    Decimal: lambda number: Decimal(number) if number.is_finite() else None,
    # What msgspec does not write at all.
    Fraction: str,
    IPv4Address: str,
    IPv4Network: str,
    IPv6Address: str,
    IPv6Network: str,
    re.Pattern: attrgetter("pattern"),
    PurePath: str,
    UserString: str,
    Sequence: tuple,  # not a list, which would not do for a key
    AbstractSet: tuple,
    ValuesView: tuple,
    Mapping: dict,
    msgspec.Raw: lambda raw: loads(bytes(raw)),  # met on the slow way alone
    # What msgspec writes as a value but not as a key.
    NoneType: key_text,
    bool: key_text,
    tuple: key_text,
    memoryview: base64_text,
    dict: _refuse_key,
}

_dispatched = singledispatch(_own_form)
for _type, _form in _FORMS.items():
    _dispatched.register(_type, _form)
# A look-up among ABCs costs microseconds, and the dispatcher's own cache is slower than this.
_form_of: Callable[[type], Form] = lru_cache(maxsize=1024)(_dispatched.dispatch)


def _float_key(number: float) -> str:
    if math.isfinite(number):
        return msgspec.json.encode(number).decode()
    return "NaN" if math.isnan(number) else repr(number)


def _joined_keys(keys: Sequence[object]) -> str:
    return ",".join(map(key_text, keys))


_KEY_TEXTS: dict[type, Callable[[Any], str]] = {
    str: str,
    NoneType: lambda _: "null",
    bool: lambda truth: "true" if truth else "false",
    int: integer_text,
    float: _float_key,
    Decimal: str,
    memoryview: base64_text,
    tuple: _joined_keys,
    list: _joined_keys,
}
