"""A scenario, as it is known without asking the server."""

from __future__ import annotations

from typing import Any

from ..errors import NotComplete, RunFailed
from ..wire.answers import ACTIVE, DELETED, Kpi, State, Summary
from . import markup


class ScenarioView:
    """A scenario, as of the last answer about it."""

    def __init__(self, summary: Summary) -> None:
        self._summary = summary
        self._state: State | None = None

    @property
    def id(self) -> str:
        """Its id."""
        return self._summary.id

    @property
    def tag(self) -> str:
        """Its display name, unique in the session."""
        return self._summary.tag

    @property
    def status(self) -> str:
        """`created`, `queued`, `processing`, `complete` or `failed`; or `deleted`, if it is no more."""
        return self._summary.status

    @property
    def progress(self) -> float:
        """From 0 to 100, as its algorithm says."""
        return self._summary.progress

    @property
    def algorithm(self) -> str:
        """The name of its algorithm."""
        return self._summary.algorithm.name

    @property
    def parameters(self) -> dict[str, Any]:
        """The values of the parameters of its algorithm."""
        return self._summary.algorithm.parameters

    @property
    def data_parameters(self) -> dict[str, Any]:
        """The values of the parameters of its dataset."""
        return self._summary.data_parameters

    @property
    def dataset(self) -> str:
        """The key of its dataset."""
        return self._summary.input_data_key

    @property
    def kpis(self) -> dict[str, Kpi]:
        """Its KPIs; without values until it is complete."""
        return self._summary.kpis

    @property
    def labels(self) -> dict[str, str]:
        """Its labels, text by name."""
        return self._summary.labels

    @property
    def note(self) -> str:
        """What users have noted on it."""
        return self._summary.note

    @property
    def error(self) -> str | None:
        """Why its run failed, if it did."""
        return self._summary.error

    @property
    def objective(self) -> float | None:
        """The last objective that its algorithm has reported while it was watched."""
        return None if self._state is None else self._state.objective

    @property
    def bound(self) -> float | None:
        """The last bound that its algorithm has reported while it was watched."""
        return None if self._state is None else self._state.bound

    @property
    def is_active(self) -> bool:
        """Whether it is queued or running."""
        return self.status in ACTIVE

    def check(self, others: int = 0) -> None:
        """Raise unless it is complete.

        Args:
            others: The number of further runs that have failed with it.

        Raises:
            RunFailed: Its run has failed, or was cut off.
            NotComplete: It is running, or nobody has started it.
        """
        if self.status == "complete":
            return
        if self.is_active:
            raise NotComplete(f"Scenario {self.tag!r} is {self.status}; wait() for it first")
        if self.status == "created" and not self._summary.interrupted:
            raise NotComplete(f"Scenario {self.tag!r} is not running; start() it first")
        reasons = {"created": "interrupted by a restart of the server; start() it again", DELETED: "it is deleted"}
        raise RunFailed(self.tag, reasons.get(self.status) or self.error or "failed", others)

    def _take(self, state: State) -> None:
        """Take over what an event or a poll says. The KPIs are left to a later answer, which has all of them."""
        self._state = state
        self._summary.tag, self._summary.status = state.tag or self.tag, state.status
        self._summary.progress, self._summary.error = state.progress, state.error

    def __repr__(self) -> str:
        how = f"{self.status}, {self.progress:.0f} %" if self.status == "processing" else self.status
        return f"<Scenario {self.tag!r}: {how}>"

    def _repr_html_(self) -> str:
        facts: dict[str, object] = {"status": markup.Cell(self.status, self.status), "error": self.error}
        facts |= {"dataset": self.dataset, "algorithm": self.algorithm, **self.parameters, **self.data_parameters}
        facts |= {kpi.name: markup.Cell(_text(kpi), _MEANINGS[kpi.passed]) for kpi in self.kpis.values()}
        known = [fact for fact in facts.items() if fact != ("error", None)]
        return markup.table(f"Scenario {self.tag}", ["", ""], known)


#: What the colour of a KPI means, by whether it keeps its threshold.
_MEANINGS = {None: "", True: "better", False: "worse"}


def _text(kpi: Kpi) -> str:
    return f"{markup.text_of(kpi.value)} {kpi.unit or ''}".strip()
