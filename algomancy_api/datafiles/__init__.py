"""The files of an upload: what each may unfold to, checked before it does, and how it is read.

- `errors`: the two refusals.
- `checks`: the limits that several kinds share.
- `xml_part`, `sheet`: one XML part of a workbook, counted as it streams.
- `workbook`: a workbook, read part by part, each counted before.
- `csv_size`: the columns, lines and cells of a CSV file.
- `json_size`: the nesting, columns and cells of a JSON file.
- `files`: the framework's File of each extension.
"""

from .errors import FileTooLarge, UnreadableFile
from .files import EXTENSIONS, DataFile

__all__ = ["EXTENSIONS", "DataFile", "FileTooLarge", "UnreadableFile"]
