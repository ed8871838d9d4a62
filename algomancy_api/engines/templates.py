"""Algorithms, wrapped for where they run: the same names, parameters, results and KPIs."""

import types
from collections.abc import Callable, Mapping
from typing import Any

from algomancy_scenario import BaseAlgorithm

from .runs import Run

#: Does the work of an algorithm over a dataset: gets the instance, its own ``run``, and the dataset.
Worker = Callable[[BaseAlgorithm, Callable[[Any], Any], Any], Any]


def wrapped(algorithms: Mapping[str, type[BaseAlgorithm]], work: Worker) -> dict[str, type[BaseAlgorithm]]:
    """The templates of a configuration, their runs handed to a worker, their progress a place to stop at."""
    return {key: _wrapped(template, work) for key, template in algorithms.items()}


def _wrapped(template: type[BaseAlgorithm], work: Worker) -> type[BaseAlgorithm]:
    if not isinstance(template, type):
        return template  # not a class: the framework will say so
    own: Any = template

    def run(self: BaseAlgorithm, data: Any) -> Any:  # noqa: ANN401 - the framework's own
        return work(self, types.MethodType(own.run, self), data)

    def set_progress(self: BaseAlgorithm, progress: float) -> None:
        if (under_way := Run.current()) is not None:
            under_way.raise_if_stopped()
        own.set_progress(self, progress)

    namespace = {name: getattr(template, name) for name in ("__module__", "__qualname__", "__doc__")}
    namespace |= {"run": run, "set_progress": set_progress}
    return types.new_class(template.__name__, (template,), exec_body=lambda body: body.update(namespace))
