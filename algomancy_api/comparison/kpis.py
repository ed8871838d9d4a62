"""A KPI of several scenarios: ranks, deltas and verdicts.

What is better is the framework's: a higher or a lower value, or with AT_LEAST and AT_MOST a value that keeps the
threshold. All values that keep it are equally good, and so are all that do not.

A number that is missing is NaN here, which JSON has as null.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import filterfalse
from math import isnan, nan
from operator import ge, le
from typing import Any, Literal

from msgspec import UNSET

from ..schemas.comparison import ComparedKpi, ComparedValue
from .pretty import Format, Pretty
from .sides import KpiForm, Side
from .values import number_of

type Verdict = Literal["better", "worse", "equal", "not comparable"]

#: In place of the KPI of a scenario that does not have it.
_ABSENT: KpiForm = {"unit": "", "better_when": None, "value": None, "threshold": None}

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
    unit, better_when, common_threshold = _common(forms)
    threshold = number_of(common_threshold)
    numbers = [_number(side, form) for side, form in zip(sides, forms, strict=True)]
    passed = [_passed(number, form) for number, form in zip(numbers, forms, strict=True)]
    is_comparable = unit is not None and better_when is not None
    ranks = ranks_of(_scores(numbers, passed, better_when) if is_comparable else [nan] * len(sides))
    base = numbers[baseline] if is_comparable else nan
    deltas = [number - base for number in numbers]
    pretty = _pretty(numbers, forms, formats.get(key), unit)
    values = map(
        ComparedValue,
        numbers,
        [text for text, _ in pretty],
        [symbol for _, symbol in pretty],
        passed,
        ranks,
        deltas,
        _relative(deltas, base),
        verdicts_of(ranks, ranks[baseline]),
        [UNSET if unit is not None or form is _ABSENT else form["unit"] for form in forms],
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
    ordered = sorted(filterfalse(isnan, scores), reverse=True)
    rank: dict[float, int] = {}
    for position, score in enumerate(ordered, 1):
        rank.setdefault(score, position)
    return [rank.get(score) for score in scores]


def verdicts_of(ranks: Sequence[int | None], baseline: int | None) -> list[Verdict]:
    """What each scenario is beside the baseline, by their ranks."""
    if baseline is None:
        return ["not comparable"] * len(ranks)
    return [
        "not comparable" if rank is None else "equal" if rank == baseline else "better" if rank < baseline else "worse"
        for rank in ranks
    ]


def _number(side: Side, form: KpiForm) -> float:
    """The number of a scenario's KPI: only of a complete one, since that of any other may be of half a run."""
    return number_of(form["value"]) if side.scenario.status == "complete" else nan


def _passed(number: float, form: KpiForm) -> bool | None:
    """Whether a number keeps the threshold of its KPI; None without one."""
    if (keeps := _KEEPS.get(form["better_when"])) is None:
        return None
    threshold = number_of(form["threshold"])
    return None if isnan(number) or isnan(threshold) else keeps(number, threshold)


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


def _common(forms: Sequence[KpiForm]) -> tuple[Any, Any, Any]:
    """Unit, direction and threshold of a KPI; None for those in which scenarios that have it differ."""
    definitions = {(form["unit"], form["better_when"], form["threshold"]) for form in forms if form is not _ABSENT}
    if len(definitions) == 1:
        return definitions.pop()
    unit, better_when, threshold = (
        values.pop() if len(values := set(of)) == 1 else None for of in zip(*definitions, strict=True)
    )
    return unit, better_when, threshold


def _differ(numbers: Sequence[float]) -> bool:
    first = numbers[0]
    if isnan(first):
        return not all(map(isnan, numbers))
    return any(number != first for number in numbers)
