import re
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hatchling.build import build_sdist, build_wheel
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        build_wheel(str(folder))
        build_sdist(str(folder))
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as archive:
        yield archive


def brought_by(requirements: Iterable[str]) -> set[str]:
    """Names of all that the requirements install, by the metadata of what is installed here."""
    seen: set[tuple[str, str]] = set()
    todo = [("", text) for text in requirements]
    while todo:
        extra, text = todo.pop()
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in {(name, each) for each in ("", *requirement.extras)} - seen:
            seen.add(wanted)
            todo += [(wanted[1], needed) for needed in metadata.requires(name) or []]
    return {name for name, _ in seen}


def test_the_wheel_brings_neither_fastapi_nor_pydantic(wheel: zipfile.ZipFile) -> None:
    [path] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    names = brought_by(message_from_bytes(wheel.read(path)).get_all("Requires-Dist", []))
    assert {"algomancy-data", "algomancy-utils", "msgspec", "sqlalchemy", "starlette", "uvicorn"} <= names
    assert [name for name in names if name.startswith(("fastapi", "pydantic"))] == []


def test_the_wheel_carries_the_types_and_the_data_of_the_example(wheel: zipfile.ZipFile) -> None:
    tables = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("algomancy_api/example/data/**/*.csv")}
    names = set(wheel.namelist())
    assert tables
    assert {"algomancy_api/py.typed", *tables} <= names
    assert [name for name in names if not re.match(r"algomancy_api(/|-[0-9.]+\.dist-info/)", name)] == []


def test_the_wheel_of_the_client_carries_its_types_and_needs_two_packages(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT / "clients" / "python")
        build_wheel(str(tmp_path))
    with zipfile.ZipFile(next(tmp_path.glob("algomancy_client-*.whl"))) as wheel:
        names = set(wheel.namelist())
        [path] = [name for name in names if name.endswith(".dist-info/METADATA")]
        needs = [Requirement(text) for text in message_from_bytes(wheel.read(path)).get_all("Requires-Dist", [])]
    assert {"algomancy_client/py.typed", "algomancy_client/_sync/client.py"} <= names
    assert [name for name in names if not re.match(r"algomancy_client(/|-[0-9.]+\.dist-info/)", name)] == []
    assert {need.name for need in needs if need.marker is None} == {"httpx", "msgspec"}


def test_the_sdist_carries_the_sources_and_nothing_that_a_machine_made(dist: Path) -> None:
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
    assert {"LICENSE", "README.md", "pyproject.toml", "constraints.txt", "algomancy_api/py.typed", *pages} <= names
    assert {name for name in names if name.startswith(".") or "__pycache__" in name} == {".gitignore"}
    assert [name for name in names if name.startswith("clients/")] == []


def test_the_constraints_are_plain_versions_that_fit_what_the_project_asks_for() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+", line)] == []
    pinned = dict(line.split("==") for line in lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["test"],
        *project["dependency-groups"]["lint"],
    ]
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement
    assert brought_by(asked) <= pinned.keys()
