"""The serialised text of parameter sets that have times or intervals, which the framework's own `serialize` refuses."""

import json
from datetime import date
from functools import partial
from typing import Any

import msgspec
from algomancy_utils.baseparameterset import BaseParameterSet, IntervalParameter, TimeParameter

_TIMES = (TimeParameter, IntervalParameter)


def serializable(parameters: BaseParameterSet) -> BaseParameterSet:
    """The same set, whose `serialize` writes datetimes in ISO 8601, unless its class overrides the method.

    The framework serialises a set when its algorithm is built, and when its scenario is stored.
    """
    overrides = type(parameters).serialize is not BaseParameterSet.serialize
    if not overrides and any(isinstance(parameter, _TIMES) for parameter in parameters.get_parameters().values()):
        # Of this instance: the class is the user's, and is pickled by its name.
        parameters.serialize = partial(_text, parameters)  # type: ignore[method-assign]
    return parameters


def _text(parameters: BaseParameterSet) -> str:
    """The framework's text of a set."""
    return json.dumps({"name": parameters.name, "parameters": parameters.get_values()}, default=_iso_8601)


def _iso_8601(value: object) -> Any:  # noqa: ANN401 - a string
    if isinstance(value, date):
        return msgspec.to_builtins(value, enc_hook=type(value).isoformat)  # the hook: pandas' subclass has nanoseconds
    raise TypeError(f"{type(value).__name__} is not JSON serializable")
