"""Pictures of the console for its page in docs/, of the example.

``python -m tests.integration.browser.console_pictures FOLDER``
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from .conftest import launched
from .page_watch import watching
from .servers import command


def _datasets(page: Page) -> None:
    page.get_by_text("666 rows, 3 columns").click()


def _scenarios(page: Page) -> None:
    page.get_by_text("New scenario").click()
    page.get_by_label("Name", exact=True).fill("annealing")
    page.get_by_label("Algorithm", exact=True).select_option("Simulated annealing")
    page.get_by_label("several values of start_tour").check()
    page.get_by_label("start_tour", exact=True).fill("Random, Nearest neighbour")
    page.get_by_label("sweeps", exact=True).fill("20")
    page.get_by_role("button", name="Create the sweep").click()
    expect(page.locator("td .status.complete")).to_have_count(2, timeout=60_000)


def _result(page: Page) -> None:
    page.get_by_role("link", name="annealing start_tour=Random").click()
    expect(page.get_by_role("img", name="A drawing of the result")).to_be_visible()


def _comparison(page: Page) -> None:
    expect(page.locator(".chart canvas")).to_have_count(3)


#: The place of each picture, and what is done there first.
_PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "datasets": ("datasets/gr666/cities", _datasets),
    "scenarios": ("scenarios", _scenarios),
    "result": ("scenarios", _result),
    "compare": ("compare", _comparison),
}


def main(folder: Path) -> None:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        command(Path(data)) as url,
        sync_playwright() as playwright,
        launched(playwright) as browser,
    ):
        for name, (place, act) in _PICTURES.items():
            with watching(browser, url) as page:
                page.goto(f"{url}/console#/main/{place}")
                act(page)
                page.wait_for_timeout(500)  # for what moves
                page.screenshot(path=folder / f"{name}.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
