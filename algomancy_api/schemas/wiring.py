"""The schemas of what a configuration has: KPIs, algorithms, and the schemas of datasets."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from .domain import Direction
from .parameters import Parameter


class DescribedKpi(Struct):
    """A KPI, before it has a value."""

    key: Annotated[str, Meta(description="Its key in the `kpis` of a scenario.")]
    name: Annotated[str, Meta(description="Its name to display.")]
    unit: Annotated[str, Meta(description="The symbol of its unit, such as s.")]
    better_when: Direction
    threshold: Annotated[float | None, Meta(description="What AT_LEAST and AT_MOST compare with.")]
    pretty_threshold: Annotated[
        str | None, Meta(description="The threshold as text, in a unit of a fitting size; null without one.")
    ]
    decimals: Annotated[int, Meta(description="The decimals of a value as text.")]


class DescribedAlgorithm(Struct):
    """An algorithm, and its parameters in display order."""

    name: str
    parameters: list[Parameter]


class KpiList(Struct):
    """The names of the KPIs of each scenario."""

    kpis: list[str]
    details: (
        Annotated[list[DescribedKpi], Meta(description="In the order of the names. Present with `details=true`.")]
        | UnsetType
    ) = UNSET


class AlgorithmList(Struct):
    """The names of the algorithms that a scenario can use."""

    algorithms: list[str]
    details: (
        Annotated[list[DescribedAlgorithm], Meta(description="In the order of the names. Present with `details=true`.")]
        | UnsetType
    ) = UNSET


class ForeignKey(Struct):
    """The column of another table that a column refers to."""

    table: str
    column: str


class TableColumn(Struct):
    """A column of a table."""

    name: str
    type: Annotated[
        str,
        Meta(
            description="The framework's name of its type: `string`, `int64`, `float64`, `boolean`, `datetime64[ns]`, "
            "`categorical` or `interval`."
        ),
    ]
    required: Annotated[bool, Meta(description="Whether an upload must have the column.")]
    nullable: Annotated[bool, Meta(description="Whether cells may be empty.")]
    unique: Annotated[bool, Meta(description="Whether no two cells may be the same.")]
    default: Annotated[Any, Meta(description="The value of all cells if an upload lacks the column.")]
    description: str
    foreign_key: ForeignKey | None


class SchemaTable(Struct):
    """A table of a schema."""

    name: Annotated[str, Meta(description="Its name; of a workbook of several sheets, that of the sheet.")]
    key: Annotated[list[str], Meta(description="The columns of its primary key.")]
    columns: list[TableColumn]


class DescribedSchema(Struct):
    """A schema: what an uploaded file of its name must have."""

    name: Annotated[str, Meta(description="The name of the file, without its extension.")]
    extension: Annotated[str, Meta(description="The extension of the file: csv, json or xlsx.")]
    type: Annotated[
        str, Meta(description="Whether it has one table or several.", extra_json_schema={"enum": ["single", "multi"]})
    ]
    tables: list[SchemaTable]


class SchemaList(Struct):
    """The schemas of the files that can be uploaded."""

    schemas: list[DescribedSchema]
