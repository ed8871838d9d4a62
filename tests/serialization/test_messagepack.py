"""Conversion between JSON and MessagePack: values stay the same."""

import json
import math
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from algomancy_api.serialization import messagepack
from algomancy_api.serialization.json_encoder import encode
from algomancy_api.serialization.messagepack import (
    MalformedMessagePack,
    array_header,
    map_header,
    packed,
    packed_pieces,
    unpacked,
)

from ..support.strategies import VALUES, Sample, held, same, strictly_parsed

#: Any JSON value, with numbers and texts that MessagePack cannot hold among them.
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
@example(Sample(2**64, 2**64))
@example(Sample(-(2**63) - 1, -(2**63) - 1))
@example(Sample([10**400, -(10**400)], [10**400, -(10**400)]))
@example(Sample({"\ud800": "\udfff!"}, {"\ud800": "\udfff!"}))
@example(Sample("\ufeff\ud800", "\ufeff\ud800"))
def test_whatever_is_encoded_has_the_same_values(sample: Sample) -> None:
    assert same(msgspec.msgpack.decode(packed(encode(sample.value))), held(sample.plain))


@settings(max_examples=300, deadline=None)
@given(JSON_VALUES, st.sampled_from([None, 1, "\t"]), st.booleans(), st.integers(1, 40))
def test_any_document_has_the_same_values_in_pieces_of_any_size(
    value: Any, indent: Any, is_ascii: bool, size: int
) -> None:
    document = json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    expected = held(json.loads(document, parse_constant=lambda _: None))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messagepack, "_PIECE", size)
        assert same(msgspec.msgpack.decode(packed(document)), expected)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 2**16 - 1, 2**16, 2**16 + 1])
def test_a_header_is_for_any_length(length: int) -> None:
    items = [0] * length
    assert array_header(length) + bytes(length) == msgspec.msgpack.encode(items)
    members = dict.fromkeys(map(str, items), 0) if length < 2 else {f"{number:x}": 0 for number in range(length)}
    assert msgspec.msgpack.encode(members).startswith(map_header(length))


def test_of_a_name_that_is_there_twice_the_last_one_counts() -> None:
    assert msgspec.msgpack.decode(packed(b'{"a":1,"a":2}')) == {"a": 2}


def test_what_a_float_cannot_hold_is_nil() -> None:
    assert msgspec.msgpack.decode(packed(b"[1" + b"0" * 5000 + b", 1e400, -1e400, NaN]")) == [None] * 4


@pytest.mark.parametrize("document", [b"", b"{", b"[1,]", b"nothing", b"\xff", b'"\xff"', b"[" + b" " * 2**20])
def test_what_is_not_json_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of any kind
        packed(document)


@pytest.mark.parametrize("closing", ["", "]" * 100_000])
def test_what_nests_too_deeply_is_refused(closing: str) -> None:
    with pytest.raises((RecursionError, ValueError)):
        packed(("[" * 100_000 + closing).encode())


def test_a_large_document_comes_in_small_pieces() -> None:
    rows = [{"id": number, "name": "a name", "x": number / 7} for number in range(50_000)]
    document = encode({"result": {"rows": rows, "note": None}, "more": rows})
    pieces = list(packed_pieces(document))
    assert msgspec.msgpack.decode(b"".join(pieces)) == json.loads(document)
    assert len(document) > 8 * 2**19
    assert max(memoryview(piece).nbytes for piece in pieces) < 2**19


# MessagePack as JSON -------------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(JSON_VALUES)
def test_it_is_the_json_of_the_same_value(value: Any) -> None:
    value = held(value)
    assert same(strictly_parsed(unpacked(msgspec.msgpack.encode(value))), value)


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        (math.nan, None),
        ([math.inf, -math.inf], [None, None]),
        (b"\xff\x00", "/wA="),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        ({1: "a", -2: "b", 2.5: "c", None: "d"}, {"1": "a", "-2": "b", "2.5": "c", "null": "d"}),
        ({(1, "a"): b"", b"a": 1}, {"1,a": "", "YQ==": 1}),
        (2**64 - 1, 2**64 - 1),
    ],
)
def test_what_json_has_not_takes_its_usual_form(value: Any, json_value: Any) -> None:
    assert same(json.loads(unpacked(msgspec.msgpack.encode(value))), json_value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "truncated"),
        (b"\x01\x02", "trailing"),
        (b"\xc1", "invalid opcode"),
        (b"\xa1\xff", "utf-8"),
        (b"\xdd\xff\xff\xff\xff", "truncated"),
        (b"\xd4\x05\x00", "extension type 5"),
        (b"\x81\xd4\x05\x00\x01", "extension type 5"),
        (b"\x81\x80\x01", "hashable"),
        (b"\xc7\x0c\xff\x00\x00\x00\x00\x40" + b"\x00" * 7, "Timestamp is out of range"),
        (b"\x91" * 100_000 + b"\x01", "overflow|recursion|nests"),
    ],
)
def test_what_is_not_messagepack_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedMessagePack, match=f"^The body is not valid MessagePack: .*(?:{reason})"):
        unpacked(data)


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_json_or_refused(data: bytes) -> None:
    try:
        document = unpacked(data)
    except MalformedMessagePack:
        return
    strictly_parsed(document)
