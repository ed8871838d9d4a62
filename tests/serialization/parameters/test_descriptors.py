"""Parameter sets: their descriptors."""

from datetime import datetime
from typing import Any

import pytest
from algomancy_utils.baseparameterset import (
    BaseParameterSet,
    BooleanParameter,
    EnumParameter,
    FloatParameter,
    IntegerParameter,
    IntervalParameter,
    MultiEnumParameter,
    ParameterType,
    StringParameter,
    TimeParameter,
    TypedParameter,
)

from algomancy_api.serialization.parameters.descriptors import describe_parameter, describe_parameters

from ...support.wiring import EveryKind

NEW_YEAR = datetime(2026, 1, 1)  # noqa: DTZ001 - the framework's are naive
NEW_YEARS_EVE = datetime(2026, 12, 31)  # noqa: DTZ001


class Percentage(TypedParameter):
    """A kind of parameter of a user's own."""

    def __init__(self, name: str) -> None:
        super().__init__(name, ParameterType.STRING, required=False)

    @property
    def value(self) -> str:
        return f"{self._value or 0} %"

    def _validate(self, value: Any) -> None:
        """Take anything."""


class Whole(IntegerParameter):
    """A kind of integer of a user's own."""


DESCRIPTORS: list[tuple[TypedParameter, dict[str, Any]]] = [
    (StringParameter("s"), {"type": "string", "required": True, "value": "default", "default": "default"}),
    (
        StringParameter("s", value="now", default="before", required=False),
        {"type": "string", "required": False, "value": "now", "default": "before"},
    ),
    (
        IntegerParameter("i", minvalue=-1, maxvalue=9, value=5, default=3),
        {"type": "integer", "required": True, "value": 5, "default": 3, "min": -1, "max": 9},
    ),
    (
        FloatParameter("f", default=0.5),
        {"type": "float", "required": True, "value": 0.5, "default": 0.5, "min": None, "max": None},
    ),
    (BooleanParameter("b", default=True), {"type": "boolean", "required": True, "value": True, "default": True}),
    (
        EnumParameter("e", choices=["x", "y"], value="y"),
        {"type": "enum", "required": True, "value": "y", "choices": ["x", "y"]},
    ),
    (
        MultiEnumParameter("m", choices=["x", "y"], value=[]),
        {"type": "multi_enum", "required": True, "value": [], "choices": ["x", "y"]},
    ),
    (
        TimeParameter("t", value=NEW_YEARS_EVE, default=NEW_YEAR),
        {"type": "time", "required": True, "value": NEW_YEARS_EVE, "default": NEW_YEAR},
    ),
    (
        IntervalParameter("v", default=(NEW_YEAR, NEW_YEARS_EVE)),
        {
            "type": "interval",
            "required": True,
            "value": (NEW_YEAR, NEW_YEARS_EVE),
            "default": [NEW_YEAR, NEW_YEARS_EVE],
        },
    ),
    (Percentage("p"), {"type": "string", "required": False, "value": "0 %"}),
    (Whole("w"), {"type": "integer", "required": True, "value": 1, "default": 1, "min": None, "max": None}),
]


@pytest.mark.parametrize(("parameter", "descriptor"), DESCRIPTORS, ids=lambda case: type(case).__name__)
def test_each_kind_has_its_descriptor(parameter: TypedParameter, descriptor: dict[str, Any]) -> None:
    described = describe_parameter(parameter)
    assert described == {"name": parameter.name} | descriptor
    assert list(described)[:4] == ["name", "type", "required", "value"]
    assert type(described["type"]) is str


def test_a_time_that_nobody_has_set_has_no_value() -> None:
    described = describe_parameter(TimeParameter("t"))
    assert described["value"] is None
    assert isinstance(described["default"], datetime)


def test_an_interval_that_nobody_has_set_has_the_default_of_the_framework() -> None:
    start, end = describe_parameter(IntervalParameter("v"))["default"]
    assert start <= end


def test_a_set_is_described_in_its_order() -> None:
    described = describe_parameters(EveryKind())
    assert list(described) == ["name", "parameters"]
    assert described["name"] == "every kind"
    assert [parameter["name"] for parameter in described["parameters"]] == [
        "text", "count", "ratio", "flag", "color", "colors",
    ]  # fmt: skip


def test_a_set_without_parameters_has_no_descriptors() -> None:
    class Nothing(BaseParameterSet):
        def validate(self) -> None:
            """There is nothing to validate."""

    assert describe_parameters(Nothing("nothing")) == {"name": "nothing", "parameters": []}
