"""A client that changes its own sessions at random and tracks their expected state."""

import copy
import random
from collections.abc import Callable

import httpx

from ...conftest import API, upload_items
from ...support.clients import eventually
from .expectation import CREATED, RUNNING, SessionState, State, checked_form, is_as_expected, observed, table_of
from .wiring import ALGORITHMS


class Client:
    """A client with one request at a time: after a kill, the effect of at most one request is unknown.

    Args:
        number: The number of the client.
        seed: Its actions depend only on the seed and on the moments of the kills.
    """

    def __init__(self, number: int, seed: int) -> None:
        self.name = f"client-{number}"
        self.answered = 0
        self._random = random.Random(f"{seed} {number}")  # noqa: S311
        self._version = 0
        self._state: State = {}
        self._state_if_applied: State | None = None

    @property
    def _names(self) -> set[str]:
        return {self.name, f"{self.name}-copy", f"{self.name}-renamed"}

    @property
    def _session(self) -> SessionState:
        return self._state[self.name]

    @property
    def _url(self) -> str:
        return f"{API}/sessions/{self.name}"

    def work(self, api: httpx.Client) -> None:
        """Send random changes until the server is killed."""
        try:
            while True:
                self._random.choice(self._possible())(api)
                self.answered += 1
        except httpx.TransportError:
            return

    def check(self, api: httpx.Client) -> None:
        """Assert that every confirmed change is there, and no change that was not requested."""
        found = observed(api, self._names)
        expectations = [self._state, *([] if self._state_if_applied is None else [self._state_if_applied])]
        assert any(is_as_expected(found, expected) for expected in expectations), (self.name, found, expectations)
        self._state, self._state_if_applied = found, None

    def _possible(self) -> list[Callable[[httpx.Client], None]]:
        """The actions that are possible in the current state."""
        if self.name not in self._state:
            return [self._create_session]
        has = {
            self._upload: True,
            self._derive: self._session.datasets,
            self._delete_dataset: self._unused(),
            self._create_scenario: self._session.datasets,
            self._run: self._tags(CREATED),
            self._await: self._tags(RUNNING),
            self._reset: self._complete(),
            self._delete_scenario: self._complete() + self._tags(CREATED),
            self._copy_session: f"{self.name}-copy" not in self._state,
            self._rename_copy: f"{self.name}-copy" in self._state,
            self._delete_copy: len(self._state) > 1,
        }
        return [action for action, possible in has.items() if possible]

    # Actions ---------------------------------------------------------------------------------------------------

    def _create_session(self, api: httpx.Client) -> None:
        body = {"display_name": self.name}
        self._change(
            lambda state: state.update({self.name: SessionState()}), lambda: api.post(f"{API}/sessions", json=body)
        )

    def _upload(self, api: httpx.Client) -> None:
        self._version += 1
        version = self._version
        key = self._random.choice([*self._unused(), f"data {version}"])
        self._change(
            lambda state: state[self.name].datasets.update({key: version}),
            lambda: upload_items(api, self._url, key, table_of(version)),
        )

    def _derive(self, api: httpx.Client) -> None:
        key = self._random.choice(list(self._session.datasets))
        self._version += 1
        new = f"derived {self._version}"
        self._change(
            lambda state: state[self.name].datasets.update({new: self._session.datasets[key]}),
            lambda: api.post(f"{self._url}/data/{key}/derive", json={"new_key": new}),
        )

    def _delete_dataset(self, api: httpx.Client) -> None:
        key = self._random.choice(self._unused())
        self._change(lambda state: state[self.name].datasets.pop(key), lambda: api.delete(f"{self._url}/data/{key}"))

    def _create_scenario(self, api: httpx.Client) -> None:
        self._version += 1
        tag = f"run {self._version}"
        key = self._random.choice(list(self._session.datasets))
        body = {"tag": tag, "dataset_key": key, "algo_name": self._random.choice(list(ALGORITHMS))}
        self._change(
            lambda state: state[self.name].scenarios.update({tag: CREATED}),
            lambda: api.post(f"{self._url}/scenarios", json=body),
        )

    def _run(self, api: httpx.Client) -> None:
        tag = self._random.choice(self._tags(CREATED))
        url = self._scenario_url(api, tag)
        self._change(lambda state: state[self.name].scenarios.update({tag: RUNNING}), lambda: api.post(f"{url}/run"))

    def _await(self, api: httpx.Client) -> None:
        tag = self._random.choice(self._tags(RUNNING))
        url = self._scenario_url(api, tag)
        eventually(lambda: api.get(f"{url}/status").raise_for_status().json()["status"] in ("complete", "failed"))
        self._session.scenarios[tag] = checked_form(api.get(url).raise_for_status().json())

    def _reset(self, api: httpx.Client) -> None:
        tag = self._random.choice(self._complete())
        url = self._scenario_url(api, tag)
        self._change(lambda state: state[self.name].scenarios.update({tag: CREATED}), lambda: api.post(f"{url}/reset"))

    def _delete_scenario(self, api: httpx.Client) -> None:
        tag = self._random.choice(self._complete() + self._tags(CREATED))
        url = self._scenario_url(api, tag)
        self._change(lambda state: state[self.name].scenarios.pop(tag), lambda: api.delete(url))

    def _copy_session(self, api: httpx.Client) -> None:
        name = f"{self.name}-copy"
        datasets = dict(self._session.datasets)
        self._change(
            lambda state: state.update({name: SessionState(datasets)}),
            lambda: api.post(f"{self._url}/copy", json={"new_display_name": name}),
        )

    def _rename_copy(self, api: httpx.Client) -> None:
        former, name = f"{self.name}-copy", f"{self.name}-renamed"
        if name in self._state:
            return
        self._change(
            lambda state: state.update({name: state.pop(former)}),
            lambda: api.patch(f"{API}/sessions/{former}", json={"display_name": name}),
        )

    def _delete_copy(self, api: httpx.Client) -> None:
        name = self._random.choice(sorted(self._state.keys() - {self.name}))
        self._change(lambda state: state.pop(name), lambda: api.delete(f"{API}/sessions/{name}"))

    # Helpers ---------------------------------------------------------------------------------------------------

    def _change(self, change: Callable[[State], object], request: Callable[[], httpx.Response]) -> None:
        after = copy.deepcopy(self._state)
        change(after)
        self._state_if_applied = after
        response = request()
        assert response.is_success, (self.name, response.request.method, response.url, response.text)
        self._state, self._state_if_applied = after, None

    def _scenario_url(self, api: httpx.Client, tag: str) -> str:
        summaries = api.get(f"{self._url}/scenarios").raise_for_status().json()
        [scenario] = [summary["id"] for summary in summaries if summary["tag"] == tag]
        return f"{self._url}/scenarios/{scenario}"

    def _tags(self, state: str) -> list[str]:
        return [tag for tag, known in self._session.scenarios.items() if known == state]

    def _complete(self) -> list[str]:
        return [tag for tag, known in self._session.scenarios.items() if known not in (CREATED, RUNNING)]

    def _unused(self) -> list[str]:
        """Datasets that no scenario uses, which can be replaced and deleted."""
        return [] if self._session.scenarios else list(self._session.datasets)
