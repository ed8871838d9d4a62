"""Values of parameters: which ones a client may send, what becomes of them, and how stored ones are read."""

import json
from contextlib import suppress
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

from algomancy_api.engines import serializable
from algomancy_api.serialization.parameters.values import checked_values, stored_values

NEW_YEAR = datetime(2026, 1, 1)  # noqa: DTZ001 - the framework's are naive
NEW_YEARS_EVE = datetime(2026, 12, 31)  # noqa: DTZ001
ZONED = NEW_YEAR.replace(tzinfo=UTC)


class One(BaseParameterSet):
    """A set of some parameters; it overrides nothing."""

    def __init__(self, *parameters: TypedParameter) -> None:
        super().__init__("one")
        self.add_parameters(list(parameters))

    def validate(self) -> None:
        """Accept every combination."""


KINDS: dict[str, Any] = {
    "text": lambda: StringParameter("p"),
    "integer": lambda: IntegerParameter("p", minvalue=0, maxvalue=9),
    "float": lambda: FloatParameter("p", minvalue=0, maxvalue=9),
    "boolean": lambda: BooleanParameter("p"),
    "enum": lambda: EnumParameter("p", choices=["x", "y"]),
    "multi_enum": lambda: MultiEnumParameter("p", choices=["x", "y"]),
    "time": lambda: TimeParameter("p", default=NEW_YEAR),
    "time of today": lambda: TimeParameter("p"),
    "zoned time": lambda: TimeParameter("p", default=ZONED),
    "interval": lambda: IntervalParameter("p", default=(NEW_YEAR, NEW_YEARS_EVE)),
    "interval of this year": lambda: IntervalParameter("p"),
    "zoned interval": lambda: IntervalParameter("p", default=(ZONED, ZONED)),
}


def checked(kind: str, value: Any) -> Any:
    return checked_values(One(KINDS[kind]()), {"p": value})["p"]


DAY = "2026-01-01"
ZULU = f"{DAY}T00:00:00Z"

ACCEPTED: list[tuple[str, Any, Any]] = [
    ("text", "", ""),
    ("text", DAY, DAY),
    ("integer", 9, 9),
    ("float", 9, 9),
    ("float", 0.5, 0.5),
    ("boolean", False, False),
    ("enum", "y", "y"),
    ("multi_enum", [], []),
    ("multi_enum", ["x", "x"], ["x", "x"]),
    ("time", DAY, NEW_YEAR),
    ("time", "20260101T000000", NEW_YEAR),
    ("time", "2026-01-01 00:00", NEW_YEAR),
    ("time", "2026-01-01T00:00:00.25", NEW_YEAR.replace(microsecond=250_000)),
    ("time", "2026-01-01T00:00:00.250000000", NEW_YEAR.replace(microsecond=250_000)),
    ("time", "0001-01-01", datetime.min),  # noqa: DTZ901
    ("time of today", DAY, NEW_YEAR),
    ("zoned time", ZULU, ZONED),
    ("zoned time", "2026-01-01T01:00+01:00", NEW_YEAR.replace(hour=1, tzinfo=timezone(timedelta(hours=1)))),
    ("interval", [DAY, DAY], [NEW_YEAR, NEW_YEAR]),
    ("interval of this year", [DAY, "2026-12-31"], [NEW_YEAR, NEW_YEARS_EVE]),
    ("zoned interval", [ZULU, ZULU], [ZONED, ZONED]),
]


@pytest.mark.parametrize(("kind", "value", "expected"), ACCEPTED)
def test_a_value_of_the_right_type_is_accepted(kind: str, value: Any, expected: Any) -> None:
    read = checked(kind, value)
    assert read == expected
    assert type(read) is type(expected)
    parameters = One(KINDS[kind]())
    parameters.set_validated_values({"p": read})
    assert parameters["p"] == (tuple(expected) if "interval" in kind else expected)


INTERVALS_REFUSED: list[Any] = [
    None, DAY, [], [DAY], [DAY] * 3, [DAY, None], [None, DAY], [[DAY, DAY]], {"start": DAY}, ["2026-01-02", DAY],
    [DAY, ZULU], [ZULU, DAY], [ZULU, ZULU], [DAY, "noon"], [DAY, "2026-01-02T00:00:00.123456789"],
]  # fmt: skip

REFUSED: dict[str, list[Any]] = {
    "text": [None, True, 1, [], {}],
    "integer": [None, True, False, "1", 1.5, 2.0, 10, -1, [], {}, 10**30],
    "float": [None, True, False, "0.5", 9.5, -0.1, [0.5], {}],
    "boolean": [None, "false", "true", "", 0, 1, 0.0, [], {}],
    "enum": [None, True, 1, "z", "X", ["x"], {"x": 1}],
    "multi_enum": [None, "x", ["z"], ["x", None], ["x", 1], [["x"]], {"x": 1}],
    "time": [
        None, True, 1, "", "noon", "2026-02-30", "2026-01-01T25:00", [DAY], {}, ZULU, "10000-01-01",
        "2026-01-01T00:00+00:00", "2026-01-01T00:00:00.0000001",
    ],
    "time of today": [ZULU],
    "zoned time": [DAY],
    "interval": INTERVALS_REFUSED,
    "interval of this year": [[ZULU, ZULU]],
    "zoned interval": [[DAY, DAY], [ZULU, DAY]],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in REFUSED for value in REFUSED[kind]])
def test_any_other_value_is_refused_by_name_and_value(kind: str, value: Any) -> None:
    with pytest.raises(ParameterError) as refusal:
        checked(kind, value)
    assert str(refusal.value).startswith("Parameter 'p' ")
    assert str(refusal.value).endswith(f"; got {json.dumps(value, separators=(',', ':'))}")


def test_a_long_value_is_cut_in_the_error() -> None:
    with pytest.raises(ParameterError) as refusal:
        checked("integer", "x" * 1_000)
    assert str(refusal.value) == f"Parameter 'p' must be an integer; got \"{'x' * 99}…"


OUT_OF_BOUNDS = [
    IntegerParameter("p", minvalue=2),
    FloatParameter("p", maxvalue=0.5),
    IntervalParameter("p", default=(NEW_YEARS_EVE, NEW_YEAR)),
    IntervalParameter("p", default=(NEW_YEAR, ZONED)),
]


@pytest.mark.parametrize("parameter", OUT_OF_BOUNDS, ids=lambda parameter: type(parameter).__name__)
def test_a_default_outside_its_own_bounds_is_refused_by_name_unless_it_is_not_used(parameter: TypedParameter) -> None:
    with pytest.raises(ParameterError, match=r"Parameter 'p' needs a value: its default .+ is out of bounds"):
        checked_values(One(parameter), {})
    value = ["2026-01-01", "2026-01-02"] if isinstance(parameter, IntervalParameter) else 0
    value = 2 if isinstance(parameter, IntegerParameter) else value
    assert checked_values(One(parameter), {"p": value})


@pytest.mark.parametrize("kind", KINDS)
def test_a_default_within_its_bounds_is_accepted(kind: str) -> None:
    assert checked_values(One(KINDS[kind]()), {}) == {}


def test_an_unknown_name_stays_for_the_set_to_refuse() -> None:
    assert checked_values(One(), {"q": DAY}) == {"q": DAY}


class Percentage(TypedParameter):
    """A kind of parameter of a user's own, which converts what it is given."""

    def __init__(self) -> None:
        super().__init__("p", ParameterType.FLOAT, required=False)

    @property
    def value(self) -> float:
        return float(self._value or 0)

    def _validate(self, value: Any) -> None:
        assert isinstance(value, float)

    def set_validated_value(self, value: Any) -> None:
        super().set_validated_value(float(value.removesuffix("%")))


def test_a_kind_of_a_users_own_may_convert_what_it_is_given() -> None:
    parameters = One(Percentage())
    parameters.set_validated_values(checked_values(parameters, {"p": "50%"}))
    assert parameters["p"] == 50


def test_the_values_of_the_caller_stay_as_they_were() -> None:
    values: dict[str, Any] = {"p": [DAY, DAY]}
    checked_values(One(KINDS["interval"]()), values)
    assert values == {"p": [DAY, DAY]}


@given(st.text() | st.datetimes().map(datetime.isoformat))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with suppress(ParameterError):
        assert isinstance(checked("time", text), datetime)


# Stored values -------------------------------------------------------------------------------------------------


def text_of(parameters: Any) -> str:
    text: str = parameters.serialize()
    return text


def restored(kind: str, stored: str) -> BaseParameterSet:
    parameters = One(KINDS[kind]())
    parameters.set_validated_values(stored_values(parameters, json.loads(stored)["parameters"]))
    return serializable(parameters)


@given(st.datetimes(), st.datetimes())
def test_times_are_the_same_after_they_were_stored(first: datetime, second: datetime) -> None:
    for kind, value in (("time", first), ("interval", sorted([first, second]))):
        parameters = serializable(One(KINDS[kind]()))
        parameters.set_validated_values({"p": value})
        again = restored(kind, text_of(parameters))
        assert again["p"] == parameters["p"]
        assert text_of(again) == text_of(parameters)


@pytest.mark.parametrize("kind", KINDS)
def test_a_default_is_the_same_after_it_was_stored(kind: str) -> None:
    parameters = serializable(One(KINDS[kind]()))
    assert restored(kind, text_of(parameters))["p"] == parameters["p"]


def test_a_default_that_cannot_be_set_is_read_from_a_database() -> None:
    stored = json.loads(text_of(One(IntegerParameter("p", minvalue=2))))["parameters"]
    assert stored_values(One(IntegerParameter("p", minvalue=2)), stored) == {}


def test_a_set_with_times_has_the_text_of_the_framework() -> None:
    parameters = One(IntegerParameter("n"), StringParameter("t", default="é"))
    timed = serializable(One(*parameters.get_parameters().values(), TimeParameter("p", default=ZONED)))
    assert text_of(parameters) == '{"name": "one", "parameters": {"n": 1, "t": "\\u00e9"}}'
    assert text_of(timed) == '{"name": "one", "parameters": {"n": 1, "t": "\\u00e9", "p": "2026-01-01T00:00:00Z"}}'
