"""What stands in the framework's own SQL tables for a dataset or result that is stored as columns.

The framework cannot read columns. It must not take what it cannot read for an empty dataset or result, so it finds
something there that it refuses: a dataset of a type that it does not know, and it logs the type; a result that is no
JSON. It reads both as missing.
"""

import re

_BY = "stored as columns by algomancy-api"

#: Characters of the text of a result that is stored as columns.
LONGEST_RESULT_MARKER = len(_BY) + 38

_DATASET = re.compile(rf"(.*), {_BY}", re.DOTALL)
_RESULT = re.compile(rf"{_BY}: ([-0-9a-f]{{36}})")


def dataset_marker(ds_type: str) -> str:
    """The type in the catalogue for a dataset of a type."""
    return f"{ds_type}, {_BY}"


def marked_type(text: str) -> str | None:
    """The type of a dataset, from the type in the catalogue; None if it is not stored as columns."""
    marked = _DATASET.fullmatch(text)
    return None if marked is None else marked[1]


def result_marker(owner: str) -> str:
    """The text of a result whose BLOBs have an owner."""
    return f"{_BY}: {owner}"


def result_owner(text: str | None) -> str | None:
    """The owner of a result's BLOBs, from its text; None if it is not stored as columns."""
    marked = _RESULT.fullmatch(text or "")
    return None if marked is None else marked[1]
