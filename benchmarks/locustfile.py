"""Users that put a load on a running server, for Locust: ``make load``.

Without names of user classes on the command line, only `Reads` runs. `Runs` and `Uploads` write: to a session of their
own, which is created at the start and deleted at the end. The environment variable ``ALGOMANCY_API_TOKEN`` has the
bearer token, if the server requires one.
"""

import json
import logging
import os
import random
import secrets
import socket
import time
from ipaddress import ip_address
from itertools import count
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit
from uuid import uuid4

from locust import FastHttpUser, constant_throughput, events, task
from locust.argument_parser import LocustArgumentParser
from locust.contrib.fasthttp import FastHttpSession, FastResponse
from locust.env import Environment
from locust.event import EventHook
from locust.exception import StopTest

_logger = logging.getLogger(__name__)

_TOKEN = os.environ.get("ALGOMANCY_API_TOKEN")
_HEADERS = {"Authorization": f"Bearer {_TOKEN}"} if _TOKEN else None

#: Per second and user: the polls of `Polls`.
_POLLS = 2

#: In seconds: between two polls of `Runs`, and between two attempts to delete the session.
_INTERVAL = 0.1

#: In seconds: the longest wait for a copy of a session, and for scenarios to end before it is deleted.
_PATIENCE = 120.0

#: Placeholders in the document that `Uploads` sends.
_NAME, _ID = "name of the dataset to upload", "id of the dataset to upload"


class Target:
    """What the server has, and the session to write to."""

    def __init__(self, host: str, prefix: str) -> None:
        # Its requests are not in the statistics.
        self._client = FastHttpSession(
            host, EventHook(), None, max_redirects=0, network_timeout=_PATIENCE, headers=_HEADERS
        )
        self.sessions = f"{prefix.rstrip('/')}/sessions"
        self.session = f"{self.sessions}/{self.ask('GET', self.sessions)['default']}"
        self.scenarios = [f"{self.session}/scenarios/{each['id']}" for each in self.get("scenarios")]
        self.own = ""
        self.name = f"load-{secrets.token_hex(3)}"
        self._numbers = count()

    def get(self, path: str) -> Any:  # noqa: ANN401 - the path says what it is
        """Part of the default session."""
        return self.ask("GET", f"{self.session}/{path}")

    def ask(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:  # noqa: ANN401
        """The JSON of a response.

        Raises:
            ValueError: The request failed, or the response is not JSON.
        """
        response: FastResponse = self._client.request(method, path, json=body)
        if not 200 <= response.status_code < 300:
            reason = response.text or getattr(response, "error", "")
            raise ValueError(f"{method} {path} failed: {response.status_code or ''} {reason}")
        return response.json()

    def create_session(self, *, uploads: bool) -> None:
        """Create the session to write to, as a copy, for its datasets."""
        self.algorithm = self.get("algorithms")["algorithms"][0]
        self.dataset, *_ = self.get("data")["keys"] or [None]
        if self.dataset is None:
            raise ValueError("Runs and Uploads need a dataset in the default session")
        if uploads:
            document = self.get(f"data/{quote(self.dataset, safe='')}")
            self.document = json.dumps(document | {"metadata": document["metadata"] | {"name": _NAME, "id": _ID}})
        self.own = f"{self.sessions}/{self.name}"
        self.ask("POST", f"{self.session}/copy", {"new_display_name": self.name})

    def delete_session(self) -> bool:
        """Delete the session, once its scenarios have ended; say whether it is gone."""
        deadline = time.monotonic() + _PATIENCE
        while (status := self._client.delete(self.own).status_code) == 409 and time.monotonic() < deadline:
            time.sleep(_INTERVAL)
        return status in (200, 403, 404)  # without the permission to create it, there is none

    def new_name(self) -> str:
        """A name that no other scenario or dataset of the session has."""
        return f"{self.name}-{next(self._numbers)}"


class ApiUser(FastHttpUser):
    """What all users share. Redirects are not followed: permission to write to one host is none for another."""

    abstract = True
    max_redirects = 0
    default_headers = _HEADERS
    target: ClassVar[Target]


class Reads(ApiUser):
    """Reads all but whole datasets."""

    weight = 3

    @task
    def health(self) -> None:
        self.client.get("/health", name="reads: health")

    @task
    def sessions(self) -> None:
        self.client.get(self.target.sessions, name="reads: sessions")

    @task(4)
    def listing(self) -> None:
        kind = random.choice(("algorithms", "data", "kpis", "scenarios"))
        self.client.get(f"{self.target.session}/{kind}", name=f"reads: {kind}")

    @task
    def scenario(self) -> None:
        if self.target.scenarios:
            self.client.get(random.choice(self.target.scenarios), name="reads: scenario")


class Polls(ApiUser):
    """Polls the status of a scenario at a constant rate."""

    weight = 3
    wait_time = constant_throughput(_POLLS)

    def on_start(self) -> None:
        """Connect, and spread the users over a period: `constant_throughput` makes up for a pause of less than one."""
        self.client.get("/health", name="polls: connect")
        time.sleep(random.uniform(1, 2) / _POLLS)

    @task
    def status(self) -> None:
        self.client.get(f"{random.choice(self.target.scenarios)}/status", name="polls: status")


class Runs(ApiUser):
    """Creates a scenario, runs it, polls its status until it has ended, and deletes it."""

    @task
    def run_scenario(self) -> None:
        target = self.target
        body = {"tag": target.new_name(), "dataset_key": target.dataset, "algo_name": target.algorithm}
        response = self.client.post(f"{target.own}/scenarios", json=body, name="runs: create")
        if response.status_code != 201:
            return
        created = response.json()
        scenario = f"{target.own}/scenarios/{created['id']}"
        if created["status"] == "created":  # a server with autorun has queued it
            self.client.post(f"{scenario}/run", name="runs: run")
        while self._is_active(scenario):
            time.sleep(_INTERVAL)
        self.client.delete(scenario, name="runs: delete")

    def _is_active(self, scenario: str) -> bool:
        with self.client.get(f"{scenario}/status", name="runs: status", catch_response=True) as response:
            state = response.json() if response.status_code == 200 else {}
            if state.get("status") == "failed":
                failed = self.client.get(scenario, name="runs: result").json()
                response.failure(f"The scenario failed: {failed['result']}")
        return state.get("status") in ("queued", "processing")


class Uploads(ApiUser):
    """Uploads the first dataset under another name, and deletes it."""

    @task
    def upload(self) -> None:
        key, data = self.target.new_name(), f"{self.target.own}/data"
        document = self.target.document.replace(_NAME, key).replace(_ID, str(uuid4()))
        headers = {"Content-Type": "application/json"}
        response = self.client.post(f"{data}/from-json", data=document, headers=headers, name="uploads: upload")
        if response.status_code != 201:
            return
        with self.client.delete(f"{data}/{key}", name="uploads: delete", catch_response=True) as deleted:
            if deleted.status_code == 409:  # autocreate has made a scenario of it: both go with the session
                deleted.success()


def add_options(parser: LocustArgumentParser) -> None:
    """Add the options that Locust does not have."""
    parser.add_argument("--prefix", default="/api/v1", help="Prefix of the API's routes. Default is /api/v1")
    parser.add_argument("--yes", action="store_true", help="Let Runs and Uploads write to a host that is not loopback")


def choose_users(environment: Environment, **_: object) -> None:
    """Run `Reads` alone, unless the command line names user classes."""
    if environment.parsed_options and not environment.parsed_options.user_classes:
        environment.user_classes[:] = [Reads]


def set_up(environment: Environment, **_: object) -> None:
    """Look at what the server has, and create the session to write to."""
    options: Any = environment.parsed_options
    host = environment.host = (environment.host or "").rstrip("/")
    writes = not {Runs, Uploads}.isdisjoint(environment.user_classes)
    try:
        if writes and not options.yes and not is_loopback(host):
            raise ValueError("Runs and Uploads write to this host, which is not loopback: give --yes if they may")
        ApiUser.target = Target(host, options.prefix)
        if Polls in environment.user_classes and not ApiUser.target.scenarios:
            raise ValueError("Polls needs a scenario in the default session")
        if writes:
            ApiUser.target.create_session(uploads=Uploads in environment.user_classes)
    except (LookupError, TypeError, ValueError) as error:
        environment.process_exit_code = 2
        raise StopTest(f"{host}: {error}") from None


def clear_up(environment: Environment, **_: object) -> None:
    """Delete the session that was written to."""
    target: Target | None = getattr(ApiUser, "target", None)
    if target is None or not target.own:
        return
    _logger.info("Deleting session %s, once its scenarios have ended", target.name)
    if not target.delete_session():
        _logger.error("Left behind: session %s", target.name)
        environment.process_exit_code = 1
    target.own = ""


def is_loopback(url: str) -> bool:
    """Whether all addresses of a URL's host are loopback."""
    try:
        found = socket.getaddrinfo(urlsplit(url).hostname or "", None)
    except OSError, UnicodeError:
        return False
    return all(ip_address(address[0]).is_loopback for *_, address in found)


events.init_command_line_parser.add_listener(add_options)
events.init.add_listener(choose_users)
events.test_start.add_listener(set_up)
events.test_stop.add_listener(clear_up)
