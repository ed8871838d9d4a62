"""How many scenarios may run in a session at the same time, and how many one sender may have in all queues."""

import threading
from collections import Counter
from collections.abc import Callable

from ..errors import TooManyRuns


def one_run() -> int:
    """The limit of concurrent runs of a session, as in the framework."""
    return 1


class RunLimits:
    """The limits of an app, and how many scenarios of each sender are queued or running.

    Args:
        of_session: The limit of concurrent runs of one session, which may change.
        of_sender: The limit of the queued and running scenarios of one sender, in all sessions; None for no limit.
    """

    def __init__(self, of_session: Callable[[], int] = one_run, of_sender: int | None = None) -> None:
        self.of_session = of_session
        self.of_sender = of_sender
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def check(self, sender: str | None, count: int = 1) -> None:
        """Check that a sender may queue some more.

        Raises:
            TooManyRuns: It may not.
        """
        with self._lock:
            self._check(sender, count)

    def take(self, sender: str | None, number: int, *, all_or_none: bool = False) -> int:
        """Count scenarios that are about to be queued: all of a number, or as many as the sender may have.

        Raises:
            TooManyRuns: Of all or none, it would be none.
        """
        with self._lock:
            if all_or_none:
                self._check(sender, number)
            elif sender is not None and self.of_sender is not None:
                number = max(0, min(number, self.of_sender - self._counts[sender]))
            self._change(sender, number)
            return number

    def add(self, sender: str | None) -> None:
        """Count a scenario that is queued again, whatever the limit."""
        with self._lock:
            self._change(sender, 1)

    def release(self, sender: str | None, number: int = 1) -> None:
        """Count scenarios no more, whose runs have ended or will not begin."""
        with self._lock:
            self._change(sender, -number)

    @property
    def refusal(self) -> str:
        """Why a sender may not queue one more."""
        what = "scenario that is" if self.of_sender == 1 else "scenarios that are"
        return (
            f"You have {self.of_sender} {what} queued or running, and may not have more (runs_per_token): "
            "wait until one has ended, or cancel one (POST …/cancel)"
        )

    def _check(self, sender: str | None, count: int) -> None:
        if sender is not None and self.of_sender is not None and self._counts[sender] + count > self.of_sender:
            raise TooManyRuns(self.refusal)

    def _change(self, sender: str | None, by: int) -> None:
        if sender is not None:
            self._counts[sender] += by
            if not self._counts[sender]:
                del self._counts[sender]
