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

#: Bytes: the plain fields of a form together, names and values. Files have no such bound: they go to disk.
_MOST_FIELD_BYTES = 64 * 1024

#: Bytes: the headers of a part together, of which the name of a file is one.
_MOST_HEADER_BYTES = 8 * 1024

#: Headers: those of a part.
_MOST_HEADERS = 16


class FormTooLarge(ValueError):
    """A form with more of something than is taken, and of what."""


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
        most_fields: How many fields are taken beside them, of whatever name.

    Raises:
        MalformedForm: The content type is none of a form; `write` and `finish` raise it likewise.
        FormTooLarge: Raised by `write`.
    """

    folder: Path
    content_type: str
    most_files: int
    most_fields: int
    fields: dict[str, str] = field(default_factory=dict)
    files: list[FormFile] = field(default_factory=list)

    def __post_init__(self) -> None:
        kind, options = parse_options_header(self.content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise MalformedForm("its content type is not multipart/form-data with a boundary")
        self._part = _Part()
        self._field_count = self._field_bytes = 0
        self._begun = False
        self._complete = False
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin_part,
            "on_header_field": lambda data, start, end: self._part.add_header(self._part.header_name, data[start:end]),
            "on_header_value": lambda data, start, end: self._part.add_header(self._part.header_value, data[start:end]),
            "on_header_end": lambda: self._part.end_header(),
            "on_headers_finished": self._open_part,
            "on_part_data": lambda data, start, end: self._write_part(data[start:end]),
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        # Its own bounds are 422s: ours come first.
        bounds = {"max_header_count": 2 * _MOST_HEADERS, "max_header_size": 2 * _MOST_HEADER_BYTES}
        self._parser = _parsing(MultipartParser, options[b"boundary"], callbacks, **bounds)

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
                raise FormTooLarge(f"The form has more than {self.most_files} files")
            self._part.label = options[b"filename"].decode(errors="replace")
            self._part.file = (self.folder / str(len(self.files))).open("xb")
            return
        self._field_count += 1
        if self._field_count > self.most_fields:
            raise FormTooLarge(f"The form has more than {self.most_fields} fields beside its files")
        self._take_field(options[b"name"])

    def _write_part(self, data: bytes) -> None:
        if self._part.file is not None:
            self._part.file.write(data)
            return
        self._take_field(data)
        self._part.value += data

    def _take_field(self, data: bytes) -> None:
        """Count what stays in memory."""
        self._field_bytes += len(data)
        if self._field_bytes > _MOST_FIELD_BYTES:
            raise FormTooLarge(f"The fields of the form are larger than {_MOST_FIELD_BYTES} bytes together")

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
    header_bytes: int = 0
    header_count: int = 0
    name: str = ""
    label: str = ""
    file: BinaryIO | None = None
    value: bytearray = field(default_factory=bytearray)

    def add_header(self, part: bytearray, data: bytes) -> None:
        part += data
        self.header_bytes += len(data)
        if self.header_bytes > _MOST_HEADER_BYTES:
            raise FormTooLarge(f"The headers of a part are larger than {_MOST_HEADER_BYTES} bytes together")

    def end_header(self) -> None:
        self.header_count += 1
        if self.header_count > _MOST_HEADERS:
            raise FormTooLarge(f"A part has more than {_MOST_HEADERS} headers")
        self.headers[self.header_name.decode("latin-1").lower()] = bytes(self.header_value)
        self.header_name.clear()
        self.header_value.clear()

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
