"""Descriptors of parameter sets, from which a client can build a form."""

from typing import Any

from algomancy_utils.baseparameterset import (
    BaseParameterSet,
    BooleanParameter,
    EnumParameter,
    IntervalParameter,
    MultiEnumParameter,
    NumericParameter,
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
