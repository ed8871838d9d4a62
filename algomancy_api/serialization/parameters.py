"""Descriptors of parameter sets, from which a client can build a form; and decoding of a client's values."""

from datetime import datetime
from typing import Any

from algomancy_utils.baseparameterset import (
    BaseParameterSet,
    BooleanParameter,
    EnumParameter,
    IntervalParameter,
    MultiEnumParameter,
    NumericParameter,
    ParameterError,
    StringParameter,
    TimeParameter,
    TypedParameter,
)

#: Further fields of a descriptor by class of parameter: {field: attribute}.
_EXTRA_FIELDS: tuple[tuple[type[TypedParameter], dict[str, str]], ...] = (
    (NumericParameter, {"default": "default", "min": "min", "max": "max"}),
    (EnumParameter, {"choices": "choices"}),
    (MultiEnumParameter, {"choices": "choices"}),
    (StringParameter, {"default": "default"}),
    (BooleanParameter, {"default": "default"}),
    (TimeParameter, {"default": "default"}),
)


def describe_parameters(parameters: BaseParameterSet) -> dict[str, Any]:
    """A parameter set as ``{"name", "parameters": [descriptor]}``, in the order of the set."""
    descriptors = [describe_parameter(parameter) for parameter in parameters.get_parameters().values()]
    return {"name": parameters.name, "parameters": descriptors}


def describe_parameter(parameter: TypedParameter) -> dict[str, Any]:
    """One parameter as ``{"name", "type", "required", "value"}`` and the limits or choices of its type."""
    descriptor: dict[str, Any] = {
        "name": parameter.name,
        "type": str(parameter.parameter_type),
        "required": bool(parameter.required),
        "value": parameter.value,
    }
    for kind, fields in _EXTRA_FIELDS:
        if isinstance(parameter, kind):
            descriptor |= {field: getattr(parameter, attribute) for field, attribute in fields.items()}
    if isinstance(parameter, IntervalParameter):
        descriptor["default"] = [parameter.default_start, parameter.default_end]
    return descriptor


def with_datetimes(parameters: BaseParameterSet, values: dict[str, Any]) -> dict[str, Any]:
    """A client's values, with datetimes for the ISO 8601 strings of times and intervals.

    The framework accepts only datetimes, which JSON lacks. Other strings stay unchanged: the validation of the set
    reports them.

    Raises:
        ParameterError: One end of an interval has a UTC offset and the other has none, so they cannot be compared.
    """
    kinds = parameters.get_parameters()
    return {name: _with_datetimes(kinds.get(name), value) for name, value in values.items()}


def _with_datetimes(parameter: TypedParameter | None, value: object) -> object:
    if isinstance(parameter, TimeParameter):
        return _as_datetime(value)
    if isinstance(parameter, IntervalParameter) and isinstance(value, list):
        ends = [_as_datetime(end) for end in value]
        if len({end.tzinfo is None for end in ends if isinstance(end, datetime)}) > 1:
            raise ParameterError(f"Parameter '{parameter.name}' must have two bounds with a UTC offset or two without")
        return ends
    return value


def _as_datetime(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return value
