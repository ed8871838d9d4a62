"""Schemas and an ETL for any file: one table as it is read, and one with the types of its columns declared."""

import copy
import csv
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from algomancy_data import (
    CSVSingleExtractor,
    DataSourceLoader,
    DataType,
    File,
    FileExtension,
    JSONSingleExtractor,
    Schema,
    SchemaType,
    SimpleETLFactory,
    ValidationSequence,
    XLSXFile,
    XLSXSingleExtractor,
)
from algomancy_data.extractor import ExtractionSequence, Extractor

#: The tables that the ETL has loaded, copied, by the name of their dataset: what has to come back.
LOADED: dict[str, dict[str, pd.DataFrame]] = {}

#: The declared type of a column, by the type that it is read with. Others are left as they are read.
DECLARED = {
    "int64": DataType.INTEGER,
    "float64": DataType.FLOAT,
    "bool": DataType.BOOLEAN,
    "str": DataType.STRING,
}

#: A text that begins like a date or a time of ISO 8601.
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class AnyFile(Schema):
    """The schema of a file, which also has its separator, and the types by table and column."""

    _SCHEMA_TYPE = SchemaType.SINGLE
    separator = ","
    types: Mapping[str, Mapping[str, DataType]] = {}


def schemas_of(path: Path, name: str) -> list[type[AnyFile]]:
    """Two schemas of a file: without types, and with those of its columns; the first alone if it cannot be read."""
    extension = path.suffix.removeprefix(".")
    plain = _schema(name, extension, _separator(path) if extension == "csv" else ",")
    try:
        frames = _read_by_pandas(path, name, plain.separator)
    except Exception:  # no reader says what it raises; the server is asked what becomes of the file
        return [plain]
    types = {declared_name(table): _types(frame) for table, frame in frames.items()}
    return [plain, _schema(declared_name(name), extension, plain.separator, types)]


def declared_name(name: str) -> str:
    """The name of the table, or file, whose types are declared."""
    return f"declared {name}"


def _schema(name: str, extension: str, separator: str, types: Mapping[str, Any] | None = None) -> type[AnyFile]:
    fields = {"_FILENAME": name, "_EXTENSION": extension, "separator": separator, "types": types or {}}
    return type(name, (AnyFile,), fields)


def _separator(path: Path) -> str:
    try:
        return csv.Sniffer().sniff(path.read_text("utf-8", "replace")[:4096], ",;\t|").delimiter
    except csv.Error:
        return ","


def _read_by_pandas(path: Path, name: str, separator: str) -> dict[str, pd.DataFrame]:
    if path.suffix == ".xlsx":
        sheets: dict[Any, pd.DataFrame] = pd.read_excel(path, sheet_name=None)
        return {f"{name}.{sheet}": frame for sheet, frame in sheets.items()}
    if path.suffix == ".json":
        return {name: pd.json_normalize(json.loads(path.read_text("utf-8")))}
    return {name: pd.read_csv(path, sep=separator)}


def _types(frame: pd.DataFrame) -> dict[str, DataType]:
    unique = frame.loc[:, ~frame.columns.duplicated(keep=False)]
    kinds = {column: _type(cells) for column, cells in unique.items()}
    return {str(column): kind for column, kind in kinds.items() if kind is not None}


def _type(cells: pd.Series) -> DataType | None:
    if cells.dtype == "str" and len(cells) and all(map(_DATE.match, cells.fillna(""))):
        return DataType.DATETIME
    return DataType.DATETIME if cells.dtype.kind == "M" else DECLARED.get(str(cells.dtype))


def _extractors(file: Any, schema: type[AnyFile]) -> list[Extractor]:
    def typed(table: str) -> Any:
        types = dict(schema.types.get(table, {}))
        return type(table, (schema,), {"datatypes": classmethod(lambda _cls: types)})

    if schema.extension() == FileExtension.CSV:
        return [CSVSingleExtractor(file, typed(file.name), separator=schema.separator)]
    if schema.extension() == FileExtension.JSON:
        return [JSONSingleExtractor(file, typed(file.name))]
    sheets = {sheet: _renamed(file, f"{file.name}.{sheet}") for sheet in file.index_to_sheet_name.values()}
    return [XLSXSingleExtractor(one, typed(one.name), sheet) for sheet, one in sheets.items()]


def _renamed(file: XLSXFile, name: str) -> XLSXFile:
    """The file under the name of a table: the extractor of a sheet gives its table the name of its file."""
    one = copy.copy(file)
    one.name = name
    return one


class _Loader(DataSourceLoader):
    """Notes what it loads."""

    def load(self, name: str, data: Any, validation_messages: Any, ds_type: Any = None) -> Any:
        LOADED[name] = {table: frame.copy(deep=True) for table, frame in data.items()}
        return super().load(name, data, validation_messages, ds_type)


class EtlFactory(SimpleETLFactory):
    """An ETL that reads files by their schemas, and neither checks nor changes them."""

    @classmethod
    def create_extraction_sequence(cls, files: Any = None, schemas: Any = None, logger: Any = None) -> Any:
        read: Iterable[tuple[str, File]] = (files or {}).items()
        return ExtractionSequence([each for name, file in read for each in _extractors(file, schemas[name])], logger)

    @classmethod
    def create_validation_sequence(cls, schemas: Any, logger: Any = None) -> ValidationSequence:
        return ValidationSequence([], logger=logger)

    @classmethod
    def create_loader(cls, logger: Any = None) -> _Loader:
        return _Loader(logger=logger)
