"""The datasets: their schemas, and an ETL that fails for some names."""

import json
from datetime import datetime
from typing import Any

from algomancy_data import (
    Column,
    ColumnGroup,
    DataClassification,
    DataSource,
    DataSourceLoader,
    DataType,
    FileExtension,
    Schema,
    SchemaType,
    SimpleETLFactory,
    ValidationSequence,
    ValidationSeverity,
)
from algomancy_scenario import BaseParameterSet
from algomancy_utils.baseparameterset import IntegerParameter, TimeParameter

_NEW_YEAR = datetime(2026, 1, 1)  # noqa: DTZ001 - the framework's are naive


class DataParameters(BaseParameterSet):
    def __init__(self) -> None:
        super().__init__("data")
        self.add_parameters(
            [IntegerParameter("limit", minvalue=1, maxvalue=100, default=10), TimeParameter("day", default=_NEW_YEAR)]
        )

    def serialize(self) -> str:
        """The values as JSON, with times, which the framework's own method cannot write."""
        return json.dumps({"name": self.name, "parameters": self.get_values()}, default=str)

    def validate(self) -> None:
        """Accept every combination."""


class Items(DataSource):
    def initialize_data_parameters(self) -> BaseParameterSet:
        return DataParameters()


class ItemsSchema(Schema):
    _FILENAME = "items"
    _EXTENSION = FileExtension.CSV
    _SCHEMA_TYPE = SchemaType.SINGLE

    ID = Column("id", dtype=DataType.INTEGER, primary_key=True)
    NAME = Column("name", dtype=DataType.STRING)
    WEIGHT = Column("weight", dtype=DataType.FLOAT, nullable=True)


class MomentsSchema(Schema):
    _FILENAME = "moments"
    _EXTENSION = FileExtension.CSV
    _SCHEMA_TYPE = SchemaType.SINGLE

    ID = Column("id", dtype=DataType.INTEGER)
    AT = Column("at", dtype=DataType.DATETIME, nullable=True)
    FLAG = Column("flag", dtype=DataType.BOOLEAN, nullable=True)
    KIND = Column("kind", dtype=DataType.CATEGORICAL, nullable=True)


class ExtrasSchema(Schema):
    _FILENAME = "extras"
    _EXTENSION = FileExtension.JSON
    _SCHEMA_TYPE = SchemaType.SINGLE

    ID = Column("id", dtype=DataType.INTEGER)
    NOTE = Column("note", dtype=DataType.STRING)


class BookSchema(Schema):
    _FILENAME = "book"
    _EXTENSION = FileExtension.XLSX
    _SCHEMA_TYPE = SchemaType.MULTI

    SHEET = ColumnGroup("Sheet", [Column("id", dtype=DataType.INTEGER), Column("note", dtype=DataType.STRING)])


class Loader(DataSourceLoader):
    def load(
        self,
        name: str,
        data: Any,
        validation_messages: Any,
        ds_type: Any = DataClassification.MASTER_DATA,
    ) -> Any:
        items = Items(ds_type=ds_type, name=name, validation_messages=validation_messages)
        for table, frame in data.items():
            items.add_table(table, frame)
        return items


class EtlFactory(SimpleETLFactory):
    @classmethod
    def build_pipeline(cls, dataset_name: str, files: Any, schemas: Any, logger: Any = None) -> Any:
        errors = {"breaks": RuntimeError("broken"), "refused": ValueError("refused")}
        if dataset_name in errors:
            raise errors[dataset_name]
        return super().build_pipeline(dataset_name, files, schemas, logger)

    @classmethod
    def create_validation_sequence(cls, schemas: Any, logger: Any = None) -> ValidationSequence:
        sequence = super().create_validation_sequence(schemas, logger)
        sequence.halt_on = ValidationSeverity.ERROR
        return sequence

    @classmethod
    def create_loader(cls, logger: Any = None) -> Loader:
        return Loader(logger=logger)


SCHEMAS: list[type[Schema]] = [ItemsSchema, MomentsSchema, ExtrasSchema, BookSchema]
