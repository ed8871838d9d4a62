"""One run of a scenario, on its thread: the algorithm, the KPIs, and the final status."""

from typing import Any

from algomancy_scenario import BaseAlgorithm, Scenario, ScenarioStatus
from algomancy_utils import Logger, MessageStatus

from ...engines.failure_report import report_of
from ...engines.process.errors import ChildDied
from ...engines.reports import KeptResult
from ...engines.run import Run, RunStopped
from ...engines.user_code import wrap_base_exceptions
from ..run_outcomes import FailedRun, check_form, fail


def process(scenario: Scenario[Any], run: Run, data: Any, logger: Logger) -> ScenarioStatus:  # noqa: ANN401
    """Run a scenario's algorithm, compute its KPIs, and return the final status, which the scenario does not have yet.

    It differs from the framework's `Scenario.process`: a run can be stopped, and may keep its last reported result; no
    exception of the user's code ends the thread; and the final status is set last, after the result and the KPIs.
    """
    try:
        _run(scenario, run, data, logger)
    except RunStopped as stop:
        logger.log(f"Scenario '{scenario.tag}' was stopped: {stop.reason}", MessageStatus.WARNING)
        return fail(scenario, stop.reason)
    except Exception as error:
        logger.log(f"Scenario '{scenario.tag}' failed to process.", MessageStatus.ERROR)
        logger.log_traceback(error)
        scenario.result = FailedRun(*report_of(error))  # type: ignore[assignment]  # annotated as None
        return ScenarioStatus.FAILED
    else:
        run.reports.is_stopped = run.is_asked
        return ScenarioStatus.COMPLETE
    finally:
        run.reports.close()


def _run(scenario: Scenario[Any], run: Run, data: Any, logger: Logger) -> None:  # noqa: ANN401 - a dataset of any class
    try:
        with run.under_way():
            _work(scenario, run, data, logger)
    except RunStopped:
        best = run.reports.best
        if best is None or not run.has_given_up:
            raise
        _keep(scenario, best)


@wrap_base_exceptions
def _keep(scenario: Scenario[Any], best: KeptResult) -> None:
    """Make the last result that a run has reported its result."""
    scenario.result = best()
    scenario.compute_kpis()
    check_form(scenario.result)


@wrap_base_exceptions
def _work(scenario: Scenario[Any], run: Run, data: Any, logger: Logger) -> None:  # noqa: ANN401 - any class
    algorithm: Any = scenario._algorithm  # annotated with a type variable
    algorithm.set_data_params(scenario._data_params)
    scenario.result = _result(scenario, run, data, logger)
    scenario.compute_kpis()
    check_form(scenario.result)


def _result(scenario: Scenario[Any], run: Run, data: Any, logger: Logger) -> Any:  # noqa: ANN401
    """The result of the algorithm, which is run again if its process or its worker dies, as often as is asked for."""
    algorithm: Any = scenario._algorithm
    for retry in range(1, run.retries + 1):
        try:
            return algorithm.run(data)
        except ChildDied as death:
            run.raise_if_stopped()
            again = f"it is run again (retry {retry} of {run.retries})"
            logger.log(f"Scenario '{scenario.tag}': {death}; {again}", MessageStatus.WARNING)
            BaseAlgorithm.set_progress(algorithm, 0)
    return algorithm.run(data)
