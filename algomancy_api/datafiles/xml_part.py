"""One XML part of a workbook, counted as it streams, in bounded memory.

The counts are of what openpyxl makes of the part: it keeps each element until the row or the shared string that holds
it has ended, and everything else until the end of the part. The parser is the one that it uses, so both see the same.
"""

from array import array
from collections.abc import Callable
from typing import IO, Any
from xml.parsers import expat

from ..limits import Limits
from .checks import check_cells, check_text
from .errors import FileTooLarge, UnreadableFile

#: Bytes: read at a time, after which the counts are compared with the limits.
_BLOCK = 64 * 1024

#: Bytes: the longest tag or comment. The parser holds it whole.
_LONGEST_TAG = 1024 * 1024

#: Blocks: those that a row or a shared string may lie in.
_MOST_BLOCKS = 1024

#: Elements: those that openpyxl keeps, such as formats, merged ranges and hyperlinks, at up to 1.5 KB and 80 µs each.
_MOST_KEPT = 250_000

#: Names of elements, of attributes, and prefixes in a part. The parser keeps them.
_MOST_NAMES = 10_000

#: What the parser calls an element of a workbook, before its own name.
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

_STRING = f"{MAIN}si"


class XmlPart:
    """The counts of a part of which openpyxl keeps every element.

    Args:
        limits: What the counts may not exceed.

    Attributes:
        text: Characters.
        cells: Cells.
        kept: Elements that are kept to the end of the part.
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
            FileTooLarge: It is more than a limit.
            UnreadableFile: It is no XML, or none of a workbook.
        """
        fed = 0
        try:
            while block := source.read(_BLOCK):
                self._parser.Parse(block)
                fed += len(block)
                self._check(fed - self._parser.CurrentByteIndex)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise UnreadableFile(f"a part of it is no XML: {error}") from error
        self._check(0)

    def _start(self, _name: str, attributes: dict[str, str]) -> None:
        self._keep(attributes)

    def _keep(self, attributes: dict[str, str]) -> None:
        self.kept += 1
        self.text += sum(map(len, attributes.values()))

    def _begin(self, start: Callable[..., None], end: Callable[..., None]) -> None:
        """Begin with what is forgotten at its end: a row, or a shared string."""
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
    """The counts of the shared strings, and how long each of them is."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.lengths = array("Q")
        self._before = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name != _STRING:
            self._keep(attributes)
            return
        self._before = self.text
        self._begin(self._start_inside, self._end_inside)

    def _start_inside(self, name: str, _attributes: dict[str, str]) -> None:
        if name == _STRING:
            raise UnreadableFile("a shared string lies in another")
        self.kept += 1
        self._depth += 1

    def _end_inside(self, _name: str) -> None:
        if self._depth:
            self._depth -= 1
            return
        self.lengths.append(self.text - self._before)
        self._end()

    def _check(self, pending: int) -> None:
        super()._check(pending)
        check_cells(len(self.lengths), self.limits)


def check_kept(elements: int) -> None:
    """Refuse more elements that are kept than openpyxl reads in some seconds."""
    if elements > _MOST_KEPT:
        raise FileTooLarge(
            f"has more than {_MOST_KEPT} formats, merged ranges, hyperlinks and other elements beside its cells; "
            "remove those"
        )


def _refuse_declarations(_name: str, _system: Any, _public: Any, has_declarations: int) -> None:  # noqa: ANN401
    if has_declarations:
        raise UnreadableFile("a part of it declares entities or defaults of its own, which no workbook needs")
