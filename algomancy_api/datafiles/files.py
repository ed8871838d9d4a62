"""The framework's File of each extension: checked, then read."""

from collections.abc import Callable
from pathlib import Path

from algomancy_data import CSVFile, File, FileExtension, JSONFile, XLSXFile

from ..engines import UnreadFile
from ..limits import Limits
from .csv_size import check_csv
from .errors import FileTooLarge, UnreadableFile
from .json_size import check_json


class DataFile(UnreadFile):
    """A file of an upload, which its ETL reads; what it becomes is the framework's File of its extension.

    Args:
        name: Its logical name.
        path: Where it lies.
        label: What its sender calls it.
        extension: A key of `EXTENSIONS`.
        limits: What it may unfold to.
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
            FileTooLarge: It unfolds to more than the limits.
            UnreadableFile: It cannot be read as what its extension says.
        """
        try:
            return EXTENSIONS[self.extension](self)
        except OSError:
            raise  # the disk's fault, not the client's
        except FileTooLarge as error:
            raise FileTooLarge(f"File '{self.label}' {error}") from error
        except Exception as error:  # what the readers of a foreign format raise is not one kind
            kind = str(self.extension).upper()
            raise UnreadableFile(f"File '{self.label}' cannot be read as {kind}: {error}") from error


def _csv(file: DataFile) -> File:
    check_csv(file.source, file.limits)
    return CSVFile(file.name, path=str(file.source))


def _json(file: DataFile) -> File:
    check_json(file.source, file.limits)
    return JSONFile(file.name, path=str(file.source))


def _xlsx(file: DataFile) -> File:
    # Not before it is needed: openpyxl takes a quarter of a second to import.
    from .workbook import read_workbook

    book = XLSXFile(file.name)
    book.path = file.path
    book.content, names = read_workbook(file.source, file.limits)
    book.index_to_sheet_name = dict(enumerate(names))
    return book


EXTENSIONS: dict[str, Callable[[DataFile], File]] = {"csv": _csv, "json": _json, "xlsx": _xlsx}
