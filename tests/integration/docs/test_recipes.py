"""The recipes on the page of solvers are the files that are run where the solvers are installed."""

from pathlib import Path

import pytest

from .. import solvers
from ..solvers.catalogue import RECIPES as CATALOGUE
from .pages import RECIPES, Block, blocks

FOLDER = Path(solvers.__file__).parent / "recipes"


@pytest.mark.parametrize("block", blocks("python", RECIPES), ids=lambda block: block.file_name)
def test_a_recipe_is_the_file_that_is_run(block: Block) -> None:
    source = (FOLDER / block.file_name).read_text()
    assert block.text == f"# {block.file_name}\n{source}"


def test_each_recipe_is_on_the_page() -> None:
    shown = {block.file_name for block in blocks("python", RECIPES)}
    assert {f"{recipe.module}.py" for recipe in CATALOGUE} | {"packing.py"} == shown
    assert {path.name for path in FOLDER.glob("*.py")} - {"__init__.py"} == shown
