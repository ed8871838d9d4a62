"""The counts of an XML part of a workbook, from a streaming parse in bounded memory.

The counts are those of the objects that openpyxl makes of the part: it keeps each element to the end of its row or
shared string, and all others to the end of the part. openpyxl uses the same parser, so both see the same elements.
"""

from array import array
from collections.abc import Callable
from typing import IO, Any
from xml.parsers import expat

from ..limits import Limits
from .checks import check_cells, check_text
from .errors import FileTooLarge, UnreadableFile

#: Bytes: read at a time. After each block, the counts are checked against the limits.
_BLOCK = 64 * 1024

#: Bytes: the longest tag or comment, which the parser holds as a whole.
_LONGEST_TAG = 1024 * 1024

#: Blocks: the most for one row or shared string.
_MOST_BLOCKS = 1024

#: Elements: the most that openpyxl may keep, such as formats, merged ranges and hyperlinks (up to 1.5 KB, 80 µs each).
_MOST_KEPT = 250_000

#: Names: the most names of elements and attributes, or prefixes, in a part. The parser keeps them.
_MOST_NAMES = 10_000

#: The namespace of the elements of a workbook, as the parser prefixes it.
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

_STRING = f"{MAIN}si"


class XmlPart:
    """The counts of a part whose elements openpyxl keeps.

    Args:
        limits: The limits of the counts.

    Attributes:
        text: Characters.
        cells: Cells.
        kept: Elements that openpyxl keeps to the end of the part.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.text = 0
        self.cells = 0
        self.kept = 0
        self._blocks = self._depth = self._kept_before = 0
        self._prefixes: set[str | None] = set()
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_declarations
        self._parser.StartNamespaceDeclHandler = lambda prefix, _uri: self._prefixes.add(prefix)
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._characters

    def count(self, source: IO[bytes]) -> None:
        """Count a part to its end.

        Raises:
            FileTooLarge: A count exceeds its limit.
            UnreadableFile: It is not the XML of a workbook.
        """
        fed = 0
        try:
            while block := source.read(_BLOCK):
                self._parser.Parse(block)
                fed += len(block)
                self._check(fed - self._parser.CurrentByteIndex)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise UnreadableFile(f"a part of it is not XML: {error}") from error
        self._check(0)

    def _start(self, _name: str, attributes: dict[str, str]) -> None:
        self._keep(attributes)

    def _keep(self, attributes: dict[str, str]) -> None:
        self.kept += 1
        self.text += sum(map(len, attributes.values()))

    def _begin(self, start: Callable[..., None], end: Callable[..., None]) -> None:
        """Begin a row or a shared string, whose elements openpyxl drops at its end."""
        self._depth, self._blocks, self._kept_before = 0, 1, self.kept
        self._parser.StartElementHandler, self._parser.EndElementHandler = start, end

    def _end(self) -> None:
        self._blocks, self.kept = 0, self._kept_before
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, None

    def _characters(self, text: str) -> None:
        self.text += len(text)

    def _check(self, pending: int) -> None:
        check_cells(self.cells, self.limits)
        check_text(self.text, self.limits)
        check_kept(self.kept)
        self._blocks += bool(self._blocks)
        if self._blocks > _MOST_BLOCKS:
            raise FileTooLarge(f"has a row or a text of more than {_MOST_BLOCKS * _BLOCK} bytes; split it")
        if pending > _LONGEST_TAG or max(len(self._parser.intern), len(self._prefixes)) > _MOST_NAMES:
            raise UnreadableFile("a part of it has longer tags or more names than a workbook has")


class SharedStrings(XmlPart):
    """The counts of the shared strings, and the length of each."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.lengths = array("Q")
        self._before = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name != _STRING:
            self._keep(attributes)
            return
        self._before = self.text
        self._begin(self._start_in_string, self._end_in_string)

    def _start_in_string(self, name: str, _attributes: dict[str, str]) -> None:
        if name == _STRING:
            raise UnreadableFile("a shared string contains another")
        self.kept += 1
        self._depth += 1

    def _end_in_string(self, _name: str) -> None:
        if self._depth:
            self._depth -= 1
            return
        self.lengths.append(self.text - self._before)
        self._end()

    def _check(self, pending: int) -> None:
        super()._check(pending)
        check_cells(len(self.lengths), self.limits)


def check_kept(elements: int) -> None:
    """Raise `FileTooLarge` for more kept elements than openpyxl reads in some seconds."""
    if elements > _MOST_KEPT:
        raise FileTooLarge(
            f"has more than {_MOST_KEPT} formats, merged ranges, hyperlinks and other elements beside its cells; "
            "remove them"
        )


def _refuse_declarations(_name: str, _system: Any, _public: Any, has_declarations: int) -> None:  # noqa: ANN401
    if has_declarations:
        raise UnreadableFile("a part of it declares entities or attribute defaults, which no workbook needs")
