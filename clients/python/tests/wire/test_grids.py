from __future__ import annotations

import pytest

from algomancy_client.wire.grids import new_name, sweep_bodies


def bodies(
    parameters: dict[str, object], datasets: tuple[str, ...] = ("base",), **others: object
) -> list[dict[str, object]]:
    return sweep_bodies("s", "Greedy", datasets, parameters, **others)  # type: ignore[arg-type]


def test_each_combination_comes_once_in_order() -> None:
    made = bodies({"a": [1, 2], "b": ("x", "y"), "c": 0.5})
    assert [body["algo_params"] for body in made] == [
        {"c": 0.5, "a": 1, "b": "x"}, {"c": 0.5, "a": 1, "b": "y"},
        {"c": 0.5, "a": 2, "b": "x"}, {"c": 0.5, "a": 2, "b": "y"},
    ]  # fmt: skip
    assert [body["tag"] for body in made] == ["s a=1 b=x", "s a=1 b=y", "s a=2 b=x", "s a=2 b=y"]


def test_a_tag_has_what_differs_and_no_two_are_the_same() -> None:
    made = bodies({"a": range(2), "fixed": 9}, ("one", "two"), repetitions=2, seed_parameter="seed")
    tags = [str(body["tag"]) for body in made]
    assert tags[0] == "s dataset=one a=0 repetition=1"
    assert len(set(tags)) == 8
    assert [body["algo_params"] for body in made[:2]] == [
        {"fixed": 9, "a": 0, "seed": 1}, {"fixed": 9, "a": 0, "seed": 2},
    ]  # fmt: skip


def test_a_list_of_lists_is_several_lists() -> None:
    assert [body["algo_params"] for body in bodies({"a": [["x"], ["x", "y"]]})] == [{"a": ["x"]}, {"a": ["x", "y"]}]


def test_arrays_have_values_of_python() -> None:
    np = pytest.importorskip("numpy")
    made = bodies({"a": np.array([1, 2])})
    assert [body["tag"] for body in made] == ["s a=1", "s a=2"]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one value of 'a'"):
        bodies({"a": []})
    with pytest.raises(ValueError, match="cannot be the seed_parameter"):
        bodies({"seed": 3}, seed_parameter="seed")


def test_names_begin_with_the_algorithm_and_differ() -> None:
    assert new_name("Greedy").startswith("Greedy ")
    assert len({new_name("Greedy") for _ in range(100)}) == 100
