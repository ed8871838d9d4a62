from __future__ import annotations

import re

import msgspec

from algomancy_client.views import markup
from algomancy_client.views.dataset import DatasetView
from algomancy_client.views.scenario import ScenarioView
from algomancy_client.views.scenarios import ScenariosView
from algomancy_client.views.session import SessionView
from algomancy_client.wire.answers import Column, Message, Summary, Table

from ..support.scripted import summary

EVIL = "<script>alert(1)</script>"


def scenario(number: int = 1, status: str = "complete", **others: object) -> ScenarioView:
    return ScenarioView(msgspec.convert(summary(number, status, **others), Summary))


def test_no_name_becomes_a_part_of_the_page() -> None:
    dataset = DatasetView(EVIL, [Message("ERROR", EVIL)])
    tables = DatasetView(EVIL)
    tables._tables = [Table(EVIL, 1, 1, 8, [Column(EVIL, "int64", 0)])]
    run = scenario(tag=EVIL, status="failed", error=EVIL)
    for shown in (SessionView("1", EVIL, EVIL), dataset, tables, run, ScenariosView([run])):
        page = shown._repr_html_()  # type: ignore[attr-defined]
        assert EVIL not in page
        assert "&lt;script&gt;" in page


def test_a_table_is_whole_and_its_tags_are_closed() -> None:
    page = markup.table("Title", ["a", "b"], [[1, None], [markup.Cell(0.1 + 0.2, "better"), "x"]])
    for tag in ("table", "thead", "tbody", "tr", "td", "th"):
        assert len(re.findall(f"<{tag}[ >]", page)) == page.count(f"</{tag}>") > 0
    assert "<td style='text-align:left'>–</td>" in page
    assert "<td style='text-align:right'>1</td>" in page
    assert markup.COLOURS["better"] in page
    assert ">0.3<" in page


def test_a_long_table_says_what_it_leaves_out() -> None:
    page = markup.table("Title", ["a"], [[number] for number in range(60)])
    assert page.count("<td") == 50
    assert "… and 10 more" in page


def test_scenarios_show_their_standing_and_kpis() -> None:
    page = ScenariosView([scenario(1), scenario(2, "failed")])._repr_html_()
    assert "2 of 2 runs have ended, 1 failed; 100 %" in page
    assert "Cost [EUR]" in page
    assert "max_open" in page


def test_scenarios_do_not_show_parameters_that_are_alike() -> None:
    runs = [scenario(number) for number in (1, 2)]
    for run in runs:
        run.parameters["depot"] = "north"
    assert "depot" not in ScenariosView(runs)._repr_html_()
    assert "depot" in ScenariosView(runs[:1])._repr_html_()


def test_a_part_of_scenarios_is_of_the_same_kind() -> None:
    runs = ScenariosView([scenario(number) for number in range(5)])
    assert [run.tag for run in runs[1:3]] == ["run 1", "run 2"]
    assert isinstance(runs[::2], ScenariosView)
    assert (len(runs), runs[-1].tag, runs[0] in runs) == (5, "run 4", True)
    assert repr(ScenariosView([])) == "<no scenarios>"
