"""Scenarios for each combination of values: a grid, written out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from itertools import product
from math import prod
from typing import Any

from ...errors import Malformed
from ...schemas.batches import MOST_SCENARIOS, CreateScenarios, Range
from ...schemas.requests import CreateScenario
from ...serialization.json_encoder import encode

#: A name in braces, or a brace that is written twice and means itself.
_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


def scenarios_of(body: CreateScenarios) -> list[CreateScenario]:
    """The scenarios of a batch, in order: those that it lists, or those of its grid.

    Raises:
        Malformed: It has both or neither, there are too many, or two have the same tag.
    """
    if (body.scenarios is None) == (body.grid is None):
        raise Malformed("A batch has either scenarios, or a grid with tag, dataset_keys and algo_name")
    scenarios = list(_of_grid(body, body.grid)) if body.grid is not None else body.scenarios or []
    if not scenarios:
        raise Malformed("A batch has at least one scenario")
    _refuse_repeated(scenarios, body)
    for scenario in scenarios:
        scenario.labels = {**(body.label or {}), **(scenario.labels or {})}
    return scenarios


def values_of(axis: Sequence[Any] | Range) -> Sequence[Any]:
    """The values of a parameter. Those of a range are counted in decimals: 0.6, and not 0.6000000000000001.

    Raises:
        Malformed: A range has no values, or too many.
    """
    if not isinstance(axis, Range):
        return axis
    start, end, step = (Decimal(repr(number)) for number in (axis.start, axis.to, axis.step))
    if not step:
        raise Malformed("The step of a range is not 0")
    count = int(((end - start) / step).to_integral_value(ROUND_FLOOR)) + 1
    if not 1 <= count <= MOST_SCENARIOS:
        raise Malformed(
            f"A range has 1 to {MOST_SCENARIOS} values; {axis.start} to {axis.to} by {axis.step} has {max(count, 0)}"
        )
    kind = int if all(isinstance(number, int) for number in (axis.start, axis.to, axis.step)) else float
    return [kind(start + number * step) for number in range(count)]


def _of_grid(body: CreateScenarios, grid: Mapping[str, Sequence[Any] | Range]) -> Iterator[CreateScenario]:
    if not body.tag or not body.dataset_keys or not body.algo_name:
        raise Malformed("A grid needs a tag, dataset_keys and an algo_name")
    if (seed := body.seed_parameter) in grid:
        raise Malformed(f"{seed!r} is in the grid, and cannot be the seed_parameter")
    axes = {name: values_of(axis) for name, axis in grid.items()}
    repetitions = range(1, int(body.repetitions) + 1)
    count = prod(map(len, axes.values())) * len(body.dataset_keys) * len(repetitions)
    if count > MOST_SCENARIOS:
        raise Malformed(f"The grid has {count} scenarios; a batch has at most {MOST_SCENARIOS}")
    for dataset, *values, repetition in product(body.dataset_keys, *axes.values(), repetitions):
        chosen = dict(zip(axes, values, strict=True))
        seeds = {} if seed is None else {seed: repetition}
        yield CreateScenario(
            _filled(body.tag, {"dataset": dataset, "repetition": repetition} | seeds | chosen),
            dataset,
            body.algo_name,
            {**(body.algo_params or {}), **chosen, **seeds},
            body.data_params,
            note=body.note,
        )


def _filled(tag: str, values: Mapping[str, Any]) -> str:
    def text_of(found: re.Match[str]) -> str:
        if (name := found[1]) is None:
            return found[0][0]
        if name not in values:
            raise Malformed(
                f"The tag has no value for {{{name}}}; there are {', '.join(f'{{{each}}}' for each in values)}"
            )
        value = values[name]
        return value if isinstance(value, str) else encode(value).decode()

    return _PLACE.sub(text_of, tag)


def _refuse_repeated(scenarios: Sequence[CreateScenario], body: CreateScenarios) -> None:
    seen: set[str] = set()
    for scenario in scenarios:
        if scenario.tag in seen:
            hint = (
                ""
                if body.grid is None
                else "; put what differs into it, such as {dataset}, {repetition} or a parameter"
            )
            raise Malformed(f"Two scenarios of the batch have the tag {scenario.tag!r}{hint}")
        seen.add(scenario.tag)
