"""A KPI of several scenarios: ranks, deltas and verdicts.

What is better is the framework's: a higher or a lower value, or with AT_LEAST and AT_MOST a value that keeps the
threshold. All values that keep it are equally good, and so are all that do not.

A number that is missing is NaN here, which JSON has as null.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import filterfalse
from math import isnan, nan
from operator import ge, itemgetter, le
from typing import Any, Literal

from msgspec import UNSET

from ..schemas.comparison import ComparedKpi, ComparedValue
from .pretty import Format, Pretty
from .sides import KpiForm, Side
from .values import number_of, numbers_of

type Verdict = Literal["better", "worse", "equal", "not comparable"]

#: What scenarios can differ in: the unit, the direction and the threshold of a KPI.
type Definition = tuple[Any, Any, Any]

_definition_of: Callable[[KpiForm], Definition] = itemgetter("unit", "better_when", "threshold")

#: In place of the KPI of a scenario that does not have it.
_ABSENT: KpiForm = {"unit": "", "better_when": None, "value": None, "threshold": None}
_NO_DEFINITION = _definition_of(_ABSENT)

#: Whether a value keeps the threshold, by direction.
_KEEPS: dict[str, Callable[[float, float], bool]] = {"AT_LEAST": ge, "AT_MOST": le}


def compared_kpi(key: str, sides: Sequence[Side], baseline: int, formats: Mapping[str, Format]) -> ComparedKpi:
    """A KPI of several scenarios.

    Args:
        key: Its key. At least one of the scenarios has it.
        sides: The scenarios.
        baseline: The position of the baseline among them.
        formats: The formats of KPIs, by key.
    """
    forms = [side.kpis.get(key, _ABSENT) for side in sides]
    definitions = list(map(_definition_of, forms))
    unit, better_when, common_threshold = _common(definitions)
    threshold = number_of(common_threshold)
    numbers = _numbers(sides, forms)
    passed = _passed(numbers, definitions)
    is_comparable = unit is not None and better_when is not None
    ranks = ranks_of(_scores(numbers, passed, better_when) if is_comparable else [nan] * len(sides))
    base = numbers[baseline] if is_comparable else nan
    deltas = [number - base for number in numbers]
    texts, symbols = zip(*_pretty(numbers, forms, formats.get(key), unit), strict=True)
    values = map(
        ComparedValue,
        numbers,
        texts,
        symbols,
        passed,
        ranks,
        deltas,
        _relative(deltas, base),
        verdicts_of(ranks, ranks[baseline]),
        [UNSET] * len(sides) if unit is not None else [UNSET if form is _ABSENT else form["unit"] for form in forms],
        strict=True,
    )
    return ComparedKpi(
        key=key,
        name=next(str(form["name"]) for form in forms if form is not _ABSENT),
        unit=unit,
        better_when=better_when,
        threshold=threshold,
        pretty_threshold=None
        if unit is None
        else _pretty([threshold], [{"unit": unit}], formats.get(key), unit)[0].text,
        differs=unit is None or _differ(numbers),
        best=[
            side.scenario.id
            for side, rank, keeps in zip(sides, ranks, passed, strict=True)
            if rank == 1 and keeps is not False
        ],
        values=list(values),
    )


def ranks_of(scores: Sequence[float]) -> list[int | None]:
    """The rank of each score: 1 more than there are higher ones; None for NaN."""
    ascending = sorted(filterfalse(isnan, scores))
    # Of equal scores, the last one counts, which has the least rank.
    rank = dict(zip(ascending, range(len(ascending), 0, -1), strict=True))
    return list(map(rank.get, scores))


def verdicts_of(ranks: Sequence[int | None], baseline: int | None) -> list[Verdict]:
    """What each scenario is beside the baseline, by their ranks."""
    if baseline is None:
        return ["not comparable"] * len(ranks)
    return [
        "not comparable" if rank is None else "equal" if rank == baseline else "better" if rank < baseline else "worse"
        for rank in ranks
    ]


def _numbers(sides: Sequence[Side], forms: Sequence[KpiForm]) -> list[float]:
    """The numbers of a KPI: only those of complete scenarios, since that of any other may be of half a run."""
    of_each = zip(sides, forms, strict=True)
    return numbers_of([form["value"] if side.scenario.status == "complete" else None for side, form in of_each])


def _passed(numbers: Sequence[float], definitions: Sequence[Definition]) -> list[bool | None]:
    """Whether each number keeps the threshold of its KPI; None without one."""
    rules = {each: rule for each in set(definitions) if (rule := _rule(*each)) is not None}
    if not rules:
        return [None] * len(numbers)
    return [
        None if rule is None or isnan(number) else rule[0](number, rule[1])
        for number, rule in zip(numbers, map(rules.get, definitions), strict=True)
    ]


def _rule(_unit: Any, better_when: Any, threshold: Any) -> tuple[Callable[[float, float], bool], float] | None:  # noqa: ANN401
    """What compares a number with the threshold, and the threshold; None if there is nothing to keep."""
    keeps, number = _KEEPS.get(better_when), number_of(threshold)
    return None if keeps is None or isnan(number) else (keeps, number)


def _scores(numbers: Sequence[float], passed: Sequence[bool | None], better_when: str) -> list[float]:
    """What is higher for better values, and NaN for those that cannot be compared."""
    if better_when in _KEEPS:
        return [nan if keeps is None else float(keeps) for keeps in passed]
    return [-number for number in numbers] if better_when == "LOWER" else list(numbers)


def _relative(deltas: Sequence[float], baseline: float) -> list[float]:
    """Deltas as parts of the baseline's absolute value. Of a baseline of 0, only 0 is a part."""
    if baseline == 0:
        return [0.0 if delta == 0 else nan for delta in deltas]
    size = abs(baseline)
    return [delta / size for delta in deltas]


def _pretty(numbers: Sequence[float], forms: Sequence[KpiForm], known: Format | None, unit: str | None) -> list[Pretty]:
    """The numbers as text, in the format of the KPI if that is of their unit."""
    if known is not None and known.unit == unit:
        return list(map(known.of, numbers))
    own = {symbol: Format.of_unit(symbol) for symbol in {form["unit"] for form in forms}}
    return [own[form["unit"]].of(number) for number, form in zip(numbers, forms, strict=True)]


def _common(definitions: Sequence[Definition]) -> Definition:
    """Unit, direction and threshold of a KPI; None for those in which scenarios that have it differ."""
    different = dict.fromkeys(definitions)
    different.pop(_NO_DEFINITION, None)
    unit, better_when, threshold = (of[0] if len(set(of)) == 1 else None for of in zip(*different, strict=True))
    return unit, better_when, threshold


def _differ(numbers: Sequence[float]) -> bool:
    first = numbers[0]
    if isnan(first):
        return not all(map(isnan, numbers))
    return any(number != first for number in numbers)
