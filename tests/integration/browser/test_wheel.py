"""The wheel contains all files of the docs: installed elsewhere, it serves the page and every file that it loads."""

import hashlib
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from hatchling.build import build_wheel

from ...support.clients import PATIENCE
from ...support.processes import ROOT
from .servers import command

#: How long making the environment may take, in seconds.
LIMIT = 150

VENDORED = "algomancy_api/openapi/swagger-ui"

#: What the page names, by the ends of the addresses.
KINDS = {"css": "text/css", "js": "text/javascript", "json": "application/json", "png": "image/png"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return folder / build_wheel(str(folder))


@pytest.fixture(scope="module")
def archive(wheel: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(wheel) as archive:
        yield archive


@pytest.fixture(scope="module")
def root(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the example, served by the wheel in an environment of its own."""
    with tempfile.TemporaryDirectory() as folder:  # it is too large to be kept, as pytest keeps its own
        environment = Path(folder) / "venv"
        arguments = [str(ROOT / "tools" / "setup"), str(environment), "--constraints", "constraints.txt", str(wheel)]
        result = subprocess.run(arguments, timeout=LIMIT, capture_output=True, text=True)  # noqa: S603
        assert result.returncode == 0, result.stderr
        with command(tmp_path_factory.mktemp("wheel"), environment / "bin" / "algomancy-api") as url:
            yield url


class Named(HTMLParser):
    """The addresses that a page names."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self._page = page
        self.urls: set[str] = set()
        self.feed(page.text)

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {value for name, value in attributes if name in ("href", "src", "data-document") and value}
        self.urls |= {urljoin(str(self._page.url), url) for url in found}


def kind(answer: httpx.Response) -> str:
    return answer.headers["content-type"].partition(";")[0]


def sums_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """The checksum of every vendored file, as it was written down when they were fetched."""
    lines = archive.read(f"{VENDORED}/SHA256SUMS").decode().splitlines()
    return {name: digest for digest, name in map(str.split, lines)}


def test_the_page_and_all_that_it_names_are_served(root: str) -> None:
    page = httpx.get(f"{root}/docs", timeout=PATIENCE).raise_for_status()
    assert kind(page) == "text/html"
    answers = {url: httpx.get(url, timeout=PATIENCE) for url in Named(page).urls}
    assert {url: answer.status_code for url, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert {url.rpartition(".")[2]: kind(answer) for url, answer in answers.items()} == KINDS
    assert f"{root}/openapi.json" in answers
    assert answers[f"{root}/openapi.json"].json()["info"]["title"] == "Algomancy API example"


def test_what_is_vendored_is_served_as_it_was_fetched(root: str, archive: zipfile.ZipFile) -> None:
    sums = sums_of(archive)
    served = {
        name: httpx.get(f"{root}/docs/swagger-ui/{name}", timeout=PATIENCE).raise_for_status().content for name in sums
    }
    assert {"LICENSE", "NOTICE", "swagger-ui-bundle.js", "swagger-ui.css"} <= served.keys()
    assert {name: hashlib.sha256(content).hexdigest() for name, content in served.items()} == sums
    assert {name: archive.read(f"{VENDORED}/{name}") for name in sums} == served


def test_the_wheel_carries_no_more_of_swagger_ui_than_the_page_needs(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    assert [name for name in names if name.endswith(".map")] == []
    carried = {name.removeprefix(f"{VENDORED}/") for name in names if name.startswith(VENDORED)}
    assert carried == {*sums_of(archive), "SHA256SUMS", "VERSION"}
    assert b"Apache License" in archive.read(f"{VENDORED}/LICENSE")
