"""Parser of README.md and the pages of docs/, for the parts that tests check."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]

PAGES = {
    path.relative_to(ROOT).as_posix(): path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
}

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

#: The page whose Python blocks are files of tests/integration/solvers.
RECIPES = "docs/solvers.md"

#: The address that the pages show.
ADDRESS = "127.0.0.1:8051"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    language: str
    text: str

    @property
    def file_name(self) -> str:
        """The name in the comment on the first line of a Python block."""
        match = re.match(r"# ([a-z_]+\.py)\n", self.text)
        assert match, f"a Python block in {self.page} does not begin with the name of a file: {self.text[:60]!r}"
        return match[1]

    @property
    def is_recipe(self) -> bool:
        """Whether it needs a solver: it is run where the solver is installed."""
        return self.page == RECIPES

    @property
    def is_script(self) -> bool:
        """Whether it is a client of the example, and no module of a wiring."""
        return ADDRESS in self.text


@dataclass(frozen=True)
class Command:
    """A command in a console block: what it sets in its environment, and its words."""

    page: str
    environment: dict[str, str]
    words: list[str]
    line: str


def text_of(page: str) -> str:
    return PAGES[page].read_text(encoding="utf-8")


def blocks(language: str, page: str | None = None) -> list[Block]:
    """The blocks in a language, of one page or of all."""
    return [
        Block(name, language, text)
        for name in ([page] if page else PAGES)
        for found, text in _BLOCK.findall(text_of(name))
        if found == language
    ]


def python_block(file_name: str) -> Block:
    [block] = [block for block in blocks("python") if block.file_name == file_name]
    return block


def write_modules(folder: Path) -> None:
    """Write the Python blocks that are modules into a folder."""
    for block in blocks("python"):
        if not (block.is_script or block.is_recipe):
            (folder / block.file_name).write_text(block.text)


def commands(page: str | None = None) -> list[Command]:
    """Each command of the console blocks, `&&` taken apart and redirections left out."""
    return [
        _command(block.page, part)
        for block in blocks("console", page)
        for line in block.text.splitlines()
        if line.startswith("$ ")
        for part in line.removeprefix("$ ").split(" && ")
    ]


def _command(page: str, line: str) -> Command:
    words = shlex.split(line)
    for redirection in (">", ">>"):
        if redirection in words:
            words = words[: words.index(redirection)]
    environment = {}
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    return Command(page, environment, words, line)


def rows(page: str, *header: str) -> Iterator[list[str]]:
    """The cells of the tables of a page whose header begins with these cells."""
    in_table = False
    for line in text_of(page).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            in_table = False
        elif not in_table:
            in_table = cells[: len(header)] == list(header)
        elif not set(line) <= set("|-: "):
            yield cells
