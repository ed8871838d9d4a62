"""Strategies for nearly valid bytes, by mutation of valid ones."""

from collections.abc import Sequence

from hypothesis import strategies as st

#: Bytes with a meaning in one of the formats: delimiters, escapes, lengths, nesting.
_SPECIAL = [
    *(bytes([byte]) for byte in b"\x00\r\n\t \"'\\/%&=?;:,.-_[]{}()<>*@#+~|"),
    *(b"\r\n", b"--", b"..", b"%00", b"%2F", b"%2e%2e", b"%ff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80"),
    *(b"\\ud800", b"NaN", b"-Infinity", b"1e400", b"9" * 40, b"[" * 200, b'{"a":' * 200, b"\x91" * 200, b"null"),
    *(b"\xdf\xff\xff\xff\xff", b"\xc7\x05\xff", b"\xd6\xff\x00\x00\x00\x00", b"\xc1", b"\xcb\x7f\xf8" + bytes(6)),
]

_PASTED = st.sampled_from(_SPECIAL) | st.binary(max_size=6)


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes], most: int = 4) -> bytes:
    """One of the seeds, with up to ``most`` ranges replaced by other bytes."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, most))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 16)) | st.just(len(data)))
        data = data[:start] + draw(_PASTED) + data[end:]
    return data


@st.composite
def in_pieces(draw: st.DrawFn, data: bytes, most: int = 5) -> list[bytes]:
    """The bytes split into pieces at random."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=most)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
