from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from algomancy_client.cli.values import axis, parameter


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("a=3", 3), ("a=0.5", 0.5), ("a=true", True), ("a=x", "x"), ("a=", ""), ("a=1,2", "1,2"), ("a=b=c", "b=c"),
        ('a="3"', "3"), ("a=[1]", [1]), ("a=null", None),
    ],
)  # fmt: skip
def test_a_word_becomes_a_value(word: str, value: object) -> None:
    assert parameter(word) == ("a", value)


@pytest.mark.parametrize(
    ("word", "values"), [("a=1,2", [1, 2]), ("a=x", ["x"]), ("a=[1, 2]", [1, 2]), ("a=x,2,true", ["x", 2, True])]
)
def test_a_word_becomes_values(word: str, values: list[object]) -> None:
    assert axis(word) == ("a", values)


@pytest.mark.parametrize("word", ["a", "=3", ""])
def test_another_form_is_refused(word: str) -> None:
    for read in (parameter, axis):
        with pytest.raises(ArgumentTypeError, match="name=value"):
            read(word)
