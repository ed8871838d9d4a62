"""The natural JSON forms of values that msgspec does not encode itself: its `enc_hook`."""

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
from .libraries import library_form

type Form = Callable[[Any], object]


class UnencodableValue(TypeError):
    """A value without a natural JSON form. The message names its type and, if known, the path to it."""


def natural_form(value: object) -> object:
    """One step of a value towards JSON: a value that msgspec encodes, or that has a natural form itself.

    An `enc_hook` for the encoders of msgspec, which call it for values and dict keys that they do not encode
    themselves. None, a bool, a tuple and a frozenset reach it only as keys, and become the text of the key.

    Raises:
        UnencodableValue: There is no natural form, or the value's own code failed.
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

    NaN, infinities, lone surrogates and large numbers are not converted. The value of an Enum is not either, so it may
    need a second call.

    Raises:
        UnencodableValue: It has no natural form.
        TypeError: The form of a dict's key cannot be a key.
    """
    return msgspec.to_builtins(value, builtin_types=(Decimal, memoryview), enc_hook=natural_form)


def key_text(key: object) -> str:
    """A dict's key as the key of a JSON object: the text of its natural form; items of a tuple joined with commas.

    Raises:
        UnencodableValue: It has no form that can be a key.
    """
    form = key if type(key) is str else builtin_form(builtin_form(key))
    if type(form) not in _KEY_TEXTS:
        _refuse_key(key)
    return _KEY_TEXTS[type(form)](form)


def type_name(value: object) -> str:
    """The full name of a value's type, such as "decimal.Decimal"."""
    return f"{type(value).__module__}.{type(value).__qualname__}"


def integer_text(number: int) -> str:
    """All digits of an integer: `str(int)` raises above 4,300 digits, Decimal does not."""
    return str(Decimal(number))


def base64_text(data: bytes | memoryview) -> str:
    """Bytes in base64, as msgspec encodes them, from memory of any layout."""
    return b64encode(bytes(data)).decode()


def _own_form(value: Any) -> object:  # noqa: ANN401 - any type without another rule
    if (form := _library_form(type(value))) is not None:  # first: a table of polars has a `to_dict` with its columns
        return form(value)
    if callable(getattr(type(value), "to_dict", None)):
        return value.to_dict()
    raise UnencodableValue(f"{type_name(value)} has no natural JSON form")


#: A type cannot have been looked up before its library was imported.
_library_form: Callable[[type], Form | None] = lru_cache(maxsize=1024)(library_form)


def _refuse_key(key: object) -> NoReturn:
    raise UnencodableValue(f"{type_name(key)} has no JSON form as a key")


_FORMS: dict[type, Form] = {
    **ARRAY_FORMS,
    # Subclasses of types that msgspec encodes: the base method returns the plain value, despite overrides.
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: base64_text,
    bytearray: base64_text,
    date: methodcaller("isoformat"),  # also datetime, and pandas Timestamp with its nanoseconds
    time: methodcaller("isoformat"),
    timedelta: timedelta_text,
    Decimal: lambda number: Decimal(number) if number.is_finite() else None,
    # Types that msgspec does not encode.
    Fraction: str,
    IPv4Address: str,
    IPv4Network: str,
    IPv6Address: str,
    IPv6Network: str,
    re.Pattern: attrgetter("pattern"),
    PurePath: str,
    UserString: str,
    Sequence: tuple,  # not list, which cannot be a key
    AbstractSet: tuple,
    ValuesView: tuple,
    Mapping: dict,
    msgspec.Raw: lambda raw: loads(bytes(raw)),  # only on the slow path
    # Types that msgspec encodes as values but not as keys.
    NoneType: key_text,
    bool: key_text,
    tuple: key_text,
    memoryview: base64_text,
    dict: _refuse_key,
}

_dispatched = singledispatch(_own_form)
for _type, _form in _FORMS.items():
    _dispatched.register(_type, _form)
# A lookup among ABCs takes microseconds, and the cache of singledispatch is slower than this one.
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
