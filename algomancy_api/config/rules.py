"""Rules: the values that a keyword of the configuration takes."""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from os import PathLike
from typing import Any

from algomancy_scenario import BaseAlgorithm

from ..auth.tokens import Keyring, Token
from ..engines import ENGINES, is_time_limit
from ..engines.wrapped_algorithms import in_place, wrapped
from ..limits import Limits
from ..webhooks.settings import Webhook

#: A host name, a wildcard for all names below one, or an IPv4 address.
_HOST = re.compile(r"(?:\*\.)?[\w-]+(?:\.[\w-]+)*", re.ASCII)

#: Webhooks: each may have a thread.
_MOST_WEBHOOKS = 100


@dataclass(frozen=True)
class Rule:
    """The values that a keyword takes.

    Args:
        words: The rule, as the end of "must be …".
        holds: Whether a value follows it. It is called with values of any type.
    """

    words: str
    holds: Callable[[Any], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_list(value: object, holds: Callable[[Any], bool]) -> bool:
    return isinstance(value, list | tuple) and all(map(holds, value))


def _is_address(value: object) -> bool:
    scheme, _, rest = value.partition("://") if isinstance(value, str) else ("", "", "")
    return scheme.isalnum() and bool(rest) and not set(rest) & set(" /")


def _is_prefix(value: object) -> bool:
    # Starlette reads a brace as the start of a path parameter.
    return isinstance(value, str) and value.startswith("/") and not set(value) & set("{}")


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value.startswith("/") and not value.endswith("/")


def _is_host(value: object) -> bool:
    return isinstance(value, str) and (_HOST.fullmatch(value) is not None or _is_ipv6(value))


def _is_ipv6(value: str) -> bool:
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return True


def _are_receivers(webhooks: Sequence[Webhook]) -> bool:
    return len({webhook.name for webhook in webhooks}) == len(webhooks) <= _MOST_WEBHOOKS


def _one_of(names: Mapping[str, object]) -> Rule:
    return Rule(f"one of {', '.join(map(repr, names))}", lambda value: isinstance(value, str) and value in names)


def _optional(rule: Rule) -> Rule:
    return Rule(f"None or {rule.words}", lambda value: value is None or rule.holds(value))


#: How a database stores datasets.
_STORAGES = dict.fromkeys(("columns", "tables"))

STORAGE = _one_of(_STORAGES)

#: Which runs a start queues again.
_RESUMED = dict.fromkeys(("queued", "all", "none"))

RESUMED = _one_of(_RESUMED)

BOOLEAN = Rule("True or False", lambda value: isinstance(value, bool))

TEXT = Rule("a non-empty string", _is_text)

PORT = Rule("an integer from 1 to 65535", lambda value: _is_integer(value) and 0 < value < 65536)

NUMBER = Rule("a positive integer", lambda value: _is_integer(value) and value > 0)

COUNT = _optional(NUMBER)

WINDOW = Rule(
    "a number of seconds of at least 0",
    lambda value: (_is_integer(value) or isinstance(value, float)) and 0 <= value < inf,
)

AMOUNT = Rule("an integer of at least 0", lambda value: _is_integer(value) and value >= 0)

LOG_SIZE = Rule("an integer of at least 200000", lambda value: _is_integer(value) and value >= 200_000)

DURATION = Rule(
    "a positive number of seconds", lambda value: (_is_integer(value) or isinstance(value, float)) and 0 < value < inf
)

TIME_LIMIT = Rule("None or a positive number of seconds", is_time_limit)

ENGINE = _one_of(ENGINES)

ADDRESS = _optional(Rule("a string like 'tcp://host:8786'", _is_address))

PREFIX = Rule("a string that starts with '/' and has no braces", _is_prefix)

PATH = _optional(Rule("a string that starts with '/' and does not end with it", _is_path))

FILE = _optional(Rule("the path of a file", lambda value: isinstance(value, PathLike) or _is_text(value)))

#: None counts as an empty list, and so is not in the words.
ORIGINS = Rule("a list of non-empty strings", lambda value: value is None or _is_list(value, _is_text))

HOSTS = _optional(
    Rule(
        "a non-empty list of names and addresses without a port",
        lambda value: bool(value) and _is_list(value, _is_host),
    )
)

PROXIES = Rule(
    "None, a non-empty string or a non-empty list of them",
    lambda value: value is None or _is_text(value) or (bool(value) and _is_list(value, _is_text)),
)

TOKENS = Rule("a list of Token", lambda value: _is_list(value, lambda one: isinstance(one, Token)))

WEBHOOKS = Rule(
    f"a list of at most {_MOST_WEBHOOKS} Webhook, whose names differ (the host of the URL, unless it is given)",
    lambda value: _is_list(value, lambda one: isinstance(one, Webhook)) and _are_receivers(value),
)

BACKEND = _optional(Rule("an AuthenticationBackend", lambda value: callable(getattr(value, "authenticate", None))))

LIMITS = Rule("Limits or a dict of its fields", lambda value: value is None or isinstance(value, Limits | Mapping))


def check_tokens(tokens: Sequence[Token]) -> None:
    """Check the rule between tokens.

    Raises:
        ValueError: Two have the same name or secret.
    """
    try:
        Keyring(tokens)
    except ValueError as error:
        raise ValueError(f"tokens must differ in name and secret: {error}") from error


def as_limits(value: Limits | Mapping[str, Any] | None) -> Limits:
    """The limits of either form, or the default ones."""
    return value if isinstance(value, Limits) else Limits(**value or {})


def buildable(algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
    """Algorithm classes that can be built although their parameters are times."""
    return wrapped(algorithms, in_place)
