"""The routes of webhooks: states, deliveries, a test, and who may use them."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from algomancy_api import Webhook

from ...conftest import API
from ...support.clients import AppClient, eventually
from ...support.errors import assert_error
from ...support.identities import bearer, protected
from ...support.processes import free_port
from ...support.receivers import SECRET, Receiver, answers, receiving
from .test_events import notifying, run

HOOKS = f"{API}/webhooks"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def client(receiver: Receiver, request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[AppClient]:
    """A client with two webhooks: one that works, and one that nobody listens for."""
    dead = Webhook(f"http://127.0.0.1:{free_port()}/", SECRET, ["scenario_failed"], name="a/b é", allow_private=True)
    backend = getattr(request, "param", "memory")
    with notifying([receiver.webhook(labels={"region": "north"}), dead], backend, tmp_path, request) as client:
        yield client


everywhere = pytest.mark.parametrize("client", ["memory", "sqlite"], indirect=True)


def state(client: AppClient, number: int = 0) -> Any:
    return client.get(HOOKS).json()["webhooks"][number]


def deliveries(client: AppClient, name: str = "127.0.0.1", query: str = "") -> Any:
    return client.get(f"{HOOKS}/{name}/deliveries{query}").json()["deliveries"]


@everywhere
def test_the_list_shows_each_webhook_without_its_secret(client: AppClient, receiver: Receiver) -> None:
    text = client.get(HOOKS).text
    assert SECRET.removeprefix("whsec_") not in text
    assert "key=1" not in text
    one, dead = client.get(HOOKS).json()["webhooks"]
    assert one == {
        "name": "127.0.0.1",
        "url": f"http://127.0.0.1:{receiver.port}/hook?…",
        "events": ["scenario_complete", "scenario_failed"],
        "labels": {"region": "north"},
        "state": "active",
        "waiting": 0,
        "last_tried": None,
        "last_delivered": None,
        "last_error": None,
    }
    assert (dead["name"], dead["events"]) == ("a/b é", ["scenario_failed"])


@everywhere
def test_the_log_has_what_became_of_each_event(client: AppClient, receiver: Receiver) -> None:
    run(client, "Instant", "first", labels={"region": "north"})
    eventually(lambda: state(client)["last_delivered"])
    receiver.behaviour = answers(503)
    run(client, "Fails", "second", labels={"region": "north"})
    eventually(lambda: state(client)["state"] == "failing")
    second, first = deliveries(client)
    assert [each.id for each in receiver.received] == [first["event_id"], second["event_id"]]
    assert first | {"event_id": "", "time": "", "last_tried": ""} == {
        "event_id": "",
        "type": "scenario_complete",
        "time": "",
        "state": "delivered",
        "tries": 1,
        "last_tried": "",
        "status": 204,
        "error": None,
        "next_try": None,
    }
    assert (second["state"], second["tries"], second["status"]) == ("waiting", 1, 503)
    assert second["error"] == "503: the receiver has refused it"
    assert second["time"] < second["last_tried"] < second["next_try"]
    assert deliveries(client, query="?limit=1") == [second]
    one = state(client)
    assert (one["waiting"], one["last_error"]) == (1, second["error"])
    assert one["last_delivered"] == first["last_tried"]
    [dead] = eventually(lambda: [each for each in deliveries(client, "a%2Fb%20%C3%A9") if each["tries"]])
    assert (dead["status"], dead["error"]) == (None, "the connection was refused")


def test_what_a_client_has_is_not_sent_again(client: AppClient) -> None:
    for path in (HOOKS, f"{HOOKS}/127.0.0.1/deliveries"):
        tag = client.get(path).headers["etag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


@everywhere
def test_a_test_is_sent_at_once_and_answers_what_happened(client: AppClient, receiver: Receiver) -> None:
    answer = client.post(f"{HOOKS}/127.0.0.1/test").json()
    [got] = receiver.received
    assert answer | {"seconds": 0} == {
        "event_id": got.id,
        "delivered": True,
        "status": 204,
        "error": None,
        "seconds": 0,
    }
    assert (got.event["type"], got.data) == ("test", {"webhook": "127.0.0.1"})
    receiver.behaviour = answers(307, Location="http://127.0.0.1:1/")
    moved = client.post(f"{HOOKS}/127.0.0.1/test").json()
    assert (moved["delivered"], moved["status"]) == (False, 307)
    assert "redirects are not followed" in moved["error"]
    dead = client.post(f"{HOOKS}/a%2Fb%20%C3%A9/test").json()
    assert (dead["delivered"], dead["status"], dead["error"]) == (False, None, "the connection was refused")
    assert deliveries(client) == []


def test_an_unknown_webhook_is_a_404(client: AppClient) -> None:
    assert_error(client.get(f"{HOOKS}/nobody/deliveries"), 404, "Webhook 'nobody' not found")
    assert_error(client.post(f"{HOOKS}/nobody/test"), 404, "Webhook 'nobody' not found")


@pytest.mark.parametrize("limit", ["0", "1001", "x", "", "-1", "1.5", "9" * 100])
def test_a_limit_that_is_none_is_refused(client: AppClient, limit: str) -> None:
    assert_error(client.get(f"{HOOKS}/127.0.0.1/deliveries?limit={limit}"), 422, "from 1 to 1000")


def test_only_an_admin_of_all_sessions_may_use_them(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "algomancy_api.audit")
    hook = f"{HOOKS}/127.0.0.1"
    with protected(webhooks=[receiver.webhook()]) as client:
        for path, method in ((HOOKS, "GET"), (f"{hook}/deliveries", "GET"), (f"{hook}/test", "POST")):
            assert client.request(method, path).status_code == 401
            for person in ("read", "write", "admin here", "admin nowhere"):
                assert_error(client.request(method, path, headers=bearer(person)), 403)
            assert client.request(method, path, headers=bearer("admin")).status_code == 200
    assert len(receiver.received) == 1
    last = caplog.records[-1].getMessage()
    assert 'user="admin"' in last
    assert 'webhook="127.0.0.1"' in last
