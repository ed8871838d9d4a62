"""Files whose content is read when an extractor asks for it, and errors that name the file."""

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from algomancy_data import CSVFile, File, ValidationMessage, ValidationSeverity

#: What pandas says of a CSV file, and the words for it.
_WORDS = {
    re.compile(r"Error tokenizing data\. C error: Expected (\d+) fields in line (\d+), saw (\d+)"): (
        r"line \2 has \3 cells, where those before it have \1; is it the separator, or a cell that needs quotes?"
    ),
    re.compile(r"Error tokenizing data\. C error: EOF inside string starting at row (\d+)"): (
        r"a quote that opens in row \1 below the header never closes"
    ),
    re.compile(r"No columns to parse from file"): r"it is empty",
}


class UnreadFile(File):
    """A file whose content is not read yet: it is read where the ETL runs, which may be another process."""

    @abstractmethod
    def opened(self) -> File:
        """The file with its content.

        Raises:
            Exception: The file is too large, or cannot be read.
        """


def opened(files: Mapping[str, File]) -> dict[str, File]:
    """Files by logical name, with their contents: unread ones are read now."""
    return {name: file.opened() if isinstance(file, UnreadFile) else file for name, file in files.items()}


class LateCSVFile(CSVFile):
    """A CSV file that is read from its path, by an extractor of the framework's in pieces, by others as one text.

    Args:
        name: The logical name.
        path: The file on disk, in UTF-8.
    """

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(name)
        self.path = str(path)

    @property
    def content(self) -> Any:  # noqa: ANN401 - an attribute without annotation in the framework
        """The whole text; line breaks are all line feeds."""
        return None if self.path is None else Path(self.path).read_text("utf-8")

    @content.setter
    def content(self, _text: Any) -> None:  # noqa: ANN401
        """Ignore the content that the framework's constructor sets: it is on disk."""


def labelled(file: Any, label: str) -> File:  # noqa: ANN401 - a File, which has no such attribute
    """A file with the name that its client gave it, for messages about its content."""
    file.label = label
    named_file: File = file
    return named_file


def with_warnings(file: Any, warnings: Sequence[str]) -> File:  # noqa: ANN401 - as above
    """A file with what its reader should know."""
    file.warnings = list(warnings)
    named_file: File = file
    return named_file


def warnings_of(file: File) -> list[ValidationMessage]:
    """The messages about what the reader of a file should know."""
    found: list[str] = getattr(file, "warnings", [])
    return [ValidationMessage(ValidationSeverity.WARNING, text, table=file.name, code="LOST_CELLS") for text in found]


@contextmanager
def named(file: File) -> Iterator[None]:
    """Let errors about the content of a file name it, as the client does."""
    try:
        yield
    except ValueError as error:
        label = getattr(file, "label", file.name)
        if repr(label) in str(error):
            raise
        raise ValueError(f"File {label!r} cannot be read: {_in_words(str(error).strip())}") from error


def _in_words(error: str) -> str:
    for pattern, words in _WORDS.items():
        if found := pattern.fullmatch(error):
            return found.expand(words)
    return error
