"""The reasons and tracebacks of failed runs. The framework keeps the reasons, and reads neither back.

The traceback is stored in place of the result, which the framework reads of complete runs only.
"""

from typing import Any

import sqlalchemy as sa
from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_scenario.persistence.models import scenario_runs_table as runs

from ...run_outcomes import error_of
from .outcomes import RunOutcomes


class FailedRuns(RunOutcomes):
    """A repository that knows why the last runs of its scenarios failed."""

    def __init__(self, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**keywords)
        #: By scenario, in memory, because lists and polls have them.
        self._errors: dict[str, str] = {}

    def error_of(self, scenario_id: str) -> str | None:
        """The reason why a scenario's run failed, without loading the scenario; None if it has not."""
        return self._errors.get(scenario_id)

    def persist_run(self, scenario: Scenario[Any]) -> None:
        self._note_error(scenario.id, error_of(scenario))  # before the status shows that it has failed
        super().persist_run(scenario)

    def forget_error(self, scenario_id: str) -> None:
        """Note that the run of a scenario was deleted."""
        self._errors.pop(scenario_id, None)

    def _note_error(self, scenario_id: str, error: str | None) -> None:
        if error is None:
            self.forget_error(scenario_id)
        else:
            self._errors[scenario_id] = error

    def _load_latest_runs(self, scenario_ids: list[str]) -> dict[str, sa.Row[Any]]:
        found: dict[str, sa.Row[Any]] = super()._load_latest_runs(scenario_ids)
        for scenario_id, run in found.items():
            self._note_error(scenario_id, run.error if run.status == ScenarioStatus.FAILED else None)
        return found

    def _failure(self, scenario_id: str) -> tuple[str | None, str | None]:
        """The reason and the traceback of a failed run."""
        latest = sa.select(runs.c.error, runs.c.result_blob).where(runs.c.scenario_id == scenario_id)
        with self._engine.connect() as connection:
            row = connection.execute(latest.order_by(runs.c.finished_at.desc()).limit(1)).first()
        return (None, None) if row is None else (row.error, row.result_blob)
