"""Answers are kept for a time, and within bounds: whoever has most loses the oldest of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from algomancy_api.framework.database.engine import create_engine
from algomancy_api.framework.database.idempotency import stored_answers, table
from algomancy_api.framework.database.idempotency.stored_answers import StoredAnswers
from algomancy_api.framework.idempotency import answers as module
from algomancy_api.framework.idempotency.answers import LONGEST, Answers, Bounds, KeptAnswer
from algomancy_api.framework.idempotency.memory import AnswersInMemory
from algomancy_api.framework.idempotency.pending import TOO_LONG, Effect, PendingKey

DAY = 86_400.0


def answer(number: int, sender: str = "a", created: float = 1e12, size: int = 10) -> KeptAnswer:
    return KeptAnswer(
        id=f"{sender}{number}",
        sender=sender,
        request="",
        status=201,
        headers={"content-type": "application/json"},
        ignored=["é"],
        body=b"x" * size,
        created=created + number,
    )


@contextmanager
def kept_in(kind: str, folder: Path, bounds: Bounds) -> Iterator[Answers]:
    if kind == "memory":
        yield AnswersInMemory(bounds)
        return
    engine = create_engine(f"sqlite:///{folder}/answers.sqlite")
    table.prepare(engine)
    yield StoredAnswers(engine, bounds)
    engine.dispose()


kinds = pytest.mark.parametrize("kind", ["memory", "sqlite"])


def left(answers: Answers, *known: KeptAnswer) -> list[str]:
    return [each.id for each in known if answers.find(each.id) == each]


@kinds
def test_an_answer_is_found_as_it_was_kept(kind: str, tmp_path: Path) -> None:
    with kept_in(kind, tmp_path, Bounds(DAY, 10, 10_000)) as answers:
        answers.settle(answer(1, size=10))
        answers.settle(longer := answer(1, size=20))
        assert answers.find("a1") == longer
        assert answers.find("a2") is None


@kinds
def test_an_old_answer_is_not_found_even_before_it_is_forgotten(kind: str, tmp_path: Path) -> None:
    with kept_in(kind, tmp_path, Bounds(DAY, 10, 10_000)) as answers:
        answers.keep(answer(1, created=0))
        assert answers.find("a1") is None


@kinds
def test_the_one_with_most_loses_its_oldest(kind: str, tmp_path: Path) -> None:
    with kept_in(kind, tmp_path, Bounds(DAY, 6, 10**9)) as answers:
        few, many = [answer(number, "few") for number in range(2)], [answer(number, "many") for number in range(9)]
        for each in [*few, *many]:
            answers.keep(each)
        stored_answers._ROWS_AT_ONCE, usual = 1, stored_answers._ROWS_AT_ONCE
        answers.forget_some()
        stored_answers._ROWS_AT_ONCE = usual
        assert left(answers, *few, *many) == ["few0", "few1", "many5", "many6", "many7", "many8"]


@kinds
def test_bytes_count_too(kind: str, tmp_path: Path) -> None:
    small, large = answer(1, "small"), [answer(number, "large", size=5_000) for number in range(3)]
    with kept_in(kind, tmp_path, Bounds(DAY, 100, 7_000)) as answers:
        for each in [small, *large]:
            answers.keep(each)
        stored_answers._BYTES_AT_ONCE, usual = 1, stored_answers._BYTES_AT_ONCE
        answers.forget_some()
        stored_answers._BYTES_AT_ONCE = usual
        assert left(answers, small, *large) == ["small1", "large2"]


def test_old_ones_are_deleted_in_small_transactions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_answers, "_ROWS_AT_ONCE", 3)
    with kept_in("sqlite", tmp_path, Bounds(DAY, 100, 10**9)) as answers:
        for number in range(10):
            answers.keep(answer(number, created=0))
        answers.keep(answer(99))
        deleted: list[int] = []
        sa.event.listen(
            answers._engine,  # type: ignore[attr-defined]
            "after_cursor_execute",
            lambda _, cursor, statement, *__: deleted.append(cursor.rowcount) if "DELETE" in statement else None,
        )
        answers.forget_some()
        assert deleted == [3, 3, 3, 1]
        assert left(answers, answer(99)) == ["a99"]


def test_it_is_time_to_forget_after_a_minute_or_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = AnswersInMemory(Bounds(DAY, 100, 10**9))
    assert not answers.are_untidy()
    answers._tidied -= module._PAUSE + 1
    assert [answers.are_untidy(), answers.are_untidy()] == [True, False]
    monkeypatch.setattr(module, "_MANY_BYTES", 1)
    answers.settle(answer(1))
    assert [answers.are_untidy(), answers.are_untidy()] == [True, False]


def test_a_key_is_taken_by_the_effect_that_it_is_about_and_once() -> None:
    key = PendingKey("id", "a", lambda: "digest", 201, [])
    key.expect(Effect.SESSION, lambda name: str(name).encode())
    assert key.answer_to(Effect.DATASET, "copied") is None
    taken = key.answer_to(Effect.SESSION, "added")
    assert taken is not None
    assert (taken.body, taken.status, taken.request) == (b"added", 201, "digest")
    assert key.answer_to(Effect.SESSION, "added") is None


def test_an_answer_that_cannot_be_made_does_not_undo_its_effect() -> None:
    key = PendingKey("id", "a", str, 201, [])
    key.expect(Effect.SESSION, lambda _: 1 / 0)  # type: ignore[arg-type, return-value]
    assert key.answer_to(Effect.SESSION, "added") is None
    assert not key.is_taken


def test_a_long_answer_is_kept_as_a_sentence() -> None:
    kept = PendingKey("id", "a", str, 201, []).answer(200, {"content-type": "text/csv"}, b"x" * (LONGEST + 1))
    assert (kept.status, kept.body, kept.headers) == (200, TOO_LONG, {"content-type": "application/json"})
