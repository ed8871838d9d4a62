"""Uploads: what is in the files arrives, or a message says what is wrong with which file."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from algomancy_data import (
    Column,
    ColumnGroup,
    DataType,
    ETLFactory,
    FileExtension,
    Schema,
    SchemaType,
    SimpleETLFactory,
)
from algomancy_data.extractor import XLSXSingleExtractor
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from starlette.applications import Starlette

from algomancy_api import ApiLauncher

from ..conftest import default_session
from ..datafiles.workbooks import sheet, workbook
from ..support import wiring
from ..support.clients import AppClient
from ..support.errors import assert_error


class OrderSchema(Schema):
    _FILENAME = "orders"
    _EXTENSION = FileExtension.CSV
    _SCHEMA_TYPE = SchemaType.SINGLE

    CODE = Column("code", DataType.STRING, primary_key=True)
    COUNT = Column("count", DataType.INTEGER)
    WHEN = Column("when", DataType.DATETIME)


class BookSchema(Schema):
    _FILENAME = "book"
    _EXTENSION = FileExtension.XLSX
    _SCHEMA_TYPE = SchemaType.MULTI

    SHEET = ColumnGroup(
        "Sheet",
        [
            Column("code", DataType.STRING),
            Column("count", DataType.INTEGER),
            Column("x", DataType.FLOAT),
            Column("when", DataType.DATETIME),
            Column("open", DataType.BOOLEAN),
        ],
    )


class LoneSheetSchema(Schema):
    _FILENAME = "lone"
    _EXTENSION = FileExtension.XLSX
    _SCHEMA_TYPE = SchemaType.SINGLE

    CODE = Column("code", DataType.STRING)


class RecordSchema(Schema):
    _FILENAME = "records"
    _EXTENSION = FileExtension.JSON
    _SCHEMA_TYPE = SchemaType.SINGLE

    CODE = Column("code", DataType.STRING)
    SIZE = Column("size.width", DataType.INTEGER)


class NestedSchema(Schema):
    _FILENAME = "nested"
    _EXTENSION = FileExtension.JSON
    _SCHEMA_TYPE = SchemaType.MULTI

    ORDER = ColumnGroup("Order", [Column("id", DataType.STRING, primary_key=True)])
    LINE = ColumnGroup(
        "Line",
        [Column("order", DataType.STRING, foreign_key=("Order", "id")), Column("sku", DataType.STRING)],
        source_path=("lines",),
    )


SCHEMAS = [OrderSchema, BookSchema, LoneSheetSchema, RecordSchema, NestedSchema]


class Tolerant(SimpleETLFactory):
    """Takes the files that it knows, and ignores the others."""

    @classmethod
    def create_extraction_sequence(cls, files: Any = None, schemas: Any = None, logger: Any = None) -> Any:
        known = {name: file for name, file in files.items() if name in schemas}
        return super().create_extraction_sequence(known, schemas, logger)


class Demanding(SimpleETLFactory):
    """Asks for its files by name."""

    @classmethod
    def create_extraction_sequence(cls, files: Any = None, schemas: Any = None, logger: Any = None) -> Any:
        wanted = {name: files[name] for name in ("orders", "records")}
        return super().create_extraction_sequence(wanted, schemas, logger)


class OneSheet(SimpleETLFactory):
    """Names the sheet of its workbook."""

    @classmethod
    def create_extraction_sequence(cls, files: Any = None, schemas: Any = None, logger: Any = None) -> Any:
        sequence = super().create_extraction_sequence({}, schemas, logger)
        sequence.add_extractor(XLSXSingleExtractor(files["lone"], schemas["lone"], 0, logger))
        return sequence


@pytest.fixture
def factory() -> type[ETLFactory]:
    return SimpleETLFactory


@pytest.fixture(params=["thread", "process"])
def app(factory: type[ETLFactory], request: Any) -> Iterator[Starlette]:
    app = ApiLauncher.build(wiring.configuration(engine=request.param, etl_factory=factory, schemas=SCHEMAS))
    yield app
    app.state.session_manager.close()
    app.state.engine.close()


@pytest.fixture
def session(client: AppClient) -> str:
    return default_session(client)


@pytest.fixture
def upload(client: AppClient, session: str) -> Callable[..., Any]:
    def upload(**files: str | bytes) -> Any:
        parts = [("files", (name.replace("__", "."), content)) for name, content in files.items()]
        return client.post(f"{session}/etl", data={"dataset_name": "new"}, files=parts)

    return upload


@pytest.fixture
def tables(app: Starlette, session: str) -> Callable[[], dict[str, Any]]:
    return lambda: app.state.session_manager.get_scenario_manager(session.rpartition("/")[2]).get_data("new").tables


def book(*rows: list[Any]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    saved = io.BytesIO()
    made.save(saved)
    return saved.getvalue()


def test_right_data_has_no_warning(upload: Callable[..., Any], tables: Callable[[], dict[str, Any]]) -> None:
    answer = upload(orders__csv="code;count;when\n007;1;2026-03-04\nNA;2;2026-03-05\n").raise_for_status().json()
    assert [message["severity"] for message in answer["messages"]] == ["INFO"]
    assert tables()["orders"]["code"].tolist() == ["007", "NA"]


def test_a_workbook_arrives_as_it_is(upload: Callable[..., Any], tables: Callable[[], dict[str, Any]]) -> None:
    when = datetime.fromisoformat("2026-03-04T05:06:07")
    rows: list[list[Any]] = [
        ["code", "count", "x", "when", "open"],
        ["007", 1, 1.5e-11, when, True],
        [7, None, None, None, "no"],
    ]
    answer = upload(book__xlsx=book(*rows)).raise_for_status().json()
    assert [message["severity"] for message in answer["messages"]] == ["WARNING"]  # floats, beside an empty cell
    table = tables()["book.Sheet"]
    assert table["code"].tolist() == ["007", "7"]
    assert table["count"].tolist()[0] == 1
    assert table["x"].tolist()[0] == 1.5e-11
    assert table["when"].tolist()[0] == when
    assert table["open"].tolist() == [True, False]


def test_what_is_lost_of_a_workbook_is_a_warning(upload: Callable[..., Any]) -> None:
    part = (
        '<row r="1"><c r="A1" t="str"><v>code</v></c></row>'
        '<row r="2"><c r="A2"><f>1+1</f></c></row><row r="3"><c r="A3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="4"><c r="A4"><f>1+2</f><v>3</v></c></row>'
    )
    answer = upload(book__xlsx=workbook(sheet(part))).raise_for_status().json()
    assert [message["message"] for message in answer["messages"] if message["code"] == "LOST_CELLS"] == [
        (
            "Sheet 'Sheet' has formulas without a value, which are null (1 in all); "
            "open the file in a spreadsheet program, and save it"
        ),
        "Sheet 'Sheet' has cells with an error, which are null (1 in all)",
    ]


def test_a_workbook_may_name_its_parts_as_it_likes(
    upload: Callable[..., Any], tables: Callable[[], dict[str, Any]]
) -> None:
    upload(book__xlsx=with_another_main_part(book(["code"], ["007"]))).raise_for_status()
    assert tables()["book.Sheet"]["code"].tolist() == ["007"]


def test_a_workbook_that_counts_from_1904(upload: Callable[..., Any], tables: Callable[[], dict[str, Any]]) -> None:
    when = datetime.fromisoformat("2026-03-04T05:06:07")
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.worksheets[0].append(["when"])
    made.worksheets[0].append([when])
    saved = io.BytesIO()
    made.save(saved)
    upload(book__xlsx=saved.getvalue()).raise_for_status()
    assert tables()["book.Sheet"]["when"].tolist() == [when]


def with_another_main_part(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            is_reference = name.endswith((".rels", "Content_Types].xml"))
            part = part.replace(b"workbook.xml", b"main.xml") if is_reference else part
            target.writestr(name.replace("workbook.xml", "main.xml"), part)
    return made.getvalue()


def test_times_of_a_workbook_are_iso_8601(upload: Callable[..., Any], tables: Callable[[], dict[str, Any]]) -> None:
    rows: list[list[Any]] = [["code", "more"], [time(1, 2, 3), "a"], [timedelta(days=1, hours=2), "b"]]
    upload(book__xlsx=book(*rows)).raise_for_status()
    assert tables()["book.Sheet"]["code"].tolist() == ["01:02:03", "P1DT2H0M0S"]


@pytest.mark.parametrize("factory", [OneSheet])
def test_a_sheet_that_the_factory_names(upload: Callable[..., Any], tables: Callable[[], dict[str, Any]]) -> None:
    upload(lone__xlsx=book(["code", "other"], ["007", "NA"], [7, 2])).raise_for_status()
    assert tables()["lone"]["code"].tolist() == ["007", "7"]
    assert tables()["lone"]["other"].isna().tolist() == [True, False]


def test_records_keep_their_integers(upload: Callable[..., Any], tables: Callable[[], dict[str, Any]]) -> None:
    text = '[{"code": 7, "size": {"width": 9007199254740993}}, {"code": null, "size": {}}, {"code": "007"}]'
    upload(records__json=text).raise_for_status()
    assert tables()["records"]["code"].astype(object).tolist()[::2] == ["7", "007"]
    assert tables()["records"]["size.width"].tolist()[0] == 9007199254740993
    upload(records__json='[{"code": 7}, {"code": null}]').raise_for_status()
    assert tables()["records"]["code"].tolist()[0] == "7"


def test_nested_records_keep_their_integers(upload: Callable[..., Any], tables: Callable[[], dict[str, Any]]) -> None:
    upload(nested__json='[{"id": 1, "lines": [{"sku": 7}, {"sku": null}]}, {"id": null}]').raise_for_status()
    assert tables()["nested.Order"]["id"].tolist()[0] == "1"
    assert tables()["nested.Line"]["sku"].tolist()[0] == "7"
    assert tables()["nested.Line"]["order"].tolist() == ["1", "1"]


def test_a_message_about_a_row_has_its_value(upload: Callable[..., Any]) -> None:
    answer = upload(orders__csv="code;count;when\nA;1;2026-03-04\nB;x;2026-03-04\nA;3;2026-03-04\n").json()
    found = [
        (message["code"], message["column"], message["row"], message["value"])
        for message in answer["messages"]
        if "row" in message
    ]
    assert sorted(found) == [
        ("CONVERSION_FAILED", "count", 1, "x"),
        ("PK_DUPLICATE", "code", 0, "A"),
        ("PK_DUPLICATE", "code", 2, "A"),
    ]


def test_many_messages_of_a_kind_are_counted(upload: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    answer = upload(orders__csv="code;count;when\n" + "A;1;2026-03-04\n" * 1000).json()
    found = [message for message in answer["messages"] if message["code"] == "PK_DUPLICATE"]
    assert len(found) == 101
    assert found[-1]["message"] == "900 more messages of this kind"
    assert sum("Duplicate primary key" in line for line in caplog.messages) <= 100  # none from another process


KNOWN = "known are 'orders.csv', 'book.xlsx', 'lone.xlsx', 'records.json', 'nested.json'"
ROW = "code;count;when\nA;1;2026-03-04\n"


def test_a_file_without_a_schema_is_refused(upload: Callable[..., Any]) -> None:
    assert_error(upload(Orders__CSV=ROW), 400, f"No schema has the name of file 'Orders.CSV'; {KNOWN}")


@pytest.mark.parametrize("factory", [Tolerant])
def test_a_file_without_a_schema_is_a_warning(upload: Callable[..., Any]) -> None:
    answer = upload(Orders__CSV=ROW, orders__csv=ROW).raise_for_status().json()
    (warning,) = [message for message in answer["messages"] if message["severity"] == "WARNING"]
    assert warning["message"] == f"No schema has the name of file 'Orders.CSV'; {KNOWN}"
    assert_error(upload(Orders__CSV=ROW), 400, warning["message"])


@pytest.mark.parametrize("factory", [Demanding])
def test_a_missing_file_is_named(upload: Callable[..., Any]) -> None:
    says = "The upload lacks a file: 'book.xlsx', 'lone.xlsx', 'records.json', 'nested.json'"
    assert_error(upload(orders__csv=ROW), 400, says)


CANNOT = "File 'orders.csv' cannot be read"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("lone__xlsx", book(["code"]), "File 'lone.xlsx' cannot be read: its schema is SINGLE and names no sheet"),
        ("orders__csv", b"code;count\n\xe9;1\n", "File 'orders.csv' cannot be read as CSV: byte 12 (0xe9), in line 2,"),
        ("orders__csv", "code;count\n".encode("utf-16"), "File 'orders.csv' cannot be read as CSV: it is UTF-16"),
        ("orders__csv", b"", "File 'orders.csv' cannot be read: it is empty"),
        (
            "orders__csv",
            b"code;count\n1;2\n1;2;3;4\n",
            f"{CANNOT}: line 3 has 4 cells, where those before it have 2",
        ),
        (
            "orders__csv",
            b"code;count\n1;2;3\n4;5;6\n",
            f"{CANNOT}: its rows have 3 cells, where the header has 2; is it the separator",
        ),
        (
            "orders__csv",
            b'code;count\n1;2\n1;"2',
            f"{CANNOT}: a quote that opens in row 2 below the header never closes",
        ),
        ("records__json", b"{", "File 'records.json' cannot be read: it is not valid JSON, in line 1, column 2"),
        ("book__xlsx", book(["code"]), None),
        ("orders__json", b"[]", "File 'orders.json' cannot be read: it must be a .csv file"),
    ],
)
def test_a_refusal_names_the_file(upload: Callable[..., Any], name: str, content: bytes, says: str | None) -> None:
    answer = upload(**{name: content})
    if says is None:
        answer.raise_for_status()
    else:
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith(says)
