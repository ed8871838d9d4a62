from __future__ import annotations

import msgspec
import pytest

from algomancy_client import Comparison, MissingExtra
from algomancy_client.views import plot

DOCUMENT = {
    "baseline": "b",
    "scenarios": [
        {
            "id": "a",
            "tag": "first",
            "status": "complete",
            "dataset": "d",
            "algorithm": "x",
            "data_changed": False,
            "run": None,
        },
        {"id": "b", "tag": "second", "status": "complete", "dataset": "d", "algorithm": "x"},
        {"id": "c", "tag": "third", "status": "failed", "dataset": "d", "algorithm": "x"},
    ],
    "kpis": [
        {
            "key": "Cost",
            "name": "Cost",
            "unit": "EUR",
            "better_when": "AT_MOST",
            "threshold": 15.0,
            "pretty_threshold": "15 EUR",
            "differs": True,
            "best": ["a"],
            "values": [
                {
                    "value": 10.0,
                    "pretty": "10 EUR",
                    "rank": 1,
                    "delta": -10.0,
                    "relative_delta": -0.5,
                    "verdict": "better",
                },
                {"value": 20.0, "pretty": "20 EUR", "rank": 2, "delta": 0.0, "relative_delta": 0.0, "verdict": "equal"},
                {
                    "value": None,
                    "pretty": None,
                    "rank": None,
                    "delta": None,
                    "relative_delta": None,
                    "verdict": "not comparable",
                },
            ],
        },
        {"key": "Time", "name": "Time", "unit": None, "values": [{"value": 1.0}, {"value": 2.0}, {}]},
    ],
    "parameters": [
        {"name": "max_open", "differs": True, "values": [1, 2, 3]},
        {"name": "same", "differs": False, "values": [0, 0, 0]},
    ],
    "data_parameters": [],
}


@pytest.fixture
def comparison() -> Comparison:
    return msgspec.convert(DOCUMENT, Comparison)


def test_a_row_has_the_verdict_beside_the_value(comparison: Comparison) -> None:
    first = comparison.rows()[0]
    assert first == {
        "tag": "first",
        "baseline": False,
        "status": "complete",
        "max_open": 1,
        "same": 0,
        "Cost [EUR]": 10.0,
        "Cost delta": -10.0,
        "Cost rank": 1,
        "Cost verdict": "better",
        "Time": 1.0,
        "Time delta": None,
        "Time rank": None,
        "Time verdict": "not comparable",
    }
    assert [row["baseline"] for row in comparison.rows()] == [False, True, False]


def test_the_page_has_only_what_differs_and_marks_the_baseline(comparison: Comparison) -> None:
    page = comparison._repr_html_()
    assert "max_open" in page
    assert "same" not in page
    assert "second (baseline)" in page
    assert "10 EUR (-50.0%)" in page


def test_the_picture_has_bars_a_threshold_and_colours(comparison: Comparison) -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    figure = comparison.plot()
    cost, time = figure.axes
    assert [bar.get_width() for bar in cost.patches] == [10.0, 20.0, 0]
    assert [label.get_text() for label in cost.get_yticklabels()] == ["first", "second (baseline)", "third"]
    assert [line.get_xdata()[0] for line in cost.lines] == [15.0]
    assert (cost.get_title(), time.get_title(), len(time.lines)) == ("Cost [EUR]", "Time", 0)
    assert len({bar.get_facecolor() for bar in cost.patches}) == 3
    pyplot.close(figure)


def test_axes_of_ones_own_are_drawn_on(comparison: Comparison) -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    figure, axes = pyplot.subplots(2)
    assert comparison.plot(axes) is figure
    single, ax = pyplot.subplots()
    assert comparison.plot(ax) is single
    pyplot.close("all")


def test_without_kpis_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no KPIs"):
        plot.bars(Comparison(None, [], []))


def test_a_missing_package_is_named_with_its_extra(comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str) -> object:
        raise ImportError(module)

    monkeypatch.setattr("algomancy_client.extras.import_module", missing)
    with pytest.raises(MissingExtra, match=r"needs matplotlib: pip install 'algomancy-client\[plot\]'"):
        comparison.plot()
    with pytest.raises(MissingExtra, match=r"needs pandas: pip install 'algomancy-client\[pandas\]'"):
        comparison.frame()
