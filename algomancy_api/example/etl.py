"""The ETL: from two uploaded CSV files to a dataset, or to error messages."""

import csv
import io
import itertools
from typing import cast

import pandas as pd
from algomancy_data import (
    CSVFile,
    CSVSingleExtractor,
    DataClassification,
    DataSourceLoader,
    DataType,
    Extractor,
    File,
    Loader,
    Schema,
    SchemaValidator,
    SimpleETLFactory,
    ValidationError,
    ValidationMessage,
    ValidationSequence,
    ValidationSeverity,
)
from algomancy_data.etl import get_schema
from algomancy_data.extractor import ExtractionSequence
from algomancy_utils import Logger

from .problem import TravellingSalesmanData
from .validation import validators


class CityExtractor(CSVSingleExtractor):
    """Reads one CSV file, and rejects with a message files that would raise or give wrong numbers."""

    def _extract_file(self) -> pd.DataFrame:
        try:
            rows = csv.reader(io.StringIO(self.file.content, newline=""), delimiter=self._separator)
            fields = [len(row) for row in itertools.islice(filter(None, rows), 2)]
            table: pd.DataFrame = super()._extract_file()
        except (csv.Error, pd.errors.EmptyDataError, pd.errors.ParserError) as error:
            raise self._error(f"is not a readable CSV file: {error}") from error
        # pandas would use the surplus field as a row label, and shift all values by one column.
        if len(fields) == 2 and fields[1] > fields[0]:
            raise self._error(f"has {fields[1]} fields in its first row, but {fields[0]} in its header")
        # The conversion after this method would truncate fractions.
        for column, kind in self.schema.datatypes().items():
            if kind is DataType.INTEGER and column in table and _has_fractions(table[column]):
                raise self._error(f"has numbers in column {column!r} that are not integers")
        return table

    def _error(self, reason: str) -> ValidationError:
        return ValidationError(f"File {self.file.name!r} {reason}")


class CityLoader(DataSourceLoader):
    """Builds a `TravellingSalesmanData`."""

    # The framework types the result as a free type variable, which no override can satisfy.
    def load(  # type: ignore[override]
        self,
        name: str,
        data: dict[str, pd.DataFrame],
        validation_messages: list[ValidationMessage],
        ds_type: DataClassification = DataClassification.MASTER_DATA,
    ) -> TravellingSalesmanData:
        """A new dataset with the validated tables."""
        dataset = TravellingSalesmanData(ds_type=ds_type, name=name, validation_messages=validation_messages)
        for table, frame in data.items():
            dataset.add_table(table, frame)
        return dataset


class CityETLFactory(SimpleETLFactory):
    """Extraction, validation and loading, without a transformation."""

    @classmethod
    def create_extraction_sequence(
        cls,
        files: dict[str, File] | None = None,
        schemas: dict[str, Schema] | None = None,
        logger: Logger | None = None,
    ) -> ExtractionSequence:
        """One `CityExtractor` for each file.

        Raises:
            ETLConstructionError: No schema has the name of a file.
        """
        extractors: list[Extractor] = [
            CityExtractor(cast(CSVFile, file), get_schema(name, schemas or {}), cast(Logger, logger))
            for name, file in (files or {}).items()
        ]
        return ExtractionSequence(extractors, cast(Logger, logger))

    @classmethod
    def create_validation_sequence(cls, schemas: dict[str, Schema], logger: Logger | None = None) -> ValidationSequence:
        """All of `validation.validators`, and a check for columns that no schema has.

        A surplus column is CRITICAL because the database stores the tables of all datasets in one, with the
        columns of the first.
        """
        surplus = SchemaValidator(list(schemas.values()), ValidationSeverity.CRITICAL)
        return ValidationSequence([*validators(), surplus], logger)

    @classmethod
    def create_loader(cls, logger: Logger | None = None) -> Loader:
        """The loader that builds `TravellingSalesmanData`."""
        return CityLoader(logger)


def _has_fractions(column: pd.Series) -> bool:
    return pd.api.types.is_float_dtype(column) and bool((column.dropna() % 1 != 0).any())
