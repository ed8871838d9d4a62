"""A browser page whose errors and requests to other hosts fail the test."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page

from .swagger import Docs

#: How long the page may take for anything, in milliseconds.
_PATIENCE = 20_000


class Watch:
    """The faults of a page; each request to another host is one."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.faults: list[str] = []
        self._origin = _origin(url)
        context.on("request", lambda request: self._note_request(request.url))
        context.on("requestfailed", lambda request: self._note_failure(request.url, request.failure))
        # What breaks the Content-Security-Policy is an error on the console, too.
        context.on("console", lambda message: self._note_console(message.type, message.text))
        context.on("weberror", lambda error: self.faults.append(f"uncaught: {error.error}"))

    def _note_request(self, url: str) -> None:
        if urlsplit(url).scheme != "data" and _origin(url) != self._origin:
            self.faults.append(f"left the host: {url}")

    def _note_failure(self, url: str, failure: str | None) -> None:
        if failure != "net::ERR_ABORTED":  # the page itself has ended the request
            self.faults.append(f"failed: {url} {failure}")

    def _note_console(self, kind: str, text: str) -> None:
        if kind in ("error", "assert"):
            self.faults.append(f"console: {text}")


@contextlib.contextmanager
def watching(browser: Browser, url: str) -> Iterator[Page]:
    """A new page of a browser that remembers nothing; at the end it must have no faults."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(_PATIENCE)
    watch = Watch(context, url)
    page = context.new_page()
    try:
        yield page
        page.evaluate("0")  # whatever the browser has reported before its answer to this has arrived
        assert watch.faults == [], "\n".join(watch.faults)
    finally:
        context.close()


@contextlib.contextmanager
def visiting(browser: Browser, root: str, pictures: Path) -> Iterator[Docs]:
    """The docs of an app, open; a picture of them is kept if the test fails."""
    with watching(browser, root) as page, _pictured(page, pictures / "failed.png"):
        page.goto(f"{root}/docs")
        docs = Docs(page)
        docs.wait()
        yield docs


@contextlib.contextmanager
def _pictured(page: Page, file: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(Error):
            page.screenshot(path=file, full_page=True)
            error.add_note(f"The page is pictured in {file}")
        raise


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
