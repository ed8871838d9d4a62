"""A session manager with an outbox: in the database, where events are stored with what they tell of, or in memory."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from ...webhooks.memory import OutboxInMemory
from ...webhooks.outbox import Outbox
from ...webhooks.settings import Webhook
from ..idempotency.keyed_sessions import KeyedSessions
from .ended_event import SessionNames
from .session_events import EventsInMemory

if TYPE_CHECKING:  # imported with a database alone
    from sqlalchemy import Engine

    from ..database.webhooks.stored_events import StoredEvents


class NotifyingSessions(KeyedSessions):
    """A session manager whose sessions put events into an outbox.

    Args:
        webhooks: The receivers.
        keywords: Those of the framework.
    """

    def __init__(self, *, webhooks: Sequence[Webhook] = (), **keywords: Any) -> None:  # noqa: ANN401 - the framework's
        self.webhooks = webhooks  # before the framework's initialiser, which loads sessions
        super().__init__(**keywords)

    @cached_property
    def outbox(self) -> Outbox:
        """The outbox. With a database, it needs its tables."""
        if self._db_engine is None:
            return OutboxInMemory()
        from ..database.webhooks.stored_outbox import StoredOutbox

        return StoredOutbox(self._engine)

    def _events_in_memory(self, session_id: str) -> EventsInMemory:
        return EventsInMemory(self.webhooks, cast("OutboxInMemory", self.outbox), self._names_of(session_id))

    def _stored_events(self, session_id: str) -> StoredEvents:
        from ..database.webhooks.stored_events import StoredEvents
        from ..database.webhooks.stored_outbox import StoredOutbox

        return StoredEvents(self.webhooks, cast("StoredOutbox", self.outbox), self._names_of(session_id))

    @property
    def _engine(self) -> Engine:
        return cast("Engine", self._db_engine)

    def _names_of(self, session_id: str) -> Callable[[], SessionNames]:
        return lambda: SessionNames(session_id, self._display_names.get(session_id, session_id))
