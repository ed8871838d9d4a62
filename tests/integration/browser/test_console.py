"""The console in Chromium, on the example: datasets, scenarios, comparisons and results."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altair as alt
import httpx
import pandas as pd
import plotly.express as px
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from algomancy_api import Token
from algomancy_api.auth.tokens import new_secret
from algomancy_api.example.algorithms.construction import InputOrder
from algomancy_api.example.problem import Problem
from algomancy_api.example.tours import Tour, TourResult

from ...support.clients import PATIENCE
from .page_watch import watching
from .servers import PLACES, command, guarded
from .test_policy import try_on

#: A program that finds faults of accessibility in a page; `setup` installs it.
AXE = Path(__file__).parents[3] / ".tools" / "typescript" / "node_modules" / "axe-core" / "axe.min.js"

#: Milliseconds, as Playwright has them.
LONG = PATIENCE * 1000

READER, WRITER, ADMIN = new_secret(), new_secret(), new_secret()

INSTANCE = "name;comment;edge_weight_type;optimum;source\nsmall;;EUC_2D;40;me\n"
SQUARE = "id;x;y\n1;0;0\n2;0;10\n3;10;10\n4;10;0\n"
OUTSIDE = "id;x;y\n1;0;0\n2;;10\n3;10;10\n4;10;0\n"


expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with command(tmp_path_factory.mktemp("console")) as url:
        create(url, "nearest", "Nearest neighbour")
        create(url, "in order", "Input order")
        yield url


@pytest.fixture
def page(browser: Browser, root: str) -> Iterator[Page]:
    with watching(browser, root) as page:
        yield page


def create(root: str, tag: str, algorithm: str, secret: str = "") -> str:
    """A scenario of the example that is run; its id."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    with httpx.Client(base_url=f"{root}/api/v1/sessions/main", timeout=PATIENCE, headers=headers) as session:
        body = {"tag": tag, "dataset_key": "Master data", "algo_name": algorithm, "run": True}
        scenario: str = session.post("/scenarios", json=body).raise_for_status().json()["id"]
        session.get("/scenarios/wait", params={"ids": scenario, "wait": 30}).raise_for_status()
        return scenario


def files(folder: Path, cities: str) -> list[Path]:
    found = [folder / "instance.csv", folder / "cities.csv"]
    for path, text in zip(found, (INSTANCE, cities), strict=True):
        path.write_text(text)
    return found


def upload(page: Page, root: str, name: str, paths: list[Path]) -> None:
    page.goto(f"{root}/console#/main/datasets")
    page.get_by_label("Name of the dataset").fill(name)
    page.get_by_label("Files, chosen or dropped here").set_input_files(paths)
    page.get_by_role("button", name="Upload").click()


def row(page: Page, name: str) -> str:
    """A selector of the row of a scenario or a dataset."""
    return f'tr:has(th a:text-is("{name}"))'


# Datasets ------------------------------------------------------------------------------------------------------


def test_a_dataset_is_uploaded_and_its_rows_are_sorted_and_filtered_by_the_server(
    page: Page, root: str, tmp_path: Path
) -> None:
    upload(page, root, "Square / 1", files(tmp_path, SQUARE))
    expect(page.locator(row(page, "Square / 1"))).to_contain_text("cities (4)")
    page.get_by_role("navigation", name="Tables of Square / 1").get_by_text("cities").click()
    rows = page.get_by_role("region", name="Rows").locator("tbody tr")
    expect(rows).to_have_count(4)
    page.get_by_role("button", name="y", exact=True).click()
    page.get_by_role("button", name="y", exact=True).click()
    expect(page.get_by_role("columnheader", name="y", exact=True)).to_have_attribute("aria-sort", "descending")
    expect(rows.first).to_have_text("2010")
    page.get_by_label("Rows where").fill("x > 5 and y < 5")
    page.get_by_role("button", name="Filter").click()
    expect(rows).to_have_text(["4100"])
    expect(page.get_by_text("1–1 of 1")).to_be_visible()


def test_a_table_is_shown_a_page_at_a_time(page: Page, root: str) -> None:
    page.goto(f"{root}/console#/main/datasets/gr666/cities")
    expect(page.get_by_text("1–50 of 666")).to_be_visible()
    page.get_by_role("button", name="Last page").click()
    expect(page.get_by_text("651–666 of 666")).to_be_visible()
    page.get_by_role("button", name="Previous page").click()
    expect(page.get_by_text("601–650 of 666")).to_be_visible()
    page.get_by_text("666 rows, 3 columns").click()
    expect(page.get_by_role("region", name="Columns")).to_contain_text("float64")


def test_a_refused_upload_names_the_cell_and_stores_nothing(page: Page, root: str, tmp_path: Path) -> None:
    upload(page, root, "faulty", files(tmp_path, OUTSIDE))
    expect(page.get_by_role("alert")).to_contain_text("faulty is refused; nothing was stored.")
    expect(page.get_by_role("region", name="Messages of the upload")).to_contain_text("cities")
    expect(page.locator(row(page, "faulty"))).to_have_count(0)


# Scenarios -----------------------------------------------------------------------------------------------------


def new_scenario(page: Page, root: str, name: str, algorithm: str) -> None:
    page.goto(f"{root}/console#/main/scenarios")
    page.get_by_text("New scenario").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Algorithm", exact=True).select_option(algorithm)


def test_a_sweep_is_created_from_the_form_and_its_runs_are_seen_until_they_end(page: Page, root: str) -> None:
    new_scenario(page, root, "slow", "Slow")
    page.get_by_label("several values of duration").check()
    page.get_by_label("duration", exact=True).fill("1, 2")
    page.get_by_role("button", name="Create the sweep").click()
    for name in ("slow duration=1", "slow duration=2"):
        expect(page.locator(row(page, name))).to_contain_text("complete", timeout=LONG)
    expect(page.get_by_text("2 chosen")).to_be_visible()


def test_a_sweep_over_what_is_no_number_is_refused_by_the_server(browser: Browser, root: str) -> None:
    with browser.new_context() as context:  # a refusal is an error on the console of the browser
        page = context.new_page()
        new_scenario(page, root, "words", "Slow")
        page.get_by_label("several values of duration").check()
        page.get_by_label("duration", exact=True).fill("1, many")
        page.get_by_role("button", name="Create the sweep").click()
        expect(page.get_by_role("alert")).to_contain_text("many")
        expect(page.locator(row(page, "words duration=1"))).to_have_count(0)


def test_a_run_is_stopped_and_chosen_scenarios_are_deleted(page: Page, root: str) -> None:
    new_scenario(page, root, "long", "Slow")
    page.get_by_label("duration", exact=True).fill("60")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.locator(row(page, "long"))).to_contain_text("processing", timeout=LONG)
    expect(page.get_by_role("progressbar", name="Progress of long")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(row(page, "long"))).to_contain_text(re.compile("created|failed"), timeout=LONG)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(row(page, "long"))).to_have_count(0)


def test_what_the_server_refuses_is_said(page: Page, root: str) -> None:
    page.goto(f"{root}/console#/main/scenarios")
    page.get_by_label("Choose nearest").check()
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_contain_text("complete")


def test_a_result_is_drawn_and_can_be_read_as_a_tree(page: Page, root: str) -> None:
    page.goto(f"{root}/console#/main/scenarios")
    page.get_by_role("link", name="nearest").click()
    drawing = page.get_by_role("img", name="A drawing of the result, with 442 points")
    assert dots(drawing) == 442
    page.locator("summary", has_text=re.compile("^Result$")).click()
    expect(page.locator(".tree").first).to_contain_text("edge_weight_type: EUC_2D")


#: A depot, its region with a hole, and a road.
MAP = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2, 300]}},
        {
            "type": "Feature",
            "properties": None,
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 0]], [[2, 1], [3, 1], [3, 2], [2, 1]]],
            },
        },
        {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 2]]}},
        {"type": "Feature", "properties": {}, "geometry": None},
    ],
}


class MappedResult(TourResult):
    """A tour with a map."""

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | {"map": MAP}


class Mapped(InputOrder):
    """Visits the cities in their order, and draws a map."""

    result_class: type[TourResult] = MappedResult

    def _result(self, problem: Problem, tour: Tour) -> TourResult:
        return self.result_class(self._data_id, super()._result(problem, tour).route)


def test_geojson_is_drawn(browser: Browser, tmp_path: Path) -> None:
    with guarded(tmp_path, algorithms={"Map": Mapped}) as url, watching(browser, url) as page:
        create(url, "mapped", "Map")
        page.goto(f"{url}/console#/main/scenarios")
        page.get_by_role("link", name="mapped").click()
        drawing = page.get_by_role("img", name="A drawing of the result, with 1 point")
        for shape, count in {"polygon": 2, "polyline": 1}.items():
            expect(drawing.locator(shape)).to_have_count(count)
        assert dots(drawing) == 1


def dots(drawing: Locator) -> int:
    """The points of a drawing."""
    path = drawing.locator("path.points").get_attribute("d") or ""
    return len(re.findall(r"M[\d.]+,[\d.]+h0", path))


COSTS = pd.DataFrame({"depot": ["A", "B", "B"], "cost": [1, 3, 2], "year": ["2026", "2026", "2027"]})
PIE = {"data": [{"type": "pie", "values": [1, 2]}], "layout": {}}


class FiguredResult(TourResult):
    """A tour with figures."""

    def to_dict(self) -> dict[str, Any]:
        plotly = px.bar(COSTS, x="depot", y="cost", color="year").to_json()
        vega_lite = alt.Chart(COSTS, title="Costs of depots").mark_line(point=True).encode(x="depot", y="cost")
        return super().to_dict() | {"figures": {"Costs": plotly, "Lines": vega_lite.to_dict(), "Shares": PIE}}


class Figured(Mapped):
    """Visits the cities in their order, and draws figures."""

    result_class = FiguredResult


def test_figures_of_plotly_and_vega_lite_are_drawn(browser: Browser, tmp_path: Path) -> None:
    with guarded(tmp_path, algorithms={"Figures": Figured}) as url, watching(browser, url) as page:
        create(url, "figured", "Figures")
        page.goto(f"{url}/console#/main/scenarios")
        page.get_by_role("link", name="figured").click()
        bars = page.get_by_role("img", name="Costs: cost over depot; 2026, 2027")
        expect(page.get_by_role("img", name="Costs of depots: cost over depot; cost")).to_be_visible()
        assert {"rgb(99, 110, 250)", "rgb(239, 85, 59)"} <= colors(bars)  # those of Plotly
        before = colors(bars)
        bars.get_by_text("2027").click()  # the legend hides them
        assert before - colors(bars) == {"rgb(239, 85, 59)"}
        shares = page.locator("figure", has_text="Shares")
        expect(shares).to_contain_text("a trace of type 'pie'")
        with page.expect_download() as download:
            shares.get_by_role("button", name="Save as JSON").click()
        assert json.loads(download.value.path().read_text()) == PIE


def colors(chart: Locator) -> set[str]:
    """The colours of many pixels of a chart."""
    found: list[str] = chart.locator("canvas").evaluate(
        """canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const counts = new Map();
            for (let at = 0; at < data.length; at += 4) {
                if (data[at + 3] !== 255) continue;
                const color = `rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`;
                counts.set(color, (counts.get(color) ?? 0) + 1);
            }
            return [...counts].filter(([, count]) => count > 1000).map(([color]) => color);
        }"""
    )
    return set(found)


# Comparisons ---------------------------------------------------------------------------------------------------


def compare(page: Page, root: str) -> None:
    page.goto(f"{root}/console#/main/scenarios")
    page.get_by_label("Name contains").fill("e")  # no scenario of other tests but these two is needed
    for name in ("in order", "nearest"):
        page.get_by_label(f"Choose {name}").check()
    page.get_by_role("button", name="Compare").click()


def test_scenarios_are_compared_with_a_baseline(page: Page, root: str, tmp_path: Path) -> None:
    compare(page, root)
    page.get_by_label("Baseline").select_option("in order")
    length = page.locator('tr:has(th:text("Tour length"))')
    expect(length).to_contain_text("better")
    page.get_by_label("Baseline").select_option("nearest")
    expect(length).to_contain_text("worse")
    expect(page.locator(".chart canvas")).to_have_count(3)
    page.get_by_label("Only differences").check()
    expect(page.get_by_role("region", name="KPIs")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    download.value.save_as(tmp_path / "comparison.csv")
    with (tmp_path / "comparison.csv").open(newline="") as file:
        assert {line["tag"] for line in csv.DictReader(file)} == {"nearest", "in order"}
    with page.expect_download() as picture:
        page.get_by_role("button", name="Save as picture").first.click()
    assert picture.value.suggested_filename == "chart.png"


def test_many_are_compared_in_parts_beside_the_baseline(browser: Browser, tmp_path: Path) -> None:
    cities = list(range(1, 61))
    sweep = {
        "tag": "{start_city}", "dataset_keys": ["Master data"], "algo_name": "Nearest neighbour",
        "grid": {"start_city": cities}, "label": {"sweep": "s"}, "run": True,
    }  # fmt: skip
    with guarded(tmp_path) as url, watching(browser, url) as page:
        with httpx.Client(base_url=f"{url}/api/v1/sessions/main/scenarios", timeout=PATIENCE) as scenarios:
            ids = [each["id"] for each in scenarios.post("/batch", json=sweep).raise_for_status().json()]
            query = {"label": "sweep:s", "wait": "30"}
            while not (changes := scenarios.get("/wait", params=query).raise_for_status().json())["done"]:
                query["cursor"] = changes["cursor"]
        page.goto(f"{url}/console#/main/compare/{'/'.join(ids)}")
        page.get_by_label("Baseline").select_option("7")
        headings = page.get_by_role("region", name="KPIs").locator("thead th a")
        others = [str(city) for city in cities if city != 7]
        expect(page.get_by_text("1–50 of 59")).to_be_visible()
        expect(headings).to_have_text(["7", *others[:50]])
        page.get_by_role("button", name="Next page").click()
        expect(headings).to_have_text(["7", *others[50:]])
        expect(page.locator(".chart canvas")).to_have_count(3)  # of all


# Everybody -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("place", ["datasets/gr666/cities", "scenarios", "compare"])
def test_everybody_can_use_it(page: Page, root: str, place: str, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{root}/console#/main/{place}")
    expect(page.locator("tbody tr").first).to_be_visible()
    if place == "scenarios":
        page.get_by_text("New scenario").click()
        page.get_by_label("Algorithm", exact=True).select_option("Simulated annealing")
        page.get_by_role("link", name="nearest").click()
        expect(page.get_by_role("img", name="A drawing of the result")).to_be_visible()
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# Places and tokens ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_it_works_wherever_the_app_is(browser: Browser, tmp_path: Path, place: str) -> None:
    with PLACES[place](tmp_path) as url, watching(browser, url) as page:
        page.goto(f"{url}/console")
        page.get_by_role("link", name="Datasets").click()
        expect(page.locator(row(page, "Master data"))).to_contain_text("cities (442)")


def test_it_asks_for_a_token_and_says_what_a_reader_may_not(browser: Browser, tmp_path: Path) -> None:
    tokens = (Token("reader", READER), Token("admin", ADMIN, "admin"))
    with guarded(tmp_path, *tokens) as url, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{url}/console")
        dialog = page.get_by_role("dialog", name="Token")
        dialog.get_by_label("Token").fill("wrong")
        dialog.get_by_role("button", name="Use it").click()
        expect(page.get_by_role("alert").first).to_be_visible()
        dialog.get_by_label("Token").fill(READER)
        dialog.get_by_role("button", name="Use it").click()
        expect(page.get_by_role("heading", name="Scenarios")).to_be_visible()
        page.get_by_text("New scenario").click()
        page.get_by_label("Name", exact=True).fill("mine")
        page.get_by_role("button", name="Create", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("access")
        page.get_by_role("button", name="Token").click()
        dialog.get_by_label("Token").fill(ADMIN)
        dialog.get_by_role("button", name="Use it").click()
        page.get_by_text("New scenario").click()
        page.get_by_label("Name", exact=True).fill("mine")
        page.get_by_role("button", name="Create", exact=True).click()
        expect(page.locator(row(page, "mine"))).to_be_visible()
        page.reload()  # the token stays as long as the tab
        expect(page.locator(row(page, "mine"))).to_be_visible()


@pytest.mark.parametrize(("secret", "may_write"), [(READER, False), (WRITER, True), (ADMIN, True)], ids="rwa")
def test_every_page_with_a_token_of_each_access(browser: Browser, tmp_path: Path, secret: str, may_write: bool) -> None:
    tokens = (Token("reader", READER), Token("writer", WRITER, "write"), Token("admin", ADMIN, "admin"))
    with guarded(tmp_path, *tokens) as url, browser.new_context() as context:
        create(url, "nearest", "Nearest neighbour", WRITER)
        create(url, "in order", "Input order", WRITER)
        page = context.new_page()
        page.goto(f"{url}/console")
        dialog = page.get_by_role("dialog", name="Token")
        dialog.get_by_label("Token").fill(secret)
        dialog.get_by_role("button", name="Use it").click()

        upload(page, url, "mine", files(tmp_path, SQUARE))
        if may_write:
            expect(page.locator(row(page, "mine"))).to_contain_text("cities (4)")
        else:
            expect(page.get_by_role("alert")).to_contain_text("access")
            expect(page.locator(row(page, "mine"))).to_have_count(0)
        page.goto(f"{url}/console#/main/datasets/gr666/cities")
        expect(page.get_by_text("1–50 of 666")).to_be_visible()

        page.goto(f"{url}/console#/main/scenarios")
        page.get_by_label("Choose in order").check()
        page.get_by_role("button", name="Reset").click()
        if may_write:
            expect(page.locator(row(page, "in order"))).to_contain_text("created")
            page.get_by_role("button", name="Run", exact=True).click()
            expect(page.locator(row(page, "in order"))).to_contain_text("complete", timeout=LONG)
        else:
            expect(page.get_by_role("alert")).to_contain_text("access")
        page.get_by_role("link", name="nearest").click()
        expect(page.get_by_role("img", name="A drawing of the result, with 442 points")).to_be_visible()

        compare(page, url)
        page.get_by_label("Baseline").select_option("in order")
        expect(page.locator('tr:has(th:text("Tour length"))')).to_contain_text("better")


def test_it_loads_nothing_from_elsewhere_and_runs_no_inline_script(browser: Browser, root: str) -> None:
    inline = "document.body.append(Object.assign(document.createElement('script'), {textContent: '0'}))"
    with pytest.raises(AssertionError, match="script-src 'self'"):
        try_on(browser, f"{root}/console", inline)
    policy = httpx.get(f"{root}/console", timeout=PATIENCE).headers["content-security-policy"]
    assert "unsafe" not in policy
