"""The rules that the page's modules share with the service, against Python's own in a real Chromium."""

import csv
import io
import random
import sys
import unicodedata

import pytest

from churn.errors import CsvError
from churn.model.spelling import clean, is_blank
from churn.tables.csv_lines import BoundedLines, read_rows
from tests.amounts import draws

pytestmark = pytest.mark.browser

LETTERS = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
"""Every character that Python's Unicode version knows; a browser's may be newer."""
SPACES = [letter for letter in LETTERS if letter.isspace()]
NEAR_SPACES = ["\ufeff", "\u180e", "\u200b", "\u2060", "\0", "\x1b", "\x7f"]
CASED = ["\u0130", "I", "\u0131", "\u03a3", "\u00df", "\u1e9e", "\u01c5", "\u0345", "\U00010400", "A", "b", "_", "."]


def call(page, module: str, expression: str, values: list) -> list:
    """The results of an expression of `module` and `value`, one for each of the values."""
    script = "const [values] = arguments; return import('/static/{}').then((module) => values.map((value) => {}))"
    return page.run(script.format(module, expression), values)


def draw_names(amount: int) -> list[str]:
    """Names with odd letters, and `amount` letters by themselves, the odd ones first."""
    chance = random.Random(1)
    odd = [*SPACES, *NEAR_SPACES, *CASED]
    names = ["".join(chance.choices(odd, k=chance.randrange(8))) for _ in range(amount // 10)]
    names += [
        "".join(chance.choices([*odd, *chance.choices(LETTERS, k=20)], k=chance.randrange(12)))
        for _ in range(amount // 30)
    ]
    letters = LETTERS if amount > len(LETTERS) else [*odd, *chance.sample(LETTERS, amount)]
    return [*names, *letters, *(f" {letter}x{letter} " for letter in letters)]


@draws(few=10_000, many=200_000)
def test_a_name_is_spelled_and_a_blank_is_found_as_in_python(modules, amount):
    names = draw_names(amount)
    assert len(set(names)) > 1.25 * amount
    for spelled, blank, name in zip(
        call(modules, "spelling.js", "module.spellClean(value)", names),
        call(modules, "spelling.js", "module.isBlank(value)", names),
        names,
        strict=True,
    ):
        assert (spelled, blank) == (clean(name), is_blank(name)), ascii(name)


def draw_texts(delimiter: str, amount: int) -> list[str]:
    """Texts made of the characters that matter in a CSV."""
    chance = random.Random(delimiter)
    letters = [delimiter] * 6 + ['"'] * 6 + ["\r", "\n", "\r\n"] * 3 + ["a", "b", " ", ",", ";", "\t"]
    letters += ["\ufeff", "\x01", "\x1c", "\x85", "\u00e9", "\u3000", "\U0001f600"]
    return ["".join(chance.choices(letters, k=chance.randrange(25))) for _ in range(amount)]


def read_in_python(text: str, delimiter: str) -> list[list[str]] | None:
    """The rows of a part of a CSV that are not blank; None for a part that is refused."""
    lines = BoundedLines(text.encode())
    try:
        return [cells for _, cells in read_rows(lines, delimiter)]
    except CsvError:
        return None


@draws(few=1_000, many=20_000)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_rows_of_a_csv_are_those_that_python_reads(modules, delimiter, amount):
    drawn = draw_texts(delimiter, amount)
    texts = {text: rows for text in drawn if (rows := read_in_python(text, delimiter)) is not None}
    assert sum(len(rows) > 2 for rows in texts.values()) > amount / 20
    form = f"{{ delimiter: {ord(delimiter)}, maxRows: 99, last: true }}"
    cut = f"module.cutRecords(new TextEncoder().encode(value), {form})"
    for records, found, text in zip(
        call(modules, "csv.js", f"module.parseRecords(value, {delimiter!r})", [*texts]),
        call(modules, "csv.js", cut, [*texts]),
        texts,
        strict=True,
    ):
        assert records == texts[text], ascii(text)
        lines = BoundedLines(text.encode())
        numbers = [lines.rows - 1 for _ in read_rows(lines, delimiter)]
        last_begin = found.pop("lastBegin")
        assert 0 <= last_begin <= found["end"], ascii(text)
        read = {"end": len(text.encode()), "lines": lines.lines_read, "rows": lines.rows, "filled": numbers}
        assert found == read, ascii(text)


@draws(few=1_000, many=20_000)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_record_is_written_as_python_writes_it(modules, delimiter, amount):
    records = [text.split("a") for text in draw_texts(delimiter, amount) if "a" in text]
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=delimiter, lineterminator="\r\n")
    for record, written in zip(
        records, call(modules, "csv.js", f"module.writeRecord(value, {delimiter!r})", records), strict=True
    ):
        table.seek(0)
        table.truncate()
        writer.writerow(record)
        assert f"{written}\r\n" == table.getvalue(), ascii(record)
