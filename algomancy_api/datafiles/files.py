"""The framework's File for each extension: checked against the limits, then read."""

from collections.abc import Callable
from pathlib import Path

from algomancy_data import CSVFile, File, FileExtension, JSONFile, XLSXFile

from ..engines import UnreadFile
from ..limits import Limits
from .csv_size import check_csv
from .errors import FileTooLarge, UnreadableFile
from .json_size import check_json


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
            return EXTENSIONS[self.extension](self)
        except OSError:
            raise  # a fault of the disk, not of the client
        except FileTooLarge as error:
            raise FileTooLarge(f"File {self.label!r} {error}") from error
        except Exception as error:  # the readers share no base class for their errors
            kind = str(self.extension).upper()
            raise UnreadableFile(f"File {self.label!r} cannot be read as {kind}: {error}") from error


def _csv(file: DataFile) -> File:
    check_csv(file.source, file.limits)
    return CSVFile(file.name, path=str(file.source))


def _json(file: DataFile) -> File:
    check_json(file.source, file.limits)
    return JSONFile(file.name, path=str(file.source))


def _xlsx(file: DataFile) -> File:
    # Imported on first use: openpyxl takes a quarter of a second to import.
    from .workbook import read_workbook

    book = XLSXFile(file.name)
    book.path = file.path
    book.content, names = read_workbook(file.source, file.limits)
    book.index_to_sheet_name = dict(enumerate(names))
    return book


EXTENSIONS: dict[str, Callable[[DataFile], File]] = {"csv": _csv, "json": _json, "xlsx": _xlsx}
