"""A TypeScript client with types generated from the document compiles and works."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ...support.processes import ROOT
from .servers import command

SOURCES = Path(__file__).parent / "typescript"

#: The packages that `setup` beside this file has brought.
PACKAGES = ROOT / ".tools" / "typescript" / "node_modules"

#: How long one of the programs may take, in seconds.
LIMIT = 100


def run(folder: Path, *arguments: str) -> str:
    """What a program of the packages, or node itself, prints; it must succeed."""
    path = os.pathsep.join([str(PACKAGES / ".bin"), os.environ["PATH"]])
    result = subprocess.run(  # noqa: S603
        arguments, cwd=folder, env=os.environ | {"PATH": path}, timeout=LIMIT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client's sources, the packages that they import, and the types made from the document."""
    assert PACKAGES.is_dir(), "there are no packages: run tests/integration/browser/setup"
    folder = tmp_path_factory.mktemp("project") / "typescript"
    shutil.copytree(SOURCES, folder)
    (folder / "node_modules").symlink_to(PACKAGES)
    run(folder, "openapi-typescript", str(ROOT / "openapi" / "openapi.json"), "--output", "schema.ts")
    return folder


@pytest.fixture(scope="module")
def compiled(project: Path) -> Path:
    """The client as JavaScript: it has the types that it says, and each of the mistakes beside it is found."""
    run(project, "tsc", "--project", ".")
    return project / "dist" / "walk.js"


def test_a_typed_client_walks_from_a_session_to_a_scenario_that_is_complete(compiled: Path, tmp_path: Path) -> None:
    with command(tmp_path) as url:
        assert run(tmp_path, "node", str(compiled), f"{url}/api/v1") == "complete\n"
