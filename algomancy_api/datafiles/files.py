"""The framework's File for each extension: checked against the limits, then read."""

from collections.abc import Callable
from pathlib import Path

from algomancy_data import File, FileExtension, JSONFile, XLSXFile

from ..extraction import LateCSVFile, UnreadFile, labelled, with_warnings
from ..limits import Limits
from .csv_size import check_csv
from .errors import FileTooLarge, UnreadableFile
from .json_size import check_json
from .utf8 import check_utf8


class DataFile(UnreadFile):
    """A file of an upload, not read yet; in the ETL it becomes the framework's File for its extension.

    Args:
        name: The logical name.
        path: The file on disk.
        label: The file name from the client, for messages.
        extension: A key of `EXTENSIONS`.
        limits: The limits of its content.
    """

    def __init__(self, name: str, path: Path, label: str, extension: str, limits: Limits) -> None:
        super().__init__(name, FileExtension(extension))
        self.path = str(path)
        self.source = path
        self.label = label
        self.limits = limits

    def opened(self) -> File:
        """The framework's File, with its content.

        Raises:
            FileTooLarge: It has more than the limits allow.
            UnreadableFile: Its content does not match its extension.
        """
        try:
            return labelled(EXTENSIONS[self.extension](self), self.label)
        except OSError, MemoryError:
            raise  # a fault of the machine, not of the client
        except FileTooLarge as error:
            raise FileTooLarge(f"File {self.label!r} {error}") from error
        except Exception as error:  # the readers share no base class for their errors
            kind = str(self.extension).upper()
            raise UnreadableFile(f"File {self.label!r} cannot be read as {kind}: {error}") from error


def _csv(file: DataFile) -> File:
    check_csv(file.source, file.limits)
    check_utf8(file.source)
    return LateCSVFile(file.name, file.source)


def _json(file: DataFile) -> File:
    check_json(file.source, file.limits)
    return JSONFile(file.name, path=str(file.source))


def _xlsx(file: DataFile) -> File:
    # Imported on first use: openpyxl takes a quarter of a second to import.
    from .workbook import read_workbook

    book = XLSXFile(file.name)
    book.path = file.path
    content = read_workbook(file.source, file.limits)
    book.content = content.text
    book.index_to_sheet_name = dict(enumerate(content.names))
    return with_warnings(book, content.warnings)


EXTENSIONS: dict[str, Callable[[DataFile], File]] = {"csv": _csv, "json": _json, "xlsx": _xlsx}
