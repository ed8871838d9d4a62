"""What can go wrong: one tree, with a class for each status that a program may want to tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .wire.answers import Message

#: Messages: how many of them the text of an error shows.
_MOST_LINES = 50


class AlgomancyError(Exception):
    """The base of all errors of this package."""


class ConnectionFailed(AlgomancyError):
    """The server gave no answer, however often it was asked."""


class UnexpectedAnswer(AlgomancyError):
    """The answer is not one of an algomancy-api: a redirect, or a body of another form."""


class Unsupported(AlgomancyError):
    """The server is older than what was asked of it.

    Attributes:
        feature: What it lacks, in a few words.
    """

    def __init__(self, feature: str) -> None:
        super().__init__(feature)
        self.feature = feature

    def __str__(self) -> str:
        return f"This server has no {self.feature}: its algomancy-api is too old for that"


class StatusError(AlgomancyError):
    """The server has refused a request, or failed.

    Attributes:
        detail: What the server says.
        status: The status of its answer.
        request_id: What the log of the server calls the request; None of an old server.
    """

    def __init__(self, detail: str, status: int, request_id: str | None = None) -> None:
        super().__init__(detail, status, request_id)
        self.detail = detail
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        of_request = f", request {self.request_id}" if self.request_id else ""
        return f"{self.detail} (status {self.status}{of_request})"


class BadRequest(StatusError):
    """400: a wrong value, such as a parameter, a file or a name."""


class Unauthorized(StatusError):
    """401: the token is missing or unknown."""


class Forbidden(StatusError):
    """403: the token may not do this, or nobody may."""


class NotFound(StatusError):
    """404: there is no such session, dataset, scenario, table or algorithm."""


class Conflict(StatusError):
    """409: a name is taken, a dataset is in use, or a scenario is in another state."""


class Gone(StatusError):
    """410: the log of a run that is deleted."""


class TooLarge(StatusError):
    """413: a body is beyond the limits of the server."""


class Unprocessable(StatusError):
    """422: a part of the request has no meaning."""


class TooManyRequests(StatusError):
    """429: too many requests, streams or runs of this client."""


class ServerError(StatusError):
    """500 and above: the server has failed."""


class Unavailable(ServerError):
    """503: the server, or what it needs, is busy or away."""


class StorageFull(ServerError):
    """507: a disk of the server is full."""


CLASS_OF_STATUS: dict[int, type[StatusError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    413: TooLarge,
    422: Unprocessable,
    429: TooManyRequests,
    503: Unavailable,
    507: StorageFull,
}


def status_error(detail: str, status: int, request_id: str | None = None) -> StatusError:
    """The error of a status."""
    others = ServerError if status >= 500 else StatusError
    return CLASS_OF_STATUS.get(status, others)(detail, status, request_id)


class RunFailed(AlgomancyError):
    """A run has not become complete.

    Attributes:
        tag: The tag of the scenario.
        error: Why, as the server says it: type, message and cause of the exception.
        others: The number of further runs that have failed with it.
    """

    def __init__(self, tag: str, error: str, others: int = 0) -> None:
        super().__init__(tag, error, others)
        self.tag = tag
        self.error = error
        self.others = others

    def __str__(self) -> str:
        more = f" (and {self.others:,} more have failed)" if self.others else ""
        return f"Scenario {self.tag!r}: {self.error}{more}"


class NotComplete(AlgomancyError):
    """A scenario has no result yet."""


class Refused(AlgomancyError):
    """The data of an upload is refused; there is no new dataset.

    Attributes:
        name: The key that the dataset would have.
        messages: What the server says of the data, with table, row and column where it names them.
    """

    def __init__(self, name: str, messages: Sequence[Message]) -> None:
        super().__init__(name, messages)
        self.name = name
        self.messages = list(messages)

    def __str__(self) -> str:
        lines = [str(message) for message in self.messages if message.severity != "INFO"]
        if len(lines) > _MOST_LINES:
            lines[_MOST_LINES:] = [f"… and {len(lines) - _MOST_LINES:,} more in `messages`"]
        why = lines or ["the server does not say why; if it is one of 0.10, it is too old for that"]
        return "\n  ".join([f"Dataset {self.name!r} is refused:", *why])


class WaitTimeout(AlgomancyError, TimeoutError):
    """Runs have not ended in time. They go on, and can be waited for again."""


class WaitInterrupted(KeyboardInterrupt):
    """Ctrl-C while runs were waited for. They go on, and can be waited for again."""


class MissingExtra(AlgomancyError, ImportError):
    """A package is not installed that this needs."""
