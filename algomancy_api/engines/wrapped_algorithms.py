"""Algorithms, wrapped for where they run: the same names, parameters, results and KPIs."""

import types
from collections.abc import Callable, Mapping
from typing import Any

from algomancy_scenario import BaseAlgorithm

from .run import Run

#: Does the work of an algorithm over a dataset: gets the instance, its own template, and the dataset.
Worker = Callable[[BaseAlgorithm, type[BaseAlgorithm], Any], Any]

#: Is told the progress of an algorithm, from 0 to 100.
Report = Callable[[float], None]


def wrapped(algorithms: Mapping[str, type[BaseAlgorithm]], work: Worker) -> dict[str, type[BaseAlgorithm]]:
    """The templates of a configuration, their runs handed to a worker, their progress a place to stop at."""
    return {key: wrapped_template(template, work) for key, template in algorithms.items()}


def wrapped_template(template: type[BaseAlgorithm], work: Worker, report: Report | None = None) -> type[BaseAlgorithm]:
    """One template, likewise; ``report`` is told its progress."""
    if not isinstance(template, type):
        return template  # not a class: the framework will say so

    def run(self: BaseAlgorithm, data: Any) -> Any:  # noqa: ANN401 - the framework's own
        return work(self, template, data)

    def set_progress(self: BaseAlgorithm, progress: float) -> None:
        if (under_way := Run.current()) is not None:
            under_way.raise_if_stopped()
        template.set_progress(self, progress)
        if report is not None:
            report(self.get_progress)

    namespace = {name: getattr(template, name) for name in ("__module__", "__qualname__", "__doc__")}
    namespace |= {"run": run, "set_progress": set_progress}
    return types.new_class(template.__name__, (template,), exec_body=lambda body: body.update(namespace))


def in_place(algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: Any) -> Any:  # noqa: ANN401
    """Run an algorithm here and now."""
    return template.run(algorithm, data)
