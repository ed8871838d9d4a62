"""Malicious workbooks: none reads other files, connects to other hosts, or writes outside its folder."""

import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pandas as pd
import pytest

from algomancy_api import ApiLauncher, Limits

from ...conftest import default_session
from ...support import wiring
from ...support.clients import AppClient, calling
from ...support.errors import assert_error

PRIVATE = "what nobody may read"

SHEET = "xl/worksheets/sheet1.xml"
MIB = 1024**2


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppClient]:
    """A client of an app whose folder for uploads is in the test's own."""
    (tmp_path / "uploads").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "uploads"))
    app = ApiLauncher.build(wiring.configuration(limits=Limits(workbook=MIB)))
    with calling(app) as client:
        yield client
    app.state.session_manager.shutdown()
    app.state.uploads_folder.close()


@pytest.fixture
def visits() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and the paths that it was asked for."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


def workbook(**parts: str | bytes) -> bytes:
    """A workbook that can be read, with other parts in the place of some, or beside them."""
    plain, changed = io.BytesIO(), io.BytesIO()
    with pd.ExcelWriter(plain, engine="openpyxl") as writer:
        pd.DataFrame({"id": [1], "note": ["fine"]}).to_excel(writer, sheet_name="Sheet", index=False)
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after:
        kept = {name: before.read(name) for name in before.namelist()}
        for name, content in (kept | parts).items():
            after.writestr(name, content)
    return changed.getvalue()


def sheet(prolog: str, text: str) -> str:
    """A sheet whose one cell of text is made by what is declared in front of it."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = f'<c t="inlineStr"><is><t>note</t></is></c><c t="inlineStr"><is><t>{text}</t></is></c>'
    rows = f"<row>{cells}</row><row>{cells}</row>"
    return f'<?xml version="1.0"?>{prolog}<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'


def upload(client: AppClient, content: bytes, name: str = "book.xlsx") -> tuple[int, str]:
    """What comes of an upload, and all that is told of it, of its dataset included."""
    session = default_session(client)
    files = {"files": (name, content)}
    answer = client.post(f"{session}/etl", data={"dataset_name": "book"}, files=files)
    told = answer.text + client.get(f"{session}/data/book").text + client.get(f"{session}/data").text
    assert client.get("/health").status_code == 200
    return answer.status_code, told


def test_a_workbook_as_it_should_be_is_read(client: AppClient) -> None:
    status, told = upload(client, workbook())
    assert (status, "fine" in told) == (200, True)


@pytest.mark.parametrize("place", [SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize(
    "declared",
    [
        "<!ENTITY e SYSTEM {file}>",
        "<!ENTITY e SYSTEM {url}>",
        "<!ENTITY e PUBLIC 'x' {url}>",
        "<!ENTITY % p SYSTEM {url}> %p;",
        "<!ENTITY % p SYSTEM {file}> %p;",
    ],
)
def test_an_entity_from_elsewhere_is_not_fetched(
    client: AppClient, tmp_path: Path, visits: tuple[str, list[str]], declared: str, place: str
) -> None:
    url, paths = visits
    secret = tmp_path / "secret.txt"
    secret.write_text(PRIVATE)
    declared = declared.format(file=quoteattr(secret.as_uri()), url=quoteattr(f"{url}/entity"))
    _, told = upload(client, workbook(**{place: sheet(f"<!DOCTYPE x [{declared}]>", "&e;")}))
    _, of_reference = upload(client, workbook(**{place: sheet(f'<!DOCTYPE x SYSTEM "{url}/dtd">', "x")}))
    assert PRIVATE not in told + of_reference
    assert str(tmp_path) not in told
    assert paths == []


def test_entities_of_entities_do_not_unfold(client: AppClient) -> None:
    """Ten times ten times …: 10^8 characters, of which few come to be."""
    names = "abcdefg"
    declared = "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip(f"z{names}", names, strict=False)
    )
    bomb = sheet(f'<!DOCTYPE x [<!ENTITY z "0123456789">{declared}]>', "&g;")
    status, told = upload(client, workbook(**{SHEET: bomb}))
    assert (status, len(told) < 2000) == (400, True)


def test_what_unpacks_to_too_much_is_not_unpacked(client: AppClient) -> None:
    bomb = workbook(**{SHEET: sheet("", "a" * 30 * MIB)})
    assert len(bomb) < MIB
    status, told = upload(client, bomb)
    assert (status, "unpacks to more than 20 times" in told) == (413, True)


def test_what_lies_about_its_size_is_not_unpacked_either(client: AppClient) -> None:
    """The size in the directory of the archive is a claim: what is more than that does not come to be."""
    bomb = workbook(**{SHEET: sheet("", "a" * 30 * MIB)})
    claimed = (1000).to_bytes(4, "little")
    real = len(sheet("", "a" * 30 * MIB)).to_bytes(4, "little")
    assert bomb.count(real) == 2, "before the part, and in the directory"
    status, told = upload(client, bomb.replace(real, claimed))
    assert (status, len(told) < 2000) == (400, True)


@pytest.mark.parametrize(
    "name", ["../slip.txt", "../../../../slip.txt", "xl/../../slip.txt", "/slip.txt", "..\\slip.txt", "C:\\slip.txt"]
)
def test_nothing_of_a_workbook_is_written_anywhere(client: AppClient, tmp_path: Path, name: str) -> None:
    status, told = upload(client, workbook(**{name: PRIVATE}))
    assert (status, PRIVATE in told) == (200, False)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"] == []
    assert not Path("/slip.txt").exists()


def test_a_workbook_in_a_workbook_is_a_part_like_others(client: AppClient) -> None:
    content = workbook(**{"xl/embeddings/book.xlsx": workbook(**{SHEET: sheet("", "a" * MIB)})})
    status, told = upload(client, content)
    assert (status, "fine" in told) == (200, True)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x05\x06" + bytes(18), workbook()[:-10], workbook().replace(b"PK\3\4", b"MZ\3\4")]
)
def test_what_is_no_workbook_is_refused(client: AppClient, content: bytes) -> None:
    session = default_session(client)
    files = {"files": ("book.xlsx", content)}
    assert_error(client.post(f"{session}/etl", data={"dataset_name": "x"}, files=files), 400, "book.xlsx")
