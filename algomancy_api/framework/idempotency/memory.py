"""Answers in memory, for as long as the process lives: without a database, its effects live no longer either."""

import threading

from .answers import Answers, Bounds, KeptAnswer, Share

#: Bytes: all answers in memory.
MOST_IN_MEMORY = 64 * 1024 * 1024


class AnswersInMemory(Answers):
    """Answers in memory, the oldest first."""

    def __init__(self, bounds: Bounds) -> None:
        super().__init__(bounds)
        self._answers: dict[str, KeptAnswer] = {}
        self._shares: dict[str, Share] = {}
        self._lock = threading.Lock()

    def find(self, key_id: str) -> KeptAnswer | None:
        answer = self._answers.get(key_id)
        return None if answer is None or answer.created < self.oldest else answer

    def keep(self, answer: KeptAnswer) -> None:
        with self._lock:
            self._drop(answer.id)
            self._answers[answer.id] = answer
            self._count(answer, 1)
            while (sender := self.greediest(self._shares.values())) is not None:
                self._drop(next(each.id for each in self._answers.values() if each.sender == sender))

    def forget_some(self) -> None:
        with self._lock:
            for answer in [each for each in self._answers.values() if each.created < self.oldest]:
                self._drop(answer.id)

    def _drop(self, key_id: str) -> None:
        if (answer := self._answers.pop(key_id, None)) is not None:
            self._count(answer, -1)

    def _count(self, answer: KeptAnswer, by: int) -> None:
        _, number, size = self._shares.get(answer.sender, Share(answer.sender, 0, 0))
        self._shares[answer.sender] = Share(answer.sender, number + by, size + by * answer.size)
        if not self._shares[answer.sender].number:
            del self._shares[answer.sender]
