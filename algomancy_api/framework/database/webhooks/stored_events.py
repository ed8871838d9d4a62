"""The events of one session, written in the transactions of what they tell of."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from algomancy_scenario import Scenario

from ....webhooks.outbox import Event, delivery_of, new_event_id
from ....webhooks.settings import Webhook
from ...webhooks.ended_event import SessionNames, ended_event
from ...webhooks.session_events import SessionEvents
from .stored_outbox import StoredOutbox
from .table import deliveries, values_of

_logger = logging.getLogger("algomancy_api")


class StoredEvents(SessionEvents):
    """The events of a session in its database."""

    def __init__(self, webhooks: Sequence[Webhook], outbox: StoredOutbox, session: Callable[[], SessionNames]) -> None:
        super().__init__(webhooks, outbox, session)
        #: By scenario: the ids of events of ends that are being written. An outcome may be written several times, as
        #: after a commit of which it is not known whether it has succeeded.
        self._ids: dict[str, str] = {}

    def write_end(
        self, connection: sa.Connection, scenario: Scenario[Any], labels: Mapping[str, str], ended: str | None
    ) -> None:
        """Write the event of the end of a run into the transaction that stores its outcome. Follow it with `announce`.

        What is wrong with it undoes nothing else of the transaction.
        """
        try:
            if names := self.wanted(scenario, labels):
                with connection.begin_nested():
                    event_id = self._ids.setdefault(scenario.id, new_event_id())
                    event = ended_event(event_id, scenario, labels, self._session(), ended)
                    self._write(connection, event, names)
        except Exception:  # if the connection is gone, the transaction fails, too
            _logger.warning("The webhooks of scenario %r do not get its end", scenario.id, exc_info=True)

    def _write(self, connection: sa.Connection, event: Event, names: Sequence[str]) -> None:
        self._outbox.held.add(event.id)
        connection.execute(sa.delete(deliveries).where(deliveries.c.event_id == event.id))
        connection.execute(sa.insert(deliveries), [values_of(delivery_of(event, name)) for name in names])

    def drop_end(self, scenario: Scenario[Any], labels: Mapping[str, str]) -> None:
        """Note that there was no space for the event of the end of a run."""
        if self.wanted(scenario, labels):
            _logger.error("The webhooks of scenario %r do not get its end: the disk is full", scenario.id)

    def forget_end(self, scenario_id: str) -> None:
        """Note that the end of a run does not count: the next end is another event."""
        if (event_id := self._ids.pop(scenario_id, None)) is not None:
            self._outbox.held.discard(event_id)

    def announce(self, scenario_id: str) -> None:
        """Send the event of the end of a run, if there is one, now that clients can see the end. It never raises."""
        if (event_id := self._ids.pop(scenario_id, None)) is None:
            return
        self._outbox.held.discard(event_id)
        try:
            self._outbox.on_news()
        except Exception:  # too many threads; it is sent with the next one
            _logger.warning("The webhooks of scenario %r get its end later", scenario_id, exc_info=True)
