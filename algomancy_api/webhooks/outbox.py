"""Events that wait to be sent, and the interface of where they are kept."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

#: Deliveries to one receiver: that wait at most, beyond which the oldest are given up; and that the log keeps after
#: their end.
MOST_WAITING: Final = 10_000
MOST_LOGGED: Final = 1_000

#: Why a delivery is given up for those behind it.
TOO_MANY: Final = f"more than {MOST_WAITING:,} newer events wait for the same receiver"


class State(StrEnum):
    """The state of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GAVE_UP = "gave_up"


class Event(NamedTuple):
    """What has happened.

    Attributes:
        id: Its id, the same in all tries and for all receivers.
        type: Its name.
        created: Seconds since 1970: when it happened.
        body: What is sent, JSON.
    """

    id: str
    type: str
    created: float
    body: bytes


class Tried(NamedTuple):
    """The outcome of a try.

    Attributes:
        at: Seconds since 1970: when it began.
        seconds: How long it took.
        status: The status of the response; None without a response.
        error: Why it failed; None if the event was delivered.
        retry_after: Seconds after which the receiver wants to be asked again, if it says so.
    """

    at: float
    seconds: float
    status: int | None = None
    error: str | None = None
    retry_after: float | None = None


class Delivery(Struct, kw_only=True):
    """An event for one receiver.

    Attributes:
        event_id: The id of the event.
        type: Its name.
        created: Seconds since 1970: when it happened.
        body: What is sent; empty once the delivery has ended.
        webhook: The name of the receiver.
        state: Its state.
        tries: How often it was tried.
        due: Seconds since 1970: when it is tried next; None once it has ended.
        tried: Seconds since 1970: when it was tried last.
        status: The status of the last response.
        error: Why the last try failed, or why it was given up without one.
    """

    event_id: str
    type: str
    created: float
    body: bytes
    webhook: str
    state: State = State.WAITING
    tries: int = 0
    due: float | None
    tried: float | None = None
    status: int | None = None
    error: str | None = None

    @property
    def event(self) -> Event:
        """The event."""
        return Event(self.event_id, self.type, self.created, self.body)

    def try_again(self, tried: Tried, due: float) -> None:
        """Note a try that has failed, and when the next one is due."""
        self._note(tried)
        self.due = due

    def end(self, tried: Tried, state: State) -> None:
        """Note the last try."""
        self._note(tried)
        self.drop(state, tried.error)

    def drop(self, state: State, error: str | None) -> None:
        """Note that it is not tried again."""
        self.state, self.error, self.due, self.body = state, error, None, b""

    def _note(self, tried: Tried) -> None:
        self.tries += 1
        self.tried, self.status, self.error = tried.at, tried.status, tried.error


def new_event_id() -> str:
    """A random id."""
    return f"evt_{uuid.uuid4().hex}"


def delivery_of(event: Event, webhook: str) -> Delivery:
    """The delivery of a new event, which is due at once."""
    return Delivery(
        event_id=event.id,
        type=event.type,
        created=event.created,
        body=event.body,
        webhook=webhook,
        due=event.created,
    )


class Summary(NamedTuple):
    """The deliveries to one receiver.

    Attributes:
        waiting: How many wait.
        delivered: Seconds since 1970: when the last one that arrived was tried; None if none has.
        last: The delivery that was tried last; None if none was.
    """

    waiting: int
    delivered: float | None
    last: Delivery | None


class Backlog(NamedTuple):
    """What waits to be delivered, to all receivers.

    Attributes:
        waiting: How many deliveries wait.
        oldest: Seconds since 1970: when the oldest of their events happened; None if none waits.
    """

    waiting: int
    oldest: float | None


def no_news() -> None:
    """Tell nobody."""


class Outbox(ABC):
    """Where events are kept until they are delivered, and a while longer, for the log. It is safe for many threads.

    Attributes:
        on_news: Called when there is something new to send.
        held: The ids of events that are stored, but whose cause clients cannot see yet. They are not sent.
        off: The names of the receivers that are disabled: they get no new events.
    """

    def __init__(self) -> None:
        self.on_news: Callable[[], None] = no_news
        self.held: set[str] = set()
        self.off: set[str] = set()

    @abstractmethod
    def due(self) -> dict[str, float]:
        """Seconds since 1970: when the next delivery to each receiver is due, by its name."""

    @abstractmethod
    def next_of(self, webhook: str, now: float) -> Delivery | None:
        """The delivery to a receiver that is due longest; None if none is."""

    @abstractmethod
    def note(self, delivery: Delivery) -> None:
        """Keep a changed delivery, and forget the oldest ones beyond the bounds."""

    @abstractmethod
    def give_up_all(self, webhook: str, reason: str) -> None:
        """Give up the deliveries to a receiver that wait."""

    @abstractmethod
    def log(self, webhook: str, limit: int) -> list[Delivery]:
        """The last deliveries to a receiver, the newest event first, without bodies."""

    @abstractmethod
    def summary(self, webhook: str) -> Summary:
        """The deliveries to a receiver."""

    @abstractmethod
    def backlog(self) -> Backlog:
        """What waits to be delivered."""

    @abstractmethod
    def disabled(self) -> dict[str, str]:
        """The receivers that are disabled, by name: the key of each, as `disable` has got it."""

    @abstractmethod
    def disable(self, webhook: str, key: str) -> None:
        """Keep that a receiver is disabled, as long as it has the same key."""

    @abstractmethod
    def enable(self, webhook: str) -> None:
        """Keep that a receiver is not disabled."""
