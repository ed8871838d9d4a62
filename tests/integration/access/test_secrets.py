"""Secrets of tokens do not leak: not in logs, metrics, responses, nor in the environment of a child process."""

import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from algomancy_api import Token
from algomancy_api.auth.token_file import line_of

from ...conftest import API, create, upload_items
from ...support.clients import ended
from ...support.processes import answering, free_port, interrupted, started

KNOWN, FILED, UNKNOWN = (f"{name}-{'s3cret' * 6}" for name in ("known", "filed", "unknown"))

PROGRAM = """
from pathlib import Path
from algomancy_api import ApiLauncher, Token
from starlette.responses import Response
from starlette.routing import Route
from tests.support import wiring

async def fail(request):
    raise RuntimeError("on purpose")

if __name__ == "__main__":
    token = Token("known", Path("known.txt").read_text(), "admin")
    configured = wiring.configuration(engine="process", metrics=True, tokens=[token], tokens_file={path!r})
    app = ApiLauncher.build(configured, routes=[Route("/fail", fail)])
    ApiLauncher.run(app, port={port}, log_level="debug", log_format={log_format!r})
"""


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_secret_gets_out(tmp_path: Path, log_format: str) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(line_of(Token("filed", FILED, "admin")) + "\n")
    (tmp_path / "known.txt").write_text(KNOWN)
    port = free_port()
    program = PROGRAM.format(port=port, path=str(file), log_format=log_format)
    with started(tmp_path, sys.executable, "-c", program) as process, answering(process, port) as client:
        told = [everything_told(client, secret) for secret in (KNOWN, FILED, UNKNOWN)]
        file.write_text(f"filed = {{ secret = '{FILED}'\n")  # broken, which is logged
        told.append(client.get(f"{API}/sessions", headers=bearer(KNOWN)).text)
        of_children = [of_process(child) for child in descendants(process.pid)]
        output, log = interrupted(process)
    assert of_children, "a scenario runs in a child"
    assert "on purpose" in log
    for text in (output, log, *told, *of_children):
        assert "s3cret" not in text


def everything_told(client: httpx.Client, secret: str) -> str:
    """The responses to requests with a secret in each place where a client may put it by mistake."""
    headers = bearer(secret)
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"{API}/sessions", {"headers": headers}),
        ("GET", f"{API}/fail", {"headers": headers}),
        ("GET", "/metrics", {"headers": headers}),
        ("GET", "/nowhere", {"headers": headers}),
        ("POST", f"{API}/sessions", {"headers": headers, "content": b"{"}),
        ("GET", f"{API}/sessions", {"headers": {"Authorization": f"Basic {secret}"}}),
        ("GET", f"{API}/sessions", {"headers": {"Authorization": secret}}),
        ("GET", f"{API}/sessions", {"params": {"token": secret}}),
        ("GET", "/metrics", {"headers": headers}),
    ]
    answers = [client.request(method, path, **keywords) for method, path, keywords in asked]
    if answers[0].status_code == 200:
        client.headers = httpx.Headers(headers)
        session = f"{API}/sessions/main"
        upload_items(client, session)
        scenario = create(client, session, tag=secret[:5])
        client.post(f"{session}/scenarios/{scenario}/run")
        ended(client, session, scenario)
        client.headers = httpx.Headers()
    return "\n".join(f"{answer.headers} {answer.text}" for answer in answers)


def descendants(process_id: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    parents = {int(path.name): parent_of(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    found = [process_id]
    for parent in found:
        found += [child for child, started_by in parents.items() if started_by == parent]
    return found[1:]


def parent_of(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def of_process(process_id: int) -> str:
    """The command line and the environment of a process."""
    folder = Path("/proc") / str(process_id)
    return "".join((folder / name).read_bytes().decode(errors="replace") for name in ("cmdline", "environ"))
