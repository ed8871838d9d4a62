"""Schemas of the descriptors of parameters, for the OpenAPI document."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from .domain import Moment, component


class _Described(Struct):
    name: str
    required: Annotated[bool, Meta(description="Whether it must have a value.")]


Value = Meta(description="The current value.")
Default = Meta(description="The default.")
Minimum = Meta(description="The minimum; null for none.")
Maximum = Meta(description="The maximum; null for none.")
Choices = Annotated[list[Any], Meta(description="The values to choose from.")]
Ends = Meta(description="Start and end, ISO 8601.")


class StringParameter(_Described, tag_field="type", tag="string"):
    """A parameter that is a text."""

    value: Annotated[str | None, Value]
    default: Annotated[str | None, Default]


class IntegerParameter(_Described, tag_field="type", tag="integer"):
    """A parameter that is an integer."""

    value: Annotated[int | None, Value]
    default: Annotated[int | None, Default]
    min: Annotated[float | None, Minimum]
    max: Annotated[float | None, Maximum]


class FloatParameter(_Described, tag_field="type", tag="float"):
    """A parameter that is a number."""

    value: Annotated[float | None, Value]
    default: Annotated[float | None, Default]
    min: Annotated[float | None, Minimum]
    max: Annotated[float | None, Maximum]


class BooleanParameter(_Described, tag_field="type", tag="boolean"):
    """A parameter that is true or false."""

    value: Annotated[bool | None, Value]
    default: Annotated[bool | None, Default]


class EnumParameter(_Described, tag_field="type", tag="enum"):
    """A parameter that is one of some values."""

    value: Annotated[Any, Value]
    choices: Choices


class MultiEnumParameter(_Described, tag_field="type", tag="multi_enum"):
    """A parameter that is several of some values."""

    value: Annotated[list[Any] | None, Value]
    choices: Choices


class TimeParameter(_Described, tag_field="type", tag="time"):
    """A parameter that is a moment."""

    value: Moment | None
    default: Moment | None


class IntervalParameter(_Described, tag_field="type", tag="interval"):
    """A parameter that is a time with a start and an end."""

    value: Annotated[list[str | None] | None, Ends]
    default: Annotated[list[str | None] | None, Ends]


Parameter = Annotated[
    StringParameter
    | IntegerParameter
    | FloatParameter
    | BooleanParameter
    | EnumParameter
    | MultiEnumParameter
    | TimeParameter
    | IntervalParameter,
    component("Parameter"),
    Meta(description="The descriptor of a parameter, for a form in a client."),
]


class ParameterSet(Struct):
    """The parameters of an algorithm or a dataset, in display order."""

    name: str
    parameters: list[Parameter]
