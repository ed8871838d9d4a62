"""The answers of a session manager, and its new sessions, each stored with a key."""

from functools import partial
from typing import TYPE_CHECKING, cast

from ..session_listing import ListedSessions
from .answers import Answers, Bounds
from .memory import MOST_IN_MEMORY, AnswersInMemory
from .pending import Effect

if TYPE_CHECKING:  # imported with a database alone
    from sqlalchemy import Engine


class KeyedSessions(ListedSessions):
    """A session manager whose new sessions are stored in one transaction with the key of their request."""

    def answers(self, seconds: float, number: int) -> Answers:
        """Where the answers to requests with a key are kept: with the sessions, or in memory.

        Args:
            seconds: How long an answer is kept.
            number: How many are.
        """
        if self._db_engine is None:
            return AnswersInMemory(Bounds(seconds, number, MOST_IN_MEMORY))
        from ..database.idempotency.stored_answers import MOST_STORED, StoredAnswers

        return StoredAnswers(self._db_engine, Bounds(seconds, number, MOST_STORED))

    def _persist_session_to_db(self, session_id: str, display_name: str) -> None:
        from ..database.idempotency.transactions import at_commit, keep

        engine = cast("Engine", self._db_engine)
        with at_commit(engine, partial(keep, effect=Effect.SESSION, subject=(session_id, display_name))):
            super()._persist_session_to_db(session_id, display_name)
