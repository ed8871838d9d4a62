"""Values of parameters from a client or from a database, as the framework accepts them.

JSON has no datetimes, and the framework accepts nothing else for times and intervals. It accepts `true` as the integer
1, any text as a true boolean, and a default that its own bounds exclude.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from algomancy_utils.baseparameterset import (
    BaseParameterSet,
    IntervalParameter,
    NumericParameter,
    ParameterError,
    TimeParameter,
    TypedParameter,
)

from ..json_encoder import encode

#: Characters: the text of a value in an error is cut to this length.
_MAX_SHOWN = 100

#: A fraction of a second that Python's datetimes would cut.
_BELOW_MICROSECONDS = re.compile(r"[.,]\d{6}\d*[1-9]", re.ASCII)


def checked_values(parameters: BaseParameterSet, values: Mapping[str, Any]) -> dict[str, Any]:
    """A client's values for a set, with datetimes for ISO 8601 strings.

    Unknown names stay: the set reports them.

    Args:
        parameters: The set, with its defaults.
        values: Values by the name of the parameter; the others get their defaults.

    Raises:
        ParameterError: A value, or a default that is used, is of a wrong type or out of bounds. The message names the
            parameter and the value.
    """
    kinds = parameters.get_parameters()
    for name, parameter in kinds.items():
        if name not in values:
            _check_default(parameter)
    return {name: _checked(kinds[name], value) if name in kinds else value for name, value in values.items()}


def stored_values(parameters: BaseParameterSet, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a set that was stored as JSON, with datetimes for ISO 8601 strings.

    Values that the set has by default are left out, because a default need not be a value that can be set: the default
    of a time may be None.

    Args:
        parameters: The set, with its defaults.
        values: Values by the name of the parameter.
    """
    kinds = parameters.get_parameters()
    read = {name: _with_datetimes(kinds.get(name), value) for name, value in values.items()}
    return {name: value for name, value in read.items() if name not in kinds or not _is_default(kinds[name], value)}


def _checked(parameter: TypedParameter, value: object) -> object:
    try:
        read = _with_datetimes(parameter, value)
        _check_precision(parameter, value, read)
        _check_type(parameter, read)
        if type(parameter).set_validated_value is TypedParameter.set_validated_value:  # else it may convert the value
            parameter._check_required(read)
            parameter._validate(read)
    except ParameterError as error:
        raise ParameterError(f"{error.message.removesuffix('.')}; got {_shown(value)}") from error
    return read


def _check_default(parameter: TypedParameter) -> None:
    """Check a default that is used: the framework checks only values that are set.

    Raises:
        ParameterError: The default is out of bounds.
    """
    value = parameter.value
    is_out = False
    if isinstance(parameter, NumericParameter) and isinstance(value, (int, float)):
        is_out = not _is_between(parameter.min, value) or not _is_between(value, parameter.max)
    elif isinstance(parameter, IntervalParameter):
        is_out = not _is_between(*value)
    if is_out:
        raise ParameterError(
            f"Parameter '{parameter.name}' needs a value: its default {_shown(value)} is out of bounds"
        )


def _is_between(low: Any, high: Any) -> bool:  # noqa: ANN401 - numbers or datetimes; None for no bound
    try:
        return low is None or high is None or bool(low <= high)
    except TypeError:  # one datetime has a UTC offset, and the other has none
        return False


def _check_type(parameter: TypedParameter, value: object) -> None:
    """Check what the framework does not.

    Raises:
        ParameterError: A boolean for a number, or a time whose UTC offset makes it incomparable with the default.
    """
    if isinstance(parameter, NumericParameter) and isinstance(value, bool):
        article = "an" if parameter.parameter_type == "integer" else "a"
        raise ParameterError(f"Parameter '{parameter.name}' must be {article} {parameter.parameter_type}")
    if isinstance(parameter, TimeParameter):
        _check_offset(parameter, value, parameter.default)
    if isinstance(parameter, IntervalParameter) and isinstance(value, list):
        for end in value:
            _check_offset(parameter, end, parameter.default_start)


def _check_precision(parameter: TypedParameter, value: object, read: object) -> None:
    pairs = zip(value, read, strict=True) if isinstance(value, list) and isinstance(read, list) else [(value, read)]
    for text, moment in pairs:
        if isinstance(text, str) and isinstance(moment, datetime) and _BELOW_MICROSECONDS.search(text):
            raise ParameterError(f"Parameter '{parameter.name}' must have no more than six decimals of a second")


def _check_offset(parameter: TypedParameter, value: object, default: datetime) -> None:
    # A time with an offset and one without cannot be compared, by Python or by pandas: the run would fail.
    if isinstance(value, datetime) and (value.tzinfo is None) != (default.tzinfo is None):
        expected = "without" if default.tzinfo is None else "with"
        raise ParameterError(f"Parameter '{parameter.name}' must be given {expected} a UTC offset, as its default is")


def _with_datetimes(parameter: TypedParameter | None, value: object) -> object:
    if isinstance(parameter, TimeParameter):
        return _as_datetime(value)
    if isinstance(parameter, IntervalParameter) and isinstance(value, list):
        return [_as_datetime(end) for end in value]
    return value


def _as_datetime(value: object) -> object:
    """The datetime of an ISO 8601 string; any other value stays for the framework to refuse."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return value


def _is_default(parameter: TypedParameter, value: object) -> bool:
    default = parameter.value
    return value == (list(default) if isinstance(default, tuple) else default)


def _shown(value: object) -> str:
    text = encode(value).decode()
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
