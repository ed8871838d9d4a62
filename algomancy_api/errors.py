"""Errors of requests, independent of HTTP: `http.errors` maps each class to a status.

The client reads the text of the error.
"""


class ApiError(Exception):
    """A request that fails.

    Args:
        reason: Why, for the client.
        retry_after: Seconds after which a retry may succeed; None if none will.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Invalid(ApiError):
    """A wrong value."""


class Forbidden(ApiError):
    """An operation that the client may not do."""


class NotFound(ApiError):
    """A session, scenario, algorithm or dataset that does not exist.

    Args:
        kind: Which of these it is.
        name: Its name or id in the request.
    """

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} '{name}' not found")


class Conflict(ApiError):
    """A name that is taken, or a state that does not allow the operation."""


class Gone(ApiError):
    """Something that existed and was deleted."""


class TooLarge(ApiError):
    """A request above a size limit."""


class Malformed(ApiError):
    """A body that does not decode, or with a field that is missing or of the wrong type."""


class TooMany(ApiError):
    """More requests, streams or queued scenarios than the client may have."""


class Failed(ApiError):
    """An operation that fails although the request is valid."""


class Unavailable(ApiError):
    """An operation that is not possible now."""
