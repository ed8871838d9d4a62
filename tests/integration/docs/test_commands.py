"""Every command on a page works: it is run, or its options are in the program's help."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import algomancy_client.cli.options
import httpx
import pytest
from distributed.cli import dask_scheduler, dask_worker

from algomancy_api import cli
from algomancy_api.auth.token_file import keyring_of
from algomancy_api.auth.tokens import hash_of
from algomancy_api.launcher import TOKENS_FILE_VARIABLE

from ...support.processes import COMMAND
from .conftest import Example
from .pages import ADDRESS, ROOT, Command, blocks, commands


def extras(folder: Path) -> set[str]:
    return set(tomllib.loads((folder / "pyproject.toml").read_text())["project"]["optional-dependencies"])


#: The extras of each package, by what stands before them in a command.
EXTRAS = {".": extras(ROOT), "./clients/python": extras(ROOT / "clients" / "python")}

EXAMPLE_DATA = ROOT / "algomancy_api" / "example" / "data" / "pcb442"

#: The page whose commands are run in their order elsewhere.
RUN_AS_A_WHOLE = "docs/wiring.md"

#: What `curl` exits with when its time is over: an event stream has no end.
_TIMED_OUT = 28


def check_make(words: list[str]) -> None:
    plan = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607
    assert plan.returncode == 0, plan.stderr
    for arguments in [word.removeprefix("ARGS=").split() for word in words if word.startswith("ARGS=")]:
        [line] = [line for line in plan.stdout.splitlines() if line.endswith(" ".join(arguments))]
        check_options(re.findall(r"-m (\S+)", line)[0], arguments)


def check_options(module: str, arguments: list[str]) -> None:
    command = [sys.executable, "-m", module, "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    known = set(re.findall(r"--[a-z-]+", shown))
    assert {word for word in arguments if word.startswith("--")} <= known


def check_pip(words: list[str]) -> None:
    assert words[0] == "install"
    package, _, names = words[1].rstrip("]").partition("[")
    assert set(filter(None, names.split(","))) <= EXTRAS[package]


def check_npm(words: list[str]) -> None:
    """A package that is installed is the one that is packed."""
    folder = ROOT / "clients" / "typescript"
    package = json.loads((folder / "package.json").read_text())
    packed = f"./{folder.relative_to(ROOT)}/{package['name']}-{package['version']}.tgz"
    assert words in (["install"], ["pack"], ["install", packed])


def check_dask(words: list[str]) -> None:
    {"scheduler": dask_scheduler, "worker": dask_worker}[words[0]].main.make_context(f"dask {words[0]}", words[1:])


def parse(words: list[str]) -> None:
    cli._parser().parse_args(words)


def parse_client(words: list[str]) -> None:
    algomancy_client.cli.options.parser().parse_args(words)


CHECKS: dict[str, Callable[[list[str]], None]] = {
    "algomancy": parse_client,
    "algomancy-api": parse,
    "make": check_make,
    "pip": check_pip,
    "npm": check_npm,
    "dask": check_dask,
    "git": lambda words: None,
    "cd": lambda words: None,
    "printf": lambda words: None,
    "unzip": lambda words: None,
}


@pytest.mark.parametrize(
    "command", [each for each in commands() if each.words[0] != "curl"], ids=lambda each: each.line
)
def test_a_command_is_one_that_its_program_takes(command: Command) -> None:
    CHECKS[command.words[0]](command.words[1:])
    assert command.environment.keys() <= {TOKENS_FILE_VARIABLE}
    assert command.words[0] != "printf" or command.page == RUN_AS_A_WHOLE


def provide_files(example: Example) -> None:
    """Put what the commands send into the folder that they are run in: files of cities, and tables as Parquet."""
    shutil.copytree(EXAMPLE_DATA, example.folder, dirs_exist_ok=True)
    [url] = example.addressed([f"http://{ADDRESS}/api/v1/sessions/main/data/Master%20data"])
    archive = example.folder / "master.zip"
    archive.write_bytes(httpx.get(url, headers={"Accept": "application/zip"}).raise_for_status().content)
    with ZipFile(archive) as tables:
        tables.extractall(example.folder)


CURL = [command for command in commands() if command.words[0] == "curl" and command.page != RUN_AS_A_WHOLE]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.parametrize("command", CURL, ids=lambda command: command.line)
def test_the_example_answers_what_curl_sends(example: Example, command: Command) -> None:
    provide_files(example)
    words = example.addressed(command.words)
    line = [*words, "--silent", "--show-error", "--fail-with-body", "--max-time", "3"]
    result = subprocess.run(line, cwd=example.folder, capture_output=True, check=False)  # noqa: S603
    assert result.returncode in (0, _TIMED_OUT), (result.stderr, result.stdout)
    assert result.stdout or "-o" in words


def test_a_new_token_is_shown_as_the_page_says(tmp_path: Path) -> None:
    [block] = [block for block in blocks("console", "docs/access.md") if "token new" in block.text]
    command, output, *_ = block.text.splitlines()
    words = [*COMMAND, *command.removeprefix("$ algomancy-api ").partition(" >>")[0].split()]
    result = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603
    assert result.stderr.startswith(output.removesuffix("…"))
    assert result.stdout.startswith('dashboard = { access = "read", hash = "sha256:')


def test_the_file_of_tokens_can_be_read() -> None:
    [block] = blocks("toml")
    parts = block.text.split("sha256:…")
    content = "".join(f"{part}{hash_of(str(number))}" for number, part in enumerate(parts[:-1])) + parts[-1]
    keyring = keyring_of(content.encode(), Path("tokens.toml"))
    tokens = [keyring.token_of(str(number).encode()) for number in range(len(parts) - 1)]
    assert [token and token.name for token in tokens] == ["dashboard", "night shift"]
