"""The facts of last runs, which are read once."""

import pytest

from algomancy_api.framework.history.facts import EndedFacts, RunFacts


class Store:
    """Facts by scenario, and which of them were read."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self.numbers = numbers
        self.read: list[list[str]] = []

    def __call__(self, scenario_ids: list[str]) -> dict[str, RunFacts]:
        self.read.append(scenario_ids)
        return {key: RunFacts(number=self.numbers[key]) for key in scenario_ids}


def numbers_of(found: dict[str, RunFacts]) -> dict[str, int | None]:
    return {key: facts.number for key, facts in found.items()}


def test_facts_are_read_once() -> None:
    facts, store = EndedFacts(), Store({"a": 1, "b": 2})
    for _ in range(2):
        assert numbers_of(facts.of(["a", "b", "without a run"], store.numbers, store)) == {"a": 1, "b": 2}
    assert store.read == [["a", "b"], []]


def test_a_new_run_is_read() -> None:
    facts, store = EndedFacts(), Store({"a": 1})
    facts.of(["a"], store.numbers, store)
    store.numbers["a"] = 2
    assert numbers_of(facts.of(["a"], store.numbers, store)) == {"a": 2}
    assert store.read == [["a"], ["a"]]


def test_an_earlier_run_is_found_while_the_last_one_has_not_ended() -> None:
    facts, store = EndedFacts(), Store({"a": 1})
    for _ in range(2):
        assert numbers_of(facts.of(["a"], {"a": 2}, store)) == {"a": 1}
    assert store.read == [["a"], ["a"]]


@pytest.mark.parametrize(("asked", "kept"), [(["a", "b", "c"], "c"), (["a", "b", "a", "c"], "a")])
def test_those_that_were_asked_for_last_are_kept(asked: list[str], kept: str) -> None:
    facts, store = EndedFacts(most=2), Store(dict.fromkeys("abc", 1))
    for name in asked:
        facts.of([name], store.numbers, store)
    store.read.clear()
    facts.of([kept], store.numbers, store)
    facts.of(["b" if kept == "a" else "a"], store.numbers, store)
    assert store.read == [[], ["b" if kept == "a" else "a"]]
