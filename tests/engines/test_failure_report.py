"""What a client reads of an exception in user code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from algomancy_api.engines.failure_report import message_or_place, report_of
from algomancy_api.engines.process.errors import ChildDied, Failure


class Mute(Exception):
    def __str__(self) -> str:
        raise ValueError


def caught(function: Callable[[], object]) -> BaseException:
    with pytest.raises(BaseException) as info:  # noqa: PT011 - any of them
        function()
    error: BaseException = info.value
    return error


def module(folder: Path, name: str, source: str) -> dict[str, Any]:
    """The names of a module of a user's, as if it had been imported from a folder."""
    path = folder / f"{name.replace('.', '/')}.py"
    names: dict[str, Any] = {"__name__": name}
    exec(compile(source, str(path), "exec"), names)  # noqa: S102
    return names


RAISES = "\n" * 41 + "def run(error):\n    raise error\n"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KeyError("customers"), "KeyError: 'customers'"),
        (ValueError("no solution"), "ValueError: no solution"),
        (AssertionError(), "AssertionError at planning/solve.py:43"),
        (AssertionError(" "), "AssertionError at planning/solve.py:43"),
        (Mute(), "Mute: Mute, whose text cannot be read: ValueError"),
        (ValueError("a\0b\ud800"), "ValueError: a\\0b\\ud800"),
        (ChildDied("The worker process was killed"), "The worker process was killed"),
    ],
    ids=repr,
)
def test_an_error_has_its_type_and_message_or_else_its_place(tmp_path: Path, error: Exception, text: str) -> None:
    run = module(tmp_path, "planning.solve", RAISES)["run"]
    assert report_of(caught(lambda: run(error))).error == text


def test_a_cause_is_named_and_a_context_is_in_the_traceback_alone(tmp_path: Path) -> None:
    source = """
def explicit():
    try:
        {}["a"]
    except KeyError as error:
        raise ValueError("no data") from error

def implicit():
    try:
        {}["a"]
    except KeyError:
        raise ValueError("no data")
"""
    names = module(tmp_path, "solve", source)
    explicit, implicit = report_of(caught(names["explicit"])), report_of(caught(names["implicit"]))
    assert explicit.error == "ValueError: no data (caused by KeyError: 'a')"
    assert implicit.error == "ValueError: no data"
    for report in (explicit, implicit):
        assert report.traceback is not None
        assert "KeyError: 'a'" in report.traceback
        assert report.traceback.endswith("ValueError: no data")


def test_the_traceback_has_the_users_frames_without_folders_and_libraries(tmp_path: Path) -> None:
    source = "import json, pandas as pd\ndef run():\n    return pd.Series([1]).map(lambda _: json.loads('{'))\n"
    report = report_of(caught(module(tmp_path, "planning.solve", source)["run"]))
    assert report.traceback is not None
    lines = report.traceback.splitlines()
    assert '  File "planning/solve.py", line 3, in run' in lines
    assert str(tmp_path) not in report.traceback
    assert Path(json.__file__).parent.name + "/decoder" not in report.traceback
    assert Path(pd.__file__).parent.name + "/core" not in report.traceback
    assert lines[-1] == report.error == "JSONDecodeError: " + lines[-1].partition(": ")[2]


def test_an_endless_recursion_is_short(tmp_path: Path) -> None:
    source = "def run():\n    run()\n"
    report = report_of(caught(module(tmp_path, "solve", source)["run"]))
    assert report.traceback is not None
    assert "more frames]" in report.traceback
    assert report.traceback.count("File ") <= 60


def test_a_huge_message_is_cut() -> None:
    report = report_of(ValueError("x" * 1_000_000))
    assert len(report.error) == 4_000
    assert report.traceback is None


def test_a_report_crosses_to_another_process(tmp_path: Path) -> None:
    error = caught(lambda: module(tmp_path, "solve", RAISES)["run"](AssertionError()))
    report = report_of(Failure.of(error).as_error())
    assert report == report_of(error)
    assert report.error == "AssertionError at solve.py:43"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no solution"), "no solution"),
        (ValueError(), "ValueError at planning/solve.py:43"),
        (AssertionError("\n"), "AssertionError at planning/solve.py:43"),
    ],
    ids=repr,
)
def test_a_message_is_never_empty(tmp_path: Path, error: Exception, text: str) -> None:
    run = module(tmp_path, "planning.solve", RAISES)["run"]
    assert message_or_place(caught(lambda: run(error))) == text
