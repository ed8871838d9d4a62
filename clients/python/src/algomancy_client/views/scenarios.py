"""Several scenarios, as they are known without asking the server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from ..frames.rows import frame_of
from ..progress import Standing
from . import markup
from .kpis import FIRST, kpi_rows
from .scenario import ScenarioView

if TYPE_CHECKING:
    import pandas as pd
    from typing_extensions import Self

_Scenario = TypeVar("_Scenario", bound=ScenarioView)


class ScenariosView(Sequence[_Scenario], Generic[_Scenario]):
    """Scenarios of a session, in an order."""

    def __init__(self, scenarios: Iterable[_Scenario]) -> None:
        self._scenarios = list(scenarios)

    def __len__(self) -> int:
        return len(self._scenarios)

    @overload
    def __getitem__(self, place: int) -> _Scenario: ...

    @overload
    def __getitem__(self, place: slice) -> Self: ...

    def __getitem__(self, place: int | slice) -> _Scenario | Self:
        return self._some(self._scenarios[place]) if isinstance(place, slice) else self._scenarios[place]

    def _some(self, scenarios: Iterable[_Scenario]) -> Self:
        """Some of them, as an object of the same class."""
        return type(self)(scenarios)

    @property
    def standing(self) -> Standing:
        """How many have ended, and how far the others are, as of the last answer."""
        return Standing.of(self._scenarios)

    @property
    def complete(self) -> Self:
        """Those that are complete."""
        return self._some(each for each in self._scenarios if each.status == "complete")

    @property
    def failed(self) -> Self:
        """Those that have failed."""
        return self._some(each for each in self._scenarios if each.status == "failed")

    def check(self) -> None:
        """Raise unless all are complete.

        Raises:
            RunFailed: One has failed; the error is that of the first one.
            NotComplete: One is running, or nobody has started it.
        """
        others = [each for each in self._scenarios if each.status != "complete"]
        for scenario in others:
            scenario.check(len(others) - 1)

    def _rows(self, *, units: bool = True) -> list[dict[str, object]]:
        return kpi_rows((each._summary for each in self._scenarios), units=units)

    def _frame(self, *, units: bool) -> pd.DataFrame:
        return frame_of(self._rows(units=units), FIRST[0])

    def __repr__(self) -> str:
        return f"<{len(self)} scenarios: {self.standing}>" if self._scenarios else "<no scenarios>"

    def _repr_html_(self) -> str:
        rows = self._rows()
        alike = self._alike() if len(rows) > 1 else set()
        names = [name for name in dict.fromkeys([*FIRST, *(name for row in rows for name in row)]) if name not in alike]
        cells = [
            [markup.Cell(row.get(name), str(row.get(name)) if name == "status" else "") for name in names]
            for row in rows
        ]
        return markup.table(str(self.standing), names, cells)

    def _alike(self) -> set[str]:
        """The parameters that have the same value in all of them."""
        every = [{**each.data_parameters, **each.parameters} for each in self._scenarios]
        return {name for name in every[0] if all(name in one and one[name] == every[0][name] for one in every)}
