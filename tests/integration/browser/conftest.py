"""Fixtures: a browser, and a function that opens the docs in it."""

import contextlib
import functools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from .page_watch import visiting
from .swagger import Docs

Visit = Callable[[str], AbstractContextManager[Docs]]

#: The names under which it may be installed; `setup` beside this file knows the same.
_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

#: No name but this host's can be looked up, so that nothing in the browser itself goes elsewhere, either.
_NO_NAMES = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@contextlib.contextmanager
def launched(playwright: Playwright, *names: str) -> Iterator[Browser]:
    """A browser without a window, that of the system; ``names`` are rules for names that it finds all the same."""
    found = next(filter(None, map(shutil.which, _COMMANDS)), None)
    assert found is not None, "there is no Chromium: run tests/integration/browser/setup"
    rules = f"--host-resolver-rules={', '.join([*names, _NO_NAMES])}"
    browser = playwright.chromium.launch(executable_path=found, args=["--disable-gpu", "--disable-quic", rules])
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Visit:
    """Opens the docs under an address."""
    return functools.partial(visiting, browser, pictures=tmp_path)
