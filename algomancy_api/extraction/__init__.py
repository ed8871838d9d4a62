"""The extraction of tables from files, exact: what the framework's own extractors lose under pandas 3 is kept.

From the ground up:

- `issues`: cells that do not convert, and formats that can be read in two ways
- `numbers`: texts as numbers
- `times`: texts as times
- `conversions`: a column to the type of its schema
- `csv_table`: a CSV file as a table, read in pieces
- `records`: records of JSON documents and of sheets as tables
- `files`: files that are read late, and what is said about files
- `extractors`: extractors in the place of the framework's own
- `sources`: the files of an upload beside the schemas
- `validation`: messages that name row and value, and are bounded in number
- `ready`: tables that need no extraction, validated
- `pipeline`: the framework's pipeline with these extractors
"""

from .files import LateCSVFile, UnreadFile, labelled, with_warnings
from .issues import CellMessage
from .pipeline import exact_pipeline
from .ready import ReadyTables

__all__ = ["CellMessage", "LateCSVFile", "ReadyTables", "UnreadFile", "exact_pipeline", "labelled", "with_warnings"]
