"""The scenarios of a sweep: one for each combination of values."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from .bodies import encoded, scenario_body

#: Hexadecimal digits: of what tells the tags of runs apart that nobody named.
_DIGITS = 6

#: The label that all scenarios of a sweep have.
SWEEP_LABEL = "sweep"


def new_name(algorithm: str) -> str:
    """A name that no other run or sweep has: that of the algorithm, and some random digits."""
    return f"{algorithm} {uuid.uuid4().hex[:_DIGITS]}"


def is_axis(value: object) -> bool:
    """Whether a parameter of a sweep has several values: in a list, tuple or range, or an array."""
    return isinstance(value, (list, tuple, range)) or getattr(value, "ndim", 0) == 1


def sweep_bodies(
    name: str,
    algorithm: str,
    datasets: Sequence[str],
    parameters: Mapping[str, object],
    repetitions: int = 1,
    seed_parameter: str | None = None,
    **others: Any,  # noqa: ANN401 - those of `scenario_body`
) -> list[dict[str, Any]]:
    """The bodies of the scenarios of a sweep: by dataset, then by the values in their order, then by repetition.

    Args:
        name: What their tags begin with.
        algorithm: The name of the algorithm.
        datasets: The keys of the datasets.
        parameters: A value, or several, by the name of the parameter.
        repetitions: How often each combination comes.
        seed_parameter: A parameter that gets the number of the repetition, from 1.
        others: What all scenarios have.

    Raises:
        ValueError: There is no combination, or a parameter has two meanings.
    """
    axes = {parameter: list(values) for parameter, values in parameters.items() if is_axis(values)}  # type: ignore[call-overload]
    fixed = {parameter: value for parameter, value in parameters.items() if parameter not in axes}
    if seed_parameter in parameters:
        raise ValueError(f"{seed_parameter!r} has values, and cannot be the seed_parameter")
    if empty := [parameter for parameter, values in axes.items() if not values]:
        raise ValueError(f"a sweep has at least one value of {empty[0]!r}")
    return [
        scenario_body(_tag(name, varying), dataset, algorithm, {**fixed, **values, **seeds}, **others)
        for dataset, values, seeds, varying in _combinations(datasets, axes, repetitions, seed_parameter)
    ]


def _combinations(
    datasets: Sequence[str], axes: Mapping[str, Sequence[object]], repetitions: int, seed_parameter: str | None
) -> Iterator[tuple[str, dict[str, object], dict[str, object], dict[str, object]]]:
    """Dataset, values, seed, and all that differs between the scenarios, by name."""
    for dataset, *values, repetition in product(datasets, *axes.values(), range(1, repetitions + 1)):
        chosen = dict(zip(axes, values, strict=True))
        seeds = {seed_parameter: repetition} if seed_parameter else {}
        varying = {
            **({"dataset": dataset} if len(datasets) > 1 else {}),
            **chosen,
            **({"repetition": repetition} if repetitions > 1 else {}),
        }
        yield str(dataset), chosen, dict(seeds), varying


def _tag(name: str, varying: Mapping[str, object]) -> str:
    return " ".join([name, *(f"{parameter}={_text(value)}" for parameter, value in varying.items())])


def _text(value: object) -> str:
    return value if isinstance(value, str) else encoded(value).decode()
