"""Tables that need no extraction: validated as after one, and made a dataset without a transformation."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping

import pandas as pd
from algomancy_data import (
    BaseDataSource,
    ETLFactory,
    ETLResult,
    File,
    Schema,
    ValidationMessage,
    ValidationResult,
    ValidationSeverity,
)
from algomancy_utils import Logger

from .validation import ValidationWithValues

type Tables = Mapping[str, pd.DataFrame]


class ReadyTables(dict[str, File]):
    """The tables of a dataset, in the place of the files of an ETL: read where that would run.

    Args:
        is_validated: Whether the validators of the ETL see the tables.
    """

    def __init__(self, *, is_validated: bool) -> None:
        super().__init__()
        self.is_validated = is_validated

    @abstractmethod
    def read(self) -> Tables:
        """The tables by name.

        Raises:
            Exception: A file is too large or cannot be read.
        """

    @abstractmethod
    def dataset(self, tables: Tables) -> BaseDataSource:
        """The dataset of the tables."""


class ReadyPipeline:
    """A pipeline without extraction and transformation.

    Args:
        factory: Makes the validators.
        source: The tables.
        schemas: The schemas, by the name of their files.
        logger: Gets the messages.
    """

    def __init__(
        self, factory: type[ETLFactory], source: ReadyTables, schemas: dict[str, Schema], logger: Logger | None
    ) -> None:
        self._factory = factory
        self._source = source
        self._schemas = schemas
        self._logger = logger

    def run(self) -> ETLResult:
        """The outcome.

        Raises:
            ValueError: The validators fail on these tables.
            Exception: A file is too large or cannot be read.
        """
        tables = self._source.read()
        validation = self._validation(tables)
        if not validation.is_valid:
            return ETLResult("failed", validation_result=validation)
        dataset = self._source.dataset(tables)
        dataset.validation_messages = validation.messages
        return ETLResult("success", dataset, validation)

    def _validation(self, tables: Tables) -> ValidationResult:
        if not self._source.is_validated or not self._schemas:
            return ValidationResult(is_valid=True)
        known = set(_table_names(self._schemas))
        result = self._checked({name: _numbered(table) for name, table in tables.items() if name in known})
        result.messages += [_unknown(name, known) for name in tables if name not in known]
        return result

    def _checked(self, tables: dict[str, pd.DataFrame]) -> ValidationResult:
        sequence = self._factory.create_validation_sequence(self._schemas, self._logger)
        try:
            return ValidationWithValues(sequence).run_validation(tables)
        except MemoryError:
            raise
        except Exception as error:  # of a validator that expects tables as its own ETL extracts them
            reason = f"{type(error).__name__}: {error}"
            remedy = "send the types of the schemas, or ?validate=false to take the tables as they are"
            raise ValueError(f"The tables cannot be validated ({reason}); {remedy}") from error


def _table_names(schemas: Mapping[str, Schema]) -> Iterator[str]:
    """The names of the tables that the schemas describe."""
    for name, schema in schemas.items():
        if schema.is_multi():
            yield from (f"{name}.{group}" for group in schema.sub_names())
        else:
            yield name


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """A table as after an extraction: its rows are numbered, whatever its own index is."""
    return table.reset_index(drop=True)


def _unknown(name: str, known: set[str]) -> ValidationMessage:
    names = ", ".join(map(repr, sorted(known)[:50]))
    text = f"No schema describes table {name!r}, which is kept as it is; known are {names}"
    return ValidationMessage(ValidationSeverity.WARNING, text, table=name, code="UNKNOWN_TABLE")
