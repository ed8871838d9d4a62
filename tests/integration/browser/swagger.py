"""A page object of Swagger UI, with the actions of a user."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page


@dataclass(frozen=True)
class Answer:
    """What the page shows of an answer, and the headers that the browser has sent for it."""

    url: str
    status: int
    body: Any
    sent: Mapping[str, str]


class Docs:
    """The page, open in a browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def wait(self) -> None:
        """Until the document is shown."""
        self.page.locator(".opblock-tag-section").first.wait_for()

    def reload(self) -> None:
        """Load the page anew, as F5 does."""
        self.page.reload()
        self.wait()

    def tags(self) -> list[str]:
        """The groups, from the top down."""
        return [tag.get_attribute("data-tag") or "" for tag in self.page.locator(".opblock-tag").all()]

    def operations(self) -> set[tuple[str, str]]:
        """Method and path of every operation."""
        blocks = self.page.locator(".opblock").all()
        return {(_text(block, ".opblock-summary-method"), _path(block)) for block in blocks}

    def form(self, operation_id: str) -> Locator:
        """An operation, unfolded."""
        block = self.page.locator(f".opblock[id$='-{operation_id}']")
        block.locator(".opblock-summary-control").click()
        block.locator(".opblock-body").wait_for()
        return block

    def execute(self, form: Locator) -> Answer:
        """Press *Execute*, and read what the page then shows."""
        with self.page.expect_request(lambda request: request.resource_type in ("fetch", "xhr")) as request:
            form.get_by_role("button", name="Execute").click()
        status = _text(form, ".live-responses-table tbody .response-col_status")
        shown = _text(form, ".live-responses-table tbody .highlight-code code")
        return Answer(_text(form, ".request-url pre"), int(status), json.loads(shown), request.value.all_headers())

    def authorize(self, token: str) -> None:
        """Enter a token under *Authorize*."""
        self.page.locator(".btn.authorize").click()
        scheme = self.page.locator(".modal-ux .auth-container").filter(has_text="Bearer")
        scheme.locator("input").fill(token)
        scheme.locator("button.authorize").click()
        scheme.locator("button.btn-done").click()


def fill(form: Locator, **parameters: str) -> None:
    """Fill in parameters of the path or of a form, by name."""
    for name, value in parameters.items():
        form.locator("tr").filter(has_text=re.compile(rf"^{name}\b")).locator("input").last.fill(value)


def attach(form: Locator, *files: Path) -> None:
    """Choose files, in as many places as it takes."""
    row = form.locator("tr").filter(has=form.page.locator("input[type=file]"))
    chosen = row.locator("input[type=file]")
    for number, file in enumerate(files):
        if chosen.count() == number:
            row.get_by_role("button", name="Add").click()
        chosen.nth(number).set_input_files(file)


def _text(within: Locator, selector: str) -> str:
    return within.locator(selector).inner_text()


def _path(block: Locator) -> str:
    return block.locator(".opblock-summary-path").get_attribute("data-path") or ""
