"""A multipart form as it arrives: its fields into memory, its files to disk."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

#: The longest value of a plain field, in bytes. A file has no such bound: it goes to disk.
_LONGEST_FIELD = 64 * 1024


class TooManyFiles(ValueError):
    """A form with more files than are taken."""


class MalformedForm(ValueError):
    """A body that is not the multipart form that its content type promises, and why."""


@dataclass(frozen=True)
class FormFile:
    """A file of a form: the field it came in, where it lies, and what its sender calls it."""

    field: str
    path: Path
    name: str


@dataclass
class MultipartForm:
    """The parser of one form. Its calls read and write files: not for the event loop.

    Args:
        folder: Where the files go, under names of the form's own choosing.
        content_type: The header of the request, which carries the boundary.
        most_files: How many files are taken.

    Raises:
        MalformedForm: The content type is none of a form; `write` and `finish` raise it likewise.
        TooManyFiles: Raised by `write`.
    """

    folder: Path
    content_type: str
    most_files: int
    fields: dict[str, str] = field(default_factory=dict)
    files: list[FormFile] = field(default_factory=list)

    def __post_init__(self) -> None:
        kind, options = parse_options_header(self.content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise MalformedForm("its content type is not multipart/form-data with a boundary")
        self._part = _Part()
        self._begun = False
        self._complete = False
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin_part,
            "on_header_field": lambda data, start, end: self._part.header_name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._part.header_value.extend(data[start:end]),
            "on_header_end": lambda: self._part.end_header(),
            "on_headers_finished": self._open_part,
            "on_part_data": lambda data, start, end: self._part.write(data[start:end]),
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        self._parser = _parsing(MultipartParser, options[b"boundary"], callbacks)

    def write(self, block: bytes) -> None:
        """Take the next bytes of the body."""
        if not self._begun:
            # The parser forgives more than these before the first boundary, if they come in one block with it.
            block = block.lstrip(b"\r\n")
            self._begun = bool(block)
        _parsing(self._parser.write, block)

    def finish(self) -> None:
        """Say that there are no more bytes."""
        if not self._complete:
            raise MalformedForm("it ends in the middle of a part")

    def close(self) -> None:
        """Close the file that is open where a body has ended in its middle."""
        self._part.close()

    def _begin_part(self) -> None:
        self._part = _Part()

    def _open_part(self) -> None:
        _, options = parse_options_header(self._part.headers.get("content-disposition"))
        if b"name" not in options:
            raise MalformedForm("a part has no name")
        self._part.name = _text(options[b"name"])
        if b"filename" in options:
            if len(self.files) == self.most_files:
                raise TooManyFiles(f"The form has more than {self.most_files} files")
            self._part.label = options[b"filename"].decode(errors="replace")
            self._part.file = (self.folder / str(len(self.files))).open("xb")

    def _end_part(self) -> None:
        part = self._part
        if part.file is None:
            self.fields[part.name] = _text(part.value)
            return
        part.close()
        self.files.append(FormFile(part.name, Path(part.file.name), part.label))

    def _end(self) -> None:
        self._complete = True


@dataclass
class _Part:
    """The part that is arriving."""

    headers: dict[str, bytes] = field(default_factory=dict)
    header_name: bytearray = field(default_factory=bytearray)
    header_value: bytearray = field(default_factory=bytearray)
    name: str = ""
    label: str = ""
    file: BinaryIO | None = None
    value: bytearray = field(default_factory=bytearray)

    def end_header(self) -> None:
        self.headers[self.header_name.decode("latin-1").lower()] = bytes(self.header_value)
        self.header_name.clear()
        self.header_value.clear()

    def write(self, data: bytes) -> None:
        if self.file is not None:
            self.file.write(data)
            return
        self.value += data
        if len(self.value) > _LONGEST_FIELD:
            raise MalformedForm(f"field '{self.name}' is longer than {_LONGEST_FIELD} bytes")

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


def _parsing[**P, R](call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
    try:
        return call(*arguments, **keywords)
    except FormParserError as error:
        raise MalformedForm(str(error)) from error


def _text(value: bytes | bytearray) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise MalformedForm(f"a field is not UTF-8: {error}") from error
