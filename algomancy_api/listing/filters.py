"""The table of the filters, and the tests of rows that conditions become."""

import operator
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from math import isfinite
from typing import Any, NamedTuple

from ..errors import Malformed
from .conditions import KPI, Condition, condition_of
from .rows import Row

#: Whether a row is in the list.
type Test = Callable[[Row], bool]

#: Conditions: in one list.
MOST_CONDITIONS = 50

STATUSES = ("created", "queued", "processing", "complete", "failed")


class Filter(NamedTuple):
    """What a name in a condition means.

    Attributes:
        value_of: The value of a row; None if it has none, which then passes no condition.
        read: The value of a condition from its text. Raises ValueError, with what it must be.
        operators: Compare the value of a row with that of a condition.
    """

    value_of: Callable[[Row], Any]
    read: Callable[[str], Any]
    operators: Mapping[str, Callable[[Any, Any], bool]]


def _contains(text: str, part: str) -> bool:
    return part.casefold() in text.casefold()


def _status(text: str) -> str:
    if text not in STATUSES:
        raise ValueError(f"one of {', '.join(STATUSES)}")
    return text


def read_number(text: str) -> float:
    """The number in a text. Raises ValueError."""
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ValueError("a number")
    return number


def _moment(text: str) -> datetime:
    """A time as the framework has them: of the server's time zone, and without its name."""
    try:  # in a query, the plus sign of an offset means a blank
        moment = datetime.fromisoformat(text.replace(" ", "+") if text[-6:-5] == " " else text)
        return moment.astimezone().replace(tzinfo=None) if moment.tzinfo else moment
    except ValueError, OverflowError:
        raise ValueError("a time of ISO 8601, such as 2026-11-29 or 2026-11-29T08:30:00Z") from None


_EQUAL = {"=": operator.eq, "!=": operator.ne}
_TEXT = _EQUAL | {"~=": _contains}
_ORDERED = _EQUAL | {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

#: The filters by name, but for labels and KPIs.
FILTERS: Mapping[str, Filter] = {
    "id": Filter(lambda row: row.place[1], str, _EQUAL),
    "tag": Filter(lambda row: row.tag, str, _TEXT),
    "status": Filter(lambda row: row.status, _status, _EQUAL),
    "algorithm": Filter(lambda row: row.algorithm, str, _EQUAL),
    "dataset": Filter(lambda row: row.dataset, str, _EQUAL),
    "note": Filter(lambda row: row.note, str, _TEXT),
    "progress": Filter(lambda row: row.progress, read_number, _ORDERED),
    "created": Filter(lambda row: row.place[0], _moment, _ORDERED),
    "started": Filter(lambda row: row.started, _moment, _ORDERED),
    "finished": Filter(lambda row: row.finished, _moment, _ORDERED),
}

#: The names of all filters, for errors.
NAMES = (*FILTERS, "label", f"{KPI}NAME")


def compiled(conditions: Collection[Condition], kpis: Collection[str], known: Collection[str] = NAMES) -> list[Test]:
    """The tests of a row, all of which must hold. Several `=` of one name are one test, which one of them passes.

    Args:
        conditions: The conditions.
        kpis: The names of the KPIs.
        known: The names that an error about another one lists.

    Raises:
        Malformed: A name or an operator is unknown, a value cannot be read, or there are too many conditions.
    """
    if len(conditions) > MOST_CONDITIONS:
        raise Malformed(f"A list has at most {MOST_CONDITIONS} conditions; got {len(conditions)}")
    tests: list[Test] = []
    alternatives: dict[str, list[Test]] = defaultdict(list)
    for condition in conditions:
        is_alternative = condition.operator == "=" and condition.name != "label"
        (alternatives[condition.name] if is_alternative else tests).append(_test_of(condition, kpis, known))
    return [*tests, *map(_any_of, alternatives.values())]


def tests_of(texts: Iterable[str], kpis: Collection[str]) -> list[Test]:
    """The tests of a row for conditions as text. Raises as `compiled` does, and for a text that is no condition."""
    return compiled([condition_of(text, kpis) for text in texts], kpis)


def filter_of(name: str, kpis: Iterable[str], known: Iterable[str]) -> Filter:
    """The filter of a name.

    Raises:
        Malformed: There is none.
    """
    kpi = name.removeprefix(KPI)
    if name.startswith(KPI) and kpi in kpis:
        return Filter(lambda row: row.kpi(kpi), read_number, _ORDERED)
    if name.startswith(KPI):
        raise Malformed(f"There is no KPI {kpi!r}; there are {', '.join(map(repr, kpis)) or 'none'}")
    if name not in FILTERS:
        raise Malformed(f"{name!r} is unknown; known are {', '.join(known)}")
    return FILTERS[name]


def _test_of(condition: Condition, kpis: Collection[str], known: Collection[str]) -> Test:
    name, sign, text = condition
    if name == "label":
        return _label_test(sign, text)
    value_of, read, operators = filter_of(name, kpis, known)
    compare = _compare(name, sign, operators)
    try:
        value = read(text)
    except ValueError as error:
        raise Malformed(f"{name} must be {error}; got {text!r}") from None

    def test(row: Row) -> bool:
        return (found := value_of(row)) is not None and compare(found, value)

    return test


def label_test(text: str) -> Callable[[Mapping[str, str]], bool]:
    """The test of labels for one of a name, and of a text if there is one after a colon."""
    name, colon, value = text.partition(":")
    if colon:
        return lambda labels: labels.get(name) == value
    return lambda labels: name in labels


def _label_test(sign: str, text: str) -> Test:
    compare, has_label = _compare("label", sign, _EQUAL), label_test(text)
    return lambda row: compare(has_label(row.labels), True)


def _compare(name: str, sign: str, operators: Mapping[str, Callable[[Any, Any], bool]]) -> Callable[[Any, Any], bool]:
    if sign not in operators:
        raise Malformed(f"{name} has no operator {sign}; it has {' '.join(operators)}")
    return operators[sign]


def _any_of(tests: Collection[Test]) -> Test:
    return lambda row: any(test(row) for test in tests)
