"""An outbox in memory, for as long as the process lives: without a database, scenarios live no longer either."""

import threading
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from .outbox import MOST_LOGGED, MOST_WAITING, TOO_MANY, Backlog, Delivery, Event, Outbox, State, Summary, delivery_of


@dataclass
class _Deliveries:
    """The deliveries to one receiver: those that wait, by the id of the event, the oldest first, and the others."""

    waiting: dict[str, Delivery] = field(default_factory=dict)
    ended: deque[Delivery] = field(default_factory=lambda: deque(maxlen=MOST_LOGGED))

    def end(self, delivery: Delivery) -> None:
        """Note that a delivery has ended."""
        if self.waiting.pop(delivery.event_id, None) is not None:
            self.ended.append(delivery)


class OutboxInMemory(Outbox):
    """The deliveries to each receiver."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._of: defaultdict[str, _Deliveries] = defaultdict(_Deliveries)
        self._disabled: dict[str, str] = {}

    def put(self, event: Event, webhooks: Sequence[str]) -> None:
        """Add an event for some receivers."""
        with self._lock:
            for webhook in webhooks:
                deliveries = self._of[webhook]
                deliveries.waiting[event.id] = delivery_of(event, webhook)
                if len(deliveries.waiting) > MOST_WAITING:
                    _give_up(deliveries, next(iter(deliveries.waiting.values())), TOO_MANY)

    def due(self) -> dict[str, float]:
        with self._lock:
            first = {name: self._first(name) for name in self._of}
        return {name: each.due for name, each in first.items() if each is not None and each.due is not None}

    def next_of(self, webhook: str, now: float) -> Delivery | None:
        with self._lock:
            first = self._first(webhook)
            return None if first is None or first.due is None or first.due > now else replace(first)

    def note(self, delivery: Delivery) -> None:
        with self._lock:
            deliveries = self._of[delivery.webhook]
            if delivery.state != State.WAITING:
                deliveries.end(delivery)
            elif delivery.event_id in deliveries.waiting:
                deliveries.waiting[delivery.event_id] = delivery

    def give_up_all(self, webhook: str, reason: str) -> None:
        with self._lock:
            deliveries = self._of[webhook]
            for each in list(deliveries.waiting.values()):
                _give_up(deliveries, each, reason)

    def log(self, webhook: str, limit: int) -> list[Delivery]:
        newest_first = sorted(self._every(webhook), key=lambda each: each.created, reverse=True)
        return [replace(each, body=b"") for each in newest_first[:limit]]

    def summary(self, webhook: str) -> Summary:
        every = self._every(webhook)
        tried = [(each.tried, each) for each in every if each.tried is not None]
        arrived = [at for at, each in tried if each.state == State.DELIVERED]
        _, last = max(tried, key=lambda pair: pair[0], default=(0, None))
        return Summary(sum(each.state == State.WAITING for each in every), max(arrived, default=None), last)

    def backlog(self) -> Backlog:
        with self._lock:
            created = [each.created for deliveries in self._of.values() for each in deliveries.waiting.values()]
        return Backlog(len(created), min(created, default=None))

    def disabled(self) -> dict[str, str]:
        return dict(self._disabled)

    def disable(self, webhook: str, key: str) -> None:
        self._disabled[webhook] = key

    def enable(self, webhook: str) -> None:
        self._disabled.pop(webhook, None)

    def _first(self, webhook: str) -> Delivery | None:
        """The delivery to a receiver that is due first. Needs the lock."""
        shown = (each for each in self._of[webhook].waiting.values() if each.event_id not in self.held)
        return min(shown, key=lambda each: each.due or 0, default=None)

    def _every(self, webhook: str) -> list[Delivery]:
        with self._lock:
            deliveries = self._of[webhook]
            return [*deliveries.waiting.values(), *deliveries.ended]


def _give_up(deliveries: _Deliveries, delivery: Delivery, reason: str) -> None:
    given_up = replace(delivery)  # a thread may be trying it
    given_up.drop(State.GAVE_UP, reason)
    deliveries.end(given_up)
