"""The API behind the nginx of docs/operations.md: over TLS, with uploads, streams and long polls."""

import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from algomancy_api.auth.tokens import new_secret

from ...conftest import API, create, default_session, upload_items
from ...live.streams import streaming
from ...support.clients import eventually
from ...support.processes import COMMAND, free_port, started
from .nginx import Proxy, running
from .wiring import UPLOAD

#: A form up to the content of its file.
FORM = (
    b'--edge\r\ncontent-disposition: form-data; name="dataset_name"\r\n\r\nlarge\r\n'
    b'--edge\r\ncontent-disposition: form-data; name="files"; filename="items.csv"\r\n\r\n'
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("proxy")


@pytest.fixture(scope="module")
def secret() -> str:
    return new_secret()


@pytest.fixture(scope="module")
def proxy(folder: Path, secret: str) -> Iterator[Proxy]:
    """A proxy, and the server behind it, whose log is in the folder."""
    port = free_port()
    (folder / "uploads").mkdir()
    environment = {"PROXY_SECRET": secret, "TMPDIR": str(folder / "uploads")}
    serve = [
        *COMMAND,
        "serve",
        "tests.integration.proxy.wiring:configuration",
        "--port",
        str(port),
        "--log-format",
        "json",
    ]
    # Beside the proxy, whose folder it shares; its log goes to a file that a test can read while it runs.
    command = ["sh", "-c", f'exec "$@" 2>"{folder}/server.log"', "sh", *serve]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with running(folder, port) as proxy, started(folder, *command) as process:
            eventually(lambda: process.poll() is not None or listens(port))
            assert process.poll() is None, (folder / "server.log").read_text()
            yield proxy


def listens(port: int) -> bool:
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    return False


@pytest.fixture
def client(proxy: Proxy, secret: str) -> Iterator[httpx.Client]:
    with proxy.client(secret) as client:
        yield client


@pytest.fixture
def session(client: httpx.Client) -> str:
    address = default_session(client)
    if "items" not in client.get(f"{address}/data").json()["keys"]:
        assert upload_items(client, address).status_code == 200
    return address


def audited(folder: Path, operation: str) -> list[dict[str, Any]]:
    """The lines of the audit about an operation."""
    lines = [json.loads(line) for line in (folder / "server.log").read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("operation") == operation]


def test_who_has_no_token_is_told_so_over_tls(proxy: Proxy) -> None:
    with proxy.client() as stranger:
        health = stranger.get("/health")
        assert (health.status_code, health.http_version) == (200, "HTTP/2")
        refusal = stranger.get(f"{API}/sessions")
        assert (refusal.status_code, refusal.headers["www-authenticate"]) == (401, "Bearer")


def test_who_asks_by_another_name_gets_nothing(proxy: Proxy, secret: str) -> None:
    with proxy.client(secret, Host="other.example") as client:
        assert client.get(f"{API}/sessions").status_code == 400


def test_the_log_has_the_address_of_the_client_whatever_it_claims(
    client: httpx.Client, folder: Path, secret: str, proxy: Proxy
) -> None:
    headers = {"X-Forwarded-For": "198.51.100.7", "X-Request-ID": "who-is-it"}
    client.post(f"{API}/sessions", json={"display_name": "mine"}, headers=headers)
    # Each writes its line when the answer is out.
    [line] = eventually(
        lambda: [line for line in audited(folder, "create_session") if line["request_id"] == "who-is-it"]
    )
    assert (line["client"], line["user"]) == ("127.0.0.2", "tests")
    eventually(lambda: f'POST {API}/sessions HTTP/2.0" 201' in proxy.log())
    assert secret not in proxy.log() + (folder / "server.log").read_text()


def test_an_upload_goes_through_as_it_arrives(client: httpx.Client, session: str, folder: Path) -> None:
    line = b"1;%b;2.5\n" % (b"x" * 1000)

    def received() -> int:
        return sum(file.stat().st_size for file in (folder / "uploads").glob("*/*/*"))

    def body() -> Iterator[bytes]:
        yield FORM + b"id;name;weight\n"
        for number in range(8_000):
            yield line.replace(b"1", str(number).encode(), 1)
        eventually(lambda: received() > 4 * 1024**2)  # while the form has not ended
        for number in range(8_000, 60_000):
            yield line.replace(b"1", str(number).encode(), 1)
        yield b"\r\n--edge--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    answer = client.post(f"{session}/etl", content=body(), headers=headers)
    assert answer.status_code == 200, answer.text
    with client.stream("GET", f"{session}/data/large") as download:
        assert sum(len(piece) for piece in download.iter_bytes()) > 60_000_000
    assert client.delete(f"{session}/data/large").status_code == 204


@pytest.mark.parametrize("is_declared", [True, False])
def test_what_is_too_large_is_refused_in_the_words_of_the_api(
    proxy: Proxy, secret: str, session: str, is_declared: bool
) -> None:
    pieces = [FORM, *[bytes(2**20)] * (UPLOAD // 2**20 + 1)]
    content = b"".join(pieces) if is_declared else iter(pieces)
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    # This client sends all before it listens, and would wait for nginx to take more by HTTP/2.
    with proxy.client(secret, http2=False) as client:
        refusal = client.post(f"{session}/etl", content=content, headers=headers, timeout=10)
    assert refusal.status_code == 413
    assert refusal.json() == {"detail": f"The body is larger than {UPLOAD} bytes"}


def test_events_and_long_polls_come_when_something_happens(client: httpx.Client, session: str, tmp_path: Path) -> None:
    scenario = create(client, session, "Gated", "gated", algo_params={"folder": str(tmp_path)})
    url = f"{session}/scenarios/{scenario}"
    with streaming(client, f"{url}/events") as stream:
        assert stream.event().data["status"] == "created"
        tag = client.get(f"{url}/status").headers["etag"]
        client.post(f"{url}/run")
        stream.until(status="processing", progress=42)
        changed = client.get(f"{url}/status", params={"wait": 30}, headers={"If-None-Match": tag})
        assert changed.json()["status"] == "processing"
        (tmp_path / "release").touch()
        stream.until(status="complete")
        assert stream.has_ended()


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_where_the_api_is_away_it_says_so_in_the_form_of_all_errors(tmp_path: Path, method: str) -> None:
    with running(tmp_path, free_port()) as proxy, proxy.client() as client:
        answer = client.request(method, f"{API}/sessions", headers={"Content-Length": "0"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"detail": "The server is not available at the moment; try again later"}
