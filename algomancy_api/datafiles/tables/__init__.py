"""Tables in Parquet and Arrow files, alone or in an archive: each is checked before it is decoded, and read in pieces.

From the ground up:

- `budget`: how much the tables of an upload may take
- `nested`: the arrays within an array
- `thrift`: the protocol of Parquet's headers
- `pages`: the pages of a Parquet file, from their own headers
- `parquet`: Parquet files
- `messages`: the messages of an Arrow stream, from their own headers
- `arrow`: Arrow IPC streams and files
- `conversion`: columns of Arrow as a table of pandas
- `archive`: ZIP archives of table files
- `upload`: the tables of an upload, and their dataset
"""

from .upload import TABLE_EXTENSIONS, ArchivedTables, TableFile, UploadedTables, supported_extensions

__all__ = ["TABLE_EXTENSIONS", "ArchivedTables", "TableFile", "UploadedTables", "supported_extensions"]
