"""Configurations of the servers in these tests."""

from algomancy_api import ApiConfiguration, Limits

from ...support import wiring

#: Small limits, which tests exceed quickly.
LIMITS = Limits(url=500, headers=2000, head_wait=2)


def patient() -> ApiConfiguration:
    """A configuration that waits for request heads longer than any test takes."""
    return wiring.configuration(limits=Limits(head_wait=600))


def impatient() -> ApiConfiguration:
    """A configuration with small limits and short waits."""
    return wiring.configuration(limits=LIMITS)
