from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from algomancy_client.wire.bodies import encoded, files_of, scenario_body


def test_values_of_numpy_and_pandas_are_those_of_python() -> None:
    np = pytest.importorskip("numpy")
    pd = pytest.importorskip("pandas")
    body = {"a": np.int64(3), "b": np.array([0.5]), "c": pd.Timestamp("2026-01-02T03:04:05"), "d": np.bool_(True)}
    assert encoded(body) == b'{"a":3,"b":[0.5],"c":"2026-01-02T03:04:05","d":true}'


def test_times_and_ranges_have_their_form() -> None:
    assert encoded([dt.date(2026, 1, 2), range(3)]) == b'["2026-01-02",[0,1,2]]'


def test_what_has_no_form_is_named() -> None:
    with pytest.raises(TypeError, match="no value of a parameter"):
        encoded({"a": object()})


def test_what_is_not_given_is_left_out() -> None:
    assert scenario_body("t", "d", "A", {}, None, {}, "") == {
        "tag": "t", "dataset_key": "d", "algo_name": "A", "algo_params": {},
    }  # fmt: skip


def test_each_attempt_reads_a_file_from_its_beginning_and_closes_it(tmp_path: Path) -> None:
    (tmp_path / "depots.csv").write_bytes(b"name\n")
    files = files_of("files", (tmp_path / "depots.csv", ("more.csv", b"x")))
    for _ in range(2):
        with files() as opened:
            assert [name for _, (name, _) in opened] == ["depots.csv", "more.csv"]
            stream = opened[0][1][1]
            assert stream.read() == b"name\n"
        assert stream.closed
