# Generated from _async by `make client`: change that, and run it again.
"""A session: its datasets and its scenarios."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import NotFound, Refused, Unsupported
from ..frames.arrow import stream_of
from ..views.dataset import DatasetView, key_of
from ..views.datasets import DatasetsView
from ..views.session import SessionView
from ..wire.answers import Algorithms, EtlOutcome, Keys, Parameters, SessionList, SessionName, State
from ..wire.bodies import File, files_of, scenario_body
from ..wire.faults import read
from ..wire.grids import SWEEP_LABEL, new_name, sweep_bodies
from ..wire.queries import list_query
from .calls import LONG, Calls
from .dataset import Dataset
from .scenario import Scenario
from .scenarios import Scenarios
from .starting import all_created, created
from .transport import Transport
from .watching import states

if TYPE_CHECKING:
    import pandas as pd


class Session(SessionView):
    """A session: a workspace with datasets and scenarios of its own."""

    def __init__(self, transport: Transport, name: SessionName) -> None:
        super().__init__(name.id, name.display_name, transport.settings.url)
        self._calls = Calls(transport, name.id)

    def upload(self, name: str, *files: File, replace: bool = False) -> Dataset:
        """A new dataset, which the ETL of the server makes of files.

        Args:
            name: The key of the dataset.
            files: Paths of CSV, JSON and XLSX files, or pairs of a file name and a content.
            replace: Whether it replaces a dataset of this key that scenarios use.

        Raises:
            ValueError: There is no file.
            Refused: The data is refused, with every message.
            BadRequest: A file cannot be read, or no schema is named like it.
            Conflict: Scenarios use the dataset of this key.
        """
        if not files:
            raise ValueError("an upload has at least one file")
        form = {"dataset_name": name}
        query = [("replace", "true")] if replace else []
        response = self._calls.send(
            "POST", "etl", query=query, form=form, files=files_of("files", files), patience=LONG
        )
        return self._accepted(name, read(response, EtlOutcome))

    def put(
        self, name: str, tables: Mapping[str, pd.DataFrame], *, replace: bool = False, validate: bool = True
    ) -> Dataset:
        """A new dataset of DataFrames, exactly as they are, without an ETL.

        Args:
            name: The key of the dataset.
            tables: The tables by name.
            replace: Whether it replaces a dataset of this key that scenarios use.
            validate: Whether the validators of the server see the tables.

        Raises:
            Refused: The validators refuse the tables, with every message.
            MissingExtra: pandas or pyarrow is not installed.
            Unsupported: The server takes no tables.
        """
        files = tuple((f"{table}.arrow", stream_of(frame)) for table, frame in tables.items())
        given = {"replace": "true" if replace else None, "validate": None if validate else "false"}
        response = self._calls.send(
            "PUT",
            "data",
            name,
            query=[(option, value) for option, value in given.items() if value],
            files=files_of("tables", files),
            patience=LONG,
            feature="way to take tables without an ETL",
        )
        return self._accepted(name, read(response, EtlOutcome))

    def datasets(self) -> DatasetsView[Dataset]:
        """Its datasets, as a list."""
        found = read(self._calls.send("GET", "data", query=[("details", "true")]), Keys)
        datasets = [Dataset(self._calls, key) for key in found.keys]
        return DatasetsView(datasets, {facts.key: facts for facts in found.datasets})

    def dataset(self, key: str) -> Dataset:
        """The dataset of a key.

        Raises:
            NotFound: There is none.
        """
        keys = read(self._calls.send("GET", "data"), Keys).keys
        if key not in keys:
            raise NotFound(f"Dataset {key!r} not found; there are {', '.join(map(repr, keys)) or 'none'}", 404)
        return Dataset(self._calls, key)

    def algorithms(self) -> dict[str, list[dict[str, Any]]]:
        """The descriptors of the parameters of each algorithm, by its name."""
        names = read(self._calls.send("GET", "algorithms"), Algorithms).algorithms
        return {name: self._parameters(name) for name in names}

    def run(
        self,
        algorithm: str,
        data: DatasetView | str,
        *,
        tag: str | None = None,
        parameters: Mapping[str, object] | None = None,
        data_parameters: Mapping[str, object] | None = None,
        labels: Mapping[str, str] | None = None,
        note: str | None = None,
        start: bool = True,
        **values: object,
    ) -> Scenario:
        """A new scenario, which is put into the queue.

        Args:
            algorithm: The name of the algorithm.
            data: The dataset, or its key.
            tag: The tag of the scenario; None for a new one.
            parameters: Values of parameters of the algorithm that are named like an argument of this method.
            data_parameters: Values of parameters of the dataset.
            labels: Labels, text by name.
            note: A text about it.
            start: Whether it is put into the queue.
            values: The other values of parameters of the algorithm.

        Raises:
            BadRequest: A parameter has no such value.
            NotFound: There is no such algorithm or dataset.
            Conflict: The tag is taken.
        """
        if labels or note:
            self._require("labels and notes")
        body = scenario_body(
            new_name(algorithm) if tag is None else tag,
            key_of(data),
            algorithm,
            {**(parameters or {}), **values},
            data_parameters,
            labels,
            note,
        )
        return created(self._calls, body, run=start)

    def sweep(
        self,
        algorithm: str,
        data: DatasetView | str | Sequence[DatasetView | str],
        *,
        tag: str | None = None,
        parameters: Mapping[str, object] | None = None,
        data_parameters: Mapping[str, object] | None = None,
        repetitions: int = 1,
        seed_parameter: str | None = None,
        labels: Mapping[str, str] | None = None,
        **values: object,
    ) -> Scenarios:
        """New scenarios, one for each combination of the values of parameters, which are put into the queue.

        Args:
            algorithm: The name of the algorithm.
            data: The dataset or datasets, or their keys.
            tag: What their tags begin with; None for a new text. It is also their label `sweep`.
            parameters: Parameters of the algorithm that are named like an argument of this method.
            data_parameters: Values of parameters of the datasets.
            repetitions: How often each combination comes.
            seed_parameter: A parameter that gets the number of the repetition, from 1.
            labels: Further labels of all of them, text by name.
            values: The other parameters of the algorithm: several values in a list, tuple, range or array, or one.

        Raises:
            BadRequest: A parameter has no such value. Nothing is created.
            NotFound: There is no such algorithm or dataset.
            Unprocessable: A name or a text is too long.
        """
        if labels:
            self._require("labels and notes")
        name = new_name(algorithm) if tag is None else tag
        several = [data] if isinstance(data, (DatasetView, str)) else data
        bodies = sweep_bodies(
            name,
            algorithm,
            [key_of(each) for each in several],
            {**(parameters or {}), **values},
            repetitions,
            seed_parameter,
            data_parameters=data_parameters,
        )
        scenarios = all_created(self._calls, bodies, {SWEEP_LABEL: name, **(labels or {})})
        return Scenarios(self._calls, scenarios)

    def scenarios(self, *conditions: str, order: str | None = None, limit: int | None = None) -> Scenarios:
        """Its scenarios, or those that pass conditions such as `status=complete`, `label=sweep:s1`, `kpi.Cost<100`.

        Args:
            conditions: The conditions, all of which must hold.
            order: What they are ordered by, such as `-kpi.Cost,tag`.
            limit: The most scenarios.

        Raises:
            Unprocessable: A condition has no meaning.
            Unsupported: The server passes over conditions.
        """
        found = self._calls.listed(list_query(conditions, order, limit))
        return Scenarios(self._calls, [Scenario(self._calls, summary) for summary in found])

    def scenario(self, name: str) -> Scenario:
        """The scenario of a tag or an id.

        Raises:
            NotFound: There is none.
        """
        try:
            found = [*self._calls.listed([("tag", name)]), *self._calls.listed([("id", name)])]
        except Unsupported:
            found = [each for each in self._calls.listed([]) if name in (each.tag, each.id)]
        if not found:
            raise NotFound(f"Scenario {name!r} not found", 404)
        return Scenario(self._calls, found[0])

    def watch(self) -> Generator[State, None]:
        """The states of its scenarios, as they change: first of all of them, then of each that changes, without end.

        Raises:
            Unsupported: The server sends no events.
            ConnectionFailed: The server has been away for too long.
        """
        return states(self._calls)

    def copy(self, name: str) -> Session:
        """A new session, which begins with copies of the datasets of this one.

        Raises:
            Conflict: The name is taken.
        """
        response = self._calls.send("POST", "copy", body={"new_display_name": name}, patience=LONG)
        [new] = [each for each in read(response, SessionList).sessions if each.display_name == name]
        return Session(self._calls.transport, new)

    def rename(self, name: str) -> Session:
        """Change its display name."""
        self._calls.send("PATCH", body={"display_name": name})
        self.name = name
        return self

    def delete(self) -> None:
        """Delete it, with its datasets and scenarios."""
        self._calls.send("DELETE")

    def _parameters(self, algorithm: str) -> list[dict[str, Any]]:
        return read(self._calls.send("GET", "algorithms", algorithm, "parameters"), Parameters).parameters

    def _require(self, feature: str) -> None:
        """Raise `Unsupported` for a server that would pass over what is asked of it."""
        self._calls.send("GET", feature=feature)

    def _accepted(self, name: str, outcome: EtlOutcome) -> Dataset:
        if not outcome.success:
            raise Refused(name, outcome.messages)
        return Dataset(self._calls, name, outcome.messages)
