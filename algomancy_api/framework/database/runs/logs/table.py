"""The table of the logs of runs. Its rows are compressed pages and, of a run that goes on, pieces of the last page."""

from collections.abc import Iterable, Iterator
from itertools import batched

import sqlalchemy as sa
from algomancy_scenario import ScenarioStatus
from algomancy_scenario.persistence.models import scenarios_table as scenarios

from .....engines.output import EndedOutput
from .....engines.output.kept import CompressedPage
from .. import queue

#: Pages: read at once. The rest of a log stays in the database.
_FETCHED = 16

_metadata = sa.MetaData()

_pages = sa.Table(
    "algomancy_api_run_logs",
    _metadata,
    sa.Column("scenario_id", sa.String, primary_key=True),
    # The number of the first line of the page among all lines of the run.
    sa.Column("first_line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("line_count", sa.Integer, nullable=False),
    sa.Column("output_id", sa.String(36), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
_row = _pages.c

_ended = sa.select(scenarios.c.id).where(
    scenarios.c.status.in_([str(ScenarioStatus.COMPLETE), str(ScenarioStatus.FAILED)])
)


def prepare(engine: sa.Engine) -> None:
    """Create the table, and delete the logs of scenarios without a run that has ended or was cut off."""
    _metadata.create_all(engine)
    with engine.begin() as connection:
        is_over = _row.scenario_id.in_(_ended) | _row.scenario_id.in_(queue.begun)
        connection.execute(sa.delete(_pages).where(~is_over))


def forget_deleted(engine: sa.Engine) -> None:
    """Delete the logs of scenarios that are deleted."""
    with engine.begin() as connection:
        connection.execute(sa.delete(_pages).where(_row.scenario_id.not_in(sa.select(scenarios.c.id))))


def delete(connection: sa.Connection, scenario_id: str) -> None:
    """Delete the log of a scenario."""
    connection.execute(sa.delete(_pages).where(_row.scenario_id == scenario_id))


def delete_rows(connection: sa.Connection, scenario_id: str, firsts: Iterable[int]) -> None:
    """Delete the rows with these first lines."""
    if gone := [{"gone": first} for first in firsts]:
        is_gone = (_row.scenario_id == scenario_id) & (_row.first_line == sa.bindparam("gone"))
        connection.execute(sa.delete(_pages).where(is_gone), gone)


def insert(connection: sa.Connection, scenario_id: str, output_id: str, pages: Iterable[CompressedPage]) -> None:
    """Add rows to the log of a scenario."""
    shared = {"scenario_id": scenario_id, "output_id": output_id}
    if rows := [
        shared | {"first_line": page.first, "line_count": page.lines, "content": page.content} for page in pages
    ]:
        connection.execute(sa.insert(_pages), rows)


def read(engine: sa.Engine, scenario_id: str) -> EndedOutput | None:
    """The log of a scenario, whose pages are read when they are needed; None if there is none."""
    rows = sa.select(_row.first_line, _row.line_count, _row.output_id).where(_row.scenario_id == scenario_id)
    with engine.connect() as connection:
        found = connection.execute(rows.order_by(_row.first_line)).all()
    if not found:
        return None
    output_id = found[0].output_id
    spans = [(row.first_line, row.line_count) for row in found]
    is_of_output = (_row.scenario_id == scenario_id) & (_row.output_id == output_id)

    def load(index: int) -> Iterator[CompressedPage]:
        return _load(engine, is_of_output, [first for first, _ in spans[index:]])

    return EndedOutput(output_id, spans, load)


def _load(engine: sa.Engine, is_of_output: sa.ColumnElement[bool], firsts: list[int]) -> Iterator[CompressedPage]:
    """The pages with these first lines, in groups, since a reader takes a part of a long log."""
    for group in batched(firsts, _FETCHED, strict=False):
        rows = sa.select(_row.first_line, _row.line_count, _row.content)
        in_group = rows.where(is_of_output, _row.first_line.in_(group)).order_by(_row.first_line)
        with engine.connect() as connection:
            found = connection.execute(in_group).all()
        yield from (CompressedPage(*row) for row in found)
