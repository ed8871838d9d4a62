"""The events of one session, for the receivers that want them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from algomancy_scenario import Scenario

from ...webhooks.memory import OutboxInMemory
from ...webhooks.outbox import Outbox, new_event_id
from ...webhooks.settings import Webhook
from .ended_event import SessionNames, ended_event, type_of_end

_logger = logging.getLogger("algomancy_api")


class SessionEvents:
    """The events of one session. Nothing that goes wrong with them breaks a run.

    Args:
        webhooks: The receivers of the app.
        outbox: Its outbox.
        session: The id and the present display name of the session.
    """

    def __init__(self, webhooks: Sequence[Webhook], outbox: Outbox, session: Callable[[], SessionNames]) -> None:
        self._webhooks = webhooks
        self._outbox = outbox
        self._session = session

    def wanted(self, scenario: Scenario[Any], labels: Mapping[str, str]) -> list[str]:
        """The names of the receivers that want the event of a scenario whose status is final."""
        event_type = type_of_end(scenario)
        return [
            webhook.name
            for webhook in self._webhooks
            if webhook.name not in self._outbox.off and webhook.wants(event_type, labels)
        ]


class EventsInMemory(SessionEvents):
    """The events of a session in memory."""

    def __init__(
        self, webhooks: Sequence[Webhook], outbox: OutboxInMemory, session: Callable[[], SessionNames]
    ) -> None:
        super().__init__(webhooks, outbox, session)
        self._put = outbox.put

    def ended(self, scenario: Scenario[Any], labels: Mapping[str, str], ended: str | None) -> None:
        """Send the event of a run that has ended, and of how it did if it was stopped early. It never raises."""
        try:
            if names := self.wanted(scenario, labels):
                self._put(ended_event(new_event_id(), scenario, labels, self._session(), ended), names)
                self._outbox.on_news()
        except Exception:
            _logger.warning("The webhooks of scenario %r do not get its end", scenario.id, exc_info=True)
