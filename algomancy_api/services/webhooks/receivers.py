"""The operations on the receivers of events: list them, read what they got, send a test."""

from ...concurrency.workers import Workers
from ...errors import NotFound
from ...framework.webhooks.ended_event import event_of
from ...serialization.json_encoder import encode
from ...webhooks.dispatcher import Dispatcher
from ...webhooks.outbox import new_event_id
from ...webhooks.settings import TEST
from .views import listed, logged, outcome


class Webhooks:
    """The receivers of events.

    Args:
        dispatcher: What sends the events.
        workers: The worker threads of the app.
    """

    def __init__(self, dispatcher: Dispatcher, workers: Workers) -> None:
        self._dispatcher = dispatcher
        self._workers = workers
        self._names = {webhook.name for webhook in dispatcher.webhooks}

    async def list(self) -> bytes:
        """All of them, with their states."""
        return await self._workers.run(lambda: encode(listed(self._dispatcher.webhooks, self._dispatcher.outbox)))

    async def deliveries(self, name: str, limit: int) -> bytes:
        """The last deliveries to one of them, the newest event first.

        Raises:
            NotFound: There is no such receiver.
        """
        self._check(name)
        return await self._workers.run(lambda: encode(logged(name, self._dispatcher.outbox.log(name, limit))))

    async def test(self, name: str) -> bytes:
        """Send a test to one of them, and wait for its response.

        Raises:
            NotFound: There is no such receiver.
        """
        self._check(name)
        event = event_of(new_event_id(), TEST, {"webhook": name})
        return encode(outcome(event, await self._workers.run_long(self._dispatcher.test, name, event)))

    def _check(self, name: str) -> None:
        if name not in self._names:
            raise NotFound("Webhook", name)
