"""A streaming parser of multipart forms: fields to memory, files to disk."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

#: Bytes: the names and values of all fields of a form together. Files do not count: they go to disk.
_MOST_FIELD_BYTES = 64 * 1024

#: Bytes: the headers of a part together, the file name included.
_MOST_HEADER_BYTES = 8 * 1024

#: Headers: the most of a part.
_MOST_HEADERS = 16


class FormTooLarge(ValueError):
    """A form above a limit; the message names the limit."""


class MalformedForm(ValueError):
    """A body that is not a valid multipart form; the message has the reason."""


@dataclass(frozen=True)
class FormFile:
    """A file of a form: its field, its path on disk, and its file name from the client."""

    field: str
    path: Path
    name: str


@dataclass
class MultipartForm:
    """The parser of one form. Its methods block on the disk: do not call them on the event loop.

    Args:
        folder: The folder for the files, which get names of the parser's choice.
        content_type: The Content-Type header of the request, with the boundary.
        most_files: The most files.
        most_fields: The most fields beside the files, whatever their names.

    Raises:
        MalformedForm: The content type is not that of a form; also raised by `write` and `finish`.
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
        # The parser's own limits raise other errors (422), so they are set above ours.
        parser_limits = {"max_header_count": 2 * _MOST_HEADERS, "max_header_size": 2 * _MOST_HEADER_BYTES}
        self._parser = _parsing(MultipartParser, options[b"boundary"], callbacks, **parser_limits)

    def write(self, block: bytes) -> None:
        """Parse the next bytes of the body."""
        if not self._begun:
            # The parser accepts more than line breaks before the first boundary, but only in the same block.
            block = block.lstrip(b"\r\n")
            self._begun = bool(block)
        _parsing(self._parser.write, block)

    def finish(self) -> None:
        """End the form.

        Raises:
            MalformedForm: The body ended in the middle of a part.
        """
        if not self._complete:
            raise MalformedForm("it ends in the middle of a part")

    def close(self) -> None:
        """Close the open file of a body that ended early."""
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
            raise FormTooLarge(f"The form has more than {self.most_fields} fields besides its files")
        self._take_field(options[b"name"])

    def _write_part(self, data: bytes) -> None:
        if self._part.file is not None:
            self._part.file.write(data)
            return
        self._take_field(data)
        self._part.value += data

    def _take_field(self, data: bytes) -> None:
        """Count bytes that stay in memory."""
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
    """The current part."""

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
