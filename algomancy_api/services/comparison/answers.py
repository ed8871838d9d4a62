"""The comparison of scenarios, in the form that the client accepts."""

from collections.abc import Callable, Mapping

from ...comparison import compare
from ...comparison.document import json_of
from ...comparison.files import arrow_of, csv_of
from ...concurrency.decorators import on_worker
from ...schemas.comparison import Comparison
from ..scenarios import Session
from .reading import sides_of
from .selection import Selection, ids_of, with_baseline

#: The forms of a comparison, by media type. The first is that of clients that accept any.
FORMS: Mapping[str, Callable[[Comparison], bytes]] = {
    "application/json": json_of,
    "text/csv": csv_of,
    "application/vnd.apache.arrow.stream": arrow_of,
}


@on_worker
def compared(session: Session, selection: Selection, media_type: str) -> bytes:
    """The comparison of scenarios.

    Raises:
        Malformed: The selection names no scenario, or too many.
        NotFound: There are no scenarios with some of its ids or tags.
    """
    manager = session.manager
    ids, baseline = with_baseline(manager, ids_of(manager, selection), selection.baseline)
    comparison = compare(
        sides_of(manager, ids), baseline, session.kpi_formats, only_differences=selection.only_differences
    )
    return FORMS[media_type](comparison)
