"""The page's reader and writer of workbooks against Python's and openpyxl in a real Chromium."""

import base64
import io
import random
import re
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.errors import TableError
from churn.model.answerer import Answerer
from churn.model.file import load_model
from churn.tables.file_kind import read_kind
from churn.workbooks.cells import MOST_WHOLE, CellError, Percent
from churn.workbooks.reader import read_workbook
from tests.amounts import draws
from tests.browser import need_browser
from tests.customers import PROJECT, RAW_CUSTOMERS, sklearn_probabilities, spell_clean
from tests.made_workbooks import STRICT, TRANSITIONAL, WORKBOOKS, make_parts, write_parts, write_rows
from tests.serving import PageServer
from tests.ways_in import fit_pair
from tests.workbook_cases import CELLS, DAMAGED, TEXTS

pytestmark = pytest.mark.browser

SHIPPED = PROJECT / "model_C=1.0.bin"
_READ = """
    const [contents, done] = arguments;
    const spell = (cell) => typeof cell === "object" && cell !== null
        ? [cell.constructor.name, cell.problem ?? cell.value ?? null, module.cells.spellCell(cell)]
        : [typeof cell, cell, module.cells.spellCell(cell)];
    const module = {};
    const read = async (content) => {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        try {
            const parts = await module.archive.openArchive(new File([bytes], "made.xlsx"));
            const book = await module.book.readBook(parts);
            const { part } = book.sheets.find(({ isVisible }) => isVisible) ?? book.sheets[0];
            const reader = new module.sheet.RowsReader(book);
            const rows = [];
            for await (const some of module.sheet.readRows(parts, part, book, reader)) rows.push(...some);
            const spelled = rows.map(({ number, cells }) => [number, cells.map(spell)]);
            return [spelled, reader.merged, book.sheets.map(({ name }) => name)];
        } catch (error) {
            if (error.constructor.name !== "Stop") throw error;
            return error.message;
        }
    };
    (async () => {
        for (const name of ["archive", "book", "cells", "sheet"]) module[name] = await import(`/static/${name}.js`);
        const read_all = [];
        for (const content of contents) read_all.push(await read(content));
        return read_all;
    })().then(done, (error) => done(String(error.stack)));
"""


def read_on_the_page(page, paths: list[Path]) -> list:
    contents = [base64.b64encode(path.read_bytes()).decode() for path in paths]
    found = page.driver.execute_async_script(_READ, contents)
    assert isinstance(found, list), found
    return found


def spell(cell) -> list:
    """A cell as the script above returns it: its type, its value, its text in a CSV."""
    if cell is None:
        return ["object", None, ""]
    if isinstance(cell, CellError):
        return ["CellError", cell.problem.replace("'", "\u2019"), cell.code]
    if isinstance(cell, Percent):
        is_whole = cell.shown.is_integer() and abs(cell.shown) <= MOST_WHOLE
        return ["Percent", float(cell), f"{int(cell.shown) if is_whole else cell.shown!r}%"]
    if isinstance(cell, bool):
        return ["boolean", cell, str(cell).lower()]
    if isinstance(cell, int | float):
        return ["number", cell, repr(cell)]
    if isinstance(cell, date | time):
        return ["Moment", None, cell.isoformat()]
    return ["string", cell, cell]


def read_in_python(path: Path):
    try:
        with read_workbook(path) as sheet:
            rows = [[number, [spell(cell) for cell in cells]] for number, cells in sheet.rows()]
            return [rows, sheet._merged, list(sheet.names)]
    except TableError as error:
        return error.reason


def same(found, expected) -> bool:
    """True if both read the same or refuse for the same reason. The words of a parser's reason may differ."""
    if not isinstance(expected, str):
        return found == expected
    if not isinstance(found, str):
        return False
    said = re.sub(r"^The workbook, row [0-9]+: ", "", found).removesuffix(".")
    wanted = re.sub(r" \([^()]*\)(?=; open)", "", expected).replace("'", "\u2019")
    return said[1:] == wanted[1:]


def describe_difference(found, expected) -> list:
    """The differences between two results."""
    if isinstance(found, str) or isinstance(expected, str):
        return [found, expected]
    pairs = [
        (cell, other)
        for (_, cells), (_, others) in zip(found[0], expected[0], strict=False)
        for cell, other in zip(cells, others, strict=False)
    ]
    return [pair for pair in pairs if pair[0] != pair[1]] or [found[1:], expected[1:]]


@pytest.mark.parametrize("book", ["", '<workbookPr date1904="1"/>'], ids=["from 1900", "from 1904"])
def test_a_cell_is_read_as_in_python(modules, tmp_path, book):
    paths = [
        write_rows(tmp_path / f"{number}.xlsx", f'<row r="1">{cell}</row>', texts=TEXTS, book=book)
        for number, (cell, _) in enumerate(CELLS)
    ]
    for found, path, (cell, _) in zip(read_on_the_page(modules, paths), paths, CELLS, strict=True):
        assert found == read_in_python(path), cell


def draw_cell(chance: random.Random, column: str, row: int) -> str:
    number = chance.choice(
        [
            str(chance.randrange(-5, 3_000_000)),
            repr(chance.uniform(-1, 70)),
            repr(chance.uniform(0, 1) * 10.0 ** chance.randrange(-12, 25)),
            f"{chance.randrange(1, 100)}E{chance.randrange(-12, 25)}",
            str(chance.randrange(0, 60_000) / 8),
            str(chance.randrange(2**50, 2**54)),
            chance.choice(
                ["-0", "1.", ".5", "+3", " 7 ", "\u00a07", "1e400", "", "x", "0x1", "1,5", "60", "0", "2958465.5"]
            ),
        ]
    )
    kind = chance.choice(["", "", "", "n", "s", "str", "inlineStr", "b", "e", "d", "x"])
    text = chance.choice(
        ["a", "", " ", "_x000D_", "_xD83D_x", "&lt;&#65;&amp;", "\r\n", "<![CDATA[<b>]]>", "\U0001f600", "#N/A"]
    )
    iso = chance.choice(
        [
            "2024-02-29",
            "2023-02-29",
            "2024-01-01T10:30",
            "2024-01-01 10:30:05.5",
            "10:30:00",
            "2024-13-01",
            "24:00",
            "x",
        ]
    )
    value = {
        "s": chance.choice(["0", "1", "2", "-1", number]),
        "b": chance.choice("0123"),
        "e": chance.choice(["#N/A", "#X"]),
        "d": iso,
    }
    content = f"<v>{value.get(kind, number if kind in ('', 'n', 'x') else text)}</v>"
    if kind == "inlineStr":
        content = f"<is><t>{text}</t><rPh><t>no</t></rPh></is>"
    formula = chance.choice(["", "", "", "<f>A1</f>", "<f/>"])
    attributes = (f' t="{kind}"' if kind else "") + (f' s="{chance.randrange(9)}"' if chance.random() < 0.5 else "")
    place = f' r="{column}{row}"' if chance.random() < 0.8 else ""
    return f"<c{place}{attributes}>{formula}{content if chance.random() < 0.95 else ''}</c>"


@draws(few=150, many=1500)
def test_generated_sheets_are_read_as_in_python(modules, tmp_path, amount):
    chance = random.Random(7)
    paths = []
    for number in range(amount):
        rows = [
            f'<row r="{row}">{"".join(draw_cell(chance, column, row) for column in "ACDZ")}</row>'
            for row in sorted(chance.sample(range(1, 40), k=3))
        ]
        options = {
            "texts": TEXTS,
            "namespace": STRICT if chance.random() < 0.1 else TRANSITIONAL,
            "book": '<workbookPr date1904="1"/>' if chance.random() < 0.3 else "",
            "calculation": '<calcPr fullCalcOnLoad="1"/>' if chance.random() < 0.1 else "",
        }
        compression = zipfile.ZIP_STORED if chance.random() < 0.1 else zipfile.ZIP_DEFLATED
        path = tmp_path / f"{number}.xlsx"
        paths.append(write_parts(path, make_parts("".join(rows), **options), compression=compression))
    read = 0
    for found, path in zip(read_on_the_page(modules, paths), paths, strict=True):
        expected = read_in_python(path)
        assert same(found, expected), describe_difference(found, expected)
        read += not isinstance(expected, str)
    assert 0.2 < read / amount < 0.93


def test_damaged_and_hostile_workbooks_are_refused_in_pythons_words(modules, tmp_path):
    paths = [
        write_parts(tmp_path / f"{number}.xlsx", make_parts() | {"xl/worksheets/sheet1.xml": sheet})
        for number, (sheet, _) in enumerate(DAMAGED)
    ]
    for missing in ("_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        parts = make_parts()
        del parts[missing]
        paths.append(write_parts(tmp_path / f"without {missing.replace('/', ' ')}.xlsx", parts))
    changed = {"xl/workbook.xml": "<html/>"}, {"_rels/.rels": "<Relationships/>"}, {"XL/workbook.xml": ""}
    for number, parts in enumerate(changed):
        paths.append(write_parts(tmp_path / f"changed {number}.xlsx", make_parts() | parts))
    paths.append(write_rows(tmp_path / "charts.xlsx", sheets=(("Plot", "chartsheet", ""),)))
    paths.append(write_parts(tmp_path / "many.xlsx", make_parts() | {f"x/{number}": b"" for number in range(11_000)}))
    paths.append(write_parts(tmp_path / "lzma.xlsx", make_parts(), compression=zipfile.ZIP_LZMA))
    paths.append(write_parts(tmp_path / "bomb.xlsx", make_parts(" " * 100_000_000)))
    cells = '<c t="s"><v>0</v></c>' * 4_000
    repeated = f"<si><t>{'y' * 60_000}</t></si>"
    paths.append(write_rows(tmp_path / "repeated.xlsx", f'<row r="1">{cells}</row>', texts=repeated))
    for found, path in zip(read_on_the_page(modules, paths), paths, strict=True):
        expected = read_in_python(path)
        assert isinstance(expected, str), path
        assert same(found, expected), (path, found, expected)


def test_cells_at_both_ends_of_a_sheet_do_not_hang_the_page(modules, tmp_path):
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    path = write_rows(tmp_path / "far.xlsx", far)
    [found] = read_on_the_page(modules, [path])
    assert found == read_in_python(path)


@draws(few=40, many=600)
def test_libreoffices_workbooks_and_those_with_changed_bytes_are_read_or_refused_as_in_python(
    modules, tmp_path, amount
):
    """Where both read a file the results are equal. Each refuses some archives for parts that the other skips."""
    content = (WORKBOOKS / "libreoffice.xlsx").read_bytes()
    chance = random.Random(8)
    parts = {
        name: zipfile.ZipFile(io.BytesIO(content)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(content)).namelist()
    }
    paths = [tmp_path / "whole.xlsx"]
    paths[0].write_bytes(content)
    for number in range(amount):
        path = tmp_path / f"{number}.xlsx"
        if number % 2:
            changed = bytearray(content)
            for _ in range(chance.randrange(1, 4)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            path.write_bytes(bytes(changed))
        else:
            name = chance.choice(
                ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
            )
            xml = bytearray(parts[name])
            for _ in range(chance.randrange(1, 3)):
                xml[chance.randrange(len(xml))] = chance.choice(b"<>&\"'/= x1:\r\n\x00\xe9")
            write_parts(path, parts | {name: bytes(xml)})
        paths.append(path)
    read = differing = 0
    for found, path in zip(read_on_the_page(modules, paths), paths, strict=True):
        expected = read_in_python(path)
        if isinstance(expected, str):
            is_of_archive = "its archive" in expected and found == read_in_python(paths[0])
            assert isinstance(found, str) or is_of_archive, (path, expected, found)
        else:
            read += 1
            differing += isinstance(found, str)
            assert isinstance(found, str) or found == expected, (path, found, expected)
    assert not isinstance(read_in_python(paths[0]), str)
    assert differing < read / 10


def type_cell(text: str):
    """A raw customer's cell as a workbook has it."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def write_customers(path: Path, customers: list[dict], *, above: tuple = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Kunden & Co"
    for row in [*above, list(customers[0]), *(list(customer.values()) for customer in customers)]:
        sheet.append(row)
    for cell in sheet["B"] if "odd" in customers[0] else ():
        cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type  # openpyxl takes =1+1 for a formula
    book.save(path)
    return path


def download(browser, folder: Path, name: str) -> Path:
    browser.find("#download").click()
    path = folder / name
    browser.wait(lambda: path.exists() and path.stat().st_size)
    return path


ODD = [
    "=1+1", "+1", "-1", "@SUM(A1)", "http://example.com", " a\nb ", "<&>\"'", "_x0041_", "\u20ac\U0001f600", "007",
    True, False, 0, -2.5, 1e20, 123456789012345, date(2024, 2, 29), datetime(2024, 1, 2, 3, 4, 5), time(18, 30), None,
]  # fmt: skip


def test_a_workbook_comes_back_as_a_workbook_with_scikit_learns_probabilities(browser, frugal, tmp_path):
    customers = [
        {"id": row, "odd": ODD[row % len(ODD)]} | {name: type_cell(text) for name, text in raw.items()}
        for row, raw in enumerate(RAW_CUSTOMERS[:1200])
    ]
    customers[6]["Contract"] = "Two yeer"
    path = write_customers(tmp_path / "list.xlsx", customers, above=(["Customers of May"], []))
    browser.open(frugal.url)
    browser.upload(path)
    assert (
        browser.text("#list-form")
        == "Read as worksheet 'Kunden & Co' of an Excel workbook, header in row 3 below a title."
    )
    sent = browser.run(
        "return performance.getEntriesByType('resource').filter(e => e.name.includes('errors=')).length"
    )
    assert sent > 1
    scored = download(browser, tmp_path, "list-scored.xlsx")
    good = [row for row in range(1200) if row != 6]
    expected = sklearn_probabilities(SHIPPED, [spell_clean(RAW_CUSTOMERS[row]) for row in good])
    with read_workbook(path) as before, read_workbook(scored) as after:
        own, rows = list(before.rows()), list(after.rows())
        assert after.name == "Kunden & Co"
    assert rows[0].cells == ["Customers of May"]
    answer = ["churn_probability", "churn", "reason_1", "reason_2", "reason_3", "error"]
    assert rows[1] == (2, [*customers[0], *answer])
    width = len(customers[0])
    for (_, cells), (_, scored_cells) in zip(own[2:], rows[2:], strict=True):
        assert [(cell, type(cell)) for cell in scored_cells[:width]] == [(cell, type(cell)) for cell in cells]
    answered = [rows[2 + row].cells[width:] for row in good]
    assert [cells[0] for cells in answered] == pytest.approx(list(expected), abs=1e-12)
    assert [cells[1] for cells in answered] == [bool(probability >= 0.5) for probability in expected]
    assert rows[8].cells[width:] == [None] * 5 + ["contract: unknown category (did you mean two_year?)"]
    [[title, _, heads, cells]] = browser.bad_groups()
    assert title == "1 row: Contract is not one of the known values"
    assert (heads[0], heads[-2:]) == ("Row", ["Contract", "Did you mean"])
    assert (cells[0], cells[-2:]) == ("10", [customers[6]["Contract"], "Two year"])
    sheet = openpyxl.load_workbook(scored).active
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A3", f"A2:AA{rows[-1].number}")
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n", "b", "d"}  # no formula
    assert sheet["A2"].font.bold
    assert sheet["B3"].value == "=1+1"
    assert sheet["B3"].quotePrefix


def test_an_error_in_a_field_is_a_problem_and_never_a_blank(browser, service, tmp_path):
    customers = [{"note": None} | {name: type_cell(text) for name, text in raw.items()} for raw in RAW_CUSTOMERS[:6]]
    customers[1]["TotalCharges"] = "#N/A"
    customers[2]["Contract"] = "=A1"
    customers[3]["note"] = "#DIV/0!"
    customers[4] |= {"tenure": "#REF!", "Partner": "?"}
    path = write_customers(tmp_path / "list.xlsx", customers)
    book = openpyxl.load_workbook(path)
    book.active["F6"].number_format = "0%"  # tenure
    book.active["F7"].number_format = "0%"
    book.save(path)
    browser.open(service.url)
    browser.upload(path)
    assert [[title, expected, cells[-1]] for title, expected, _, cells in browser.bad_groups()] == [
        ["1 row: Charged so far is the error #N/A", "Expected: a value.", "#N/A"],
        ["1 row: Contract is a formula without a calculated value", "Expected: a value.", "#VALUE!"],
        ["1 row: Months with us is the error #REF!", "Expected: a value.", "#REF!"],
        ["1 row: Has a partner is not one of the known values", "Expected: No, Yes.", "?"],
        [
            "1 row: Months with us is not a number: it has the sign %",
            "Expected: a finite number, 0 or more, without the sign %.",
            "800%",
        ],
    ]
    with read_workbook(download(browser, tmp_path, "list-scored.xlsx")) as sheet:
        rows = list(sheet.rows())
    assert rows[2].cells[-1] == "totalcharges: the error #N/A (expected a value)"
    assert rows[3].cells[-1] == "contract: a formula without a calculated value (expected a value)"
    assert (
        rows[5].cells[-1]
        == "tenure: the error #REF! (expected a value); partner: unknown category (expected no, yes)"
    )
    assert [rows[number].cells[column] for number, column in ((2, 19), (3, 15), (4, 0), (5, 5))] == [
        CellError("the error #N/A", "#N/A"),
        CellError("the error #VALUE!", "#VALUE!"),
        CellError("the error #DIV/0!", "#DIV/0!"),
        CellError("the error #REF!", "#REF!"),
    ]
    assert isinstance(rows[6].cells[5], Percent)


@pytest.mark.parametrize("mark", [",", "."])
def test_numbers_percentages_and_texts_with_marks_are_read_as_score_reads_them(browser, tmp_path, mark):
    rows = [f"{number}.500,{number % 9}0 €;{number},5 %;{('yes', 'no')[number % 2]}" for number in range(1, 60)]
    table = "\n".join(["fee;rate;churn", *rows])
    table = table if mark == "," else table.translate({ord(","): ".", ord("."): ","})
    (tmp_path / "table.csv").write_text(table, encoding="utf-8")
    pair = fit_pair(tmp_path / "table.csv", tmp_path / "model.bin")
    book = openpyxl.Workbook()
    texts = ["12.345", "1,234", "1.234,50 €", "1,234.50", "5 €", "$5", "(5)", "29.85", "29,85"]
    for cells in [["id", "fee", "rate"], *([f"c{number}", 12.345, 0.12345] for number in range(3))]:
        book.active.append(cells)
    for text in texts:
        book.active.append([text, text, 0.26])
    for row in range(2, book.active.max_row + 1):
        book.active.cell(row, 3).number_format = "0.000%"
    book.save(tmp_path / "list.xlsx")
    with PageServer(tmp_path / "log", MODEL_FILE=str(pair)) as service:
        browser.open(service.url)
        browser.upload(tmp_path / "list.xlsx")
        scored = download(browser, tmp_path, "list-scored.xlsx")
    scorer = TableScorer(Answerer(load_model(pair)))
    score_file(tmp_path / "list.xlsx", tmp_path / "by-score.xlsx", scorer)
    with read_workbook(scored) as page, read_workbook(tmp_path / "by-score.xlsx") as command:
        by_page, by_command = ([row.cells for row in sheet.rows()][1:] for sheet in (page, command))
    assert [cells[0] for cells in by_page] == ["c0", "c1", "c2", *texts]
    for of_page, of_command in zip(by_page, by_command, strict=True):
        assert of_page[3] == (None if of_command[3] is None else pytest.approx(of_command[3], abs=1e-12))
        if of_command[3] is None:
            assert of_page[-1] == of_command[-1], "the same words"
    assert [cells[3] is None for cells in by_page[:3]] == [False] * 3


def test_the_sheet_and_its_columns_are_chosen_and_a_scored_workbook_is_scored_again(browser, service, tmp_path):
    customers = [
        {"Vertrag" if name == "Contract" else name: type_cell(text) for name, text in raw.items()}
        for raw in RAW_CUSTOMERS[:30]
    ]
    path = write_customers(tmp_path / "list.xlsx", customers)
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes", 0).append(["nothing"])
    book.create_sheet("Hidden", 0).sheet_state = "hidden"
    book.save(path)
    browser.open(service.url)
    browser.find("#file").send_keys(str(path))
    browser.wait(lambda: browser.find("#choices").is_displayed())
    assert browser.text("#choices-title") == "The workbook has 2 sheets"
    assert browser.text("#choices label") == "Which sheet has the customers?"
    browser.find("#choices select").send_keys("Kunden & Co")
    browser.find("#choices .primary").click()
    browser.wait(lambda: browser.text("#choices-title") == "One column is missing")
    browser.find("#choices .primary").click()
    browser.wait(lambda: browser.find("#scored").is_displayed())
    scored = download(browser, tmp_path, "list-scored.xlsx")
    with read_workbook(scored) as sheet:
        first = list(sheet.rows())
    assert "Vertrag" in first[0].cells
    browser.find("#file").send_keys(str(scored))
    browser.wait(lambda: browser.find("#score-anew").is_displayed())
    browser.find("#score-anew").click()
    browser.wait(lambda: browser.find("#choices").is_displayed())
    browser.find("#choices .primary").click()
    browser.wait(lambda: browser.find("#scored").is_displayed())
    assert (
        "The file had an earlier answer, which the new one replaces: churn_probability, churn, reason_1"
        in browser.text("#list-note")
    )
    with read_workbook(download(browser, tmp_path, "list-scored-scored.xlsx")) as sheet:
        assert list(sheet.rows()) == first


def test_a_workbook_with_many_parts_is_recognised_as_one(browser, service, tmp_path):
    """Its first and last bytes look like those of any zip archive."""
    names = "".join(f'<c t="str"><v>{name}</v></c>' for name in RAW_CUSTOMERS[0])
    values = "".join(f'<c t="str"><v>{value}</v></c>' for value in RAW_CUSTOMERS[0].values())
    parts = make_parts(f'<row r="1">{names}</row><row r="2">{values}</row>')
    around = [{f"{letter}/{number}": "x" for number in range(3_000)} for letter in "ab"]
    path = write_parts(tmp_path / "list.xlsx", around[0] | parts | around[1])
    with path.open("rb") as file:
        assert read_kind(file) == "zip"
    browser.open(service.url)
    browser.upload(path)
    assert browser.text("#totals").splitlines()[1] == "1 row"


def count_slices(browser):
    """Count how often a part of a file is read, from now on; a function that returns the count."""
    browser.run(
        """window.slices = 0;
        const slice = Blob.prototype.slice;
        Blob.prototype.slice = function (...range) { window.slices++; return slice.apply(this, range); };"""
    )
    return lambda: browser.run("return window.slices")


def test_days_are_counted_from_1904_in_the_scored_workbook_if_they_are_in_the_original(browser, service, tmp_path):
    names = "".join(f'<c t="str"><v>{name}</v></c>' for name in ["since", *RAW_CUSTOMERS[0]])
    values = "".join(f'<c t="str"><v>{value}</v></c>' for value in RAW_CUSTOMERS[0].values())
    rows = f'<row r="1">{names}</row><row r="2"><c s="2"><v>45000</v></c>{values}</row>'
    browser.open(service.url)
    browser.upload(write_rows(tmp_path / "list.xlsx", rows, book='<workbookPr date1904="1"/>'))
    with read_workbook(download(browser, tmp_path, "list-scored.xlsx")) as sheet:
        assert list(sheet.rows())[1].cells[0] == date(2027, 3, 16)


def test_a_workbook_can_be_cancelled_while_it_is_read(browser, service, tmp_path):
    """Reading its texts alone takes the browser a third of a second."""
    path = write_parts(tmp_path / "large.xlsx", make_parts(texts="<si><t>abcdefghij</t></si>" * 600_000))
    browser.open(service.url)
    slices = count_slices(browser)
    browser.find("#file").send_keys(str(path))
    browser.wait(lambda: browser.text("#list-problem").startswith("Its worksheet 'Customers' is empty;"))
    read_whole = slices()
    browser.run(
        """window.slices = 0;
        const [progress, cancel] = ["progress", "cancel"].map((id) => document.getElementById(id));
        const click = () => progress.hidden || setTimeout(() => cancel.click(), 20);
        new MutationObserver(click).observe(progress, { attributes: true });"""
    )
    browser.find("#file").send_keys(str(path))
    browser.wait(lambda: browser.text("#list-problem") == "Cancelled. Nothing of the file is kept.")
    assert not browser.find("#progress").is_displayed()
    assert slices() < read_whole  # the parts after the texts are not read


def test_hidden_rows_are_scored_and_counted(browser, service, tmp_path):
    path = write_customers(tmp_path / "list.xlsx", RAW_CUSTOMERS[:9])
    book = openpyxl.load_workbook(path)
    for row in (3, 5, 20):
        book.active.row_dimensions[row].hidden = True
    book.save(path)
    browser.open(service.url)
    browser.upload(path)
    assert browser.text("#list-note") == "2 rows hidden in the workbook, scored like the others."


def test_a_number_without_a_percent_sign_next_to_percentages_is_refused_and_others_are_scored(browser, tmp_path):
    need_browser()
    book = openpyxl.Workbook()
    for row in (("Plan", "Discount"), ("basic", 0.26), ("basic", 0.27), ("pro", 0.28)):
        book.active.append(row)
    book.active["B3"].number_format = "0%"
    book.save(tmp_path / "mixed.xlsx")
    for place in ("B2", "B4"):
        book.active[place].number_format = "0%"
    book.save(tmp_path / "list.xlsx")
    with PageServer(tmp_path / "log", MODEL_FILE=str(fit_percents(tmp_path))) as running:
        browser.open(running.url)
        browser.upload(tmp_path / "mixed.xlsx")
        assert browser.text("#list-problem") == (
            "The workbook, row 2: \u2018Discount\u2019 is a number without a percent sign here, and has the sign in "
            "row 3; show all cells of the column alike."
        )
        browser.upload(tmp_path / "list.xlsx")
        assert browser.text("#totals dd strong") == "3 rows"


def fit_percents(folder: Path) -> Path:
    """A model of a plan and of a discount in percent."""
    rows = [f"{'pro' if row % 3 else 'basic'},{row % 40} %,{'yes' if row % 7 < 3 else 'no'}" for row in range(400)]
    (folder / "table.csv").write_text("\n".join(["plan,discount,churn", *rows]) + "\n")
    return fit_pair(folder / "table.csv", folder / "model.bin")


MERGED = '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'


def test_a_workbook_that_cannot_be_scored_shows_the_reason(browser, service, tmp_path):
    names = "".join(f'<c t="str"><v>{name}</v></c>' for name in RAW_CUSTOMERS[0])
    values = "".join(f'<c t="str"><v>{value}</v></c>' for value in RAW_CUSTOMERS[0].values())
    rows = f'<row r="1">{names}</row><row r="2">{values}</row>'
    bad = {
        "Its worksheet 'Customers' is empty; it needs a header row.": write_rows(tmp_path / "empty.xlsx"),
        "The file has a header line, but no customer below it.": write_rows(
            tmp_path / "header.xlsx", rows[: rows.index("</row>") + 6]
        ),
        "The workbook, row 2: the cells A2:A3 are merged into one; unmerge them and fill each.": write_rows(
            tmp_path / "merged.xlsx", rows, after=MERGED
        ),
        "The workbook, row 62: its cell XFD62 leaves no room for the answer; clear it.": write_rows(
            tmp_path / "far.xlsx", f'{rows}<row r="62"><c r="XFD62"><v>1</v></c></row>'
        ),
        "The workbook, row 1: a column\u2019s name has more than 1,000 characters; give": write_rows(
            tmp_path / "long.xlsx", f'<row r="1"><c t="str"><v>{"y" * 1_001}</v></c></row>'
        ),
        "It is a damaged workbook, the end of its archive is missing; open it in Excel or LibreOffice": tmp_path
        / "cut.xlsx",
        "It is an old Excel workbook (.xls); save it as .xlsx or CSV UTF-8.": WORKBOOKS / "libreoffice.xls",
        "It is a LibreOffice workbook (.ods); save it as .xlsx or CSV UTF-8.": WORKBOOKS / "libreoffice.ods",
    }
    (tmp_path / "cut.xlsx").write_bytes((tmp_path / "merged.xlsx").read_bytes()[:-30])
    browser.open(service.url)
    for words, path in bad.items():
        browser.upload(path)
        browser.wait(lambda words=words: browser.text("#list-problem").startswith(words))
        assert not browser.find("#scored").is_displayed()
