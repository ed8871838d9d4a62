"""What the servers of these tests serve."""

from algomancy_api import ApiConfiguration, Limits

from ...support import wiring

#: Small enough to be gone beyond in no time, and to be waited for.
LIMITS = Limits(url=500, headers=2000, head_wait=2)


def patient() -> ApiConfiguration:
    """Waits for requests for longer than any test takes."""
    return wiring.configuration(limits=Limits(head_wait=600))


def impatient() -> ApiConfiguration:
    """Takes little, and does not wait for long."""
    return wiring.configuration(limits=LIMITS)
