"""Five hundred customers in every form of file that users have, and scikit-learn's answers to them.

Some of their numbers have thousands marks or a sign, one column needs at least Windows-1252, and a field is blank
where another field explains it.
"""

import codecs
import csv
import gzip
import io
import math
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from churn.model.file import Model
from churn.tables.renaming import Renaming
from churn.training.source import Reading
from churn.training.table import Table, read_table
from churn.workbooks.cells import Percent
from tests.made_workbooks import writing_workbook

Cells = list[object]

SHEET = "Kunden & Co"
RENAMED = {"Contract": "Vertrag", "Total": "Total (EUR)"}
MAPPED = tuple(f"{own}={field}" for field, own in RENAMED.items())
CATEGORIES = {"Month-to-month": "month-to-month", "Two year": "two_year", "groß": "groß", "XL": "xl"}
"""The spelling of the categories in the files, and in the model."""
_NUMBERS = ("senior", "tenure", "charges", "used", "calls", "total", "balance")
_LOGARITHMS = ("tenure", "charges", "used", "calls", "total")  # of the numbers that are never negative


def _draw_customers() -> list[dict[str, object]]:
    chance, customers = random.Random(500), []
    for number in range(500):
        tenure = chance.choice([0, *range(73)])
        customers.append(
            {
                "Straße": f"Königsallee {number}, „Œuvre“ für 5 €",
                "Größe": chance.choice(["groß", "XL"]),
                "Contract": chance.choice(["Month-to-month", "Two year"]),
                "Senior": chance.randrange(2),
                "tenure": tenure,
                "Charges": chance.randrange(1, 900_000) / 100,
                "Used": chance.randrange(1001) / 10,
                "Calls": chance.choice([chance.randrange(900), chance.randrange(3_000_000)]),
                "Total": chance.randrange(900_000) / 100 if tenure else None,
                "Balance": chance.randrange(-50_000, 50_000) / 100,
                "churn": "yes" if chance.random() < (0.7 if tenure < 20 else 0.2) else "no",
            }
        )
    return customers


CUSTOMERS = _draw_customers()
"""The customers, with numbers as numbers and None for a blank."""
NAMES = list(CUSTOMERS[0])
LEFT = [int(customer["churn"] == "yes") for customer in CUSTOMERS]


def sklearn_answers(pair: tuple) -> tuple[np.ndarray, np.ndarray]:
    """The customers' matrix and churn probabilities from scikit-learn's own DictVectorizer and model."""
    dv, model = pair
    records = []
    for customer in CUSTOMERS:
        record = {name.lower(): CATEGORIES.get(value, value) for name, value in customer.items()}
        record |= {name: float(record[name] or 0) for name in _NUMBERS}
        records.append(record | {f"log1p({name})": math.log1p(record[name]) for name in _LOGARITHMS})
    X = dv.transform(records)
    return X, model.predict_proba(X)[:, 1]


def assert_same(answers: Sequence[float] | np.ndarray, expected: np.ndarray) -> None:
    """Check that the answers are equal to 1e-12."""
    np.testing.assert_allclose(answers, expected, rtol=0, atol=1e-12)


def _mark(name: str, value: object) -> str:
    """A cell as text; a number has the marks of its column."""
    if value is None:
        return ""
    return {"Charges": "€{:,.2f}", "Used": "{}%", "Calls": "{:,}"}.get(name, "{}").format(value)


def _mark_otherwise(name: str, value: object) -> str:
    """The same with the sign after the number, and no-break spaces instead of commas."""
    if name in ("Charges", "Used", "Calls"):
        form = {"Charges": "{:,.2f} €", "Used": "{} %", "Calls": "{:,}"}[name]
        return form.format(value).replace(",", " ").replace(" ", "\u00a0")
    return _mark(name, value)


def _exchange_marks(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


TEXTS = [{name: _mark(name, value) for name, value in customer.items()} for customer in CUSTOMERS]
"""The customers as texts, with decimal points."""


class Form(NamedTuple):
    """A form of file. `make` writes a file that ends with `ending`, and `read` returns the rows of a scored one.

    `codec` is the encoding of a text; `mapped` and `worksheet` are what the command has to be given for the file.
    """

    ending: str
    make: Callable[[Path], object]
    read: Callable[[bytes], Iterable[Iterable[object]]]
    codec: str = ""
    mapped: tuple[str, ...] = ()
    worksheet: str | None = None

    @property
    def is_csv(self) -> bool:
        return bool(self.codec)

    @property
    def is_compressed(self) -> bool:
        return self.ending.endswith(".gz")

    def write(self, folder: Path) -> Path:
        """The customers as a file in a folder."""
        path = folder / f"customers{self.ending}"
        self.make(path)
        return path

    def read_table(self, path: Path) -> Table:
        """The file as training reads it."""
        return read_table(path, reading=Reading(renaming=Renaming.read(self.mapped), worksheet=self.worksheet))

    def scorer(self, model: Model) -> TableScorer:
        """The scorer for such a file."""
        return TableScorer(Answerer(model), renaming=Renaming.read(self.mapped))

    def answers(self, content: bytes) -> list[float]:
        """The churn probabilities in a scored file, in the order of the customers; no customer is refused."""
        rows = [list(row) for row in self.read(content)]
        rows = [row for row in rows if any(cell not in (None, "") for cell in row)]
        (place,) = [place for place, row in enumerate(rows) if "churn_probability" in row]
        header, scored = rows[place], rows[place + 1 :]
        column, error = header.index("churn_probability"), header.index("error")
        assert {row[error] or "" for row in scored} == {""}
        return [float(str(row[column]).replace(",", ".")) for row in scored]


def _write_csv(
    customers: list[dict[str, str]], *, delimiter: str, line_end: str, above: str, blank_rows: int, renamed: bool
) -> str:
    table = io.StringIO(newline="")
    table.write(above)
    writer = csv.writer(table, delimiter=delimiter, lineterminator=line_end)
    writer.writerow([RENAMED.get(name, name) if renamed else name for name in NAMES])
    for number, customer in enumerate(customers):
        writer.writerow(customer.values())
        if blank_rows and number % blank_rows == 0:
            table.write(line_end + delimiter * (len(NAMES) - 1) + line_end + f" {delimiter}" + line_end)
    return table.getvalue()


def csv_form(
    delimiter: str = ",",
    decimal: str = ".",
    line_end: str = "\n",
    codec: str = "utf-8",
    *,
    above: str = "",
    blank_rows: int = 0,
    renamed: bool = False,
    compressed: bool = False,
    mark: Callable[[str, object], str] = _mark,
) -> Form:
    """A CSV; `above` is the text above its header, and `blank_rows` adds blank rows at intervals."""
    texts = [{name: mark(name, value) for name, value in customer.items()} for customer in CUSTOMERS]
    if decimal == ",":
        numbers = [name for name in NAMES if name.lower() in _NUMBERS]
        texts = [text | {name: _exchange_marks(text[name]) for name in numbers} for text in texts]
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}

    def make(path: Path) -> None:
        options = {"delimiter": delimiter, "line_end": line_end, "above": above}
        text = _write_csv(texts, **options, blank_rows=blank_rows, renamed=renamed)
        content = marks.get(codec, b"") + text.encode(codec)
        path.write_bytes(gzip.compress(content) if compressed else content)

    def read(content: bytes) -> list[list[str]]:
        content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))

    return Form(".csv.gz" if compressed else ".csv", make, read, codec, MAPPED if renamed else ())


def _typed_rows(*, renamed: bool = False) -> list[Cells]:
    header = [RENAMED.get(name, name) if renamed else name for name in NAMES]
    return [header, *(list(customer.values()) for customer in CUSTOMERS)]


def _write_by_openpyxl(
    path: Path, *, renamed: bool = False, above: tuple[Cells, ...] = (), blank_rows: int = 0
) -> None:
    """A workbook whose second sheet has the customers, with shares as percentages."""
    book = openpyxl.Workbook()
    book.active.append(["nothing"])
    sheet = book.create_sheet(SHEET)
    for row in above:
        sheet.append(row)
    for number, row in enumerate(_typed_rows(renamed=renamed)):
        sheet.append(row)
        if number:
            cell = sheet.cell(sheet.max_row, NAMES.index("Used") + 1)
            cell.value, cell.number_format = cell.value / 100, "0.0%"
        if blank_rows and number % blank_rows == 1:
            sheet.append([" "])
            sheet.append(["", None])
    book.save(path)


def _write_by_the_product(path: Path, rows: list[Cells]) -> None:
    with writing_workbook(path, rows[0]) as book:
        book.write_rows(rows[1:])


def _as_percent(rows: list[Cells]) -> list[Cells]:
    place = NAMES.index("Used")
    return [rows[0], *([*row[:place], Percent(row[place] / 100), *row[place + 1 :]] for row in rows[1:])]


def read_workbook_rows(content: bytes) -> Iterable[Iterable[object]]:
    """The rows of a scored workbook, which has one sheet."""
    return openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)


def _workbook(make: Callable[[Path], object], **options) -> Form:
    return Form(".xlsx", make, read_workbook_rows, **options)


def _read_parquet(content: bytes) -> Iterable[Iterable[object]]:
    table = pq.read_table(pa.BufferReader(content))
    return [table.column_names, *zip(*table.to_pydict().values(), strict=True)]


def _parquet(table: Callable[[], pa.Table], **options) -> Form:
    return Form(".parquet", lambda path: pq.write_table(table(), path), _read_parquet, **options)


def _as_codes() -> pa.Table:
    texts = pa.Table.from_pylist(TEXTS)
    return pa.table({name: texts[name].dictionary_encode() for name in NAMES})


FORMS = {
    "commas": csv_form(),
    "commas, CRLF, with a mark": csv_form(line_end="\r\n", codec="utf-8-sig"),
    "commas, CR": csv_form(line_end="\r"),
    "commas, Windows-1252": csv_form(codec="cp1252"),
    "commas, rows of blanks between": csv_form(blank_rows=7),
    "semicolons, points": csv_form(";"),
    "semicolons, decimal commas, Windows-1252": csv_form(";", ",", "\r\n", "cp1252"),
    "semicolons, decimal commas, other marks": csv_form(";", ",", mark=_mark_otherwise),
    "semicolons, decimal commas, CR, with a mark": csv_form(";", ",", "\r", "utf-8-sig"),
    "semicolons, decimal commas, sep=": csv_form(";", ",", "\r\n", "cp1252", above="sep=;\r\n"),
    "semicolons, decimal commas, below a title": csv_form(
        ";", ",", above="Kunden im Mai;;\n\n;;\nStand: 31. Mai\n", blank_rows=20
    ),
    "tabs, decimal commas, UTF-16 LE": csv_form("\t", ",", "\r\n", "utf-16-le"),
    "tabs, points, UTF-16 BE": csv_form("\t", ".", "\n", "utf-16-be", above="Kunden im Mai\n"),
    "tabs, decimal commas": csv_form("\t", ","),
    "commas, gzip": csv_form(compressed=True),
    "semicolons, decimal commas, Windows-1252, gzip": csv_form(";", ",", codec="cp1252", compressed=True),
    "commas, under other names": csv_form(renamed=True),
    "semicolons, decimal commas, UTF-16, under other names": csv_form(";", ",", codec="utf-16-le", renamed=True),
    "Parquet": _parquet(lambda: pa.Table.from_pylist(CUSTOMERS)),
    "Parquet of texts": _parquet(lambda: pa.Table.from_pylist(TEXTS)),
    "Parquet of codes": _parquet(_as_codes),
    "Parquet by pandas": Form(".pq", lambda path: pd.DataFrame(CUSTOMERS).to_parquet(path), _read_parquet),
    "Parquet, under other names": _parquet(
        lambda: pa.Table.from_pylist(CUSTOMERS).rename_columns([RENAMED.get(name, name) for name in NAMES]),
        mapped=MAPPED,
    ),
    "workbook by openpyxl": _workbook(_write_by_openpyxl, worksheet=SHEET),
    "workbook by openpyxl, below a title, rows of blanks between": _workbook(
        lambda path: _write_by_openpyxl(path, above=(["Kunden im Mai"], [], ["Stand", 31]), blank_rows=9),
        worksheet=SHEET,
    ),
    "workbook by openpyxl, under other names": _workbook(
        lambda path: _write_by_openpyxl(path, renamed=True), worksheet=SHEET, mapped=MAPPED
    ),
    "workbook by pandas": _workbook(lambda path: pd.DataFrame(CUSTOMERS).to_excel(path, index=False)),
    "workbook by the product": _workbook(lambda path: _write_by_the_product(path, _as_percent(_typed_rows()))),
    "workbook of texts": _workbook(
        lambda path: _write_by_the_product(path, [NAMES, *(list(text.values()) for text in TEXTS)])
    ),
}
"""Every form of file, by a description of it."""
