"""Extractors that take the place of the framework's own, and read and convert exactly."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from algomancy_data import DataType, Extractor
from algomancy_data.extractor import (
    CSVSingleExtractor,
    JSONMultiExtractor,
    JSONSingleExtractor,
    MultiExtractor,
    SingleExtractor,
    XLSXMultiExtractor,
    XLSXSingleExtractor,
)

from .conversions import NULLS, convert
from .csv_table import read_csv
from .files import named
from .issues import Issue
from .records import children, restore_cells

#: A table that was read, and the issues of columns that are converted already; None if all must be.
type _Read = tuple[pd.DataFrame, list[Issue] | None]


def exact(extractor: Extractor) -> Extractor:
    """An extractor that reads the same file exactly.

    An extractor whose `extract` is not the framework's is returned as it is. One that overrides only the reading of the
    file keeps it, and its columns are converted.
    """
    kinds: Mapping[Any, type[_Exact]] = {SingleExtractor.extract: _Single, MultiExtractor.extract: _Multi}
    kind = kinds.get(type(extractor).extract)
    return extractor if kind is None else kind(extractor)


class _Exact(Extractor):
    """An extractor in the place of another.

    Args:
        replaced: The other one.
    """

    def __init__(self, replaced: Any) -> None:  # noqa: ANN401 - one of the two kinds, neither annotated
        super().__init__(replaced.file, replaced.schema, replaced.logger)
        self._replaced = replaced

    def extract(self) -> dict[str, pd.DataFrame]:
        """The tables by name.

        Raises:
            ValueError: The file cannot be read; the message names it.
        """
        self._replaced._extraction_message()
        with named(self.file):
            tables = dict(self._tables())
        self._replaced._extraction_success_message()
        return tables

    def _tables(self) -> Iterable[tuple[str, pd.DataFrame]]:
        raise NotImplementedError

    def _own[T](self, read: T) -> T:
        """A reader of ours, for a file with the extension of its schema; None if there is none."""
        if read is not None and self.file.extension != self.schema.extension():
            raise ValueError(f"it must be a .{self.schema.extension()} file, as its schema says")
        return read

    def _converted(self, frame: pd.DataFrame, types: Mapping[str, DataType], table: str) -> pd.DataFrame:
        frame, issues = convert(frame, types, table)
        self.conversion_issues += issues
        return frame


class _Single(_Exact):
    """An extractor of one table."""

    def _tables(self) -> Iterable[tuple[str, pd.DataFrame]]:
        types, name = self.schema.datatypes(), self.file.name
        read = self._own(_SINGLE.get(type(self._replaced)._extract_file)) or _as_before
        frame, issues = read(self._replaced, types)
        if issues is None:
            yield name, self._converted(frame, types, name)
        else:
            self.conversion_issues += issues
            yield name, frame


class _Multi(_Exact):
    """An extractor of several tables."""

    def _tables(self) -> Iterable[tuple[str, pd.DataFrame]]:
        read = self._own(_MULTI.get(type(self._replaced)._extract_files))
        frames = self._replaced._extract_files() if read is None else read(self._replaced)
        self._replaced._check_schemas(frames)
        for name, frame in frames.items():
            yield (
                name,
                self._converted(frame, self._replaced._get_schema_types(self._replaced.get_schema_name(name)), name),
            )


def _as_before(replaced: Any, _types: Mapping[str, DataType]) -> _Read:  # noqa: ANN401
    return replaced._extract_file(), None


def _csv(replaced: Any, types: Mapping[str, DataType]) -> _Read:  # noqa: ANN401
    path: str | None = replaced.file.path
    if path is None or len(replaced._separator or "") != 1:  # content alone, or a separator that is a pattern
        return replaced._extract_file(), None
    return read_csv(Path(path), replaced._separator, types, replaced.file.name)


def _json(replaced: Any, types: Mapping[str, DataType]) -> _Read:  # noqa: ANN401
    try:
        records = json.loads(replaced.file.content)
    except json.JSONDecodeError as error:
        place = f"in line {error.lineno}, column {error.colno}"
        raise ValueError(f"it is not valid JSON, {place}: {error.msg}") from error
    frame = pd.json_normalize(records)
    return restore_cells(frame, records if isinstance(records, list) else [records], types), None


def _sheet(replaced: Any, types: Mapping[str, DataType]) -> _Read:  # noqa: ANN401
    return _sheet_of(json.loads(replaced.file.content), replaced._sheet_name, types), None


def _sheets(replaced: Any) -> dict[str, pd.DataFrame]:  # noqa: ANN401
    content = json.loads(replaced.file.content)
    return {
        replaced.get_extraction_key(name): _sheet_of(content, name, types)
        for name, types in replaced.schema.datatype_groups().items()
    }


def _sheet_of(content: Mapping[str, Any], sheet: str | int, types: Mapping[str, DataType]) -> pd.DataFrame:
    """A sheet by its name or its number, from 0. Columns without a type are as the framework has them."""
    names = content["metadata"]["sheet_names"]
    if isinstance(sheet, int) and 0 <= sheet < len(names):
        sheet = names[sheet]
    if sheet not in content["sheets"]:
        raise ValueError(f"it has no sheet {sheet!r}, but {', '.join(map(repr, names))}")
    records = content["sheets"][sheet]
    frame = restore_cells(pd.DataFrame(records), records, types)
    for name in frame.columns:
        if name not in types and frame[name].isin(NULLS).any():
            frame[name] = frame[name].astype(object).mask(frame[name].isin(NULLS), None).infer_objects()
    return frame


def _nested(replaced: Any) -> dict[str, pd.DataFrame]:  # noqa: ANN401
    frames: dict[str, pd.DataFrame] = replaced._extract_files()
    records = replaced._load_root_records()
    for group in (replaced._root, *replaced._children):
        name = replaced.get_extraction_key(group["name"])
        rows = children(records, group["source_path"]) if group["source_path"] else records
        frames[name] = restore_cells(frames[name], rows, replaced._get_schema_types(group["name"]))
    return frames


_SINGLE: Mapping[Any, Callable[[Any, Mapping[str, DataType]], _Read]] = {
    CSVSingleExtractor._extract_file: _csv,
    JSONSingleExtractor._extract_file: _json,
    XLSXSingleExtractor._extract_file: _sheet,
}
_MULTI: Mapping[Any, Callable[[Any], dict[str, pd.DataFrame]]] = {
    XLSXMultiExtractor._extract_files: _sheets,
    JSONMultiExtractor._extract_files: _nested,
}
