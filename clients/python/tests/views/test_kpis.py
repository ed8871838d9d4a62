from __future__ import annotations

import msgspec
import pytest

from algomancy_client.frames.rows import frame_of
from algomancy_client.views.kpis import kpi_rows
from algomancy_client.wire.answers import Kpi, Summary

from ..support.scripted import summary


def summaries(*numbers: int) -> list[Summary]:
    return [msgspec.convert(summary(number), Summary) for number in numbers]


def test_a_row_has_parameters_kpis_with_units_and_whether_they_pass() -> None:
    assert kpi_rows(summaries(1, 2)) == [
        {"tag": "run 1", "status": "complete", "max_open": 1, "Cost [EUR]": 10.0, "Cost passed": True},
        {"tag": "run 2", "status": "complete", "max_open": 2, "Cost [EUR]": 20.0, "Cost passed": False},
    ]
    assert "Cost" in kpi_rows(summaries(1), units=False)[0]


@pytest.mark.parametrize(
    ("better_when", "value", "threshold", "passed"),
    [
        ("AT_LEAST", 5.0, 5.0, True), ("AT_LEAST", 4.0, 5.0, False), ("AT_MOST", 5.0, 5.0, True),
        ("AT_MOST", 0.0, 0.0, True), ("AT_MOST", 6.0, 5.0, False), ("LOWER", 1.0, 5.0, None),
        ("AT_MOST", None, 5.0, None), ("AT_MOST", 5.0, None, None), ("NEW", 5.0, 5.0, None),
    ],
)  # fmt: skip
def test_a_kpi_passes_by_its_threshold(better_when: str, value: float, threshold: float, passed: bool) -> None:
    assert Kpi("Cost", better_when, "EUR", value, threshold).passed is passed


def test_a_parameter_that_is_called_like_a_kpi_stays() -> None:
    [one] = summaries(1)
    one.algorithm.parameters["Cost [EUR]"] = 7
    row = kpi_rows([one])[0]
    assert (row["Cost [EUR]"], row["Cost [EUR]_"]) == (7, 10.0)


def test_a_frame_has_the_types_of_its_values() -> None:
    pytest.importorskip("pandas")
    first, second = summaries(1, 2)
    second.kpis["Cost"] = Kpi("Cost", "AT_MOST", "EUR", None, 15.0)
    frame = frame_of(kpi_rows([first, second]), "tag")
    assert frame.index.name == "tag"
    assert [str(frame[name].dtype) for name in ("max_open", "Cost [EUR]", "Cost passed")] == [
        "int64",
        "float64",
        "boolean",
    ]


def test_a_frame_of_nothing_is_empty() -> None:
    pytest.importorskip("pandas")
    assert frame_of([], "tag").empty
