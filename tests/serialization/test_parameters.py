"""Parameter sets: their descriptors, and the conversion of a client's values for the framework."""

from datetime import UTC, datetime, timedelta, timezone
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
    ParameterError,
    ParameterType,
    StringParameter,
    TimeParameter,
    TypedParameter,
)
from hypothesis import given
from hypothesis import strategies as st

from algomancy_api.serialization.parameters import describe_parameter, describe_parameters, with_datetimes

from ..support.wiring import EveryKind, Times

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


# A client's values ---------------------------------------------------------------------------------------------


def at(value: Any) -> Any:
    return with_datetimes(Times(), {"at": value})["at"]


def between(value: Any) -> Any:
    return with_datetimes(Times(), {"between": value})["between"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-01", NEW_YEAR),
        ("2026-01-01T00:00", NEW_YEAR),
        ("2026-01-01 00:00:00", NEW_YEAR),
        ("20260101T000000", NEW_YEAR),
        ("2026-01-01T00:00:00.25", NEW_YEAR.replace(microsecond=250_000)),
        ("2026-01-01T00:00:00Z", NEW_YEAR.replace(tzinfo=UTC)),
        ("2026-01-01T00:00:00+01:00", NEW_YEAR.replace(tzinfo=timezone(timedelta(hours=1)))),
    ],
)
def test_iso_8601_becomes_a_moment(text: str, moment: datetime) -> None:
    assert at(text) == moment
    assert at(text).tzinfo == moment.tzinfo
    assert between([text, text]) == [moment, moment]


UNREADABLE = [None, True, 1, 1.5, "", "tomorrow", "2026-02-30", "2026-01-01T25:00", {"start": "2026-01-01"}]


@pytest.mark.parametrize("value", UNREADABLE)
def test_what_is_not_iso_8601_stays_for_the_framework_to_refuse(value: Any) -> None:
    assert at(value) is value
    assert between(value) is value
    assert between([value, "2026-01-01"]) == [value, NEW_YEAR]
    with pytest.raises(ParameterError):
        Times().set_validated_values({"at": at(value)})
    with pytest.raises(ParameterError):
        Times().set_validated_values({"between": between([value, "2026-01-01"])})


@pytest.mark.parametrize("value", [[], ["2026-01-01"], ["2026-01-01"] * 3, [["2026-01-01", "2026-01-02"]]])
def test_an_interval_of_a_wrong_shape_is_refused_by_the_framework(value: list[Any]) -> None:
    assert len(between(value)) == len(value)
    with pytest.raises(ParameterError):
        Times().set_validated_values({"between": between(value)})


def test_a_list_is_no_time() -> None:
    assert at(["2026-01-01"]) == ["2026-01-01"]


@pytest.mark.parametrize("offset", ["Z", "+00:00", "-05:00"])
def test_bounds_that_cannot_be_compared_are_refused_by_name(offset: str) -> None:
    for bounds in (["2026-01-01T00:00", f"2026-02-01T00:00{offset}"], [f"2026-01-01T00:00{offset}", "2026-02-01"]):
        with pytest.raises(ParameterError, match="'between' must have two bounds with a UTC offset or two without"):
            between(bounds)
    Times().set_validated_values({"between": between([f"2026-01-01T00:00{offset}", f"2026-02-01T00:00{offset}"])})


def test_other_parameters_keep_their_text() -> None:
    values = {"text": "2026-01-01", "colors": ["2026-01-01"], "unknown": "2026-01-01"}
    assert with_datetimes(EveryKind(), values) == values


def test_the_values_of_the_caller_stay_as_they_were() -> None:
    values: dict[str, Any] = {"at": "2026-01-01", "between": ["2026-01-01", "2026-01-02"]}
    before = {"at": values["at"], "between": list(values["between"])}
    with_datetimes(Times(), values)
    assert values == before


@given(st.text() | st.datetimes().map(datetime.isoformat))
def test_any_text_is_a_moment_or_stays(text: str) -> None:
    moment = at(text)
    assert moment is text or isinstance(moment, datetime)


def test_a_set_without_parameters_has_no_descriptors() -> None:
    class Nothing(BaseParameterSet):
        def validate(self) -> None:
            """There is nothing to validate."""

    assert describe_parameters(Nothing("nothing")) == {"name": "nothing", "parameters": []}
