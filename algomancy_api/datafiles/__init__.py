"""The files of an upload: each is checked against the limits before it is parsed.

- `errors`: the two exceptions.
- `checks`: limits for several file types.
- `xml_part`, `sheet`: counts of an XML part of a workbook, from a streaming parse.
- `workbook`: reading a workbook; each part is counted before openpyxl parses it.
- `csv_size`: limits of a CSV file: columns, lines and cells.
- `utf8`: the encoding of a text file.
- `json_size`: limits of a JSON file: nesting, columns and cells.
- `files`: the framework's File for each extension.

The folder `tables` has Parquet and Arrow files, which become tables without an ETL.
"""

from .errors import FileTooLarge, UnreadableFile
from .files import EXTENSIONS, DataFile

__all__ = ["EXTENSIONS", "DataFile", "FileTooLarge", "UnreadableFile"]
