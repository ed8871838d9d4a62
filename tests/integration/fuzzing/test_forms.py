"""Multipart forms with mutations, split anywhere: each is accepted or rejected, and leaves no files."""

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.uploads.multipart import FormTooLarge, MalformedForm, MultipartForm

from ...support import wiring
from .app import Request, fuzzed_app
from .mutations import in_pieces, mutated

_TYPE = b"multipart/form-data; boundary=edge"


def _form(*parts: tuple[bytes, bytes]) -> bytes:
    lines = [b"--edge\r\ncontent-disposition: form-data; %b\r\n\r\n%b\r\n" % part for part in parts]
    return b"".join(lines) + b"--edge--\r\n"


_NAME = (b'name="dataset_name"', b"new")
_CSV = (b'name="files"; filename="items.csv"\r\ncontent-type: text/csv', wiring.ITEMS_CSV.encode())
_JSON = (b'name="files"; filename="extras.json"', b'[{"id": 1, "note": "n"}]')

_SEEDS = [
    _form(_NAME, _CSV),
    _form(_CSV, _NAME, _JSON),
    _form(_NAME, (b"name=\"files\"; filename*=UTF-8''items.csv", b"id,name,weight\n1,a,\n")),
    _form(_NAME, (b'name="files"; filename="book.xlsx"', b"PK\x03\x04")),
    _form(_NAME, (b'name="other"', b"\xff")),
    b"preamble\r\n" + _form(_NAME, _CSV) + b"epilogue",
]

_TYPES = mutated([_TYPE, b'multipart/form-data; boundary="edge"', b"multipart/mixed; boundary=edge"], most=2)


@st.composite
def uploads(draw: st.DrawFn) -> Request:
    """Requests with a mutated form."""
    body = draw(mutated(_SEEDS))
    content_type = draw(st.just(_TYPE) | _TYPES)
    return Request("POST", b"%s/etl", [(b"content-type", content_type)], draw(in_pieces(body)))


def test_the_seeds_have_their_status() -> None:
    answers = [fuzzed_app().answer(Request("POST", b"%s/etl", [(b"content-type", _TYPE)], [body])) for body in _SEEDS]
    assert [answer.status for answer in answers] == [200, 200, 422, 400, 422, 422]


@settings(max_examples=100, deadline=None)
@given(uploads())
def test_any_form_is_taken_or_refused_and_leaves_nothing(upload: Request) -> None:
    fuzzed_app().answer(upload)
    assert fuzzed_app().uploaded_files() == []


@pytest.mark.parametrize("start", [b"\r\n", b"\n\n\r", b"\n\0\0", b"\r\n-", b"\r\nx\r\n"])
def test_what_comes_before_a_form_is_one_thing_wherever_it_is_cut(start: bytes) -> None:
    whole = _read(_TYPE.decode(), [start + _SEEDS[0]])
    assert (whole is MalformedForm) == bool(start.strip())
    assert all(_read(_TYPE.decode(), [start[:cut], start[cut:] + _SEEDS[0]]) == whole for cut in range(len(start)))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_it_is_the_same_form_wherever_its_bytes_are_cut(data: st.DataObject) -> None:
    body = data.draw(mutated(_SEEDS))
    content_type = data.draw(st.just(_TYPE) | _TYPES).decode("latin-1")
    assert _read(content_type, data.draw(in_pieces(body))) == _read(content_type, [body])


def _read(content_type: str, pieces: Sequence[bytes]) -> object:
    """The fields and files of a form, or the type of its error."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            form = MultipartForm(Path(folder), content_type, most_files=3, most_fields=3)
            with closing(form):
                for piece in pieces:
                    form.write(piece)
                form.finish()
        except (MalformedForm, FormTooLarge) as error:
            return type(error)
        return form.fields, [(file.field, file.name, file.path.read_bytes()) for file in form.files]
