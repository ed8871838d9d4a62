"""A stream of bytes as complete lines, as a terminal would show them."""

from collections.abc import Callable, Iterator

#: Bytes: longer lines become several lines.
MAX_LINE = 8_192

#: Bytes: most of one character in UTF-8, but one.
_MOST_CONTINUATION_BYTES = 3


class Lines:
    """Collects a stream of bytes, and hands on its complete lines; the result does not depend on how they arrive.

    A progress bar, which returns to the start of its line again and again, becomes the last state of the line.

    Args:
        take: A callback for complete lines, joined by line feeds, without the last one.
    """

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._rest = b""

    def feed(self, content: bytes) -> None:
        """Take the next bytes of the stream."""
        whole, line_feed, rest = content.rpartition(b"\n")
        if line_feed:
            self._take(normalised(self._rest + whole))
            self._rest = b""
        self._rest = _without_former_states(self._rest + rest)
        if len(self._rest) > MAX_LINE:
            *full, self._rest = _pieces(self._rest)
            self._take(b"\n".join(full))

    def end(self) -> None:
        """Hand on an unfinished last line."""
        if self._rest:
            self._take(normalised(self._rest))
            self._rest = b""


def normalised(content: bytes) -> bytes:
    """Lines of which none is longer than `MAX_LINE` or has a carriage return."""
    lines = content.split(b"\n")
    if b"\r" not in content and max(map(len, lines)) <= MAX_LINE:
        return content
    return b"\n".join(piece for line in lines for piece in _pieces(_last_state(line)))


def record_lines(name: str, text: str) -> bytes:
    """The lines of a log record's text, each with the name of its logger."""
    lines = "\n".join(f"{name}: {line}" for line in text.splitlines() or [""])
    return normalised(lines.encode(errors="backslashreplace"))


def _last_state(line: bytes) -> bytes:
    """What a line shows after its carriage returns: the last part that is not blank."""
    parts = line.split(b"\r")
    return next((part for part in reversed(parts) if part.strip()), parts[-1])


def _without_former_states(unfinished: bytes) -> bytes:
    """An unfinished line without the parts that its last state cannot depend on."""
    *former, last = unfinished.split(b"\r")
    if not former or last.strip():
        return last
    shown = next((part for part in reversed(former) if part.strip()), b"")
    return shown + b"\r" + last


def _pieces(line: bytes) -> Iterator[bytes]:
    """A line in pieces that are short enough; no character of UTF-8 is cut."""
    start = 0
    while len(line) - start > MAX_LINE:
        end = start + MAX_LINE
        limit = end - _MOST_CONTINUATION_BYTES
        while end > limit and _is_continuation(line[end]):
            end -= 1
        if _is_continuation(line[end]):  # this is no UTF-8
            end = start + MAX_LINE
        yield line[start:end]
        start = end
    yield line[start:]


def _is_continuation(byte: int) -> bool:
    return byte & 0xC0 == 0x80
