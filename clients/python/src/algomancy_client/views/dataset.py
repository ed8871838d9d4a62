"""A dataset, as it is known without asking the server."""

from __future__ import annotations

from collections.abc import Sequence

from ..wire.answers import Message, Table
from . import markup


class DatasetView:
    """A dataset.

    Attributes:
        key: Its key in the session.
        messages: What the server said of its files when it was uploaded: warnings, if it has some.
    """

    def __init__(self, key: str, messages: Sequence[Message] = ()) -> None:
        self.key = key
        self.messages = list(messages)
        self._tables: list[Table] | None = None

    def __repr__(self) -> str:
        return f"<Dataset {self.key!r}>"

    def _repr_html_(self) -> str:
        if self._tables is None:
            warnings = [[message] for message in self.messages if message.severity != "INFO"]
            return markup.table(f"Dataset {self.key}", ["messages"] if warnings else [], warnings)
        rows = [
            [one.name, one.rows, ", ".join(f"{field.name} ({field.dtype})" for field in one.fields)]
            for one in self._tables
        ]
        return markup.table(f"Dataset {self.key}", ["table", "rows", "columns"], rows)


def key_of(dataset: DatasetView | str) -> str:
    """The key of a dataset, or of one that is named by it."""
    return dataset if isinstance(dataset, str) else dataset.key
