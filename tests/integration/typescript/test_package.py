"""The package as it is packed: what is in it, and that what the pages show compiles with it, and runs."""

import json
import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from ...support.processes import ROOT
from ..docs.pages import ADDRESS
from .conftest import Served
from .platforms import CLIENT

PAGES = [ROOT / "docs" / "typescript.md", CLIENT / "README.md"]

#: The newest TypeScript and the one before, by their folders in node_modules.
COMPILERS = ["typescript-newest", "typescript"]

#: What the scripts that need no page print, in this order.
SCRIPTS = {
    "sweep.ts": r"^0 of 6, \d+ %\n.*sweeps=10 start_tour=Random complete \d+\n",
    "calls.ts": r"^created true 0\n(created|queued|processing|complete) undefined\n$",
    "watch.ts": r"^connected\n.*duration=2: complete, 100 %\n$",
    "first.ts": r"start_city=3', \d+",
}

#: What a program that is made of the snippets has beside the package.
_PACKAGES = ["@types", "eventsource-parser", "openapi-fetch", "openapi-typescript-helpers", "undici-types"]

_SETTINGS = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "skipLibCheck": False,
    "target": "ES2022",
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
    "module": "NodeNext",
    "types": ["node"],
    "outDir": "out",
}


def snippets() -> dict[str, str]:
    """The snippets of the pages, by the names that they begin with."""
    text = "\n".join(page.read_text() for page in PAGES)
    return {
        name: rest for rest, name in re.findall(r"^```ts\n(// ([a-z]+\.ts)\n.*?)^```$", text, re.DOTALL | re.MULTILINE)
    }


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, packed as it was built."""
    folder = tmp_path_factory.mktemp("packed")
    command = ["npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", str(folder)]
    subprocess.run(command, cwd=CLIENT, check=True, capture_output=True)  # noqa: S603
    [path] = folder.glob("*.tgz")
    return path


@pytest.fixture(scope="module")
def program(packed: Path, served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of the snippets, with the package and what it needs."""
    folder = tmp_path_factory.mktemp("program")
    packages = folder / "node_modules"
    packages.mkdir()
    with tarfile.open(packed) as archive:
        archive.extractall(packages, filter="data")
    (packages / "package").rename(packages / "algomancy-client")
    for name in _PACKAGES:
        (packages / name).symlink_to(CLIENT / "node_modules" / name)
    (folder / "package.json").write_text('{"type": "module"}')
    for name, text in snippets().items():
        (folder / name).write_text(text.replace(f"http://{ADDRESS}", served.url))
    return folder


def compiled(program: Path, compiler: str, **settings: str) -> None:
    (program / "tsconfig.json").write_text(json.dumps({"compilerOptions": _SETTINGS | settings}))
    command = ["node", str(CLIENT / "node_modules" / compiler / "bin" / "tsc"), "--project", "."]
    result = subprocess.run(command, cwd=program, capture_output=True, text=True, check=False)  # noqa: S603
    assert result.returncode == 0, result.stdout


def test_the_package_has_what_was_built_and_needs_two_others(packed: Path) -> None:
    with tarfile.open(packed) as archive:
        names = {name.removeprefix("package/") for name in archive.getnames()}
        file = archive.extractfile("package/package.json")
        assert file is not None
        package = json.load(file)
    sources = {path.stem for path in (CLIENT / "src").glob("*.ts")}
    built = {f"dist/{stem}.{end}" for stem in sources for end in ("js", "d.ts")}
    assert names == built | {"LICENSE", "README.md", "package.json"}
    assert package["dependencies"].keys() == {"openapi-fetch", "eventsource-parser"}


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_snippets_compile(program: Path, compiler: str) -> None:
    compiled(program, compiler)


def test_the_snippets_compile_as_a_bundler_sees_them(program: Path) -> None:
    compiled(program, COMPILERS[0], module="ESNext", moduleResolution="Bundler")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_snippet_runs_against_the_example(program: Path, served: Served, name: str) -> None:
    script = program / "out" / f"{name.removesuffix('.ts')}.js"
    if not script.exists():
        compiled(program, COMPILERS[0])
    environment = os.environ | {"ALGOMANCY_TOKEN": served.secret}
    command = ["node", "--unhandled-rejections=strict", str(script)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)  # noqa: S603
    assert (result.returncode, result.stderr) == (0, "")
    assert re.search(SCRIPTS[name], result.stdout, re.DOTALL), result.stdout


def test_every_snippet_without_a_page_is_run() -> None:
    assert snippets().keys() - {"upload.ts"} == SCRIPTS.keys()
