"""What a client does, kind by kind of the mix."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
from msgspec import Struct
from yarl import URL

from .api import beneath
from .client import Client, Json
from .document import Document
from .outcome import Step
from .place import Place

#: What a client takes up and does to its end, before it takes up the next.
type Journey = Callable[[Client], Awaitable[None]]

#: How often a client polls a status, in seconds, where requests are not paced.
_INTERVAL = 0.1

_ACTIVE = ("queued", "processing")


class _Scenario(Struct):
    id: str
    status: str
    result: Any = None


class _Summary(Struct):
    id: str
    input_data_key: str


class _Status(Struct):
    status: str


class Reads:
    """Read something; each sort of address as often as any other."""

    def __init__(self, addresses: Mapping[str, Sequence[URL]]) -> None:
        choices = [(Step("reads", sort), several) for sort, several in addresses.items() if several]
        # Each once in their order, which the report shows them in; from then on at random.
        self._choices = chain(choices, iter(lambda: random.choice(choices), None))

    async def __call__(self, client: Client) -> None:
        """Read once."""
        step, addresses = next(self._choices)
        await client.ask(step, random.choice(addresses))


class Polls:
    """Poll the status of any scenario."""

    STATUS = Step("polls", "status")

    def __init__(self, addresses: Sequence[URL]) -> None:
        self._addresses = addresses

    async def __call__(self, client: Client) -> None:
        """Poll once."""
        await client.ask(self.STATUS, random.choice(self._addresses))


class Runs:
    """Create a scenario, run it, poll its status until it has ended, delete it."""

    CREATE = Step("runs", "create", "POST")
    RUN = Step("runs", "run", "POST")
    STATUS = Step("runs", "status")
    REASON = Step("runs", "reason")
    DELETE = Step("runs", "delete", "DELETE")

    def __init__(self, place: Place, dataset: str, algorithm: str) -> None:
        self._place = place
        self._body = {"dataset_key": dataset, "algo_name": algorithm}

    async def __call__(self, client: Client) -> None:
        """Run once."""
        scenarios = self._place.session / "scenarios"
        body = msgspec.json.encode(self._body | {"tag": self._place.new_name()})
        answer = await client.ask(self.CREATE, scenarios, Json(body, len(body)))
        created = client.read(self.CREATE, answer, _Scenario)
        scenario = beneath(scenarios, created.id)
        if created.status == "created":  # a server with autorun has run it already
            await client.ask(self.RUN, scenario / "run")
        if await _end(client, self.STATUS, scenario) == "failed":
            await self._count_failure(client, scenario)
        await client.ask(self.DELETE, scenario)

    async def _count_failure(self, client: Client, scenario: URL) -> None:
        answer = await client.ask(self.REASON, scenario)
        client.failed(self.STATUS, f"the scenario failed: {client.read(self.REASON, answer, _Scenario).result}")


class Uploads:
    """Send a dataset's download back under a new name, and delete that dataset."""

    UPLOAD = Step("uploads", "upload", "POST")
    DELETE = Step("uploads", "delete", "DELETE")
    LIST = Step("uploads", "scenarios")
    STATUS = Step("uploads", "status")
    DELETE_SCENARIO = Step("uploads", "delete scenario", "DELETE")

    def __init__(self, place: Place, document: Document) -> None:
        self._place = place
        self._document = document

    async def __call__(self, client: Client) -> None:
        """Upload once."""
        key = self._place.new_name()
        data = self._place.session / "data"
        await client.ask(self.UPLOAD, data / "from-json", self._document.named(key))
        answer = await client.ask(self.DELETE, beneath(data, key), also_good=(409,))
        if answer.status == 409:  # a server with autocreate has made a scenario of it
            await self._delete_scenarios(client, key)
            await client.ask(self.DELETE, beneath(data, key))

    async def _delete_scenarios(self, client: Client, key: str) -> None:
        scenarios = self._place.session / "scenarios"
        answer = await client.ask(self.LIST, scenarios)
        for summary in client.read(self.LIST, answer, list[_Summary]):
            if summary.input_data_key == key:
                scenario = beneath(scenarios, summary.id)
                await _end(client, self.STATUS, scenario)
                await client.ask(self.DELETE_SCENARIO, scenario)


async def _end(client: Client, step: Step, scenario: URL) -> str:
    """The status that a scenario has once it is neither queued nor running."""
    pause = 0.0
    while True:
        answer = await client.ask(step, scenario / "status", pause=pause)
        status = client.read(step, answer, _Status).status
        if status not in _ACTIVE:
            return status
        pause = _INTERVAL
