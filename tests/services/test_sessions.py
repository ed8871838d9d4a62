"""The overview of a session."""

from pathlib import Path

import pytest

from algomancy_api import ApiLauncher

from ..conftest import API, create, default_session, upload_items
from ..support import wiring
from ..support.clients import calling, eventually


@pytest.mark.parametrize("backend", ["none", "sqlite"])
def test_a_session_is_counted(backend: str, tmp_path: Path) -> None:
    configuration = wiring.configuration() if backend == "none" else wiring.on_sqlite(tmp_path)
    with calling(ApiLauncher.build(configuration)) as client:
        session = default_session(client)
        none = dict.fromkeys(("created", "queued", "processing", "complete", "failed"), 0)
        found = client.get(f"{API}/sessions/main")
        assert found.json() == {
            "id": session.rpartition("/")[2], "display_name": "main", "default": True,
            "datasets": 0, "scenarios": 0, "statuses": none,
        }  # fmt: skip
        headers = {"if-none-match": found.headers["etag"]}
        assert client.get(f"{API}/sessions/main", headers=headers).status_code == 304
        upload_items(client, session)
        ids = [create(client, session, algorithm, algorithm) for algorithm in ("Instant", "Fails", "Blocks", "Steps")]
        client.post(f"{session}/run", json={"scenario_ids": [*ids[:3], create(client, session, tag="waits")]})
        assert eventually(wiring.STARTED.is_set)
        changed = client.get(session, headers=headers).json()
        assert (changed["datasets"], changed["scenarios"]) == (1, 5)
        assert changed["statuses"] == {"created": 1, "queued": 1, "processing": 1, "complete": 1, "failed": 1}
        wiring.RELEASE.set()


def test_a_session_that_is_not_the_default_one_says_so() -> None:
    with calling(ApiLauncher.build(wiring.configuration())) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        assert client.get(f"{API}/sessions/other").json()["default"] is False
        assert client.get(f"{API}/sessions/no-such").status_code == 404
