"""Small workbooks made by hand, with contents that no spreadsheet program would save."""

import io
import zipfile
from collections.abc import Iterable, Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/></Types>'
)

#: With the one format that openpyxl would warn of the lack of.
_STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts><font/></fonts><fills><fill><patternFill/></fill></fills>'
    "<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf/></cellXfs>"
    '<cellStyles><cellStyle name="Normal" xfId="0"/></cellStyles></styleSheet>'
)


def sheet(rows: str, more: str = "") -> str:
    """The part of a sheet."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{more}</worksheet>'


def cell(reference: str, value: object = "", kind: str = "n") -> str:
    """A cell; one without a value is empty."""
    return f'<c r="{reference}" t="{kind}">{f"<v>{value}</v>" if value != "" else ""}</c>'


def rows(cells: Mapping[int, str]) -> str:
    """Rows, by number."""
    return "".join(f'<row r="{number}">{content}</row>' for number, content in cells.items())


def strings(texts: Iterable[str]) -> str:
    """The part of the shared strings."""
    return f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{text}</t></si>" for text in texts) + "</sst>"


def workbook(
    part: str | bytes,
    shared: str | None = None,
    sheets: int = 1,
    styles: str = _STYLES,
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """A workbook whose sheets are all one part; the first is called ``Sheet``."""
    names = ["Sheet", *(f"Sheet{number}" for number in range(1, sheets))]
    listed = "".join(f'<sheet name="{name}" sheetId="1" r:id="r{number}"/>' for number, name in enumerate(names))
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        for number in range(sheets)
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
        "xl/sharedStrings.xml": shared or strings([]),
        "xl/styles.xml": styles,
        "xl/worksheets/sheet1.xml": part,
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression) as files:
        for name, content in parts.items():
            files.writestr(name, content)
    return archive.getvalue()
