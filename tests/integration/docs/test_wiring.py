"""The wiring page, followed from its top to its end, with the README's `wiring.py`."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ...support.clients import ended
from ...support.processes import COMMAND, answering, free_port, started
from .pages import blocks, commands, rows, write_modules

PAGE = "docs/wiring.md"

SESSION = "/api/v1/sessions/main"

COMMAS = b"name,capacity,cost\nHarbour,80,900\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wiring")
    write_modules(folder)
    [table] = [command for command in commands(PAGE) if command.words[0] == "printf"]
    content = subprocess.run(table.words, capture_output=True, check=True).stdout  # noqa: S603
    (folder / table.line.partition("> ")[2]).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    port = free_port()
    [serve] = [command for command in commands(PAGE) if command.words[:2] == ["algomancy-api", "serve"]]
    with (
        started(folder, *COMMAND, *serve.words[1:], "--port", str(port)) as server,
        answering(server, port) as client,
    ):
        yield client


def upload(client: httpx.Client, name: str, *files: tuple[str, bytes]) -> httpx.Response:
    return client.post(f"{SESSION}/etl", data={"dataset_name": name}, files=[("files", file) for file in files])


def depots(folder: Path) -> bytes:
    return (folder / "depots.csv").read_bytes()


def test_the_page_can_be_followed(client: httpx.Client, folder: Path) -> None:
    accepted, refused = (json.loads(block.text) for block in blocks("json", PAGE))
    assert upload(client, "Depots", ("depots.csv", depots(folder))).json() == accepted
    assert upload(client, "Commas", ("depots.csv", COMMAS)).json() == refused
    [create] = [command for command in commands(PAGE) if "-d" in command.words]
    body = json.loads(create.words[create.words.index("-d") + 1])
    created = client.post(f"{SESSION}/scenarios", json=body).raise_for_status().json()
    form = ended(client, SESSION, created["id"])
    assert (form["status"], form["result"]) == ("complete", {"names": ["Station", "Airport"], "cost": 650.5})
    assert form["kpis"]["Cost"]["value"] == 650.5


def test_the_wiring_passes_its_check(folder: Path) -> None:
    [check] = [command for command in commands(PAGE) if command.words[:2] == ["algomancy-api", "check"]]
    done = subprocess.run([*COMMAND, *check.words[1:]], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.splitlines()[-1] == "Everything works."


def test_the_requests_that_are_no_upload_are_answered_as_the_table_says(client: httpx.Client, folder: Path) -> None:
    content = depots(folder)
    requests: list[tuple[dict[str, str], list[Any]]] = [
        ({}, [("files", ("depots.csv", content))]),
        ({"dataset_name": "X"}, [("other", ("depots.csv", content))]),
        ({"dataset_name": "X"}, [("files", ("depots.txt", content))]),
        ({"dataset_name": "X"}, [("files", ("stores.csv", content))]),
        ({"dataset_name": "X"}, [("files", ("depots.csv", content))] * 2),
    ]
    answers = [client.post(f"{SESSION}/etl", data=data, files=files) for data, files in requests]
    table = [re.fullmatch(r"(\d+) `(.*)`", cells[1]) for cells in rows(PAGE, "request", "response")]
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (int(row[1]), {"detail": row[2]}) for row in table if row
    ]


def test_a_run_that_fails_says_why(client: httpx.Client, folder: Path) -> None:
    upload(client, "Few", ("depots.csv", depots(folder)))
    body = {"tag": "too much", "dataset_key": "Few", "algo_name": "Greedy", "algo_params": {"demand": 181}, "run": True}
    created = client.post(f"{SESSION}/scenarios", json=body).raise_for_status().json()
    form = ended(client, SESSION, created["id"])
    assert form["status"] == "failed"
    assert "The depots lack a capacity of 1" in form["result"]["error"]


def test_a_cell_that_does_not_convert_is_named(client: httpx.Client) -> None:
    answer = upload(client, "Texts", ("depots.csv", b'name;capacity;cost\nHarbour;eighty;"1,5"\n')).json()
    assert not answer["success"]  # as in `DepotEtl`
    error, mismatch = sorted(answer["messages"], key=lambda message: message["severity"])
    place = {"table": "depots", "column": "capacity"}
    assert error == {
        "severity": "ERROR", "message": "'eighty' is not an integer", "code": "CONVERSION_FAILED", "row": 0,
        "value": "eighty", **place,
    }  # fmt: skip
    assert (mismatch["severity"], mismatch["code"], mismatch["column"]) == ("WARNING", "DTYPE_MISMATCH", "capacity")
