"""Validation sequences whose messages name row and value, and are bounded in number."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd
from algomancy_data import ValidationMessage, ValidationResult, ValidationSequence

from .issues import CellMessage, shortened

#: Messages: of one kind about one column; the others are counted in one more.
_MOST_MESSAGES = 100


class ValidationWithValues(ValidationSequence):
    """A validation sequence whose messages about cells have their values, and that are bounded in number.

    Args:
        sequence: The sequence.
    """

    def __init__(self, sequence: ValidationSequence) -> None:
        super().__init__(halt_on=sequence.halt_on)
        self._sequence = sequence

    def run_validation(self, data: dict[str, pd.DataFrame]) -> ValidationResult:
        """The result of the sequence. It logs the messages that are left, not each of what may be a million."""
        logger, self._sequence._logger = self._sequence._logger, None
        try:
            result = self._sequence.run_validation(data)
        finally:
            self._sequence._logger = logger
        result.messages = [_with_value(message, data) for message in _bounded(result.messages)]
        for message in result.messages:
            self._sequence._log(message)
        return result


def _bounded(messages: Iterable[ValidationMessage]) -> Iterator[ValidationMessage]:
    """Messages, at most some of a kind about a column, and the number of those left out."""
    counts: Counter[Any] = Counter()
    for message in messages:
        kind = (message.severity, message.table, message.column, message.code)
        counts[kind] += 1
        if message.row is None or counts[kind] <= _MOST_MESSAGES:
            yield message
    for kind, count in counts.items():
        severity, table, column, code = kind
        if count > _MOST_MESSAGES and column is not None:
            more = f"{count - _MOST_MESSAGES} more messages of this kind"
            yield ValidationMessage(severity, more, table=table, column=column, code=code)


def _with_value(message: ValidationMessage, data: Mapping[str, pd.DataFrame]) -> ValidationMessage:
    """A message about a row with the values that it is about, if the framework names table, column and row."""
    table = data.get(message.table or "")
    if table is None or message.row is None or message.column is None or isinstance(message, CellMessage):
        return message
    columns = [message.column] if message.column in table.columns else message.column.split(",")
    if not all(column in table.columns for column in columns) or message.row not in table.index:
        return message
    cells = table.loc[message.row, columns]
    if not isinstance(cells, pd.Series):  # several rows of one label
        return message
    value = ", ".join("null" if pd.isna(cell) else shortened(cell) for cell in cells)
    return CellMessage(
        message.severity, message.message, table=message.table, column=message.column, row=message.row,
        code=message.code, value=value,
    )  # fmt: skip
