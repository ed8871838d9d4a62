"""Values of parameters, from words of a command line."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

import msgspec


def parameter(word: str) -> tuple[str, Any]:
    """A name and a value of ``name=value``. What is JSON counts as that, and all else as a text.

    Raises:
        ArgumentTypeError: It has another form.
    """
    name, equals, text = word.partition("=")
    if not name or not equals:
        raise ArgumentTypeError(f"{word!r} must have the form name=value")
    return name, _value(text)


def axis(word: str) -> tuple[str, list[Any]]:
    """A name and values of ``name=value,value``, or of ``name=[value, value]``.

    Raises:
        ArgumentTypeError: It has another form.
    """
    name, value = parameter(word)
    if isinstance(value, list):
        return name, value
    return name, [_value(text) for text in word.partition("=")[2].split(",")]


def _value(text: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
