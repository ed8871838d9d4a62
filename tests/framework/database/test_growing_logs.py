"""The logs of runs that go on are in the database about a second later."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.pool import StaticPool

from algomancy_api import ApiLauncher
from algomancy_api.engines.output import KeptOutput, Output, Reading, read
from algomancy_api.engines.run import Run
from algomancy_api.framework import DatabaseUnavailable
from algomancy_api.framework.database.runs.logs import StoredLogs, table, writer
from algomancy_api.framework.database.runs.logs.growing import GrowingLog

from ...support.clients import eventually
from ...support.databases import Database

#: Bytes: the longest output of these tests, of two pages for its head and two for its tail.
MOST = 40_000


class Watched:
    """An empty table, and the lines that were inserted into it."""

    def __init__(self) -> None:
        self.engine = sa.create_engine("sqlite://", poolclass=StaticPool)
        table._metadata.create_all(self.engine)
        self.statements = self.lines = 0
        sa.event.listen(self.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        self.statements += 1
        if statement.startswith("INSERT"):
            self.lines += sum(row[2] for row in ([parameters] if isinstance(parameters, tuple) else parameters))

    def stored(self, start: int = 0) -> Reading:
        found = table.read(self.engine, "a scenario")
        return Reading([], start) if found is None else lines_of(found, start)

    def rows(self) -> int:
        with self.engine.connect() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(table._pages)).scalar_one()


def lines_of(output: Output, start: int = 0) -> Reading:
    return read(output.pages(start), start, 1_000_000, 1_000_000_000)


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.engine.dispose()


#: What happens to an output: lines of a length, lines that are left out, a write.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 200), st.integers(0, 120)),
        st.tuples(st.just("skip"), st.integers(1, 50), st.just(0)),
        st.tuples(st.just("write"), st.just(0), st.just(0)),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(STEPS)
def test_what_is_stored_is_what_is_kept_after_each_write_and_written_twice_at_most(steps: list[Any]) -> None:
    watched, output = Watched(), KeptOutput(MOST)
    log = GrowingLog(watched.engine, "a scenario", output)
    added = 0
    for step, count, length in [*steps, ("write", 0, 0)]:
        if step == "add":
            output.add(added, 0, 20, b"\n".join(str(added + number).encode().rjust(length) for number in range(count)))
            added += count
        elif step == "skip":
            output.skip(count)
        else:
            log.write()
            assert watched.stored() == lines_of(output)
            middle = output.count // 2
            assert watched.stored(middle).lines == lines_of(output, middle).lines
    log.write(is_last=True)
    assert log.is_stored
    assert watched.stored() == lines_of(output)
    assert watched.rows() == len(output.pages(0))
    assert watched.lines <= 2 * added
    watched.engine.dispose()


def test_nothing_is_written_while_nothing_is_printed(watched: Watched) -> None:
    output = KeptOutput(MOST)
    log = GrowingLog(watched.engine, "a scenario", output)
    log.write()
    assert watched.statements == 0
    output.add(0, 0, 20, b"a line")
    log.write()
    before = watched.statements
    log.write()
    assert watched.statements == before > 0


def test_a_line_now_and_then_is_written_alone(watched: Watched) -> None:
    output = KeptOutput(10_000_000)
    log = GrowingLog(watched.engine, "a scenario", output)
    for number in range(400):
        output.add(number, 0, 20, b"%d" % number)
        log.write()
    assert watched.lines == watched.rows() == 400
    log.write(is_last=True)
    assert watched.rows() == 1
    assert [line.text for line in watched.stored().lines] == [str(number) for number in range(400)]


def test_the_log_of_the_run_before_is_replaced_also_by_one_without_a_line(watched: Watched) -> None:
    former = KeptOutput(MOST)
    former.add(0, 0, 20, b"former")
    GrowingLog(watched.engine, "a scenario", former).write()
    assert watched.rows() == 1
    GrowingLog(watched.engine, "a scenario", KeptOutput(MOST)).write(is_last=True)
    assert watched.rows() == 0


def test_a_log_that_is_over_is_written_no_more(watched: Watched) -> None:
    output = KeptOutput(MOST)
    log = GrowingLog(watched.engine, "a scenario", output)
    log.end()
    output.add(0, 0, 20, b"late")
    log.write()
    assert (watched.rows(), log.is_stored) == (0, False)


def begun(logs: StoredLogs, scenario_id: str) -> KeptOutput:
    run = Run(scenario_id)
    logs.begin(run)
    assert run.output is not None
    return run.output


def stored_texts(engine: sa.Engine, scenario_id: str) -> list[str]:
    found = table.read(engine, scenario_id)
    return [] if found is None else [line.text for line in lines_of(found).lines]


def test_lines_are_stored_while_runs_go_on_and_at_a_close_but_not_after_it(database: Database) -> None:
    app = ApiLauncher.build(database.configuration())
    manager = app.state.session_manager
    logs, engine = manager.get_scenario_manager("main").logs, manager._engine
    outputs = {name: begun(logs, name) for name in ("one", "two", "silent")}
    for name in ("one", "two"):
        outputs[name].add(0, 0, 20, f"of {name}".encode())
    eventually(lambda: [stored_texts(engine, name) for name in ("one", "two")] == [["of one"], ["of two"]])
    assert stored_texts(engine, "silent") == []
    outputs["one"].add(0, 0, 20, b"the last line")
    logs.close()
    assert stored_texts(engine, "one") == ["of one", "the last line"]
    outputs["one"].add(0, 0, 20, b"a late line")
    eventually(lambda: logs._writer._thread is None)
    logs.close()
    assert stored_texts(engine, "one") == ["of one", "the last line"]
    logs.open()
    begun(logs, "another")
    eventually(lambda: stored_texts(engine, "one")[-1] == "a late line")
    manager.close()


def test_the_thread_ends_with_the_last_run(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_PAUSE", 0.01)
    app = ApiLauncher.build(database.configuration())
    logs = app.state.session_manager.get_scenario_manager("main").logs
    runs = [Run(name) for name in ("one", "two")]
    for run in runs:
        logs.begin(run)
    assert logs._writer._thread.is_alive()
    for run in runs:
        logs.end(run)
    eventually(lambda: logs._writer._thread is None)
    app.state.session_manager.close()


@pytest.mark.parametrize("error", [DatabaseUnavailable("away"), RuntimeError("a full disk")])
def test_a_write_that_fails_is_repeated_and_logged_once(
    database: Database, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "_PAUSE", 0.01)
    apply, failures = GrowingLog._apply, [error] * 3

    def failing(*arguments: Any) -> None:
        if failures:
            raise failures.pop()
        apply(*arguments)

    monkeypatch.setattr(GrowingLog, "_apply", failing)
    app = ApiLauncher.build(database.configuration())
    manager = app.state.session_manager
    logs = manager.get_scenario_manager("main").logs
    begun(logs, "one").add(0, 0, 20, b"a line")
    eventually(lambda: stored_texts(manager._engine, "one") == ["a line"])
    said = [record.getMessage() for record in caplog.records if "cannot be stored yet" in record.getMessage()]
    assert said == [f"The log of the scenario 'one' cannot be stored yet: {error}"]
    manager.close()


def test_slow_writes_are_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    clock = iter([0.0, 0.02, 10.0, 12.0, 20.0, 120.0])

    def has_work(_self: object, seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) < 4

    monkeypatch.setattr(writer.LogWriter, "_has_work_after", has_work)
    monkeypatch.setattr(writer, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    writer.LogWriter()._work()
    assert waits == [1.0, 1.0, 20.0, 60.0]
