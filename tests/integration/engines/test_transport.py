"""Values stay the same when they are sent to another process."""

import datetime as dt
import decimal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from algomancy_api.engines.process.errors import AlgorithmFailed, Failure, NotPicklable, death
from algomancy_api.engines.process.transport import mapped
from algomancy_api.engines.process.transport.frames import Kind, Wire
from algomancy_api.engines.process.transport.mapped import BufferFiles, Share
from algomancy_api.engines.process.transport.pickling import MAX_ITEMS
from algomancy_api.engines.process.transport.values import ReceivedValues, pieces

from ...support import wiring
from .algorithms import OddError


def crossed(value: Any, share: Share | None = None) -> Any:
    """A value as it is on the other side."""
    received = ReceivedValues()
    for kind, content in pieces("value", value, share):
        copy = bytearray(content)
        if kind is Kind.VALUE:
            return received.value(copy)
        received.add(kind, copy)
    raise AssertionError("it never ended")


#: Each makes a column of so many rows.
COLUMNS: dict[str, Callable[[int], Any]] = {
    "integers": np.arange,
    "small": lambda rows: np.arange(rows) .astype("int8"),
    "numbers": lambda rows: np.linspace(0, 1, rows),
    "missing": lambda rows: np.full(rows, np.nan),
    "flags": lambda rows: np.arange(rows) % 2 == 0,
    "times": lambda rows: pd.date_range("2026-01-01", periods=rows, freq="s"),
    "zoned": lambda rows: pd.date_range("2026-01-01", periods=rows, freq="h", tz="Europe/Amsterdam"),
    "durations": lambda rows: pd.to_timedelta(np.arange(rows), unit="s"),
    "categories": lambda rows: pd.Categorical([f"c {number % 3}" for number in range(rows)], ordered=True),
    "nullable": lambda rows: pd.array([None if number % 2 else number for number in range(rows)], dtype="Int64"),
    "strings": lambda rows: pd.array([None if row % 5 == 4 else f"s {row}" for row in range(rows)], dtype="str"),
    "mixed": lambda rows: np.array(
        [(1, "one", None, 2.5, [1, [2]], {"a": 1}, b"b", decimal.Decimal("1.0"), dt.date(2026, 1, 2))[number % 9]
         for number in range(rows)], dtype=object),
}  # fmt: skip


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Tables of any columns, some so long that they go in pieces."""
    rows = draw(st.sampled_from([0, 1, 7, MAX_ITEMS, MAX_ITEMS + 1, 2 * MAX_ITEMS + 3]))
    kinds = draw(st.lists(st.sampled_from(list(COLUMNS)), max_size=6))
    frame = pd.DataFrame({f"{kind} {number}": COLUMNS[kind](rows) for number, kind in enumerate(kinds)})
    frame.attrs = draw(st.dictionaries(st.text(max_size=3), st.integers(), max_size=2))
    if rows:
        index = draw(st.sampled_from(["strings", "times", "mixed", "integers", "none"]))
        if index != "none" and kinds:
            frame.index = pd.Index(COLUMNS["integers" if index == "mixed" else index](rows), name=index)
    turned = frame.T if rows < 10 else frame
    return draw(st.sampled_from([frame, turned, frame.iloc[::-1], frame.iloc[:, ::-1], frame.iloc[2:5]]))


@given(frames())
@settings(deadline=None, max_examples=60)
def test_a_table_is_the_same_there(frame: pd.DataFrame) -> None:
    there = crossed({"table": frame})["table"]
    assert_frame_equal(there, frame, check_exact=True)
    assert there.attrs == frame.attrs
    assert type(there.index) is type(frame.index)


@given(frames())
@settings(deadline=None, max_examples=60)
def test_a_table_is_the_same_there_through_a_file(frame: pd.DataFrame) -> None:
    with pytest.MonkeyPatch.context() as patch, shared(frame) as share:
        patch.setattr(mapped, "MIN_SIZE", 1)
        for _ in range(2):
            assert_frame_equal(crossed(frame, share), frame, check_exact=True)


@contextmanager
def shared(owner: Any) -> Iterator[Share]:
    """A function that puts the buffers of an owner into a file."""
    with TemporaryDirectory() as folder:
        files = BufferFiles(lambda: mkdtemp(dir=folder))
        with files.lent(owner) as share:
            yield share
        files.close()


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_keeps_its_shape_and_its_order(order: Any) -> None:
    array = np.array(
        [[f"{row} {column}" for column in range(3)] for row in range(MAX_ITEMS)], dtype=object, order=order
    )
    there = crossed(array)
    assert (there == array).all()
    assert there.flags.f_contiguous == array.flags.f_contiguous


def test_a_table_can_be_changed_there() -> None:
    frame = pd.DataFrame({"x": np.arange(10_000), "y": ["a"] * 10_000})
    there = crossed(frame)
    there.loc[0] = [7, "b"]
    assert (frame.to_numpy()[0].tolist(), there.to_numpy()[0].tolist()) == ([0, "a"], [7, "b"])


def test_strings_go_some_thousand_at_a_time() -> None:
    words = [f"word {number}" for number in range(12 * MAX_ITEMS)]
    frame = pd.DataFrame({"word": pd.Series(words, dtype=object)})
    sizes = [len(content) for kind, content in pieces("value", frame) if kind in (Kind.ITEMS, Kind.VALUE)]
    assert len(sizes) == 13
    assert max(sizes) < 200_000


def test_of_a_part_of_the_strings_in_the_memory_of_arrow_only_that_part_goes() -> None:
    words = pd.Series([f"word {number}" for number in range(12 * MAX_ITEMS)], dtype="str")
    part = words.iloc[:MAX_ITEMS].reset_index(drop=True)
    assert sum(memoryview(content).nbytes for _, content in pieces("value", part)) < 20 * MAX_ITEMS
    pd.testing.assert_series_equal(crossed(part), part)


def test_strings_in_the_memory_of_arrow_go_as_they_are() -> None:
    frame = pd.DataFrame({"word": pd.Series([f"word {number}" for number in range(12 * MAX_ITEMS)], dtype="str")})
    sizes = [len(content) for kind, content in pieces("value", frame) if kind in (Kind.ITEMS, Kind.VALUE)]
    assert sum(sizes) < 2_000
    pd.testing.assert_frame_equal(crossed(frame), frame)


def test_a_parameter_set_crosses_with_its_values() -> None:
    parameters = wiring.Times()
    parameters.set_values({"at": dt.datetime(2026, 3, 4)})  # noqa: DTZ001 - the framework's are naive
    there = crossed(parameters)
    assert type(there) is wiring.Times
    assert there.get_values() == parameters.get_values()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": [1, (2, threading.Lock())]}, "value['a'][1][1]"),
        (np.array([threading.Lock()] * (MAX_ITEMS + 1), dtype=object), "value"),
        (lambda: None, "value"),
    ],
    ids=["nested", "array", "function"],
)
def test_what_cannot_cross_is_named(value: Any, path: str) -> None:
    with pytest.raises(NotPicklable) as caught:
        crossed(value)
    assert str(caught.value).startswith(f"{path}")
    assert "cannot be sent to another process" in str(caught.value)


# Errors --------------------------------------------------------------------------------------------------------


class Refined(ValueError):
    """An error of the user's own, of a kind that has a status of its own."""


def local_error() -> Exception:
    class Local(Refined):
        """One that only this process knows."""

    return Local("local")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("x"), ValueError),
        (Refined("x"), Refined),
        (local_error(), Refined),
        (KeyError("x"), KeyError),
        (OddError(1, because="x"), Exception),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), UnicodeDecodeError),
    ],
)
def test_an_error_keeps_its_text_and_its_kind(error: Exception, kind: type[Exception]) -> None:
    there = crossed(Failure.of(error)).as_error()
    assert str(there) == str(error)
    assert type(there) is kind


class Unreadable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_an_error_without_a_text_is_an_error() -> None:
    there = Failure.of(Unreadable()).as_error()
    assert type(there) is AlgorithmFailed
    assert str(there) == "Unreadable, whose text cannot be read: RuntimeError"


def test_an_unknown_signal_has_its_number() -> None:
    assert "signal 63" in str(death(-63)) or "SIG" in str(death(-63))


# Bytes ---------------------------------------------------------------------------------------------------------


def test_frames_arrive_as_they_were_sent_until_the_other_end_is_gone() -> None:
    left, right = socket.socketpair()
    one, other = Wire(left), Wire(right)
    sent = [(Kind.BUFFER, b""), (Kind.VALUE, bytes(3_000_000)), (Kind.STOP, b"x")]

    def send() -> None:
        for kind, content in sent:
            one.send(kind, content)
        one.close()

    sender = threading.Thread(target=send)
    sender.start()
    assert [(kind, bytes(content)) for kind, content in (other.receive() for _ in sent)] == sent
    with pytest.raises(EOFError):
        other.receive()
    sender.join()
    other.close()
