"""The encoding of a text file: UTF-8, or an error that names the first byte that is not."""

import codecs
from pathlib import Path

from .errors import UnreadableFile

#: Bytes: read at a time.
_BLOCK = 1024 * 1024

#: What a file starts with that a spreadsheet has saved as "Unicode text".
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def check_utf8(path: Path) -> None:
    """Check that a file is UTF-8.

    Raises:
        UnreadableFile: It is not; the message has the position of the byte and its line, both from 1.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    position, line, kept = 0, 1, 0
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            raise UnreadableFile("it is UTF-16; save it as UTF-8")
        file.seek(0)
        while True:
            block = file.read(_BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                start = position - kept + error.start
                line += error.object[: error.start].count(b"\n")
                byte = error.object[error.start]
                raise UnreadableFile(
                    f"byte {start + 1} (0x{byte:02x}), in line {line}, is not UTF-8; save it as UTF-8"
                ) from None
            if not block:
                return
            position += len(block)
            line += block.count(b"\n")
            kept = len(decoder.getstate()[0])
