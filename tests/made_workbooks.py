"""Workbooks made part by part, so that any part can be wrong, and workbooks from the product's own writer."""

import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from churn.files import replacing
from churn.workbooks.cells import Cell
from churn.workbooks.writer import WorkbookWriter

WORKBOOKS = Path(__file__).parent / "workbooks"
"""The folder of the workbooks that LibreOffice wrote."""
ONE_ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'
TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATIONS = {
    TRANSITIONAL: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    STRICT: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
FORMATS = (0, 9, 14, 164, 165, 166, 167, 168)
"""The number formats of the styles 0 to 7: none, 0%, a date, and five custom ones."""
OWN_FORMATS = ('[Red]0.0"m/d"\\ %', '"yearly"\\ 0.00', "[h]:mm:ss", "[Red]0.00", "0.0;[Red]\\-0%")


def make_parts(
    sheet: str = "",
    *,
    after: str = "",
    texts: str = "",
    namespace: str = TRANSITIONAL,
    book: str = "",
    sheets: tuple[tuple[str, str, str], ...] = (("Customers", "worksheet", ""),),
    calculation: str = "",
) -> dict[str, str]:
    """The parts of a workbook: `sheet` are the rows of its worksheets, `after` is the XML that follows them.

    `sheets` are their names, kinds and further attributes; `texts` are the shared texts.
    """
    relations = _RELATIONS[namespace]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{place}" r:id="rId{place}" {more}/>'
        for place, (name, _, more) in enumerate(sheets, start=1)
    )
    related = "".join(
        f'<Relationship Id="rId{place}" Type="{relations}/{kind}" Target="{kind}s/sheet{place}.xml"/>'
        for place, (_, kind, _) in enumerate(sheets, start=1)
    )
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{code.replace(chr(34), "&quot;")}"/>'
        for number, code in enumerate(OWN_FORMATS, start=164)
    )
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in FORMATS)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{relations}">{book}'
        f"<sheets>{listed}</sheets>{calculation}</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{related}'
        f'<Relationship Id="styles" Type="{relations}/styles" Target="/xl/styles.xml"/>'
        f'<Relationship Id="texts" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{namespace}"><numFmts>{formats}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs>{styles}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{namespace}">{texts}</sst>',
    }
    for place, (_, kind, _) in enumerate(sheets, start=1):
        root = f'<worksheet xmlns="{namespace}"><sheetData>{sheet}</sheetData>{after}</worksheet>'
        parts[f"xl/{kind}s/sheet{place}.xml"] = root if kind == "worksheet" else f'<chartsheet xmlns="{namespace}"/>'
    return parts


def write_parts(path: Path, parts: dict[str, str | bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write the parts as a file."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def write_rows(path: Path, sheet: str = "", **options) -> Path:
    """Write a workbook with these rows; the options are those of make_parts."""
    return write_parts(path, make_parts(sheet, **options))


@contextmanager
def writing_workbook(
    path: Path, header: Sequence[Cell], *, like: os.stat_result | None = None
) -> Iterator[WorkbookWriter]:
    """Write a workbook that replaces the file at `path` when all went well, as `score` does.

    Raises WriteError for what a workbook can't hold, and OSError; in both cases the old file stays in place.
    """
    with replacing(path, like=like) as file:
        writer = WorkbookWriter(file, header, name=path, beside=path)
        try:
            yield writer
            writer.close()
        finally:
            writer.abandon()
