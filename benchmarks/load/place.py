"""Where a load writes: a session of its own, or names of its own in one of the user's. Nothing of it stays."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from msgspec import Struct
from yarl import URL

from .api import Api, Refused, beneath
from .outcome import Outcome
from .plan import LoadError, Plan, UsageError
from .target import Target

#: How long copying a session may take; and clearing up, where scenarios are to end first, in seconds.
_PATIENCE = 120

_INTERVAL = 0.2


@dataclass(frozen=True)
class Place:
    """A session to write to, and the names to use there."""

    session: URL
    name: str
    own: bool
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def new_name(self) -> str:
        """A name that nothing else has."""
        return f"{self.name}-{next(self._numbers)}"

    def is_own(self, name: str) -> bool:
        """Whether it is one of those."""
        return name.startswith(f"{self.name}-")

    def left(self, reason: str) -> str:
        """What to do if it could not be cleared up."""
        if self.own:
            return f"session {self.name} ({reason}); to delete it: curl -X DELETE {self.session}"
        return f"scenarios and datasets whose names begin with {self.name}- ({reason}); delete them by hand"


class _Scenario(Struct):
    id: str
    tag: str
    input_data_key: str


class _Datasets(Struct):
    keys: list[str]


@asynccontextmanager
async def place_to_write(api: Api, plan: Plan, target: Target, outcome: Outcome) -> AsyncIterator[Place]:
    """A place to write to, if the plan writes, cleared up whatever happens; the outcome says what could not be.

    Raises:
        UsageError: The server lets nobody create a session.
        LoadError: It could not create one.
    """
    name = f"load-{secrets.token_hex(3)}"
    if not plan.writes:
        yield Place(target.session, name, own=False)
        return
    own = plan.session is None
    place = Place(beneath(api.sessions, name) if own else target.session, name, own)
    try:
        if own:
            outcome.phase = f"creating session {name}"
            await _to_its_end(_create_session(api, plan, target, name))
        yield place
    finally:
        outcome.phase = "clearing up"
        await _clear(api, place, outcome)


async def _create_session(api: Api, plan: Plan, target: Target, name: str) -> None:
    try:
        if "runs" in plan.mix:  # they need a dataset, and are to use none of the user's
            copy = {"new_display_name": name}
            await api.call("POST", target.session / "copy", copy, seconds=_PATIENCE)
        else:
            await api.call("POST", api.sessions, {"display_name": name})
    except Refused as refused:
        if refused.status != 403:
            raise
        raise UsageError(
            f"{refused}. With --session NAME the load uses one that is there, and deletes what it has added to it"
        ) from refused


async def _to_its_end(call: Coroutine[Any, Any, None]) -> None:
    """Wait for a call even if cancelled: what would come into being after that, nobody would delete."""
    task = asyncio.create_task(call)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


async def _clear(api: Api, place: Place, outcome: Outcome) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await (_delete(api, place.session, outcome) if place.own else _delete_names(api, place, outcome))
    except LoadError as error:
        outcome.left_behind.append(place.left(str(error)))
    except TimeoutError:
        outcome.left_behind.append(place.left(f"scenarios are still queued or running after {_PATIENCE} s"))
    except asyncio.CancelledError:
        outcome.left_behind.append(place.left("it was not waited for"))
        raise


async def _delete_names(api: Api, place: Place, outcome: Outcome) -> None:
    """Delete all that has one of the load's names."""
    for kind in ("scenarios", "data"):
        # What the server is still adding has its turn before this, which finds nothing.
        await _delete(api, beneath(place.session, kind, place.name), outcome)
    for scenario in await api.get(place.session / "scenarios", list[_Scenario]):
        if place.is_own(scenario.tag) or place.is_own(scenario.input_data_key):
            await _delete(api, beneath(place.session, "scenarios", scenario.id), outcome)
    for key in (await api.get(place.session / "data", _Datasets)).keys:
        if place.is_own(key):
            await _delete(api, beneath(place.session, "data", key), outcome)


async def _delete(api: Api, url: URL, outcome: Outcome) -> None:
    """Delete what may be gone already, or have to wait for scenarios to end, which nothing can stop."""
    while True:
        try:
            await api.call("DELETE", url)
        except Refused as refused:
            if refused.status == 404:
                return
            if refused.status != 409:
                raise
        else:
            return
        outcome.phase = "clearing up once all scenarios have ended (Ctrl-C leaves them there)"
        await asyncio.sleep(_INTERVAL)
