"""Texts as times: the formats that the framework tries, each for a whole column, in its order."""

from collections.abc import Iterator
from typing import Literal

import pandas as pd
from pandas.tseries.api import guess_datetime_format

#: Formats after the one of the first text. `ISO8601` takes dates and times of any precision in one column.
_FORMATS = (
    "ISO8601", "%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M:%S",
)  # fmt: skip

#: A year of four digits.
_YEAR = r"(?<!\d)\d{4}(?!\d)"

#: Texts: read at a time, some milliseconds of work that hold the interpreter.
_AT_ONCE = 20_000


class NotTimes(ValueError):
    """Texts that are no times, by none of the formats.

    Args:
        rows: The positions of the texts that the best format does not fit.
    """

    def __init__(self, rows: list[int]) -> None:
        super().__init__(f"{len(rows)} texts are no times")
        self.rows = rows


class DifferentOffsets(ValueError):
    """Texts that are times with different UTC offsets, for which pandas has no type but objects."""


def times(texts: pd.Series) -> tuple[pd.Series, str]:
    """Texts as times, in nanoseconds where these reach, and the format of all of them.

    Raises:
        DifferentOffsets: They are times with different UTC offsets.
        NotTimes: No format fits all texts.
    """
    formats = list(_formats_for(texts))
    for form in formats:
        try:
            read = _read(texts, form, "raise")
        except DifferentOffsets:
            raise
        except ValueError, OverflowError:
            continue
        return in_nanoseconds(read), form
    raise NotTimes(min((_misfits(texts, form) for form in formats), key=len))


def other_reading(texts: pd.Series, read: pd.Series, form: str) -> bool:
    """Whether the texts, read by a format, are other times if day and month change places."""
    day, month, year = (form.find(part) for part in ("%d", "%m", "%Y"))
    if min(day, month) < 0 or 0 <= year < min(day, month):
        return False
    swapped = form.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
    try:
        return not in_nanoseconds(_read(texts, swapped, "raise")).equals(read)
    except ValueError, OverflowError:
        return False


def _formats_for(texts: pd.Series) -> Iterator[str]:
    present = texts.dropna()
    guessed = guess_datetime_format(present.iloc[0]) if len(present) else None
    yield from dict.fromkeys(filter(None, (guessed, *_FORMATS)))
    if guessed is None and present.str.contains(_YEAR).all():
        yield "mixed"  # each by itself, as the framework does; what lacks a year would get today's


def _read(texts: pd.Series, form: str, errors: Literal["raise", "coerce"]) -> pd.Series:
    pieces = [texts.iloc[start : start + _AT_ONCE].astype(object) for start in range(0, len(texts) or 1, _AT_ONCE)]
    try:
        parts = [pd.to_datetime(piece, format=form, errors=errors) for piece in pieces]
    except ValueError:
        if form == "ISO8601" and _are_times_in_utc(pieces):
            raise DifferentOffsets("its times have different UTC offsets; use one, or none") from None
        raise
    if len({getattr(part.dt, "tz", None) for part in parts}) > 1:
        raise DifferentOffsets("its times have different UTC offsets; use one, or none")
    read: pd.Series = pd.concat(parts)
    return read


def _are_times_in_utc(pieces: list[pd.Series]) -> bool:
    try:
        return all(len(pd.to_datetime(piece, format="ISO8601", utc=True)) for piece in pieces)
    except ValueError:
        return False


def _misfits(texts: pd.Series, form: str) -> list[int]:
    try:
        read = _read(texts, form, "coerce")
    except ValueError, OverflowError:
        return list(range(len(texts)))
    return [int(row) for row in (read.isna() & texts.notna()).to_numpy().nonzero()[0]]


def in_nanoseconds(read: pd.Series) -> pd.Series:
    """Times in the unit of `DataType.DATETIME`; in a coarser one if they are out of its range."""
    if read.dt.tz is not None:
        return read
    try:
        return read.astype("datetime64[ns]")
    except pd.errors.OutOfBoundsDatetime:
        return read
