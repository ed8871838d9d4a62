"""A server that is killed in the middle of a request with a key: its retry has the effect once."""

import signal
from typing import Any

import httpx
import pytest

from ...conftest import upload_items
from ...support.databases import Database
from ..idempotency.requests import KEY, MAIN, POSTS, fill, ids
from ..persistence.test_persistence import opened
from .forks import Forks
from .moments import THEN
from .wiring import ALGORITHMS

LOOKED_UP, KEPT = "SELECT algomancy_api_idempotency", "INSERT INTO algomancy_api_idempotency"

#: In the transaction of the effect, and just after it, when its answer is looked up before it is sent.
BEFORE, AFTER = THEN.join([LOOKED_UP, KEPT]), THEN.join([LOOKED_UP, KEPT, LOOKED_UP])


@pytest.mark.parametrize(
    ("database", "name", "moment"),
    [
        ("sqlite", "create and run a scenario", BEFORE),
        ("sqlite", "create and run a scenario", AFTER),
        ("sqlite", "upload", AFTER),
        ("postgresql", "create a scenario", BEFORE),
        ("postgresql", "create a scenario", AFTER),
        ("postgresql", "run several", AFTER),
    ],
    indirect=["database"],
)
def test_a_retry_after_a_kill_has_the_effect_once(forks: Forks, database: Database, name: str, moment: str) -> None:
    with opened(database, algorithms=ALGORITHMS) as client:
        upload_items(client, MAIN)
        fill(client)
    with forks.serving(database, moment, "columns") as server, pytest.raises(httpx.TransportError):
        POSTS[name](server, KEY)
    assert forks.exit_code() == -signal.SIGKILL
    with opened(database, algorithms=ALGORITHMS) as client:
        again = POSTS[name](client, KEY)
        assert again.is_success, again.text
        assert again.headers.get("idempotency-replayed") == ("true" if moment == AFTER else None)
        assert_once(client, name, again.json())


def assert_once(client: Any, name: str, answer: Any) -> None:
    """Assert that the effect is there, as the answer says."""
    if name == "upload":
        assert client.get(f"{MAIN}/data").json()["keys"] == answer["keys"] == ["items", "new"]
        return
    if name == "run several":
        assert [each["queued"] for each in answer["outcomes"]] == [True, False, True, False]
        for tag in ("one", "two"):
            assert len(client.get(f"{MAIN}/scenarios/{ids(client)[tag]}/runs").json()) == 1
        return
    summaries = client.get(f"{MAIN}/scenarios").json()
    assert [each["id"] for each in summaries if each["tag"] == "new"] == [answer["id"]]
