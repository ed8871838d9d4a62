"""How the console reads the figures of a result, as Plotly and Altair write them."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
import pytest

from ...support.clients import PATIENCE

CONSOLE = Path(__file__).parents[3] / "clients" / "console"

COSTS = pd.DataFrame({"depot": ["B", "A", "B"], "cost": [3, 1, 2], "year": ["2026", "2026", "2027"]})

Figure = dict[str, Any]
Read = Callable[[Any], list[Figure | str]]

#: Reads results, a line each, and writes their figures, or why they are not drawn.
PROGRAM = """
import { createInterface } from "node:readline";
import { figuresOf } from "./src/figures/reading.ts";

const reasonOf = (read) => {
  try {
    return read();
  } catch (error) {
    if (error.constructor.name !== "NotDrawn") throw error;
    return error.message;
  }
};
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(figuresOf(JSON.parse(line)).map(({ name, read }) => [name, reasonOf(read)])));
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("figures") / "read.mjs"
    options = ("--bundle", "--platform=node", "--format=esm", "--loader=ts", f"--outfile={target}")
    esbuild = CONSOLE / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), *options, "--log-level=error"]
    subprocess.run(command, input=PROGRAM, text=True, cwd=CONSOLE, check=True)  # noqa: S603
    return target


def named(program: Path, figures: Any) -> dict[str, Figure | str]:
    """What the console reads of figures, by name."""
    line = json.dumps({"figures": figures}) + "\n"
    command = ["node", str(program)]
    done = subprocess.run(command, input=line, capture_output=True, text=True, check=True, timeout=PATIENCE)  # noqa: S603
    return dict(json.loads(done.stdout))


def read(program: Path, figure: Any) -> Figure:
    """The one figure, which is drawn."""
    [found] = named(program, figure).values()
    assert isinstance(found, dict), found
    return found


def of_plotly(figure: go.Figure) -> Any:
    return json.loads(figure.to_json())


def boxes(figure: Figure) -> dict[str, list[list[float]]]:
    """The bars of each of the marks: left, low, right, high."""
    return {
        marks["label"]: [[round(value, 3) for corner in box for value in corner] for box in marks["boxes"]]
        for marks in figure["marks"]
    }


def test_a_scatter_of_numpy_arrays_is_points_and_lines(program: Path) -> None:
    [x, y] = np.array([1, 2, 3], "int8"), np.array([1.5, np.nan, 4])
    figure = read(program, of_plotly(go.Figure(go.Scatter(x=x, y=y, name="cost"), layout={"title": "Cost"})))
    assert figure["title"] == "Cost"
    [marks] = figure["marks"]
    assert marks["label"] == "cost"
    assert marks["lines"] == [[[1, 1.5]], [[3, 4]]]  # broken where a value is missing
    assert marks["points"] == [[1, 1.5], [3, 4]]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"])
def test_arrays_of_every_type_are_read(program: Path, dtype: str) -> None:
    values = np.array([0, 1, 100], dtype)
    [marks] = read(program, of_plotly(go.Figure(go.Scatter(x=values, y=values, mode="markers"))))["marks"]
    assert marks["points"] == [[0, 0], [1, 1], [100, 100]]
    assert marks["lines"] == []


def test_a_tour_keeps_its_order(program: Path) -> None:
    tour = go.Scatter(x=[0, 2, 1, 0], y=[0, 0, 1, 0], mode="lines", line={"color": "#123456"})
    [marks] = read(program, of_plotly(go.Figure(tour)))["marks"]
    assert marks["lines"] == [[[0, 0], [2, 0], [1, 1], [0, 0]]]
    assert marks["points"] == []
    assert marks["color"] == "#123456"


def test_bars_are_stacked(program: Path) -> None:
    figure = read(program, of_plotly(px.bar(COSTS, x="depot", y="cost", color="year")))
    assert figure["x"] == {"title": "depot", "kind": "names", "names": ["B", "A"]}
    assert boxes(figure) == {"2026": [[-0.4, 0, 0.4, 3], [0.6, 0, 1.4, 1]], "2027": [[-0.4, 3, 0.4, 5]]}


def test_bars_are_beside_each_other(program: Path) -> None:
    figure = read(program, of_plotly(px.bar(COSTS, x="depot", y="cost", color="year", barmode="group")))
    assert boxes(figure) == {"2026": [[-0.4, 0, 0, 3], [0.6, 0, 1, 1]], "2027": [[0, 0, 0.4, 2]]}


def test_a_schedule_has_bars_from_start_to_end(program: Path) -> None:
    jobs = pd.DataFrame({
        "machine": ["m1", "m2"], "start": ["2026-01-01 08:00", "2026-01-01 09:00"],
        "end": ["2026-01-01 10:00", "2026-01-01 12:00"],
    })  # fmt: skip
    figure = read(program, of_plotly(px.timeline(jobs, x_start="start", x_end="end", y="machine")))
    assert figure["x"]["kind"] == "time"
    assert figure["y"]["names"] == ["m1", "m2"]
    [[first, second]] = boxes(figure).values()
    assert first[2] - first[0] == 2 * 3600
    assert second[2] - second[0] == 3 * 3600
    assert second[0] - first[0] == 3600
    assert [first[1], first[3]] == [-0.4, 0.4]


def test_bars_of_a_sum_are_stacked_by_colour_over_names_in_order(program: Path) -> None:
    chart = alt.Chart(COSTS).mark_bar().encode(x="depot:N", y="sum(cost):Q", color="year:N")
    figure = read(program, chart.to_dict())
    assert figure["x"]["names"] == ["A", "B"]
    assert figure["y"] == {"title": "sum of cost", "kind": "number"}
    assert boxes(figure) == {"2026": [[0.6, 0, 1.4, 3], [-0.4, 0, 0.4, 1]], "2027": [[0.6, 3, 1.4, 5]]}


def test_bars_may_lie_and_have_two_ends(program: Path) -> None:
    frame = pd.DataFrame({"job": ["a", "b"], "from": [1, 2], "to": [3, 6]})
    figure = read(program, alt.Chart(frame).mark_bar().encode(x="from:Q", x2="to:Q", y="job:N").to_dict())
    assert figure["y"]["names"] == ["b", "a"]  # the first is at the top
    assert boxes(figure) == {"job": [[1, 0.6, 3, 1.4], [2, -0.4, 6, 0.4]]}


def test_lines_are_sorted_and_layers_share_their_axes(program: Path) -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2026-01-02", "2026-01-01"]), "cost": [2.5, 1.5]})
    base = alt.Chart(frame).encode(x="day:T", y=alt.Y("cost:Q").title("Cost (€)"))
    figure = read(program, (base.mark_line() + base.mark_circle()).to_dict())
    line, circles = figure["marks"]
    assert figure["y"]["title"] == "Cost (€)"
    [[first, second]] = line["lines"]
    assert second[0] - first[0] == 86_400
    assert [first[1], second[1]] == [1.5, 2.5]
    assert sorted(circles["points"]) == [first, second]


def test_an_area_without_a_value_is_none(program: Path) -> None:
    frame = pd.DataFrame({"day": [1, 2, 1, 2], "cost": [1.0, 2.0, None, None], "of": ["a", "a", "b", "b"]})
    areas = alt.Chart(frame).mark_area().encode(x="day:Q", y="cost:Q", color="of:N")
    first, second = read(program, areas.to_dict())["marks"]
    assert first["areas"] == [[[1, 1], [2, 2]]]
    assert second["areas"] == second["lines"] == []


@pytest.mark.parametrize(("aggregate", "value"), [("mean", 2.5), ("min", 2), ("max", 3), ("count", 2)])
def test_aggregates(program: Path, aggregate: str, value: float) -> None:
    y = "count():Q" if aggregate == "count" else f"{aggregate}(cost):Q"
    figure = read(program, alt.Chart(COSTS).mark_circle().encode(x="depot:N", y=y).to_dict())
    assert [1, value] in figure["marks"][0]["points"]


def test_figures_have_names_or_numbers_and_may_be_json(program: Path) -> None:
    figure = go.Figure(go.Scatter(y=[1, 2]))
    assert list(named(program, {"Cost": figure.to_json(), "Other": of_plotly(figure), "text": "x"})) == [
        "Cost",
        "Other",
    ]
    assert list(named(program, [of_plotly(figure), figure.to_json()])) == ["Figure 1", "Figure 2"]
    assert list(named(program, figure.to_json())) == ["Figure"]
    assert named(program, None) == named(program, [1, {}]) == {}


MALFORMED: list[Any] = [
    {"data": [{"y": {"dtype": "f8", "bdata": "%"}}]},
    {"data": [{"y": {"dtype": "f8", "bdata": "AAAA"}}]},
    {"data": [None, 1, "x", []], "layout": []},
    {"data": [{"type": "bar", "x": "a", "y": {"a": 1}, "base": []}]},
    {"data": [{"x": [[1]], "y": [{}]}]},
    {"mark": None, "data": 1},
    {"mark": "point", "data": {"values": [None, 1]}, "encoding": []},
    {"mark": "bar", "data": {"values": [{"a": "x"}]}, "encoding": {"y": {"field": "a", "aggregate": "min"}}},
    {"layer": [None], "$schema": "vega-lite", "data": {"values": {}}},
]


@pytest.mark.parametrize("figure", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_figure_is_no_error(program: Path, figure: Any) -> None:
    named(program, {"it": figure})


NOT_DRAWN = {
    "a trace of type 'pie'": go.Figure(go.Pie(values=[1])),
    "subplots": go.Figure(go.Scatter(y=[1], yaxis="y2")),
    "a logarithmic axis": go.Figure(go.Scatter(y=[1]), layout={"yaxis": {"type": "log"}}),
    "a figure without values": go.Figure(),
    "a figure without values ": alt.Chart(pd.DataFrame({"x": [1], "y": [None]})).mark_area().encode(x="x:Q", y="y:Q"),
    "the mark 'boxplot'": alt.Chart(COSTS).mark_boxplot().encode(x="depot", y="cost"),
    "'bin'": alt.Chart(COSTS).mark_bar().encode(alt.X("cost", bin=True), y="count()"),
    "'hconcat'": alt.Chart(COSTS).mark_point() | alt.Chart(COSTS).mark_point(),
    "'transform'": alt.Chart(COSTS).mark_point().encode(x="cost").transform_filter("datum.cost > 1"),
    "the aggregate 'median'": alt.Chart(COSTS).mark_point().encode(x="median(cost)"),
    "data of another address": alt.Chart("https://example.org/x.csv").mark_point().encode(x="a:Q"),
}


@pytest.mark.parametrize("reason", NOT_DRAWN)
def test_what_is_not_drawn_is_named(program: Path, reason: str) -> None:
    figure = NOT_DRAWN[reason]
    spec = of_plotly(figure) if isinstance(figure, go.Figure) else figure.to_dict()
    assert list(named(program, {"it": spec}).values()) == [reason.strip()]
