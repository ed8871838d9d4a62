"""The declaration of a receiver of events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .addresses import check_public
from .signature import key_of
from .target import Target, target_of

#: The events that a receiver can have: a run has ended, or a queued scenario was cancelled, and is complete or failed.
EVENTS: Final = ("scenario_complete", "scenario_failed")

#: The event that an admin sends to try a receiver.
TEST: Final = "test"

#: Characters: the longest name.
_LONGEST_NAME = 100

#: Seconds: the longest time limit of a try.
_LONGEST_TRY = 60

#: Secrets: while one is replaced by another.
_MOST_SECRETS = 2


@dataclass(frozen=True)
class Webhook:
    """A receiver of events.

    Args:
        url: Where events are sent to, by POST: an https URL.
        secret: What they are signed with: ``whsec_`` and the base64 of 24 to 64 random bytes. Two of them while one is
            replaced by the other: events are signed with both.
        events: The names of the events that it gets.
        labels: It gets events of scenarios that have all of these labels, text by name.
        name: Its name, for the admin routes and the log; the host of the URL unless it is given.
        allow_private: Whether the URL may be http, and its host one with an address that is not public, such as a
            loopback or a private one.
        timeout: Seconds: the time limit of a try, for the connection and the response together.

    Raises:
        ValueError: An argument is invalid. The message does not show secrets.
    """

    url: str = field(repr=False)
    secret: str | Sequence[str] = field(repr=False)
    events: Sequence[str] = EVENTS
    labels: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    allow_private: bool = False
    timeout: float = 15

    def __post_init__(self) -> None:
        try:
            target = _checked_target(self.url, self.allow_private)
            checked = {
                "secret": _checked_secrets(self.secret),
                "events": _checked_events(self.events),
                "labels": _checked_labels(self.labels),
                "name": _checked_name(self.name or target.host),
                "timeout": _checked_timeout(self.timeout),
            }
        except ValueError as error:
            called = f" {self.name!r}" if isinstance(self.name, str) and self.name else ""
            raise ValueError(f"the webhook{called} is invalid: {error}") from error
        for attribute, value in checked.items():
            object.__setattr__(self, attribute, value)

    @property
    def target(self) -> Target:
        """The parts of the URL."""
        return target_of(self.url)

    @property
    def keys(self) -> list[bytes]:
        """The keys of the secrets."""
        return [key_of(secret) for secret in self.secret]

    def wants(self, event: str, labels: Mapping[str, str]) -> bool:
        """Whether it gets an event of a scenario with these labels."""
        return event in self.events and all(labels.get(name) == text for name, text in self.labels.items())


def _checked_target(url: object, allow_private: object) -> Target:
    if not isinstance(allow_private, bool):
        raise ValueError(f"allow_private must be True or False; got {allow_private!r}")
    target = target_of(url)
    if not allow_private:
        if not target.is_tls:
            raise ValueError("its url must begin with https://; allow_private=True allows http://, too")
        if target.is_address:
            check_public(target.host, target.host)
    return target


def _checked_secrets(secret: object) -> tuple[str, ...]:
    secrets = tuple(secret) if isinstance(secret, list | tuple) else (secret,)
    if not 1 <= len(secrets) <= _MOST_SECRETS:
        raise ValueError(f"it must have one secret, or {_MOST_SECRETS} while one is replaced by the other")
    for each in secrets:
        key_of(each)
    return tuple(map(str, secrets))


def _checked_events(events: object) -> tuple[str, ...]:
    names = tuple(map(str, events)) if isinstance(events, list | tuple) else ()
    if not names or not set(names) <= set(EVENTS):
        raise ValueError(f"its events must be a list of one or more of {', '.join(EVENTS)}; got {events!r}")
    return names


def _checked_labels(labels: object) -> dict[str, str]:
    if not isinstance(labels, Mapping) or not all(_is_label(*pair) for pair in labels.items()):
        raise ValueError(f"its labels must be a dict of texts, by name; got {labels!r}")
    return dict(labels)


def _is_label(name: object, text: object) -> bool:
    return isinstance(name, str) and name != "" and isinstance(text, str)


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise ValueError(f"its name must be printable text of at most {_LONGEST_NAME} characters; got {name!r}")
    return name


def _checked_timeout(timeout: object) -> float:
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= _LONGEST_TRY:
        raise ValueError(f"its timeout must be more than 0 and at most {_LONGEST_TRY} seconds; got {timeout!r}")
    return timeout
