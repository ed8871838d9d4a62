"""A stream of bytes as lines."""

from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.engines.output.lines import MAX_LINE, Lines, record_lines


def lines_of(*contents: bytes) -> list[bytes]:
    found: list[bytes] = []
    lines = Lines(lambda content: found.extend(content.split(b"\n")))
    for content in contents:
        lines.feed(content)
    lines.end()
    return found


@given(st.lists(st.binary(max_size=20)), st.integers(1, 7))
@settings(deadline=None)
def test_lines_are_the_same_however_they_arrive(parts: list[bytes], size: int) -> None:
    whole = b"\n".join(parts)
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]
    assert lines_of(*chunks) == lines_of(whole)


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=20)))
def test_each_line_is_there_as_it_was_printed(texts: list[str]) -> None:
    printed = "".join(f"{text}\n" for text in texts)
    assert [line.decode() for line in lines_of(printed.encode())] == texts


@given(st.sampled_from(["x", "é", "€", "😀"]), st.integers(0, 4), st.integers(1, 9_000))
@settings(max_examples=30, deadline=None)
def test_a_long_line_is_cut_between_characters(character: str, before: int, size: int) -> None:
    whole = ("-" * before + character * 20_000).encode()
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]
    lines = lines_of(*chunks, b"\n", b"next\n")
    assert b"".join(lines[:-1]) == whole
    assert "".join(line.decode() for line in lines[:-1]) == whole.decode()
    assert max(map(len, lines)) <= MAX_LINE
    assert lines[-1] == b"next"


def test_a_long_line_of_continuation_bytes_is_cut_all_the_same() -> None:
    assert list(map(len, lines_of(b"\x80" * 20_000 + b"\n"))) == [MAX_LINE, MAX_LINE, 20_000 - 2 * MAX_LINE]


def test_a_progress_bar_becomes_its_last_state() -> None:
    states = [b"\r%d %%" % percent for percent in range(101)]
    assert lines_of(*states, b"\n") == [b"100 %"]
    assert lines_of(b"".join(states) + b"\n") == [b"100 %"]
    assert lines_of(*states) == [b"100 %"]


def test_a_bar_that_clears_its_line_leaves_what_it_showed_or_what_follows() -> None:
    assert lines_of(b"\r50 %\r100 %", b"\r     \r", b"\n") == [b"100 %"]
    assert lines_of(b"\r50 %\r100 %", b"\r     \r", b"done\n") == [b"done"]
    assert lines_of(b"from Windows\r\n") == [b"from Windows"]


def test_a_bar_without_an_end_takes_no_memory() -> None:
    lines = Lines(lambda _: None)
    for number in range(10_000):
        lines.feed(b"\r%d" % number + b" " * 50)
        lines.feed(b"\r" + b" " * 60)
    assert len(lines._rest) < 200


def test_each_line_of_a_log_record_has_the_name_of_its_logger() -> None:
    assert record_lines("solver", "first\nsecond \udcff") == b"solver: first\nsolver: second \\udcff"
    assert record_lines("solver", "") == b"solver: "
