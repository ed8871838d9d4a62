"""Lists of scenarios that are filtered, ordered and paged, or that have changed."""

from collections.abc import Iterator
from itertools import batched
from typing import Any, NamedTuple

from msgspec import UNSET
from msgspec.structs import fields

from ..concurrency.decorators import on_worker
from ..engines.user_code import wrap_base_exceptions
from ..framework import ScenarioRow
from ..listing.pages import page
from ..listing.query import ListQuery, list_query, with_cursor
from ..live.watched_changes import Told
from ..schemas.domain import ScenarioSummary
from ..serialization.json_encoder import encode
from .runs import Runs
from .scenario_views import encoded_list, summary

#: Summaries: per call of the encoder, which holds the interpreter lock for its whole call.
_AT_A_TIME = 200

#: The fields of a summary.
FIELDS = tuple(each.name for each in fields(ScenarioSummary))


class Listed(NamedTuple):
    """A list of scenarios.

    Attributes:
        body: The list, encoded.
        next: The query of the next page; None if this is the last one.
    """

    body: bytes
    next: str | None


class Lists(Runs):
    """A mixin of `Session`, which has the methods that it does not define."""

    @on_worker
    @wrap_base_exceptions
    def listed(self, query_string: str) -> Listed:
        """The scenarios that a query string asks for.

        Raises:
            Malformed: A part of it has no meaning.
        """
        query = list_query(query_string, self.manager.available_kpis, FIELDS)
        rows, cursor = page(self.manager, query)
        body = b"[" + b",".join(self._batches(rows, query)) + b"]"
        return Listed(body, None if cursor is None else with_cursor(query_string, cursor))

    @on_worker
    @wrap_base_exceptions
    def changed(self, told: Told) -> bytes:
        """What a client is told of changes, with the present summaries of those that have changed."""
        sources = map(self.manager.source_of, told.ids)
        # Of one that is deleted meanwhile, the next answer tells.
        scenarios = encoded_list(self.manager, (source for source in sources if source is not None))
        rest = {"gone": told.gone, "done": told.done, "snapshot": told.is_snapshot, "cursor": told.cursor}
        return b'{"scenarios":' + scenarios + b"," + encode(rest)[1:]

    def _batches(self, rows: list[ScenarioRow], query: ListQuery) -> Iterator[bytes]:
        for batch in batched(rows, _AT_A_TIME, strict=False):
            yield encode([self._shown(row, query.fields) for row in batch])[1:-1]

    def _shown(self, row: ScenarioRow, names: tuple[str, ...]) -> Any:  # noqa: ANN401 - the summary, or a part of it
        short = summary(self.manager, row.source)
        if not names:
            return short
        values = {name: getattr(short, name) for name in names}
        return {name: value for name, value in values.items() if value is not UNSET}
