"""The operations on the run of a scenario while it is under way: stop it and keep the best, and look into it."""

from typing import Any

from algomancy_scenario import Scenario

from ..concurrency.decorators import on_worker, serial_with_scenarios
from ..engines.user_code import wrap_base_exceptions
from ..framework import ACTIVE
from ..live.watched_scenario import State
from ..schemas import ReportedPoint, RunProgress
from ..serialization.json_encoder import encode
from .datasets import Datasets
from .scenario_views import encoded_form, form_with, kpis_of
from .wrong_states import wrong_state


class Runs(Datasets):
    """A mixin of `Session`, which has the methods that it does not define."""

    def state(self, scenario_id: str) -> State:
        """The status and progress of a scenario."""
        raise NotImplementedError

    def _scenario(self, scenario_id: str) -> Scenario[Any]:
        raise NotImplementedError

    def final_kpis(self, scenario_id: str) -> dict[str, Any]:
        """The KPIs of a scenario that is complete, for its last event. They are in memory."""
        return kpis_of(self.manager, scenario_id)

    @serial_with_scenarios
    def stop_scenario(self, scenario_id: str, grace: float) -> bytes:
        """Ask a run to end with what it has, or remove a scenario from the queue, and return its full form."""
        scenario = self._scenario(scenario_id)
        if not self.manager.stop(scenario_id, grace):
            status = self.state(scenario_id).status
            # A second request may come after the run that was stopped has ended.
            if self.manager.ended_of(scenario_id, status) is None:
                raise wrong_state(scenario_id, "stop", "ending" if status in ACTIVE else status)
        return encoded_form(self.manager, scenario, traceback=False)

    @on_worker
    def run_progress(self, scenario_id: str) -> bytes:
        """What the last run of a scenario has reported."""
        status = self.state(scenario_id).status
        points = [ReportedPoint(*point) for point in self.manager.reports.points(scenario_id)]
        return encode(RunProgress(scenario_id, status, points))

    @on_worker
    @wrap_base_exceptions
    def best(self, scenario_id: str) -> bytes:
        """The full form of a running scenario with the last result that its algorithm has reported."""
        scenario, status = self._scenario(scenario_id), self.state(scenario_id).status
        if status == "complete":
            return encoded_form(self.manager, scenario, traceback=False)
        reports = self.manager.reports.live(scenario_id)
        if reports is not None:
            reports.fetch()
        if reports is None or status != "processing" or (best := reports.best) is None:
            raise wrong_state(scenario_id, "best", status)
        return encode(form_with(self.manager, scenario, best(), status))
