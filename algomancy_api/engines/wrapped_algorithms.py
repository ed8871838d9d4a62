"""Algorithm classes whose `run` is handed to an engine; names, parameters, results and KPIs stay the same."""

import types
from collections.abc import Callable, Mapping
from typing import Any

from algomancy_scenario import BaseAlgorithm

from .run import Run

#: Runs an algorithm. Its arguments: the instance, the algorithm's original class, the dataset.
Worker = Callable[[BaseAlgorithm, type[BaseAlgorithm], Any], Any]

#: A callback for the progress of an algorithm, from 0 to 100.
Report = Callable[[float], None]


def wrapped(algorithms: Mapping[str, type[BaseAlgorithm]], work: Worker) -> dict[str, type[BaseAlgorithm]]:
    """Subclasses of the algorithms of a configuration, as `wrapped_template` makes them."""
    return {key: wrapped_template(template, work) for key, template in algorithms.items()}


def wrapped_template(template: type[BaseAlgorithm], work: Worker, report: Report | None = None) -> type[BaseAlgorithm]:
    """A subclass of an algorithm whose `run` calls ``work``, and whose `set_progress` ends a run that should stop.

    Args:
        template: The algorithm.
        work: Runs it.
        report: A callback for its progress; None for none.
    """
    if not isinstance(template, type):
        return template  # not a class: the framework reports it

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
    """The result of an algorithm, run on this thread."""
    return template.run(algorithm, data)
