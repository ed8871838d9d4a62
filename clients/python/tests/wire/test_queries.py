from __future__ import annotations

import pytest

from algomancy_client.wire.calls import Call, path_of
from algomancy_client.wire.queries import list_query, part_query


@pytest.mark.parametrize(
    ("condition", "pair"),
    [
        ("status=complete", ("status", "complete")),
        ("label=region:north", ("label", "region:north")),
        ("kpi.Cost<100", ("kpi.Cost<100", "")),
        ("kpi.Cost>=100", ("kpi.Cost>", "100")),
        ("tag!=a=b", ("tag!", "a=b")),
        ("tag~=north", ("tag~", "north")),
    ],
)
def test_a_condition_is_a_pair_of_a_query(condition: str, pair: tuple[str, str]) -> None:
    assert list_query([condition]) == [pair]


def test_order_and_limit_come_last() -> None:
    assert list_query([], order="-created", limit=0) == [("order", "-created"), ("limit", "0")]


def test_names_of_columns_stand_in_backticks() -> None:
    assert part_query(columns=["a,b", "c`d"]) == [("columns", "`a,b`,`c``d`")]
    assert part_query(columns="unit price") == [("columns", "`unit price`")]


def test_a_part_has_what_is_given_and_nothing_else() -> None:
    assert part_query() == []
    assert part_query(where="", offset=0, limit=0) == [("where", ""), ("offset", "0"), ("limit", "0")]


def test_a_name_in_a_path_may_have_any_character() -> None:
    assert path_of("sessions", "a/b ü%") == "/sessions/a%2Fb%20%C3%BC%25"


def test_a_post_has_a_key_of_its_own_and_others_have_none() -> None:
    keys = {Call("POST", "/x").headers["Idempotency-Key"] for _ in range(3)}
    assert len(keys) == 3
    assert all("Idempotency-Key" not in Call(method, "/x").headers for method in ("GET", "PUT", "PATCH", "DELETE"))
