"""Why a run failed, also after a restart; its traceback only for those who may write."""

import pytest

from ...conftest import API, create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, ended, eventually
from ...support.databases import Database
from ...support.errors import assert_error
from ...support.identities import bearer, protected
from ...test_launcher import called
from .test_persistence import opened

ERROR = "ValueError: no solution"


def failed(client: AppClient, session: str, tag: str = "a run") -> str:
    scenario_id: str = create(client, session, "Fails", tag)
    assert client.post(f"{session}/scenarios/{scenario_id}/run").status_code == 202
    ended(client, session, scenario_id)
    return scenario_id


def assert_says_why(client: AppClient, session: str, scenario_id: str) -> None:
    url = f"{session}/scenarios/{scenario_id}"
    form = client.get(url).json()
    assert form["result"] == {"error": ERROR}
    assert "traceback" not in form
    status = client.get(f"{url}/status").json()
    assert status["error"] == ERROR
    assert "traceback" not in status
    assert [each["error"] for each in client.get(f"{session}/scenarios").json()] == [ERROR]
    for path in (url, f"{url}/status"):
        traceback = client.get(f"{path}?traceback=true").json()["traceback"]
        assert traceback.startswith('Traceback (most recent call last):\n  File "tests/support/wiring.py", line ')
        assert traceback.endswith(f", in run\n{ERROR}")


def test_it_is_there_on_every_backend(client: AppClient, session: str) -> None:
    scenario_id = failed(client, session)
    assert_says_why(client, session, scenario_id)
    url = f"{session}/scenarios/{scenario_id}"
    assert client.post(f"{url}/reset").status_code == 200
    assert "error" not in client.get(f"{url}/status").json()
    assert "error" not in client.get(f"{session}/scenarios").json()[0]
    assert client.get(f"{url}/status?traceback=true").json()["traceback"] is None
    assert client.get(f"{url}?traceback=true").json()["traceback"] is None


def test_it_is_there_after_a_restart(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = failed(client, session)
    with opened(database) as client:
        assert_says_why(client, session, scenario_id)


def test_a_result_of_a_scenario_that_is_complete_is_no_error(client: AppClient, session: str) -> None:
    scenario_id = create(client, session)
    client.post(f"{session}/scenarios/{scenario_id}/run")
    assert ended(client, session, scenario_id)["status"] == "complete"
    assert "error" not in client.get(f"{session}/scenarios/{scenario_id}/status").json()
    assert client.get(f"{session}/scenarios/{scenario_id}?traceback=true").json()["traceback"] is None


def test_a_traceback_requires_write_access() -> None:
    with protected() as client:
        session, headers = f"{API}/sessions/main", bearer("write")
        files = {"files": ("items.csv", wiring.ITEMS_CSV, "text/csv")}
        client.post(f"{session}/etl", data={"dataset_name": "items"}, files=files, headers=headers)
        body = {"tag": "a run", "dataset_key": "items", "algo_name": "Fails", "run": True}
        url = f"{session}/scenarios/{client.post(f'{session}/scenarios', json=body, headers=headers).json()['id']}"
        eventually(lambda: client.get(f"{url}/status", headers=headers).json()["status"] == "failed")
        for path in (url, f"{url}/status"):
            for name in ("write", "admin", "write here"):
                assert "wiring.py" in client.get(f"{path}?traceback=true", headers=bearer(name)).json()["traceback"]
            assert_error(client.get(f"{path}?traceback=true", headers=bearer("read")), 403)
            assert client.get(f"{path}?traceback=false", headers=bearer("read")).status_code == 200


@pytest.mark.parametrize("value", ["1", "", "yes", "true&traceback=false"])
def test_the_parameter_is_true_or_false(value: str) -> None:
    with called() as client:
        session = default_session(client)
        upload_items(client, session)
        url = f"{session}/scenarios/{create(client, session)}"
        for path in (url, f"{url}/status"):
            assert_error(client.get(f"{path}?traceback={value}"), 422)
