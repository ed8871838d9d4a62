"""What the conversion of a column finds: cells that do not convert, and formats that can be read in two ways."""

from collections.abc import Sequence
from typing import Any

from algomancy_data import DataType, ValidationMessage, ValidationSeverity
from algomancy_data.extractor import ConversionIssue

#: Issues: cells of one column that are listed; the others are counted.
_MOST_CELLS = 5

#: Characters: a value in a message.
_MOST_TEXT = 100


class CellMessage(ValidationMessage):
    """A message with the value of the cell that it is about, as a text."""

    __slots__ = ("value",)

    def __init__(self, *arguments: Any, value: str | None = None, **keywords: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **keywords)
        self.value = value

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, the value included."""
        return super().to_dict() | {"value": self.value}


class Issue(ConversionIssue):
    """An issue of a column, which becomes a message.

    Args:
        table: The name of the table.
        column: The name of the column.
        target: The type of the schema.
        reason: The text of the message.
        code: The kind of message.
        row: The number of the row, from 0.
        value: The cell.
        severity: The severity of the message.
    """

    __slots__ = ("code", "row", "severity", "value")

    def __init__(
        self,
        table: str,
        column: str,
        target: DataType,
        reason: str,
        code: str,
        row: int | None = None,
        value: object = None,
        severity: ValidationSeverity = ValidationSeverity.ERROR,
    ) -> None:
        super().__init__(table, column, target, reason)
        self.code = code
        self.row = row
        self.value = None if value is None else shortened(value)
        self.severity = severity

    def message(self) -> CellMessage:
        """The message of the ETL."""
        return CellMessage(
            self.severity, self.reason, table=self.table, column=self.column, row=self.row, code=self.code,
            value=self.value,
        )  # fmt: skip


def not_converted(table: str, column: str, target: DataType, cells: Sequence[tuple[int, object]]) -> list[Issue]:
    """The issues of cells that do not convert, by row and value: some of them, and the number of all."""
    issues = [
        Issue(table, column, target, f"{shortened(value)!r} is not {_NOUNS[target]}", "CONVERSION_FAILED", row, value)
        for row, value in cells[:_MOST_CELLS]
    ]
    if len(cells) > _MOST_CELLS:
        count = f"{len(cells)} cells of column {column!r} are not {_PLURALS[target]}"
        issues.append(Issue(table, column, target, count, "CONVERSION_FAILED"))
    return issues


def ambiguous(table: str, column: str, target: DataType, reading: str) -> Issue:
    """The issue of a column that can be read in two ways; ``reading`` says how it was read, with an example."""
    reason = f"Column {column!r} can be read in two ways: {reading}"
    return Issue(table, column, target, reason, "AMBIGUOUS_FORMAT", severity=ValidationSeverity.WARNING)


def shortened(value: object) -> str:
    """The text of a value, cut off if it is long."""
    text = str(value)
    return text if len(text) <= _MOST_TEXT else f"{text[: _MOST_TEXT - 1]}…"


_NOUNS = {
    DataType.INTEGER: "an integer",
    DataType.FLOAT: "a number",
    DataType.DATETIME: "a date or time",
    DataType.BOOLEAN: "true or false",
    DataType.STRING: "a text",
}
_PLURALS = {
    DataType.INTEGER: "integers",
    DataType.FLOAT: "numbers",
    DataType.DATETIME: "dates or times",
    DataType.BOOLEAN: "true or false",
    DataType.STRING: "texts",
}
