# Generated from _async by `make client`: change that, and run it again.
"""Several scenarios of a session: wait for them, compare them, change them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..errors import StatusError, Unsupported
from ..progress import Progress, meter_of
from ..views.comparison import Comparison
from ..views.scenarios import ScenariosView
from ..wire.answers import Outcome
from ..wire.faults import read
from .calls import Calls
from .scenario import Scenario
from .waiting import Waiting

if TYPE_CHECKING:
    import pandas as pd

#: Scenarios: how many ids a URL has at most; more of them go in a body.
_MOST_IN_A_URL = 40


class Scenarios(ScenariosView[Scenario]):
    """Scenarios of a session, such as those of a sweep: a sequence of them.

    Their attributes are as of the last answer about them; `refresh` and `wait` renew them.
    """

    def __init__(self, calls: Calls, scenarios: Iterable[Scenario]) -> None:
        super().__init__(scenarios)
        self._calls = calls

    def _some(self, scenarios: Iterable[Scenario]) -> Scenarios:
        return Scenarios(self._calls, scenarios)

    def refresh(self) -> Scenarios:
        """Ask for their present state. Those that are deleted have the status `deleted`."""
        Waiting(self._calls, self._scenarios, meter_of(progress=False)).refresh()
        return self

    def wait(self, timeout: float | None = None, *, progress: Progress = False, check: bool = False) -> Scenarios:
        """Wait until all runs have ended. Nothing that ends the wait ends the runs.

        Args:
            timeout: Seconds: the longest wait; None for no limit.
            progress: Whether it is shown how far they are, or a function that is called with their standing.
            check: Whether it raises if one of them is not complete then.

        Raises:
            RunFailed: One has failed, and `check` is true.
            WaitTimeout: They have not ended in time. They go on.
            WaitInterrupted: Ctrl-C. They go on.
        """
        Waiting(self._calls, self._scenarios, meter_of(progress)).wait(timeout)
        if check:
            self.check()
        return self

    def kpis(self, *, units: bool = True) -> pd.DataFrame:
        """A DataFrame with a row for each, by tag: status, parameters, KPIs, and whether they keep their thresholds.

        Args:
            units: Whether the names of KPIs have their units, such as `Cost [EUR]`.

        Raises:
            MissingExtra: pandas is not installed.
        """
        self.refresh()
        return self._frame(units=units)

    def kpi_rows(self, *, units: bool = True) -> list[dict[str, object]]:
        """The same as rows, without pandas."""
        self.refresh()
        return self._rows(units=units)

    def compare(self, baseline: Scenario | str | None = None, *, only_differences: bool = False) -> Comparison:
        """All of them side by side.

        Args:
            baseline: The scenario that the others are compared with, or its tag or id; None for the first one.
            only_differences: Whether to leave out KPIs and parameters that are the same for all.

        Raises:
            Unsupported: The server compares nothing.
        """
        ids = [each.id for each in self]
        base = baseline.id if isinstance(baseline, Scenario) else baseline
        only = "differences" if only_differences else None
        if len(ids) <= _MOST_IN_A_URL:
            given = {"ids": ",".join(ids), "baseline": base, "only": only}
            query = [(name, value) for name, value in given.items() if value]
            response = self._calls.send("GET", "compare", query=query, feature="comparison of scenarios")
        else:
            body = {"ids": ids, "baseline": base, "only": only}
            response = self._calls.send("POST", "compare", body=body, feature="comparison of scenarios")
        return read(response, Comparison)

    def cancel(self) -> list[Outcome]:
        """Stop those that run, and take those that wait out of the queue. The outcomes say what was done to each."""
        return self._changed("cancel")

    def reset(self) -> list[Outcome]:
        """Discard the results of those that do not run. The outcomes say what was done to each."""
        return self._changed("reset")

    def delete(self) -> list[Outcome]:
        """Delete those that do not run. The outcomes say what was done to each."""
        return self._changed("delete")

    def label(self, labels: Mapping[str, str | None] | None = None, **more: str | None) -> Scenarios:
        """Give labels to each, text by name; None takes one off, and the others stay."""
        for scenario in self:
            scenario.label(labels, **more)
        return self

    def _changed(self, change: str) -> list[Outcome]:
        try:
            outcomes = self._calls.change(change, [each.id for each in self])
        except Unsupported:
            outcomes = [self._changed_alone(change, each) for each in self]
        self.refresh()
        return outcomes

    def _changed_alone(self, change: str, scenario: Scenario) -> Outcome:
        changes = {"cancel": scenario.cancel, "reset": scenario.reset, "delete": scenario.delete}
        try:
            changes[change]()
        except StatusError as error:
            return Outcome(scenario.id, done=False, detail=error.detail)
        return Outcome(scenario.id, done=True)
