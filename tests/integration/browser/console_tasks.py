"""The longest task of the console in Chromium's trace, with 10,000 scenarios and a table of a million rows.

``python -m tests.integration.browser.console_tasks`` prints a line for each step. While a task runs, the page can do
nothing else: above a tenth of a second, people see it stutter.
"""

import io
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pyarrow as pa
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ...support.clients import PATIENCE
from .conftest import launched
from .servers import guarded

_SCENARIOS = 10_000
_ROWS = 1_000_000

#: Scenarios: created in one request, and the most that are compared.
_AT_ONCE = 1_000

#: Events of a trace: one for each task of a thread, and those that name the threads.
_CATEGORIES = ["toplevel", "disabled-by-default-devtools.timeline", "__metadata"]
_TASKS = {"RunTask", "ThreadControllerImpl::RunTask"}

#: What is done with a page, and a selector of what is seen when it is done.
type Step = tuple[str, Callable[[Page], Any], str]


def _fill(api: httpx.Client) -> list[str]:
    """Fill a server; the ids of some scenarios."""
    made: list[str] = []
    for number in range(_SCENARIOS // _AT_ONCE):
        sweep = {
            "tag": f"{number} {{start_city}} {{repetition}}", "dataset_keys": ["Master data"], "run": True,
            "algo_name": "Nearest neighbour", "grid": {"start_city": {"from": 1, "to": 250, "step": 1}},
            "repetitions": _AT_ONCE // 250,
        }  # fmt: skip
        answer: list[dict[str, Any]] = api.post("/scenarios/batch", json=sweep).raise_for_status().json()
        made += [scenario["id"] for scenario in answer]
    query = {"wait": "30"}
    while not (changes := api.get("/scenarios/wait", params=query).raise_for_status().json())["done"]:
        query["cursor"] = changes["cursor"]
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"id": np.arange(_ROWS), "x": random.random(_ROWS), "name": random.choice(["a", "b"], _ROWS)})
    file = io.BytesIO()
    table = pa.Table.from_pandas(frame)
    with pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)
    files = {"tables": ("cities.arrow", file.getvalue())}
    api.put("/data/large", params={"validate": "false"}, files=files).raise_for_status()
    return made[:_AT_ONCE]


def _steps(url: str, ids: list[str]) -> Iterator[Step]:
    def at(place: str) -> Callable[[Page], Any]:
        return lambda page: page.goto(f"{url}/console#/main/{place}")

    def click(name: str) -> Callable[[Page], Any]:
        return lambda page: page.get_by_role("button", name=name, exact=True).click()

    def filtered(label: str, text: str) -> Callable[[Page], Any]:
        return lambda page: page.get_by_label(label).fill(text)

    row = "tbody tr"
    yield "10,000 scenarios: the list", at("scenarios"), row
    yield "sorted by a KPI", click("Tour length"), 'th[aria-sort="ascending"]'
    yield "the next page", click("Next page"), row
    yield "filtered by name", filtered("Name contains", "9 24"), row
    yield "one of them", lambda page: page.locator(f"{row} th a").first.click(), ".drawing .points"
    yield "a table of 1,000,000 rows", at("datasets/large/cities"), row
    yield "sorted", click("x"), 'th[aria-sort="ascending"]'
    yield "the last page", click("Last page"), "text=999,951–1,000,000"
    yield "back", click("Previous page"), "text=999,901–999,950"
    yield "100 compared", at("/".join(["compare", *ids[:100]])), ".chart canvas"
    yield "1,000 compared", at("/".join(["compare", *ids])), ".chart canvas"


def _longest_task(browser: Browser, page: Page, act: Callable[[Page], Any], done: str) -> float:
    """Milliseconds: the longest task of the page's thread while something is done."""
    browser.start_tracing(page=page, categories=_CATEGORIES)
    act(page)
    expect(page.locator(done).first).to_be_visible(timeout=PATIENCE * 1000)
    page.wait_for_timeout(1_000)  # what follows, such as the charts
    events = json.loads(browser.stop_tracing())["traceEvents"]
    threads = {
        (each["pid"], each["tid"])
        for each in events
        if each["name"] == "thread_name" and each["args"]["name"] == "CrRendererMain"
    }
    tasks: list[float] = [
        each["dur"] / 1000
        for each in events
        if each["name"] in _TASKS and each["ph"] == "X" and (each["pid"], each["tid"]) in threads
    ]
    assert tasks, "the trace has no task"
    return max(tasks)


def main() -> None:
    """Measure all steps."""
    with (
        tempfile.TemporaryDirectory() as folder,
        guarded(Path(folder)) as url,
        httpx.Client(base_url=f"{url}/api/v1/sessions/main", timeout=PATIENCE) as api,
        sync_playwright() as playwright,
        launched(playwright) as browser,
    ):
        print("filling the server", flush=True)
        ids = _fill(api)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        for name, act, done in _steps(url, ids):
            print(f"{_longest_task(browser, page, act, done):8.1f} ms  {name}", flush=True)


if __name__ == "__main__":
    main()
