"""A reading of the token file: its valid tokens, and its log line."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from time import monotonic

from .token_file import content_of, keyring_of
from .tokens import Keyring, Token

_logger = logging.getLogger("algomancy_api")

#: Seconds: maximum age of a reading that a request is checked by.
_MAX_AGE = 1.0

_CHANGED = "%s has changed and was read again"
_UNCHANGED = "The tokens stay unchanged: %s"
_ALL_REFUSED = (
    "All tokens of %s are refused: %s. Put a correct file there that this process can read; it takes effect at once"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of a reading.

    Args:
        began: Start of the reading, by the monotonic clock. It includes all changes before that.
        keyring: The valid tokens: those of the file and of the configuration.
        content: The content of the file, even with errors; None if it could not be read.
        problem: Why the file could not be read.
        is_available: Whether the tokens of the file are valid.

    Attributes:
        fresh_until: End of the time in which new requests are checked by this reading, by the monotonic clock.
    """

    began: float
    keyring: Keyring
    content: bytes | None
    problem: str = ""
    is_available: bool = True
    fresh_until: float = field(init=False)

    def __post_init__(self) -> None:
        # While the file cannot be read, every request waits for another reading, so tokens work as soon as it is back.
        object.__setattr__(self, "fresh_until", self.began + _MAX_AGE if self.is_available else -inf)

    def is_fresh_for(self, asked: float) -> bool:
        """Whether a request that arrived at ``asked`` and waited for this reading may be checked by it."""
        return monotonic() < self.fresh_until or (not self.is_available and self.began >= asked)


def first_reading(path: Path, others: Sequence[Token]) -> Reading:
    """The outcome of the first reading.

    Args:
        path: The file.
        others: The tokens of the configuration.

    Raises:
        ValueError: The file cannot be read, or has an error; the message has path and line.
    """
    began = monotonic()
    try:
        content = content_of(path)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    return Reading(began, keyring_of(content, path, others), content)


def next_reading(path: Path, others: Sequence[Token], last: Reading) -> Reading:
    """The outcome of another reading. A change is logged once.

    The whole content is read and compared: time and size may be the same after a change, and on a network drive only
    opening the file asks the file server.

    If the file cannot be read, its tokens are refused. If it has an error, the tokens stay unchanged, because the file
    may be half written.
    """
    began = monotonic()
    try:
        content = content_of(path)
    except Exception as error:
        return _unreadable(path, others, replace(last, began=began), error)
    if content == last.content:
        return replace(last, began=began)
    try:
        keyring = keyring_of(content, path, others)
    except ValueError as error:
        _log_error(path, last, error)
        return replace(last, began=began, content=content, problem="")
    _logger.info(_CHANGED, path)
    return Reading(began, keyring, content)


def _unreadable(path: Path, others: Sequence[Token], last: Reading, error: Exception) -> Reading:
    problem = (error.strerror if isinstance(error, OSError) else None) or repr(error)
    if problem != last.problem:
        _logger.error(_ALL_REFUSED, path, problem)
    return Reading(last.began, Keyring(others), None, problem, is_available=False)


def _log_error(path: Path, last: Reading, error: ValueError) -> None:
    if last.is_available:
        _logger.error(_UNCHANGED, error)
    else:
        _logger.error(_ALL_REFUSED, path, error)
