"""KPI classes of a configuration, without two faults of the framework's base class.

The base class loses a threshold of 0, and refuses the scalars of numpy.
"""

import types
from collections.abc import Mapping
from typing import Any

import numpy as np
from algomancy_scenario import BaseKPI
from algomancy_utils import Measurement


class _ZeroThreshold(BaseKPI):
    """The framework's class with a threshold that may be 0: just before it in the order of base classes."""

    def __init__(self, name: str, better_when: Any, base_measurement: Any, threshold: float | None = None) -> None:  # noqa: ANN401
        super().__init__(name, better_when, base_measurement, threshold)
        if threshold is not None and self._threshold is None:
            self._threshold = Measurement(base_measurement, threshold)


def wrapped_kpis(templates: Mapping[str, type[BaseKPI]]) -> dict[str, type[BaseKPI]]:
    """Subclasses of KPI classes, each of which has been built once.

    Raises:
        ValueError: A KPI cannot be built, so no scenario could be created.
    """
    wrapped = {name: _wrapped_kpi(template) for name, template in templates.items()}
    for name, template in wrapped.items():
        try:
            template()  # type: ignore[call-arg]  # the classes of a configuration take no arguments
        except Exception as error:
            raise ValueError(f"the KPI {name!r} cannot be built: {type(error).__name__}: {error}") from error
    return wrapped


def _wrapped_kpi(template: type[BaseKPI]) -> type[BaseKPI]:
    if not (isinstance(template, type) and issubclass(template, BaseKPI)):
        return template  # something of the user's own that builds a KPI

    def compute(self: BaseKPI, result: Any) -> Any:  # noqa: ANN401 - the framework's own
        value: object = template.compute(self, result)
        return value.item() if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0 else value

    namespace = {name: getattr(template, name) for name in ("__module__", "__qualname__", "__doc__")}
    namespace["compute"] = compute
    return types.new_class(template.__name__, (template, _ZeroThreshold), exec_body=lambda body: body.update(namespace))
