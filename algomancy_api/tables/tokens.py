"""The words of a condition, and of lists of columns, each with its position."""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple, Never

from ..errors import Malformed

#: Characters: length of a condition or a list.
LONGEST = 4_096

#: Characters: shown of a text in an error.
_SHOWN = 60


class Kind(Enum):
    """The kind of a token."""

    NAME = auto()
    QUOTED_NAME = auto()
    TEXT = auto()
    NUMBER = auto()
    SYMBOL = auto()
    END = auto()


class Token(NamedTuple):
    """A token.

    Attributes:
        kind: Its kind.
        text: Its text; of a text or a quoted name, what stands within the quotes, without escapes.
        position: The number of its first character, from 1.
    """

    kind: Kind
    text: str
    position: int


_PATTERN = re.compile(
    r"""
      (?P<NAME>        [^\W\d]\w* )
    | (?P<QUOTED_NAME> `(?:[^`]|``)+` )
    | (?P<TEXT>        "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
    | (?P<NUMBER>      [-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?!\w) )
    | (?P<SYMBOL>      <=|>=|!=|==|<>|!~|[=<>~(),] )
    """,
    re.VERBOSE | re.DOTALL,
)

#: An item of a list, up to the next comma that is not within backticks.
_ITEM = re.compile(r"(?:[^`,]++|`(?:[^`]|``)*+`)*+")

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)

_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"} | {each: each for each in "\"'\\/"}

_UNFINISHED = {'"': "a text without its closing quote", "'": "a text without its closing quote"}


class Item(NamedTuple):
    """An item of a list of columns.

    Attributes:
        descends: Whether it begins with a minus.
        before: What stands before the colon; None without one.
        name: The name, or what stands after the colon.
        position: The number of its first character, from 1.
    """

    descends: bool
    before: str | None
    name: str
    position: int

    @property
    def whole(self) -> str:
        """The name with what stands before it, if it is one name."""
        return self.name if self.before is None else f"{self.before}:{self.name}"


def refuse(parameter: str, reason: str, position: int) -> Never:
    """Raise the error about a place in a parameter of the query."""
    raise Malformed(f"{parameter}: {reason} at position {position}")


def shown(text: str) -> str:
    """A text in an error: its beginning, if it is long."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def check_length(parameter: str, text: str) -> None:
    """Refuse a text that is too long to be parsed."""
    if len(text) > LONGEST:
        raise Malformed(f"{parameter} must have at most {LONGEST:,} characters; got {len(text):,}")


def tokens(parameter: str, text: str) -> Iterator[Token]:
    """The tokens of a condition, and an `END`.

    Raises:
        Malformed: A part of it is none.
    """
    check_length(parameter, text)
    position = 0
    while (position := _after_spaces(text, position)) < len(text):
        found = _PATTERN.match(text, position)
        if found is None:
            _refuse_character(parameter, text, position)
        kind = Kind[str(found.lastgroup)]
        yield Token(kind, _content(parameter, kind, found[0], position + 1), position + 1)
        position = found.end()
    yield Token(Kind.END, "", len(text) + 1)


def items(parameter: str, text: str) -> Iterator[Item]:
    """The items of a list with commas between.

    Raises:
        Malformed: An item is empty, or has a backtick without its other.
    """
    check_length(parameter, text)
    end = -1
    while end < len(text):
        start = end + 1
        found = _ITEM.match(text, start)
        end = start if found is None else found.end()
        if text[end : end + 1] == "`":
            refuse(parameter, "a name without its closing backtick", end + 1)
        yield _item(parameter, text[start:end], _after_spaces(text, start) + 1)


def _item(parameter: str, text: str, position: int) -> Item:
    rest = text.strip()
    descends, rest = rest.startswith("-"), rest.removeprefix("-")
    before, quote, name = rest.partition("`")
    if quote:
        if not name.endswith("`") or before.strip()[-1:] not in ("", ":"):
            refuse(parameter, "a comma is missing beside a name in backticks", position)
        function = before.strip().removesuffix(":") if before.strip() else None
        return Item(descends, function, name[:-1].replace("``", "`"), position)
    function, colon, name = rest.partition(":")
    if not rest:
        refuse(parameter, "a name is missing", position)
    return Item(descends, function.strip(), name.strip(), position) if colon else Item(descends, None, rest, position)


def _after_spaces(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _refuse_character(parameter: str, text: str, position: int) -> Never:
    character = text[position]
    if character in _UNFINISHED:
        refuse(parameter, _UNFINISHED[character], position + 1)
    if character == "`":
        refuse(parameter, "a name without its closing backtick", position + 1)
    refuse(parameter, f"unexpected {shown(text[position : position + 20])}", position + 1)


def _content(parameter: str, kind: Kind, text: str, position: int) -> str:
    if kind is Kind.QUOTED_NAME:
        return text[1:-1].replace("``", "`")
    return _unescaped(parameter, text, position) if kind is Kind.TEXT else text


def _unescaped(parameter: str, text: str, position: int) -> str:
    """The content of a text in quotes, whose escapes are those of JSON, and one for the single quote."""

    def character(found: re.Match[str]) -> str:
        escape = found[1]
        if len(escape) > 1:
            return chr(int(escape[1:], 16))
        if escape not in _ESCAPED:
            refuse(parameter, f"an escape that JSON does not have, {found[0]!r}, in the text", position)
        return _ESCAPED[escape]

    unescaped = _ESCAPE.sub(character, text[1:-1])
    try:
        return unescaped.encode("utf-16", "surrogatepass").decode("utf-16")  # joins the halves of a character
    except UnicodeDecodeError:
        refuse(parameter, "half a character, as \\uD800, in the text", position)
