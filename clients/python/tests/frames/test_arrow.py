from __future__ import annotations

import pytest

from algomancy_client.frames.arrow import frame_of, stream_of


def test_a_frame_comes_back_with_its_index_and_types() -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame(
        {
            "count": pd.array([1, None], "Int64"),
            "open": [True, False],
            "name": ["a", "b"],
            "day": pd.to_datetime(["2026-01-02", None]),
            "kind": pd.Categorical(["x", "y"]),
            "share": [0.5, float("nan")],
        },
        index=pd.Index([3, 7], name="id"),
    )
    pd.testing.assert_frame_equal(frame_of(stream_of(frame)), frame)
