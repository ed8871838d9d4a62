"""Labels and notes of scenarios in a database.

The table has a row for each scenario that has a label or a note. The framework's own tables stay as they are.
"""

import logging
from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from algomancy_scenario.persistence.models import scenarios_table as scenarios

from ....serialization.json_encoder import encode
from ...session.annotations import Annotations, KeptAnnotations
from ..dialects import dialect_of

_logger = logging.getLogger("algomancy_api")

_metadata = sa.MetaData()

_annotations = sa.Table(
    "algomancy_api_annotations",
    _metadata,
    sa.Column("scenario_id", sa.String, primary_key=True),
    sa.Column("labels", sa.Text, nullable=False),  # JSON
    sa.Column("note", sa.Text, nullable=True),
)
_row = _annotations.c

_labels = msgspec.json.Decoder(dict[str, str])


def prepare(engine: sa.Engine) -> None:
    """Create the table, and delete the rows of scenarios that are gone."""
    _metadata.create_all(engine)
    forget_deleted(engine)


def forget_deleted(engine: sa.Engine) -> None:
    """Delete the rows of scenarios that are deleted."""
    with engine.begin() as connection:
        connection.execute(sa.delete(_annotations).where(_row.scenario_id.not_in(sa.select(scenarios.c.id))))


class StoredAnnotations(KeptAnnotations):
    """The annotations of one session's scenarios, in memory and in the database."""

    def __init__(self, engine: sa.Engine, session_id: str) -> None:
        super().__init__()
        self._engine = engine
        self._session_id = session_id

    def load(self) -> None:
        """Read those of the session."""
        rows = sa.select(_annotations).join(scenarios, scenarios.c.id == _row.scenario_id)
        with self._engine.connect() as connection:
            found = connection.execute(rows.where(scenarios.c.session_id == self._session_id)).all()
        for row in found:
            self.note(row.scenario_id, Annotations(_labels.decode(row.labels), row.note))

    def check(self, annotations: Annotations) -> None:
        """Check that the database can store a note; labels are stored as JSON, which escapes all that it cannot.

        Raises:
            NotStorable: It cannot store a character of it.
        """
        dialect_of(self._engine).check_text("note", annotations.note or "")

    def write(self, connection: sa.Connection, written: Iterable[tuple[str, Annotations]]) -> None:
        """Write the annotations of scenarios in a transaction, in place of those before. Follow it with `note`."""
        pairs = list(written)
        of_scenario = _row.scenario_id == sa.bindparam("scenario")
        if known := [{"scenario": scenario_id} for scenario_id, _ in pairs if scenario_id in self._of]:
            connection.execute(sa.delete(_annotations).where(of_scenario), known)
        rows = [
            {"scenario_id": scenario_id, "labels": encode(dict(each.labels)).decode(), "note": each.note}
            for scenario_id, each in pairs
            if each.labels or each.note
        ]
        if rows:
            connection.execute(sa.insert(_annotations), rows)

    def forget(self, scenario_id: str) -> None:
        if scenario_id not in self._of:
            return
        super().forget(scenario_id)
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.delete(_annotations).where(_row.scenario_id == scenario_id))
        except Exception as error:  # the next start does it
            _logger.warning("The labels and the note of %s cannot be deleted yet: %s", scenario_id, error)
