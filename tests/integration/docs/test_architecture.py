"""The page on the architecture matches the package."""

import re
from collections import Counter
from pathlib import Path

import pytest

import algomancy_api

from ...test_architecture import LAYERS
from .pages import blocks, rows

PAGE = "docs/architecture.md"

PACKAGE = Path(algomancy_api.__file__).parent

#: What the tables name beside modules.
FUNCTIONS = {"ids_of", "layers", "lifespan"}

#: Spaces: how much further a folder's content is indented than the folder.
_STEP = 2


def tree() -> tuple[list[str], list[str]]:
    """The folders and the modules that the tree of the page names, as paths in the package."""
    folders, modules = [], []
    parents: list[str] = []
    for line in blocks("text", PAGE)[0].text.splitlines():
        names = line.partition("#")[0].split()
        depth = (len(line) - len(line.lstrip())) // _STEP
        path = parents[:depth]
        if names[0].endswith("/"):
            [name] = names
            parents = [*path, name]
            folders.append("".join(parents))
        else:
            modules += ["".join([*path, name]) for name in names]
    return folders, modules


def test_the_tree_names_each_folder_of_the_package_once() -> None:
    found = [path.parent.relative_to(PACKAGE.parent).as_posix() + "/" for path in PACKAGE.rglob("__init__.py")]
    assert Counter(tree()[0]) == Counter(found)


def test_the_tree_names_each_module_of_the_package_once() -> None:
    modules = [path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py")]
    assert Counter(tree()[1]) == Counter(path.as_posix() for path in modules if path.name != "__init__")


def test_the_order_of_imports_is_the_one_that_is_tested() -> None:
    lines = [set(line.split(", ")) for line in blocks("text", PAGE)[1].text.splitlines()]
    assert lines[::-1] == [{name or "__init__" for name in layer} for layer in LAYERS]


@pytest.mark.parametrize(("page", "header"), [(PAGE, "question"), ("docs/performance.md", "measure")])
def test_a_module_that_a_table_names_is_there(page: str, header: str) -> None:
    names = {name for cells in rows(page, header) for name in re.findall(r"`([a-z0-9_/]+)`", cells[1])} - FUNCTIONS
    assert names
    assert {name for name in names if not (PACKAGE / name).is_dir() and not (PACKAGE / f"{name}.py").is_file()} == set()
