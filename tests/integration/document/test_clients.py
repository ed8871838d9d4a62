"""Clients that generators make of the document: nothing is left out, the types are right, and they work.

Each client uploads files, reads the descriptors of parameters, creates a scenario, runs it, and polls it to its end.
The server requires a token, which each client sends as the document says.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from algomancy_api.auth.tokens import new_secret

from ...support.clients import PATIENCE, eventually
from .fuzz import example
from .outside_tools import PACKAGES, PYTHON, SOURCES, output_of

#: What each of the clients finds.
FOUND = {
    "accepted": True,
    "limits": {"duration": 60},
    "begun": "queued",
    "ended": "complete",
    "progress": 100,
    "kpis": True,
}


class Project(NamedTuple):
    """A folder with the document, the clients that are made of it, and how to reach the server."""

    folder: Path
    environment: dict[str, str]
    operations: list[str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder, secret = tmp_path_factory.mktemp("project"), new_secret()
    shutil.copytree(SOURCES, folder / "clients")
    folder = folder / "clients"
    with example(tmp_path_factory.mktemp("server"), secret) as url:
        eventually(lambda: _answers(url))
        document = httpx.get(f"{url}/openapi.json", timeout=PATIENCE).json()
        (folder / "document.json").write_text(json.dumps(document))
        (folder / "node_modules").symlink_to(PACKAGES / "node_modules")
        operations = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
        assert len(operations) > 25
        yield Project(folder, {"API_URL": url, "API_TOKEN": secret}, operations)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=PATIENCE).status_code == 200
    except httpx.TransportError:
        return False


def made(project: Project, client: str, *command: str | Path) -> str:
    """The source of a client that a generator makes, as one text; each operation is in it."""
    said = output_of(project.folder, *command, environment=project.environment)
    assert not re.search(r"will not be generated|will be omitted|\[error\]", said), said
    files = [path for kind in ("*.ts", "*.py") for path in (project.folder / client).rglob(kind)]
    return "\n".join(path.read_text() for path in files)


def openapi_generator(project: Project, client: str, name: str, *options: str) -> str:
    program = "import sys, openapi_generator_cli as cli; sys.exit(cli.run(sys.argv[1:]).returncode)"
    document = ("-i", "document.json", "-g", name, "-o", client, *options)
    return made(project, client, PYTHON, "-c", program, "generate", *document)


def lacking(project: Project, source: str, name_of: Callable[[str], str]) -> list[str]:
    """The operations that a client lacks."""
    return [name for name in project.operations if not re.search(rf"\b{re.escape(name_of(name))}\b", source)]


def snake_case(operation: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", operation).lower()


# In TypeScript -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compiled(project: Project) -> Path:
    """The clients in TypeScript as JavaScript. The compiler finds no error in them, nor in their use."""
    hey = made(project, "hey-api", "openapi-ts", "-f", "hey-api.config.mjs")
    assert lacking(project, hey, lambda name: f"const {name}") == []
    orval = made(project, "orval", "orval", "--config", "orval.config.mjs")
    assert lacking(project, orval, lambda name: f"const {name}") == []
    fetch = openapi_generator(project, "typescript-fetch", "typescript-fetch")
    assert lacking(project, fetch, lambda name: f"async {name}") == []
    output_of(project.folder, "tsc", "--project", ".")
    return project.folder / "compiled"


@pytest.mark.parametrize("client", ["hey-api", "orval", "typescript-fetch"])
def test_a_client_in_typescript(project: Project, compiled: Path, client: str) -> None:
    printed = output_of(project.folder, "node", compiled / f"{client}.walk.js", environment=project.environment)
    assert json.loads(printed) == FOUND


# In Python -----------------------------------------------------------------------------------------------------


def walked(project: Project, package: str, walk: str) -> dict[str, Any]:
    """What a client in Python finds. mypy finds no error in it, nor in its use."""
    output_of(project.folder, PYTHON, "-m", "mypy", "--config-file", "mypy.ini", "--exclude=/test/", package, walk)
    found: dict[str, Any] = json.loads(output_of(project.folder, PYTHON, walk, environment=project.environment))
    return found


def test_a_client_of_openapi_python_client(project: Project) -> None:
    command = ("openapi-python-client", "generate", "--path", "document.json", "--output-path", "python_client")
    source = made(project, "python_client", *command, "--meta", "none")
    modules = {path.stem for path in (project.folder / "python_client" / "api").rglob("*.py")}
    assert "class Scenario:" in source
    assert {snake_case(name) for name in project.operations} <= modules
    assert walked(project, "python_client", "python_client_walk.py") == FOUND


def test_a_client_in_python_of_openapi_generator(project: Project) -> None:
    source = openapi_generator(project, "python", "python", "--additional-properties=generateSourceCodeOnly=true")
    assert lacking(project, source, lambda name: f"def {snake_case(name)}") == []
    shutil.move(project.folder / "python" / "openapi_client", project.folder)
    assert walked(project, "openapi_client", "python_walk.py") == FOUND
