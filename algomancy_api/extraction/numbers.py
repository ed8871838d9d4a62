"""Texts as numbers: the formats that the framework tries, each for a whole column, in its order."""

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_DIGITS = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_NOT_FINITE = r"(?i:nan|inf|infinity)"

#: Values: checked first, since most columns match no second format.
_HEAD = 1_000

#: Largest integer up to which each one is a float.
EXACT = 2**53


@dataclass(frozen=True)
class NumberFormat:
    """A format of numbers.

    Args:
        name: What it is called in messages.
        pattern: A regular expression that a whole text matches.
        thousands: The separator between groups of digits.
        decimal: The decimal separator, if it is not a point.
    """

    name: str
    pattern: str
    thousands: str = ""
    decimal: str = "."

    def matches(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        """Whether each text has this format; null is null."""
        return pc.match_substring_regex(texts, f"^(?:{self.pattern})$")

    def fits(self, texts: pa.ChunkedArray) -> bool:
        """Whether all texts have this format."""
        return bool(
            pc.all(self.matches(texts.slice(0, _HEAD)), min_count=0).as_py()
            and pc.all(self.matches(texts), min_count=0).as_py()
        )

    def plain(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        """Texts of this format in the plain one, without a plus sign."""
        if self.thousands:
            texts = pc.replace_substring(texts, self.thousands, "")
        if self.decimal != ".":
            texts = pc.replace_substring(texts, self.decimal, ".")
        return pc.replace_substring_regex(texts, r"^\+", "")


PLAIN = NumberFormat("a decimal point", rf"[+-]?(?:{_DIGITS}|{_NOT_FINITE})")
DECIMAL_COMMA = NumberFormat("a decimal comma", r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?", decimal=",")
THOUSANDS_COMMA = NumberFormat(
    "a comma between thousands", rf"[+-]?(?:[1-9]\d{{0,2}}(?:,\d{{2,3}})*,\d{{3}}(?:\.\d*)?|{_DIGITS})", thousands=","
)
THOUSANDS_POINT = NumberFormat(
    "a point between thousands", r"[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?|\d+(?:,\d*)?)", thousands=".", decimal=","
)

FORMATS = (PLAIN, DECIMAL_COMMA, THOUSANDS_COMMA, THOUSANDS_POINT)


def trimmed(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts without white space around them."""
    return pc.utf8_trim_whitespace(texts)


def floats(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Plain texts as floats, each the nearest one; None if one is no number."""
    try:
        return pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        return None


def integers(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Plain texts as 64-bit integers, `1.0` and `1e3` included; None if one has another value."""
    try:
        return pc.cast(pc.replace_substring_regex(texts, r"^([+-]?\d+)\.0*$", r"\1"), pa.int64())
    except pa.ArrowInvalid:
        pass
    numbers = floats(texts)
    if numbers is None or not pc.all(_is_whole(numbers), min_count=0).as_py():
        return None
    return pc.cast(numbers, pa.int64())


def is_integer(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether each plain text is a 64-bit integer."""
    digits = pc.replace_substring_regex(texts, r"^([+-]?\d+)\.0*$", r"\1")
    short = pc.match_substring_regex(digits, r"^[+-]?\d{1,18}$")
    numbers = floats(pc.if_else(PLAIN.matches(texts), texts, pa.scalar(None, texts.type)))
    whole = pc.or_kleene(short, pc.fill_null(_is_whole(numbers), False))
    return pc.if_else(pc.is_valid(texts), whole, pa.scalar(None, pa.bool_()))


def _is_whole(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    is_small = pc.less_equal(pc.abs(numbers), float(EXACT))
    return pc.and_(is_small, pc.equal(pc.floor(numbers), numbers))


def integer_column(numbers: pa.ChunkedArray) -> pd.Series:
    """Integers as pandas has them: `int64`; with nulls, floats as the framework, but `Int64` if one is no float."""
    if not numbers.null_count:
        return pd.Series(numbers.to_numpy(), copy=False)
    bounds = pc.min_max(numbers)
    if max(abs(bounds["min"].as_py() or 0), abs(bounds["max"].as_py() or 0)) > EXACT:
        column: pd.Series = numbers.to_pandas(types_mapper=lambda _: pd.Int64Dtype())
        return column
    return float_column(pc.cast(numbers, pa.float64()))


def float_column(numbers: pa.ChunkedArray) -> pd.Series:
    """Floats as pandas has them, with NaN for null."""
    return pd.Series(numbers.to_numpy(), dtype="float64", copy=False)
