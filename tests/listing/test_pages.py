"""Pages of any list put together are the list, in its order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.errors import Malformed
from algomancy_api.listing.pages import page
from algomancy_api.listing.query import list_query, with_cursor
from algomancy_api.listing.rows import Place

KPIS = ["Cost", "a<b=c", "Cost>"]


@dataclass
class FakeRow:
    place: Place
    tag: str = "t"
    status: str = "created"
    algorithm: str = "A"
    dataset: str = "D"
    labels: dict[str, str] = field(default_factory=dict)
    note: str | None = None
    progress: float = 0.0
    started: datetime | None = None
    finished: datetime | None = None
    cost: float | None = None

    def kpi(self, name: str) -> float | None:
        return self.cost if name in KPIS else None


class FakeSource:
    def __init__(self, rows: list[FakeRow]) -> None:
        self.rows = {row.place: row for row in rows}

    def places(self, start: Place | None = None, *, newest_first: bool = False) -> Iterator[Place]:
        whole = sorted(self.rows, reverse=newest_first)
        yield from (p for p in whole if start is None or (p < start if newest_first else p > start))

    def row(self, place: Place) -> FakeRow | None:
        return self.rows.get(place)


@st.composite
def sources(draw: st.DrawFn) -> FakeSource:
    values = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "B", "", "ä" * 300]),
                st.sampled_from([None, 1.5, -2.0, 3.0]),
                st.sampled_from([None, datetime(2026, 1, 1), datetime(2026, 1, 1, microsecond=5)]),  # noqa: DTZ001
            ),
            max_size=12,
        )
    )
    start = datetime(2026, 1, 1)  # noqa: DTZ001
    return FakeSource(
        [
            FakeRow((start + timedelta(hours=number // 2), f"{number:02}"), tag, cost=cost, finished=finished)
            for number, (tag, cost, finished) in enumerate(values)
        ]
    )


NAMES = st.sampled_from(["created", "tag", "kpi.Cost", "finished", "progress"])
ORDERS = st.lists(st.tuples(st.sampled_from(["", "-"]), NAMES).map("".join), min_size=1, max_size=3).map(",".join)


@settings(deadline=None)
@given(sources(), ORDERS, st.integers(1, 5))
def test_pages_put_together_are_the_whole_list(source: FakeSource, order: str, limit: int) -> None:
    whole = page(source, list_query(f"order={order}", KPIS, ["id"])).rows
    assert sorted(row.place for row in whole) == sorted(source.rows)
    query, found = f"order={order}&limit={limit}", []
    for _ in range(20):
        rows, cursor = page(source, list_query(query, KPIS, ["id"]))
        found += rows
        if cursor is None:
            break
        assert len(rows) == limit
        query = with_cursor(query, cursor)
    assert found == whole


@settings(deadline=None)
@given(sources(), st.sampled_from(["", "-"]))
def test_what_has_no_value_is_last_either_way(source: FakeSource, sign: str) -> None:
    costs = [row.cost for row in page(source, list_query(f"order={sign}kpi.Cost", KPIS, [])).rows]
    known = [cost for cost in costs if cost is not None]
    assert known == sorted(known, reverse=sign == "-")
    assert costs == known + [None] * (len(costs) - len(known))


def test_the_name_of_a_kpi_may_contain_operators() -> None:
    rows = [FakeRow((datetime(2026, 1, 1), name), cost=cost) for name, cost in (("a", 1.0), ("b", 5.0))]  # noqa: DTZ001
    for query in ("kpi.a<b=c<3", "kpi.a%3Cb%3Dc%3C3", "kpi.Cost><=3", "kpi.Cost<3"):
        assert page(FakeSource(rows), list_query(query, KPIS, [])).rows == rows[:1], query


@settings(deadline=None)
@given(st.text(st.sampled_from("tag=~<>!&%3Ckpi.Cost=order,-cursor=limit=1fields+é\0;"), max_size=60))
def test_any_query_is_a_list_or_an_error_of_the_client(query: str) -> None:
    rows: list[Any] = [FakeRow((datetime(2026, 1, 1), "a"))]  # noqa: DTZ001
    try:
        found = page(FakeSource(rows), list_query(query, KPIS, ["id", "tag"])).rows
    except Malformed:
        return
    assert found in ([], rows)


@settings(deadline=None)
@given(st.recursive(st.none() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=4)))
def test_a_cursor_from_elsewhere_is_an_error_of_the_client(document: Any) -> None:
    import base64
    import json

    source = FakeSource([FakeRow((datetime(2026, 1, 1), "a")), FakeRow((datetime(2026, 1, 2), "b"))])  # noqa: DTZ001
    for content in (document, ["tag,kpi.Cost", document, "2026-01-01T00:00:00", "a"]):
        cursor = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
        try:
            page(source, list_query(f"order=tag,kpi.Cost&cursor={cursor}", KPIS, []))
        except Malformed:
            continue
        assert isinstance(document, list)
