"""The comparison as CSV and as Arrow: a row for each scenario."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from algomancy_api.comparison import Side, compare
from algomancy_api.comparison.files import arrow_of, csv_of
from algomancy_api.framework.history.facts import RunFacts

from .sides import SECONDS, form, side

STARTED = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)


def sides() -> list[Side]:
    one = side("a", form(10.0), parameters={"x": 1, "list": ["r", "g"], "mixed": 1, "at": STARTED})
    one.scenario.run = RunFacts(number=2, outcome="complete", started=STARTED, seconds=1.5, engine="thread", seed=7)
    other = side('b, "b"\n', form(float("nan")), parameters={"x": None, "mixed": "one", "big": 2**70})
    return [one, other]


def rows_of(sides: list[Side], **options: Any) -> list[dict[str, str]]:
    text = csv_of(compare(sides, 0, {"time": SECONDS}, **options)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def table_of(sides: list[Side], **options: Any) -> pa.Table:
    return pa.ipc.open_stream(arrow_of(compare(sides, 0, {"time": SECONDS}, **options))).read_all()


def test_csv_has_a_row_for_each_scenario() -> None:
    one, other = rows_of(sides())
    assert (one["id"], other["id"], other["tag"]) == ("a", 'b, "b"\n', 'tag of b, "b"\n')
    assert (one["is_baseline"], other["is_baseline"], one["data_changed"]) == ("true", "false", "false")
    assert (one["run.started"], one["run.seconds"], one["run.seed"]) == ("2026-01-02T03:04:05.678901Z", "1.5", "7")
    assert (other["run.started"], other["run.number"]) == ("", "")
    assert (one["parameters.list"], one["parameters.mixed"], other["parameters.mixed"]) == ('["r","g"]', "1", '"one"')
    assert (one["parameters.at"], other["parameters.big"]) == ("2026-01-02T03:04:05.678901Z", str(2**70))
    assert (one["kpis.time.value"], one["kpis.time.unit"], one["kpis.time.pretty"]) == ("10.0", "s", "10.00 s")
    assert (one["kpis.time.delta"], one["kpis.time.rank"], one["kpis.time.verdict"]) == ("0.0", "1", "equal")
    assert (other["kpis.time.value"], other["kpis.time.rank"]) == ("", "")
    assert other["kpis.time.verdict"] == "not comparable"


def test_the_columns_of_arrow_have_types() -> None:
    table = table_of(sides())
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds["id"] == "string"
    assert (kinds["run.started"], kinds["run.number"], kinds["run.seed"]) == ("timestamp[us, tz=UTC]", "int64", "int64")
    assert (kinds["parameters.x"], kinds["parameters.mixed"], kinds["parameters.big"]) == ("int64", "string", "string")
    assert (kinds["kpis.time.value"], kinds["kpis.time.rank"], kinds["kpis.time.passed"]) == ("double", "int64", "bool")
    rows = table.to_pylist()
    assert (rows[0]["run.started"], rows[0]["kpis.time.value"], rows[1]["kpis.time.value"]) == (STARTED, 10, None)
    assert table.schema.field("kpis.time.value").metadata == {b"name": b"Time", b"unit": b"s", b"better_when": b"LOWER"}


def test_the_types_do_not_depend_on_what_is_missing() -> None:
    empty, full = table_of([side("a", form(None))]), table_of([side("a", form(1.0))])
    assert empty.schema.equals(full.schema)


def test_the_threshold_is_in_the_metadata() -> None:
    table = table_of([side("a", form(1.0, better_when="AT_MOST", threshold=0))])
    metadata = table.schema.field("kpis.time.passed").metadata
    assert (metadata[b"threshold"], metadata[b"better_when"]) == (b"0", b"AT_MOST")


def test_a_number_that_no_double_has_is_missing_in_both() -> None:
    extreme = [side("a", form(-1.7e308)), side("b", form(1.7e308))]
    assert rows_of(extreme)[1]["kpis.time.delta"] == ""
    assert table_of(extreme).to_pylist()[1]["kpis.time.delta"] is None


def test_what_is_the_same_has_no_column_if_only_differences_are_asked_for() -> None:
    [one, _] = rows_of([side("a", form(1.0), parameters={"p": 1}), side("b", form(1.0))], only_differences=True)
    assert "parameters.p" in one
    assert not any(name.startswith("kpis.") for name in one)


@pytest.mark.parametrize("table", [rows_of, lambda sides: table_of(sides).to_pylist()], ids=["csv", "arrow"])
def test_a_lone_surrogate_is_written_as_its_escape(table: Any) -> None:
    [row] = table([side("\ud800", form(1.0), parameters={"\udfff": "\ud801"})])
    assert (row["id"], row["parameters.\\udfff"], row["kpis.time.value"]) in (
        ("\\ud800", "\\ud801", "1.0"),
        ("\\ud800", "\\ud801", 1),
    )
