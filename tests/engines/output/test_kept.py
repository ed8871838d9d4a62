"""The head and the tail of a run's output, and its lines read in parts."""

import threading
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.engines.output import STDERR, STDOUT, KeptOutput, Line, Output, read
from algomancy_api.engines.output.lines import MAX_LINE

#: Bytes: the shortest log that a configuration can have.
SHORT = 200_000


class Added(NamedTuple):
    """Lines that are added together: how many, and how long each is."""

    lines: int
    length: int


def texts(output: Output, start: int = 0, most_lines: int = 10**9) -> list[str]:
    return [line.text for line in read(output.pages(start), start, most_lines, 10**12).lines]


def is_mark(text: str) -> bool:
    return text.startswith("[truncated: ")


def read_in_parts(output: Output, most_lines: int, most_bytes: int) -> list[Line]:
    lines: list[Line] = []
    start = 0
    while start < output.count:
        reading = read(output.pages(start), start, most_lines, most_bytes)
        assert reading.lines
        lines += reading.lines
        start = reading.next
    return lines


batches = st.lists(st.builds(Added, st.integers(1, 400), st.integers(8, MAX_LINE)), max_size=25)


@given(batches, st.integers(1, 500), st.integers(1, 100_000))
@settings(max_examples=60, deadline=None)
def test_head_and_tail_are_kept_and_the_mark_says_how_many_lines_are_not(
    added: list[Added], most_lines: int, most_bytes: int
) -> None:
    output = KeptOutput(SHORT)
    whole: list[str] = []
    for moment, (count, length) in enumerate(added):
        new = [f"{len(whole) + number}".rjust(length) for number in range(count)]
        output.add(moment, STDOUT, 20, "\n".join(new).encode())
        whole += new
    assert output.count == len(whole)
    assert sum(len(page.content) for page in output.pages(0)) <= SHORT
    kept = texts(output)
    marks = [index for index, text in enumerate(kept) if is_mark(text)]
    assert output.is_truncated is bool(marks)
    if not marks:
        assert kept == whole
    else:
        [mark] = marks
        head, tail = kept[:mark], kept[mark + 1 :]
        left_out = len(whole) - len(head) - len(tail)
        assert kept[mark] == f"[truncated: {left_out:,} lines are left out here]"
        assert head == whole[: len(head)]
        assert tail == whole[len(whole) - len(tail) :]
        # No more is left out than has to be: a page of each may be missing.
        assert min(sum(map(len, head)), sum(map(len, tail))) > SHORT / 2 - 2 * SHORT / 8
    lines = read_in_parts(output, most_lines, most_bytes)
    assert [line.text for line in lines] == kept
    assert lines == read_in_parts(output.compressed(), most_lines, most_bytes)
    assert output.compressed().is_truncated is output.is_truncated
    assert output.compressed().count == output.count


def test_a_line_keeps_its_time_stream_and_level() -> None:
    output = KeptOutput(SHORT)
    output.add(1.5, STDOUT, 20, b"one\n\xff")
    output.add(2.5, STDERR, 30, b"")
    expected = [Line(1.5, STDOUT, 20, "one"), Line(1.5, STDOUT, 20, r"\xff"), Line(2.5, STDERR, 30, "")]
    assert read(output.pages(0), 0, 9, 99).lines == expected


def test_lines_that_never_came_are_marked_where_they_are_missing() -> None:
    output = KeptOutput(SHORT)
    output.add(0, STDOUT, 20, b"one")
    output.skip(1_000)
    output.skip(234)
    output.add(0, STDOUT, 20, b"two")
    assert texts(output) == ["one", "[truncated: 1,234 lines are left out here]", "two"]
    assert texts(output, 1) == ["[truncated: 1,234 lines are left out here]", "two"]
    assert output.is_truncated
    assert output.compressed().is_truncated
    assert output.count == 1_236


def test_a_reader_that_was_overtaken_goes_on_with_the_tail() -> None:
    output = KeptOutput(SHORT)
    output.add(0, STDOUT, 20, b"x" * 1_000)
    for number in range(2_000):
        output.add(0, STDOUT, 20, str(number).encode().rjust(1_000))
    assert is_mark(texts(output, 500)[0])
    assert texts(output, 500)[-1].strip() == "1999"


def test_after_the_end_nothing_is_added() -> None:
    output = KeptOutput(SHORT)
    output.add(0, STDOUT, 20, b"in time")
    output.close()
    output.add(0, STDOUT, 20, b"late")
    assert texts(output) == ["in time"]
    assert output.has_ended


def test_a_reader_beside_writers_sees_each_line_of_each_once_and_in_order() -> None:
    output = KeptOutput(10_000_000)
    count = 5_000

    def write(stream: int) -> None:
        for number in range(count):
            output.add(0, stream, 20, str(number).encode())

    writers = [threading.Thread(target=write, args=(stream,)) for stream in (STDOUT, STDERR)]
    for writer in writers:
        writer.start()
    lines: list[Line] = []
    while len(lines) < 2 * count:
        lines += read(output.pages(len(lines)), len(lines), 700, 10**9).lines
    for writer in writers:
        writer.join()
    for stream in (STDOUT, STDERR):
        assert [line.text for line in lines if line.stream == stream] == list(map(str, range(count)))
