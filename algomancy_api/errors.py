"""Why a request cannot be done, in terms that know no HTTP; `http.errors` has the status of each.

The text of an error is what the client reads.
"""


class ApiError(Exception):
    """A request that cannot be done.

    Args:
        reason: Why, for the client.
        retry_after: In how many seconds it may be worth while to try again; None if it is not.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Invalid(ApiError):
    """A value that is wrong."""


class Forbidden(ApiError):
    """What the sender may not do."""


class NotFound(ApiError):
    """A session, scenario, algorithm or dataset that is not there.

    Args:
        kind: Which of them.
        name: Its name, as the request has it.
    """

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} '{name}' not found")


class Conflict(ApiError):
    """A name that is taken, or a state that is the wrong one."""


class TooLarge(ApiError):
    """More of something than is taken."""


class Malformed(ApiError):
    """A body that does not decode, or lacks a field or has it of a wrong type."""


class TooMany(ApiError):
    """More at a time than a sender may ask for."""


class Failed(ApiError):
    """What the server cannot do, through no fault of the request."""


class Unavailable(ApiError):
    """What cannot be done now."""
