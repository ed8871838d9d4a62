from __future__ import annotations

import pytest

from algomancy_client.frames.documents import TableDocument, frame_of

pytest.importorskip("pandas")


def test_columns_have_the_types_that_the_document_names() -> None:
    table = TableDocument(
        [{"id": 1, "open": True, "day": "2026-01-02"}, {"id": 2, "open": False, "day": None}],
        ["id", "open", "day"], [10, 20], {"id": "Int64", "open": "bool", "day": "datetime64[ns]"},
    )  # fmt: skip
    frame = frame_of(table)
    assert [str(kind) for kind in frame.dtypes] == ["Int64", "bool", "datetime64[ns]"]
    assert list(frame.index) == [10, 20]


def test_a_type_that_does_not_fit_leaves_the_values() -> None:
    frame = frame_of(TableDocument([{"id": None}], ["id"], [0], {"id": "int64", "gone": "int64", "odd": "no type"}))
    assert frame["id"].isna().all()
