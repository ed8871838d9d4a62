"""The head and the tail of a run's output, in memory."""

import threading
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from .lines import MAX_LINE
from .pages import Page, packed, parts

#: Bytes: largest and smallest length of a page. The smallest has room for a line.
_LONGEST_PAGE = 65_536
_SHORTEST_PAGE = MAX_LINE + 64

#: Pages: how many an output has at least, so that head and tail are nearly as long as they may be.
_PAGES = 16

#: The fastest level of zlib.
_LEVEL = 1


class Output(Protocol):
    """The output of a run that is going on or has ended.

    Attributes:
        id: A random text, different for each run.
        count: The number of lines so far, those that are left out included.
        has_ended: Whether there will be no more lines.
        is_truncated: Whether lines between head and tail are left out.
    """

    @property
    def id(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def has_ended(self) -> bool: ...
    @property
    def is_truncated(self) -> bool: ...

    def pages(self, start: int) -> Iterable[Page]:
        """The pages with the lines from a number on."""


@dataclass(slots=True)
class _GrowingPage:
    first: int
    count: int = 0
    content: bytearray = field(default_factory=bytearray)


class KeptOutput:
    """The output of a run that is going on: its head, and its tail, which moves on. Several threads may use it.

    Args:
        most: Bytes: the longest output. Head and tail have half of it each.
    """

    def __init__(self, most: int) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.count = 0
        self.has_ended = False
        self.is_truncated = False
        self._half = most // 2
        self._page_size = max(_SHORTEST_PAGE, min(_LONGEST_PAGE, most // _PAGES))
        self._lock = threading.Lock()
        self._pages: list[_GrowingPage] = []
        self._heads = 0
        self._head_size = self._tail_size = 0
        self._skipped = 0

    def add(self, time: float, stream: int, level: int, lines: bytes) -> None:
        """Append lines, joined by line feeds, as `normalised` makes them. Nothing is appended after the end."""
        with self._lock:
            if not self.has_ended:
                for part in parts(lines, self._page_size):
                    self._append(packed(time, stream, level, part), part.count(b"\n") + 1)

    def skip(self, count: int) -> None:
        """Note that lines are missing before the next one."""
        with self._lock:
            self._skipped += count

    def close(self) -> None:
        """Take no more lines."""
        with self._lock:
            self.has_ended = True

    def compressed(self) -> EndedOutput:
        """All lines that are kept."""
        return EndedOutput.of(self.id, self.pages(0))

    def pages(self, start: int) -> list[Page]:
        """The pages with the lines from a number on."""
        with self._lock:
            pages = [page for page in self._pages if page.first + page.count > start]
            # Only the last page may grow. It is copied.
            return [
                Page(page.first, page.count, bytes(page.content) if page is self._pages[-1] else page.content)
                for page in pages
            ]

    def _append(self, content: bytes, count: int) -> None:
        if not self._pages or self._skipped or len(self._pages[-1].content) + len(content) > self._page_size:
            self._begin_page()
        page = self._pages[-1]
        page.content += content
        page.count += count
        self.count += count
        if len(self._pages) == self._heads:
            self._head_size += len(content)
            return
        self._tail_size += len(content)
        while self._tail_size > self._half:
            self._tail_size -= len(self._pages.pop(self._heads).content)
            self.is_truncated = True

    def _begin_page(self) -> None:
        if self._skipped:
            self.is_truncated = True
            self.count += self._skipped
            self._skipped = 0
        if len(self._pages) == self._heads and self._head_size + self._page_size <= self._half:
            self._heads += 1
        self._pages.append(_GrowingPage(self.count))


class CompressedPage(NamedTuple):
    """A page whose content is compressed."""

    first: int
    lines: int
    content: bytes

    @classmethod
    def of(cls, page: Page) -> CompressedPage:
        """A page, compressed."""
        return cls(page.first, page.lines, zlib.compress(page.content, _LEVEL))

    def page(self) -> Page:
        """The page itself."""
        return Page(self.first, self.lines, zlib.decompress(self.content))


class EndedOutput:
    """The output of a run that has ended.

    Args:
        id: The random text of the run.
        spans: The first line and the number of lines of each page.
        load: Gives the pages from an index on.
    """

    has_ended = True

    def __init__(
        self,
        id: str,  # noqa: A002 - as in `Output`
        spans: list[tuple[int, int]],
        load: Callable[[int], Iterable[CompressedPage]],
    ) -> None:
        self.id = id
        self._spans = spans
        self._load = load
        ends = [0, *(first + count for first, count in spans)]
        self.count = ends[-1]
        self.is_truncated = any(first != end for (first, _), end in zip(spans, ends, strict=False))

    @classmethod
    def of(cls, id: str, pages: Iterable[Page]) -> EndedOutput:  # noqa: A002
        """The output with these pages, compressed in memory."""
        kept = [CompressedPage.of(page) for page in pages]
        return cls(id, [(page.first, page.lines) for page in kept], lambda index: kept[index:])

    @property
    def size(self) -> int:
        """The bytes of the compressed pages."""
        return sum(len(page.content) for page in self.compressed_pages())

    def compressed_pages(self) -> Iterable[CompressedPage]:
        """All pages."""
        return self._load(0)

    def pages(self, start: int) -> Iterator[Page]:
        """The pages with the lines from a number on."""
        index = next((index for index, (first, count) in enumerate(self._spans) if first + count > start), None)
        if index is not None:
            for page in self._load(index):
                yield page.page()
