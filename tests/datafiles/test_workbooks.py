"""Workbooks: their cells are counted before they are parsed, and read without loss."""

import io
import json
import tempfile
import zipfile
from array import array
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from algomancy_data import File, XLSXFile
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api import Limits
from algomancy_api.datafiles import DataFile, FileTooLarge, UnreadableFile
from algomancy_api.datafiles.sheet import Sheet

from .workbooks import MAIN, cell, rows, sheet, strings, workbook

SMALL = Limits(cells=1000, text=5000)


def opened(folder: Path, content: bytes, limits: Limits = SMALL) -> File:
    path = folder / "0"
    path.write_bytes(content)
    return DataFile("book", path, "book.xlsx", "xlsx", limits).opened()


def counted(part: str | bytes, lengths: array[int] | None = None, limits: Limits | None = None) -> Sheet:
    counts = Sheet(limits or Limits(), array("Q") if lengths is None else lengths)
    counts.count(io.BytesIO(part.encode() if isinstance(part, str) else part))
    return counts


def test_a_workbook_within_the_limits_is_read(tmp_path: Path) -> None:
    part = sheet(rows({1: cell("A1", 0, "s"), 2: cell("A2", 1.5), 4: cell("A4", 7)}))
    content = json.loads(opened(tmp_path, workbook(part, strings(["id"]))).content or "")
    assert content["sheets"] == {"Sheet": [{"id": 1.5}, {"id": None}, {"id": 7.0}]}
    assert content["metadata"] == {
        "sheet_count": 1, "sheet_names": ["Sheet"], "index_to_sheet_name": {"0": "Sheet"},
    }  # fmt: skip


FAR = rows({1: cell("A1", 1), 1_048_576: cell("XFD1048576", 1)})
LONG = strings(["x" * 1000])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(workbook(sheet(FAR)), "1000 cells", id="a cell far from the rest"),
        pytest.param(workbook(sheet(f"<row r='1'>{cell('A1', 1)}</row>" * 1001)), "1000 cells", id="many cells"),
        pytest.param(workbook(sheet("<row>" + "<c/>" * 1001 + "</row>")), "1000 cells", id="cells of no name"),
        pytest.param(
            workbook(sheet(rows({number: cell(f"ZZ{number}") for number in (1, 2)}))), "1000 cells", id="empty cells"
        ),
        pytest.param(
            workbook(sheet(rows({1: cell("J1", 1), 11: cell("A11", 1)})), sheets=10), "1000 cells", id="one as many"
        ),
        pytest.param(
            workbook(sheet(rows({number: cell(f"A{number}", 0, "s") for number in range(1, 7)})), LONG),
            "5000 characters",
            id="many references to a text",
        ),
        pytest.param(
            workbook(sheet(rows({1: cell("A1", -1, "s") * 6})), LONG), "5000 characters", id="counted from the end"
        ),
        pytest.param(
            workbook(sheet(rows({1: cell("A1", 0, "s"), **{row: cell(f"A{row}", 1) for row in range(2, 9)}})), LONG),
            "5000 characters",
            id="a long name that each row repeats",
        ),
        pytest.param(
            workbook(sheet(rows({1: f'<c r="A1" t="inlineStr"><is><t>{"x" * 5001}</t></is></c>'}))),
            "5000 characters",
            id="a long text",
        ),
        pytest.param(workbook(sheet("", f'<x a="{"x" * 5001}"/>')), "5000 characters", id="a long attribute"),
        pytest.param(workbook(sheet("<row r='1048577'/>")), "after row 1048576", id="a row too far"),
        pytest.param(workbook(sheet(""), strings(["x"] * 1001)), "1000 cells", id="many texts"),
        pytest.param(workbook(sheet("", "<a/>" * 250_001)), "elements beside its cells", id="many elements"),
        pytest.param(
            workbook(sheet(f"<row><c>{'<a/>' * 300_000}</c></row>")), "elements beside its cells", id="in a cell"
        ),
    ],
)
def test_a_workbook_above_a_limit_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    assert len(content) < 100_000
    with pytest.raises(FileTooLarge, match="^File 'book.xlsx' .*" + says):
        opened(tmp_path, content)


@pytest.mark.parametrize(
    ("part", "sheets", "says"),
    [
        (sheet(""), 1001, "1000 sheets"),
        (sheet("", "<a/>" * 1000), 250, "elements beside its cells"),
        (sheet("<row/>" * 30_000), 200, "5000000 cells"),
        (sheet("", f"<a>{'x' * 100_000}</a>"), 700, "67108864 characters"),
    ],
)
def test_so_are_many_sheets_that_are_one_part(tmp_path: Path, part: str, sheets: int, says: str) -> None:
    with pytest.raises(FileTooLarge, match=says):
        opened(tmp_path, workbook(part, sheets=sheets), Limits())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(workbook("<worksheet>"), "not XML", id="half a part"),
        pytest.param(
            workbook(f'<!DOCTYPE a [<!ENTITY b "c">]>{sheet("")}'), "declares entities", id="entities of its own"
        ),
        pytest.param(
            workbook(f'<!DOCTYPE a [<!ATTLIST c x CDATA "y">]>{sheet("")}'), "declares entities", id="defaults"
        ),
        pytest.param(workbook(sheet("<row><row/></row>")), "a row contains another row", id="rows in rows"),
        pytest.param(workbook(sheet("<row><c><row/></c></row>")), "a row contains another row", id="rows in cells"),
        pytest.param(
            workbook(sheet(""), f'<sst xmlns="{MAIN}"><si><si/></si></sst>'), "string contains another", id="texts"
        ),
        pytest.param(workbook(sheet("<row r='one'/>")), "the number 'one'", id="a row of no number"),
        pytest.param(workbook(sheet("<row r='1e999'/>")), "the number '1e999'", id="a row of no end"),
        pytest.param(workbook(sheet("<row><c r='AAAA1'/></row>")), "the column 'AAAA'", id="a column of no number"),
        pytest.param(workbook(sheet(f"<row><c a='{'x' * 2_000_000}'/></row>")), "longer tags", id="a long tag"),
        pytest.param(
            workbook(sheet("".join(f"<row><n{number}/></row>" for number in range(20_000)))), "more names", id="names"
        ),
        pytest.param(workbook(sheet(""), compression=zipfile.ZIP_BZIP2), "compression method", id="compression"),
        pytest.param(b"PK\3\4", "not a zip file", id="no archive"),
    ],
)
def test_what_is_no_workbook_is_refused_by_name(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match="^File 'book.xlsx' cannot be read as XLSX: .*" + says) as refusal:
        opened(tmp_path, content, Limits(cells=100_000))
    assert str(tmp_path) not in str(refusal.value)


def test_one_part_cannot_be_texts_and_a_sheet(tmp_path: Path) -> None:
    part = sheet(rows({1: cell("A1", 1)})).replace("<worksheet", "<sst").replace("</worksheet", "</sst")
    archive = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(part))) as old, zipfile.ZipFile(archive, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"/xl/sharedStrings.xml", b"/xl/worksheets/sheet1.xml"))
    with pytest.raises(UnreadableFile, match="is used as two kinds of part"):
        opened(tmp_path, archive.getvalue())


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1252"])
def test_no_encoding_hides_a_cell(tmp_path: Path, encoding: str) -> None:
    part = f'<?xml version="1.0" encoding="{encoding}"?>{sheet(FAR)}'.encode(encoding)
    with pytest.raises(FileTooLarge, match="1000 cells"):
        opened(tmp_path, workbook(part))


@pytest.mark.parametrize("value", ["<v>1</v><v>0</v>", "<v>1</v><x><v>0</v></x>", "<v><x/>1</v>", "<v>1<x/>0</v>"])
def test_of_what_is_not_clear_the_longest_text_is_meant(value: str) -> None:
    part = sheet(rows({1: f'<c r="A1" t="s">{value}</c>'}))
    assert counted(part, array("Q", [10, 1000])).text >= 1000


def test_a_format_far_from_the_cells_is_no_reason_to_refuse(tmp_path: Path) -> None:
    part = sheet(rows({1: cell("A1", 1), 2: cell("A2", 2), 1_048_576: cell("A1048576")}))
    content = opened(tmp_path, workbook(part), Limits(cells=70_000)).content
    assert json.loads(content or "")["sheets"] == {"Sheet": [{"1": 2}]}


# Against openpyxl and pandas ------------------------------------------------------------------------------------

PLACES = st.dictionaries(st.tuples(st.integers(1, 60), st.integers(1, 60)), st.integers() | st.text("ab é"), max_size=8)


@settings(max_examples=60, deadline=None)
@given(PLACES)
def test_a_sheet_is_as_large_as_openpyxl_says(places: dict[tuple[int, int], Any]) -> None:
    book = openpyxl.Workbook()
    for (row, column), value in places.items():
        book.worksheets[0].cell(row, column, value)
    saved = io.BytesIO()
    book.save(saved)
    own = openpyxl.load_workbook(saved).worksheets[0]
    with zipfile.ZipFile(saved) as archive:
        counts = counted(archive.read("xl/worksheets/sheet1.xml"), array("Q", [0] * 100))
    assert (counts.rows or 1, counts.columns or 1) == (own.max_row, own.max_column)


CELLS = st.builds(
    lambda reference, value, kind: f"<c{reference}{kind and f' t={kind!r}'}>{value}</c>",
    st.sampled_from(["", ' r="A1"', ' r="c7"', ' r="J3"', ' r="B0"']),
    st.sampled_from(["", "<v/>", "<v>1</v>", "<is><t>text</t></is>", "<v>0</v>"]),
    st.sampled_from(["", "s", "inlineStr", "str"]),
)
ROWS = st.builds(
    lambda number, cells: f"<row{number}>{''.join(cells)}</row>",
    st.sampled_from(["", ' r="1"', ' r="9"', ' r="20"', ' r="3.0"']),
    st.lists(CELLS, max_size=5),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ROWS, max_size=6))
def test_no_reader_makes_more_of_a_sheet_than_is_counted(parts: list[str]) -> None:
    part, texts = sheet("".join(parts)), ["a text", "another text"]
    counts = counted(part, array("Q", map(len, texts)))
    content = io.BytesIO(workbook(part, strings(texts)))
    made = [[item.value for item in row] for row in openpyxl.load_workbook(content, read_only=True).worksheets[0].rows]
    table = pd.read_excel(content, header=None, keep_default_na=False)
    assert counts.cells >= max(sum(map(len, made)), table.size)
    assert counts.text >= sum(len(value) for row in made for value in row if isinstance(value, str))
    assert counts.rows >= len(made)


MOMENTS = st.datetimes(datetime.fromisoformat("1901-01-01"), datetime.fromisoformat("9999-01-01")).map(
    lambda moment: moment.replace(microsecond=0)
)
VALUES = (
    st.none()
    | st.integers(-(2**52), 2**52)
    | st.floats(-1e300, 1e300)
    | st.text('ab"\\/é😀 ')
    | st.booleans()
    | MOMENTS
    | st.sampled_from(["NA", "null", "#N/A", "007", "1e5"])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=2, max_size=4), min_size=1, max_size=6), st.sampled_from([1, 2, 5_000]))
def test_each_cell_is_read_as_it_is(table: list[list[Any]], at_once: int) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["first", "second", "third", "fourth"])
    for row in table:
        book.worksheets[0].append(row)
    book.create_sheet('é"').append(["when", datetime.fromisoformat("2026-01-02T03:04:05")])
    saved = io.BytesIO()
    book.save(saved)
    expected = [
        [cell.value for cell in row] for row in openpyxl.load_workbook(saved).worksheets[0].iter_rows(min_row=2)
    ]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("algomancy_api.datafiles.workbook._MOST_ROWS_AT_ONCE", at_once)
        read = opened(Path(folder), saved.getvalue(), Limits())
    assert isinstance(read, XLSXFile)
    content = json.loads(read.content or "")
    assert content["metadata"] == {
        "sheet_count": 2, "sheet_names": ["Sheet", 'é"'], "index_to_sheet_name": {"0": "Sheet", "1": 'é"'},
    }  # fmt: skip
    assert read.index_to_sheet_name == {0: "Sheet", 1: 'é"'}
    assert content["sheets"]['é"'] == []
    made = [[row[name] for name in ("first", "second", "third", "fourth")] for row in content["sheets"]["Sheet"]]
    trailing = [[None] * 4] * (len(expected) - len(made))  # pandas leaves out empty rows at the end
    assert made + trailing == [[written(cell) for cell in row] + [None] * (4 - len(row)) for row in expected]


def written(cell: Any) -> Any:
    """A cell as the framework's JSON should have it: an empty text, and an error of a formula, are null."""
    if isinstance(cell, datetime):
        return cell.isoformat()
    return None if cell in ("", "#N/A") else cell
