from __future__ import annotations

import pytest

from algomancy_client.progress import Standing, meter_of, meters

ONE = Standing(4, 1, 0, 25.0)
TWO = Standing(4, 2, 1, 60.0)


def test_text_has_a_line_for_each_run_that_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(meters, "installed", lambda module: None)
    meter = meter_of(progress=True)
    for standing in (ONE, ONE._replace(percent=30.0), TWO):
        meter.show(standing)
    meter.close()
    assert capsys.readouterr().err == "1 of 4 runs have ended\n2 of 4 runs have ended, 1 failed\n"


def test_text_writes_over_itself_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(meters, "installed", lambda module: None)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    meter = meter_of(progress=True)
    meter.show(TWO)
    meter.show(ONE)
    meter.close()
    assert capsys.readouterr().err == (
        "\r2 of 4 runs have ended, 1 failed; 60 %\r1 of 4 runs have ended; 25 %          \n"
    )


@pytest.mark.parametrize(("package", "other"), [("tqdm", "rich"), ("rich", "tqdm")])
def test_a_bar_shows_the_standing(
    package: str, other: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip(package)
    found = meters.installed
    monkeypatch.setattr(meters, "installed", lambda module: None if module.startswith(other) else found(module))
    meter = meter_of(progress=True)
    meter.show(ONE)
    meter.show(TWO)
    meter.close()
    shown = "".join(capfd.readouterr())
    assert "2 of 4 runs have ended, 1 failed" in shown
    assert "60%" in shown


def test_nothing_is_shown_unless_it_is_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    meter = meter_of(progress=False)
    meter.show(ONE)
    meter.close()
    assert "".join(capfd.readouterr()) == ""
