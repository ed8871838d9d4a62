"""The benchmarks in their short form, whose figures mean nothing, and reports of made-up results."""

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from benchmarks.plots import draw
from benchmarks.report import markdown, missed
from benchmarks.results import Figure, Point, Requests, Results
from benchmarks.wrk import Rate

from ..support.clients import PATIENCE
from ..support.processes import ROOT

COMMAND = [sys.executable, "-m", "benchmarks"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=4 * PATIENCE, check=False)  # noqa: S603


def rate(requests_a_second: float) -> Rate:
    return Rate(100, requests_a_second, 1.0, 2.0, 3.0, 0)


def results(ours: float = 600) -> Results:
    """A run in which the peer made 100 requests a second and the bare app 1,000."""
    row = Requests("GET /x", {"ours": rate(ours), "peer": rate(100), "bare": rate(1000)}, 6, 0.45)
    figure = Figure("first byte", "ms", {"ours": 5, "peer": 900}, "< 100", True)
    points = [Point("scenarios", size, {"ours": 9, "peer": 90}) for size in (100, 1000)]
    return Results("2 cores", {"msgspec": "1"}, [row], [figure], points)


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_the_short_form_measures_ours_and_the_bare_app(tmp_path: Path) -> None:
    done = run("--short", "requests", "startup", "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "GET …/status" in done.stdout
    assert "POST its run, on SQLite" in done.stdout
    assert " errors" not in done.stdout
    assert not list(tmp_path.iterdir()), "figures of the short form are not kept"


def test_the_short_form_transfers_and_probes(tmp_path: Path) -> None:
    done = run("--short", "transfers", "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr
    for what in (
        "download: first byte",
        "upload as JSON",
        "upload as CSV",
        "/health at its worst while it is uploaded",
    ):
        assert what in done.stdout


def test_the_short_form_reads_tables(tmp_path: Path) -> None:
    done = run("--short", "tables", "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr
    for what in ("table as Arrow: into a DataFrame", "page of 100, sorted by one column", "groups: memory"):
        assert what in done.stdout


def test_the_short_form_stores_datasets(tmp_path: Path) -> None:
    done = run("--short", "datasets", "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr
    for what in ("first download after a restart", "its database", "derive", "copy of its session", "1,000 tables"):
        assert what in done.stdout


def test_the_short_form_streams(tmp_path: Path) -> None:
    done = run("--short", "streams", "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "50 streams of events, 10 scenarios run" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "no such part: nonsense"),
        (["--seconds", "0"], "must be positive"),
        (["startup", "--short", "--peer-python", "/nowhere/python"], "not finished"),
    ],
)
def test_what_cannot_be_measured_is_said(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_row_below_what_is_wanted_is_missed() -> None:
    assert missed(results(ours=600)) == []
    assert missed(results(ours=590)) == ["GET /x"]
    assert missed(results(ours=440)) == ["GET /x"]


def test_the_tables_say_what_was_measured() -> None:
    text = markdown(results(ours=630))
    assert "| GET /x | 630 | 100 | 1,000 | 1.00 | 2.00 | 2.00 | 6.3 | 0.63 | 6 ×, 0.45 ✓ |" in text
    assert "| first byte, ms | 5 | 900 | – | < 100 ✓ |" in text
    assert "6 ×, 0.45 ✗" in markdown(results(ours=300))


def test_the_plots_are_drawn_and_are_the_same_the_next_time(tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in draw(results(), tmp_path)}
    assert set(first) == {"requests.svg", "growth.svg"}
    assert b"6.0 \xc3\x97" in first["requests.svg"]
    assert {path.name: path.read_bytes() for path in draw(results(), tmp_path)} == first


def test_results_survive_the_file() -> None:
    assert msgspec.json.decode(msgspec.json.encode(results()), type=Results) == results()
