"""A parameter set as descriptors that a client can draw a form from, and a client's values as the set wants them."""

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

#: What a descriptor says beyond name, type, required and value: kind of parameter -> {field: attribute}.
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
    """One parameter as ``{"name", "type", "required", "value"}`` and the bounds or choices of its type."""
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
    """A client's values with ISO 8601 strings as datetimes wherever the set holds a time or an interval.

    The framework takes datetimes alone, which JSON does not have. What is not ISO 8601 stays as it came: the
    set itself then says what is wrong with it.

    Raises:
        ParameterError: One bound of an interval has a UTC offset and the other has none, which the framework would
            compare all the same.
    """
    kinds = parameters.get_parameters()
    return {name: _with_datetimes(kinds.get(name), value) for name, value in values.items()}


def _with_datetimes(parameter: TypedParameter | None, value: object) -> object:
    if isinstance(parameter, TimeParameter):
        return _as_datetime(value)
    if isinstance(parameter, IntervalParameter) and isinstance(value, list):
        bounds = [_as_datetime(bound) for bound in value]
        if len({bound.tzinfo is None for bound in bounds if isinstance(bound, datetime)}) > 1:
            raise ParameterError(f"Parameter '{parameter.name}' must have two bounds with a UTC offset or two without.")
        return bounds
    return value


def _as_datetime(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return value
