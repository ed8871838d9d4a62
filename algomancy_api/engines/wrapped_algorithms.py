"""Algorithm classes whose `run` is handed to an engine, and whose parameters may be times; what they can call.

Names, parameters, results and KPIs stay the same. During a run, an instance knows it, so that its `set_progress` works
on any thread: solvers call back on threads of their own. It also has `cancelled`, `stopping` and `report` as methods,
unless its class has something else under these names.
"""

import types
from collections.abc import Callable, Mapping
from typing import Any

from algomancy_scenario import BaseAlgorithm
from algomancy_utils.baseparameterset import BaseParameterSet

from .parameter_text import serializable
from .run import Run

#: Runs an algorithm. Its arguments: the instance, the algorithm's original class, the dataset.
Worker = Callable[[BaseAlgorithm, type[BaseAlgorithm], Any], Any]

#: The attribute of an instance: its present run.
_RUN = "_algomancy_api_run"

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

    def initialize(self: BaseAlgorithm, params: BaseParameterSet, *arguments: Any, **keywords: Any) -> None:  # noqa: ANN401
        constructor: Any = template.__init__  # the user's own
        constructor(self, serializable(params), *arguments, **keywords)

    def set_data_params(self: BaseAlgorithm, data_params: BaseParameterSet) -> None:
        template.set_data_params(self, serializable(data_params))

    def run(self: BaseAlgorithm, data: Any) -> Any:  # noqa: ANN401 - the framework's own
        vars(self)[_RUN] = Run.current()
        try:
            return work(self, template, data)
        finally:
            vars(self)[_RUN] = None

    def set_progress(self: BaseAlgorithm, progress: float) -> None:
        if (under_way := _run_of(self)) is not None:
            under_way.raise_if_stopped()
        template.set_progress(self, progress)
        if under_way is not None:
            under_way.progress = float(self.get_progress)
        if report is not None:
            report(self.get_progress)

    namespace = {name: getattr(template, name) for name in ("__module__", "__qualname__", "__doc__")}
    namespace |= {name: method for name, method in _METHODS.items() if not hasattr(template, name)}
    namespace |= {"__init__": initialize, "set_data_params": set_data_params, "run": run, "set_progress": set_progress}
    return types.new_class(template.__name__, (template,), exec_body=lambda body: body.update(namespace))


def in_place(algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: Any) -> Any:  # noqa: ANN401
    """The result of an algorithm, run on this thread."""
    return template.run(algorithm, data)


def cancelled() -> bool:
    """Whether the calling algorithm was cancelled or is over its time limit, and has to end at once."""
    run = Run.current()
    return run is not None and run.should_stop


def stopping() -> bool:
    """Whether the calling algorithm should end: with the best result that it has, unless it is `cancelled`."""
    run = Run.current()
    return run is not None and run.should_end


def report(
    result: Any = None,  # noqa: ANN401 - the algorithm's own
    *,
    objective: Any = None,  # noqa: ANN401 - any number
    bound: Any = None,  # noqa: ANN401
    gap: Any = None,  # noqa: ANN401
    message: str | None = None,
) -> None:
    """Report how far the calling algorithm is, for clients that watch. It never raises because the run should stop.

    Args:
        result: The best result so far. It is read later and on another thread, so it must not be changed any more.
        objective: Its objective. A number that is not finite counts as not known yet.
        bound: The best bound on the objective.
        gap: The gap between them.
        message: Anything to be shown; the first 500 characters.
    """
    if (run := Run.current()) is not None:
        run.report(result, objective=objective, bound=bound, gap=gap, message=message)


def _run_of(algorithm: BaseAlgorithm) -> Run | None:
    return vars(algorithm).get(_RUN) or Run.current()


def _cancelled(self: BaseAlgorithm) -> bool:
    """Whether this algorithm was cancelled or is over its time limit, and has to end at once."""
    run = _run_of(self)
    return run is not None and run.should_stop


def _stopping(self: BaseAlgorithm) -> bool:
    """Whether this algorithm should end: with the best result that it has, unless it is cancelled."""
    run = _run_of(self)
    return run is not None and run.should_end


def _report(self: BaseAlgorithm, *result: Any, **values: Any) -> None:  # noqa: ANN401 - those of `report`
    """Report how far this algorithm is, as `algomancy_api.report` does."""
    if (run := _run_of(self)) is not None:
        run.report(*result, **values)


#: Methods that an algorithm has on every engine.
_METHODS = {"cancelled": _cancelled, "stopping": _stopping, "report": _report}
