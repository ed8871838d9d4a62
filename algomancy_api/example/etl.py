"""From two uploaded CSV files to a dataset, or to the messages that say why not."""

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
    """Reads one CSV file, and refuses with a message what would else raise or come out as other numbers."""

    def _extract_file(self) -> pd.DataFrame:
        try:
            rows = csv.reader(io.StringIO(self.file.content, newline=""), delimiter=self._separator)
            fields = [len(row) for row in itertools.islice(filter(None, rows), 2)]
            table: pd.DataFrame = super()._extract_file()
        except (csv.Error, pd.errors.EmptyDataError, pd.errors.ParserError) as error:
            raise self._refusal(f"is not a readable CSV file: {error}") from error
        # pandas would take the surplus for row labels, and shift all values by one column.
        if len(fields) == 2 and fields[1] > fields[0]:
            raise self._refusal(f"has {fields[1]} fields in its first row, but {fields[0]} in its header")
        # The conversion that follows would cut off what stands behind the point.
        for column, kind in self.schema.datatypes().items():
            if kind is DataType.INTEGER and column in table and _has_fractions(table[column]):
                raise self._refusal(f"has numbers in column '{column}' that are not whole")
        return table

    def _refusal(self, reason: str) -> ValidationError:
        return ValidationError(f"File '{self.file.name}' {reason}.")


class CityLoader(DataSourceLoader):
    """Builds the package's own kind of dataset."""

    # The framework types what comes back as a free type variable, which no override can satisfy.
    def load(  # type: ignore[override]
        self,
        name: str,
        data: dict[str, pd.DataFrame],
        validation_messages: list[ValidationMessage],
        ds_type: DataClassification = DataClassification.MASTER_DATA,
    ) -> TravellingSalesmanData:
        """Put the validated tables into a fresh `TravellingSalesmanData`."""
        dataset = TravellingSalesmanData(ds_type=ds_type, name=name, validation_messages=validation_messages)
        for table, frame in data.items():
            dataset.add_table(table, frame)
        return dataset


class CityETLFactory(SimpleETLFactory):
    """Wires extraction, validation and loading; nothing is transformed."""

    @classmethod
    def create_extraction_sequence(
        cls,
        files: dict[str, File] | None = None,
        schemas: dict[str, Schema] | None = None,
        logger: Logger | None = None,
    ) -> ExtractionSequence:
        """One `CityExtractor` a file.

        Raises:
            ETLConstructionError: A file has a name that no schema has.
        """
        extractors: list[Extractor] = [
            CityExtractor(cast(CSVFile, file), get_schema(name, schemas or {}), cast(Logger, logger))
            for name, file in (files or {}).items()
        ]
        return ExtractionSequence(extractors, cast(Logger, logger))

    @classmethod
    def create_validation_sequence(cls, schemas: dict[str, Schema], logger: Logger | None = None) -> ValidationSequence:
        """All of `validation.validators`, and no column that the schemas don't know.

        A surplus column is CRITICAL because the database keeps the tables of all datasets in one, with the
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
