"""The structure of a JSON document: where its parts are, without reading them."""

import json
import re
from collections.abc import Iterator

import msgspec

type Run = tuple[int, int]
"""Start and end of consecutive items of an array, without the commas around them."""

# Bytes: a run of items, which takes some milliseconds to decode. The first runs of an array are shorter, so that a
# document of many small tables is read in linear time.
_SHORTEST = 4 * 1024
_LONGEST = 512 * 1024

# Possessive quantifiers: an unclosed string costs one pass and no backtracking.
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_NAME = re.compile(_STRING, re.DOTALL)
_SCALAR = re.compile(_STRING + rb'|[^ \t\n\r\[\]{},:"]++', re.DOTALL)
_TOKEN = re.compile(_STRING + rb"|[\[\]{},]", re.DOTALL)
_SPACE = re.compile(rb"[ \t\n\r]*+")

#: From the end of an object to the first value of the next one.
_BETWEEN_OBJECTS = re.compile(rb"\}[ \t\n\r]*+,[ \t\n\r]*+\{[ \t\n\r]*+" + _STRING + rb"[ \t\n\r]*+:", re.DOTALL)


class Scanner:
    """A position in a document. It validates the structure around the parts; their reader validates the parts.

    Every method raises a ValueError for a text that is not JSON.
    """

    def __init__(self, document: bytes) -> None:
        self._text = document
        self._at = 0

    def members(self) -> Iterator[str]:
        """The names of an object's members. Take the value of each before the next one."""
        self._expect(b"{")
        if self._take(b"}"):
            return
        while True:
            self._skip_space()
            name = _NAME.match(self._text, self._at)
            if name is None:
                raise ValueError("no name of a member")
            self._at = name.end()
            self._expect(b":")
            yield json.loads(name[0].decode())
            if self._take(b"}"):
                return
            self._expect(b",")

    def value(self) -> bytes:
        """The text of a value."""
        self._skip_space()
        start = self._at
        if self._text[start : start + 1] in (b"[", b"{"):
            self._at = self._end_of_container()
        elif scalar := _SCALAR.match(self._text, start):
            self._at = scalar.end()
        return self._text[start : self._at]

    def is_array(self) -> bool:
        """Whether the next value is an array."""
        self._skip_space()
        return self._text.startswith(b"[", self._at)

    def items(self) -> list[Run]:
        """The items of an array, in runs of up to half a megabyte."""
        self._expect(b"[")
        if self._take(b"]"):
            return []
        self._skip_space()
        runs = [(self._at, self._walk(0))]
        size = _SHORTEST
        between = _BETWEEN_OBJECTS.match(self._text, runs[0][1] - 1)
        separator = between[0] if between else b","
        while not self._take_end(runs[-1]):
            self._skip_space()
            end = self._jump(size, separator) or self._walk(size)
            runs.append((self._at, end))
            size = min(2 * size, _LONGEST)
        return runs

    def end(self) -> None:
        """Check that nothing follows."""
        self._skip_space()
        if self._at < len(self._text):
            raise ValueError("more than one value")

    def _take_end(self, run: Run) -> bool:
        """Whether an array ends after a run of its items; otherwise, a comma is taken."""
        start, self._at = run
        if start == self._at:
            raise ValueError("an item is missing")
        if self._take(b"]"):
            return True
        self._expect(b",")
        return False

    def _jump(self, size: int, separator: bytes) -> int:
        """The end of the last item within a number of bytes; 0 if the separator does not tell.

        The bytes of a separator may be part of a text, or separate items of an inner array. But if everything before
        them is a list of items, then they are outside of both.
        """
        found = self._text.rfind(separator, self._at, self._at + size)
        if found < 0:
            return 0
        end = found + len(separator.partition(b",")[0].rstrip())
        try:
            msgspec.json.decode(b"[%b]" % self._text[self._at : end], type=msgspec.Raw)
        except msgspec.DecodeError, RecursionError:
            return 0
        return end

    def _walk(self, size: int) -> int:
        """The end of the first item at which more than a number of bytes has passed, or that of the array's last."""
        depth = 0
        for token in _TOKEN.finditer(self._text, self._at):
            if token[0] in (b"[", b"{"):
                depth += 1
            elif token[0] in (b"]", b"}"):
                if not depth:
                    return self._without_space(token.start())
                depth -= 1
            elif token[0] == b"," and not depth and token.end() - self._at > size:
                return self._without_space(token.start())
        raise ValueError("an array is not closed")

    def _without_space(self, end: int) -> int:
        """An end without the space before it."""
        while end > self._at and self._text[end - 1] in b" \t\n\r":
            end -= 1
        return end

    def _end_of_container(self) -> int:
        depth = 0
        for token in _TOKEN.finditer(self._text, self._at):
            if token[0] in (b"[", b"{"):
                depth += 1
            elif token[0] in (b"]", b"}"):
                depth -= 1
                if not depth:
                    return token.end()
        raise ValueError("an array or object is not closed")

    def _skip_space(self) -> None:
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at

    def _take(self, character: bytes) -> bool:
        self._skip_space()
        taken = self._text.startswith(character, self._at)
        self._at += taken
        return taken

    def _expect(self, character: bytes) -> None:
        if not self._take(character):
            raise ValueError(f"no {character.decode()}")
