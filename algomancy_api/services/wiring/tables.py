"""The tables of schemas."""

from collections.abc import Iterable, Mapping
from typing import Any

from algomancy_data import Column, Schema

from ...schemas.wiring import DescribedSchema, ForeignKey, SchemaTable, TableColumn


def described_schema(schema: type[Schema]) -> DescribedSchema:
    """A schema of the configuration, with one table, or with one for each of its sheets."""
    groups: Mapping[str, Mapping[str, Column]] = (
        schema.column_groups() if schema.is_multi() else {schema.file_name(): schema.columns()}
    )
    tables = [_table(name, columns.values()) for name, columns in groups.items()]
    return DescribedSchema(schema.file_name(), str(schema.extension()), str(schema.schema_type()), tables)


def _table(name: str, columns: Iterable[Column]) -> SchemaTable:
    described = list(columns)
    return SchemaTable(name, [column.name for column in described if column.primary_key], list(map(_column, described)))


def _column(column: Column) -> TableColumn:
    kind: Any = str(column.dtype)
    return TableColumn(
        name=column.name,
        type=kind,
        required=not column.optional,
        nullable=column.nullable,
        unique=column.unique,
        default=column.default,
        description=column.description,
        foreign_key=ForeignKey(*column.foreign_key) if column.foreign_key else None,
    )
