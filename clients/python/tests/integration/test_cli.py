"""The command `algomancy`, against the example over TCP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid

import pytest

from algomancy_client import Session
from algomancy_client.cli import main

from ..support.servers import DATA, eventually, free_port

pytest.importorskip("rich")


@pytest.fixture(autouse=True)
def _at_the_example(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALGOMANCY_URL", url)
    monkeypatch.setenv("COLUMNS", "200")


def new(name: str) -> str:
    return f"{name} {uuid.uuid4().hex[:6]}"


def output_of(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(words) == code
    return capsys.readouterr().out


def json_of(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> list[dict[str, object]]:
    return [json.loads(line) for line in output_of(capsys, *words, "--json", code=code).splitlines()]


def test_from_files_to_a_comparison(capsys: pytest.CaptureFixture[str], session: Session) -> None:
    key, tag = new("base"), new("sweep")
    files = [str(DATA / name) for name in ("cities.csv", "instance.csv")]
    assert output_of(capsys, "upload", key, *files) == f"{key} is there\n"
    shown = output_of(capsys, "sweep", "Nearest neighbour", key, "--param", "start_city=1,2", "--tag", tag, "--wait")
    assert f"{tag} start_city=2" in shown
    assert "Tour length [unit]" in shown
    [listed] = json_of(capsys, "scenarios", f"label=sweep:{tag}", "--order=-tag")
    assert [one["tag"] for one in listed] == [f"{tag} start_city=2", f"{tag} start_city=1"]  # type: ignore[index]
    names = [f"{tag} start_city={number}" for number in (1, 2)]
    [comparison] = json_of(capsys, "compare", *names, "--baseline", names[1])
    assert comparison["baseline"] == listed[0]["id"]  # type: ignore[index]
    assert f"{names[0]} (baseline)" in output_of(capsys, "compare", *names)
    assert "cities" in output_of(capsys, "tables", key)
    [rows] = json_of(capsys, "tables", key, "cities", "--where", "id < 3", "--columns", "id")
    assert rows == [{"id": 1}, {"id": 2}]
    session.scenarios(f"label=sweep:{tag}").delete()
    session.dataset(key).delete()


def test_a_run_and_its_log(capsys: pytest.CaptureFixture[str], session: Session) -> None:
    tag = new("one")
    words = ["run", "Nearest neighbour", "Master data", "--tag", tag, "--param", "start_city=3", "--wait"]
    [[run]] = json_of(capsys, *words)
    assert (run["status"], run["algorithm"]["parameters"]) == ("complete", {"start_city": 3})
    output_of(capsys, "logs", tag, "-f")
    session.scenario(tag).delete()
    assert "main" in output_of(capsys, "sessions")


@pytest.mark.parametrize(
    ("code", "words", "message"),
    [
        (1, ["upload", "broken", str(DATA / "cities.csv")], "Dataset 'broken' is refused"),
        (2, ["upload", "base", "missing.csv"], "No such file"),
        (3, ["run", "Newest", "Master data"], "Newest"),
        (3, ["logs", "no such"], "Scenario 'no such' not found (status 404)"),
        (5, ["run", "Slow", "Master data", "--param", "duration=30", "--wait", "--timeout", "0.2"], "go on"),
    ],
)
def test_the_exit_code_is_that_of_the_outcome(
    code: int, words: list[str], message: str, capsys: pytest.CaptureFixture[str], session: Session
) -> None:
    assert main(words) == code
    assert message in capsys.readouterr().err
    session.scenarios("status=processing", "status=queued").cancel()


def test_no_server_has_a_code_of_its_own(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALGOMANCY_RETRIES", "0")
    assert main(["sessions", "--url", f"http://127.0.0.1:{free_port()}"]) == 4
    assert capsys.readouterr().err.startswith("algomancy: No answer to GET")


@pytest.mark.parametrize("words", [[], ["sessions", "--no-such"], ["run", "a", "b", "--param", "x"], ["jump"]])
def test_wrong_usage_is_a_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_ctrl_c_leaves_the_run_alone_and_says_so(url: str, session: Session) -> None:
    tag = new("left alone")
    words = [
        sys.executable,
        "-m",
        "algomancy_client",
        "run",
        "Slow",
        "Master data",
        "--param",
        "duration=30",
        "--tag",
        tag,
        "--wait",
    ]
    variables = os.environ | {"ALGOMANCY_URL": url}
    with subprocess.Popen(words, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        # Some progress, so that the command has had the time to begin its wait.
        eventually(lambda: [run for run in session.scenarios("progress>3") if run.tag == tag])
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "1 of 1 runs go on at the server" in said
    run = session.scenario(tag)
    assert run.status == "processing"
    run.cancel()


def test_watch_prints_states_as_they_change(url: str, session: Session) -> None:
    words = [sys.executable, "-m", "algomancy_client", "watch", "--json"]
    variables = os.environ | {"ALGOMANCY_URL": url}
    with subprocess.Popen(words, env=variables, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        run = session.run("Slow", "Master data", duration=1)
        assert process.stdout is not None
        for line in process.stdout:
            state = json.loads(line)
            if (state["id"], state["status"]) == (run.id, "complete"):
                break
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(30) == 130
    run.refresh().delete()
