"""An `EventSource` of a real browser, which sends no header, opens a stream by a ticket."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from algomancy_api import Token
from algomancy_api.auth.tokens import new_secret

from .page_watch import watching
from .servers import guarded

SECRET = new_secret()

#: Asks for a ticket as the documentation does, and opens streams with it, one after the other: what came first of each.
WATCH = """
async ([secret, times]) => {
  const headers = { Authorization: `Bearer ${secret}` };
  const events = "/api/v1/sessions/main/events";
  const response = await fetch(`${events}/ticket`, { method: "POST", headers });
  const { ticket } = await response.json();
  const first = (source) => new Promise((resolve) => {
    source.addEventListener("snapshot", ({ data }) => resolve(JSON.parse(data).datasets.map(({ key }) => key)));
    source.addEventListener("error", () => resolve("error"));
  });
  const came = [];
  for (let time = 0; time < times; time++) {
    came.push(await first(new EventSource(`${events}?ticket=${ticket}`)));
  }
  return came;
}
"""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[str]:
    with guarded(tmp_path / "data", Token("reader", SECRET)) as url:
        yield url


def watched(browser: Browser, root: str, times: int) -> Any:
    with watching(browser, root) as page:
        page.goto(f"{root}/docs")
        return page.evaluate(WATCH, [SECRET, times])


def test_a_ticket_opens_a_stream(browser: Browser, root: str) -> None:
    [datasets] = watched(browser, root, 1)
    assert "Master data" in datasets


def test_a_ticket_opens_no_second_one(browser: Browser, root: str) -> None:
    with pytest.raises(AssertionError, match=r"console: Failed to load resource.* 401"):
        watched(browser, root, 2)  # the browser itself complains of such an answer
