"""The threads that send events.

One thread waits until an event is due, and ends when none waits. It has each receiver served by a thread of its own, as
long as there are events for it, one after the other. So a slow receiver holds up nobody else.
"""

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterable

from .backoff import is_too_old, pause_after
from .delivery import GONE, GONE_REASON, deliver
from .line import Line
from .outbox import Delivery, Event, Outbox, State, Tried
from .settings import Webhook

_logger = logging.getLogger("algomancy_api")

#: Seconds: until an outbox that could not be read is read again.
_AGAIN = 5

#: Seconds: the longest wait, because the clock that events are due by may be set.
_LONGEST_WAIT = 3600

#: Seconds: a close waits for tries that are under way. What it does not wait for is tried again after the next start.
_PATIENCE = 2


def note_nothing(_state: State) -> None:
    """Note no try."""


class Dispatcher:
    """Sends what is in an outbox.

    Attributes:
        on_try: Called after each try to deliver an event, with the state that the delivery has then.

    Args:
        webhooks: The receivers.
        outbox: The outbox.
        context: How certificates are checked; by the system's authorities unless it is given.
    """

    def __init__(self, webhooks: Iterable[Webhook], outbox: Outbox, context: ssl.SSLContext | None = None) -> None:
        self.outbox = outbox
        self.on_try: Callable[[State], None] = note_nothing
        self._lines = {webhook.name: Line(webhook) for webhook in webhooks}
        self._context = context
        self._changed = threading.Condition()
        self._is_open = self._has_news = self._is_outbox_away = False
        self._thread: threading.Thread | None = None
        self._senders: set[threading.Thread] = set()

    @property
    def webhooks(self) -> list[Webhook]:
        """The receivers."""
        return [line.webhook for line in self._lines.values()]

    def open(self) -> None:
        """Begin to send what is in the outbox."""
        if not self._lines:
            return
        disabled = self.outbox.disabled()
        self.outbox.off |= {line.name for line in self._lines.values() if disabled.get(line.name) == line.key}
        self.outbox.on_news = self.wake
        with self._changed:
            self._is_open = True
        self.wake()

    def close(self) -> None:
        """Send nothing more. Waits a moment for the tries that are under way."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._thread is None and not self._senders, _PATIENCE)

    def wake(self) -> None:
        """Look into the outbox again."""
        with self._changed:
            self._has_news = True
            if self._is_open and self._thread is None:
                thread = threading.Thread(target=self._wait_and_send, name="algomancy-api webhooks", daemon=True)
                thread.start()
                self._thread = thread
            self._changed.notify_all()

    def test(self, webhook: str, event: Event) -> Tried:
        """Send an event at once, whatever else waits. If it arrives, the receiver is enabled and gets its events.

        Raises:
            KeyError: There is no such receiver.
        """
        line = self._lines[webhook]
        tried = deliver(line.webhook, event, self._context)
        if tried.error is None:
            if webhook in self.outbox.off:
                self.outbox.enable(webhook)
                self.outbox.off.discard(webhook)
            line.rest_for(0)
            self.wake()
        return tried

    def _wait_and_send(self) -> None:
        while True:
            pause = self._round()
            with self._changed:
                if not self._is_open or (pause is None and not self._has_news):
                    self._thread = None
                    self._changed.notify_all()
                    return
                longest = 0 if pause is None else min(pause, _LONGEST_WAIT)
                self._changed.wait_for(lambda: self._has_news or not self._is_open, longest)

    def _round(self) -> float | None:
        """Serve the receivers that have something due. Returns the seconds until the next round; None for no need."""
        self._has_news = False
        try:
            due = self.outbox.due()
        except Exception as error:
            self._note_away(error)
            return _AGAIN
        self._is_outbox_away = False
        pauses = []
        for name, at in due.items():
            line = self._lines.get(name)  # the configuration may have lost it
            if line is None or line.is_sending or name in self.outbox.off:
                continue
            pause = max(at - time.time(), line.rest())
            if pause > 0:
                pauses.append(pause)
            else:
                self._serve(line)
        return min(pauses, default=None)

    def _serve(self, line: Line) -> None:
        sender = threading.Thread(target=self._send, args=[line], name="algomancy-api webhook", daemon=True)
        with self._changed:
            try:
                sender.start()
            except RuntimeError as error:  # too many threads
                self._note_away(error)
                line.rest_for(_AGAIN)
                self._has_news = True
            else:
                line.is_sending = True
                self._senders.add(sender)

    def _send(self, line: Line) -> None:
        """Send all that is due to a receiver, one event after the other."""
        try:
            while self._is_open and line.rest() <= 0:
                if (delivery := self.outbox.next_of(line.name, time.time())) is None:
                    break
                self._try(line, delivery)
        except Exception as error:
            line.rest_for(_AGAIN)
            self._note_away(error)
        finally:
            with self._changed:
                line.is_sending = False
                self._senders.discard(threading.current_thread())
            self.wake()

    def _try(self, line: Line, delivery: Delivery) -> None:
        tried = deliver(line.webhook, delivery.event, self._context)
        due = time.time() + pause_after(delivery.tries + 1, tried)
        if tried.error is None:
            delivery.end(tried, State.DELIVERED)
        elif tried.status == GONE or is_too_old(delivery.created, due):
            delivery.end(tried, State.GAVE_UP)
        else:
            delivery.try_again(tried, due)
        line.note(tried, delivery)
        self.outbox.note(delivery)
        self.on_try(delivery.state)
        if tried.status == GONE:
            self.outbox.off.add(line.name)
            self.outbox.disable(line.name, line.key)
            self.outbox.give_up_all(line.name, GONE_REASON)

    def _note_away(self, error: Exception) -> None:
        """Log once that events cannot be read, noted or sent by a thread."""
        if self._is_open and not self._is_outbox_away:
            self._is_outbox_away = True
            _logger.warning("Webhooks wait: %r", error)
