"""What is known of a receiver while the server lives."""

import hashlib
import logging
import time

from .backoff import rest_after
from .outbox import Delivery, State, Tried
from .settings import Webhook

_logger = logging.getLogger("algomancy_api")


class Line:
    """A receiver, and whether events are sent to it now.

    Attributes:
        webhook: The receiver.
        is_sending: Whether a thread sends events to it.
        is_failing: Whether the last try has failed.
    """

    def __init__(self, webhook: Webhook) -> None:
        self.webhook = webhook
        self.is_sending = False
        self.is_failing = False
        self._rests_until = 0.0

    @property
    def name(self) -> str:
        """The name of the receiver."""
        return self.webhook.name

    @property
    def key(self) -> str:
        """A digest of the URL: a receiver with another URL is another one, whatever its name is."""
        return hashlib.sha256(self.webhook.url.encode()).hexdigest()

    def rest(self) -> float:
        """Seconds in which it still gets no event; not positive if it may get one."""
        return self._rests_until - time.monotonic()

    def rest_for(self, seconds: float) -> None:
        """Send no event to it for some seconds."""
        self._rests_until = time.monotonic() + seconds

    def note(self, tried: Tried, delivery: Delivery) -> None:
        """Note a try, and log it if it changes something for the operator."""
        self.rest_for(0 if tried.error is None else rest_after(delivery.tries, tried))
        if tried.error is None and self.is_failing:
            _logger.info("The webhook %r takes events again", self.name)
        if tried.error is not None and not self.is_failing:
            _logger.warning("The webhook %r fails, and is tried again: %s", self.name, tried.error)
        if delivery.state == State.GAVE_UP:
            _logger.error("The event %s for the webhook %r is given up: %s", delivery.event_id, self.name, tried.error)
        self.is_failing = tried.error is not None
