"""Algorithms and KPIs in place, on their session's worker thread, unable to end it.

The framework's worker survives an `Exception` alone: a `sys.exit()` in an algorithm ends the thread, and the
session's queue stands still for good. So each template is wrapped in a subclass whose work turns whatever else it
raises into an `Exception`, which the framework then reports as that scenario's failure.
"""

import types
from collections.abc import Mapping

from algomancy_scenario import BaseAlgorithm, BaseKPI

from .containment import contained


def on_thread(
    algorithms: Mapping[str, type[BaseAlgorithm]], kpis: Mapping[str, type[BaseKPI]]
) -> tuple[dict[str, type[BaseAlgorithm]], dict[str, type[BaseKPI]]]:
    """The templates of a configuration, wrapped: same names, same parameters, same results."""
    return (
        {key: _wrapped(template, "run") for key, template in algorithms.items()},
        {key: _wrapped(template, "compute") for key, template in kpis.items()},
    )


def _wrapped[T](template: type[T], method: str) -> type[T]:
    """A subclass of a template whose ``method`` raises nothing but an `Exception`."""
    if not isinstance(template, type):
        return template  # not a class: the framework will say so
    namespace = {name: getattr(template, name) for name in ("__module__", "__qualname__", "__doc__")}
    namespace[method] = contained(getattr(template, method))
    return types.new_class(template.__name__, (template,), exec_body=lambda body: body.update(namespace))
