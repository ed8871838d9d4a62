"""A condition as text, such as ``status=complete`` or ``kpi.Cost<100``: a name, an operator, a value."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import Malformed

#: The prefix of the names of KPIs.
KPI = "kpi."

_CONDITION = re.compile(r"([^=<>!~]*)(>=|<=|!=|~=|=|<|>)(.*)", re.DOTALL)


class Condition(NamedTuple):
    """A condition; the text of its value is not read yet."""

    name: str
    operator: str
    value: str


def condition_of(text: str, kpis: Iterable[str]) -> Condition:
    """The condition in a text.

    Args:
        text: The text, without percent-encoding.
        kpis: The names of the KPIs, which may contain operators themselves.

    Raises:
        Malformed: It has no operator.
    """
    for name in sorted(kpis, key=len, reverse=True):
        known = KPI + name
        if text.startswith(known) and (found := _CONDITION.fullmatch(text, len(known))) and not found[1]:
            return Condition(known, found[2], found[3])
    if (found := _CONDITION.fullmatch(text)) is None:
        raise Malformed(f"{text!r} is no condition; write a name, one of = != ~= < <= > >=, and a value")
    return Condition(*found.groups())
