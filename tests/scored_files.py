"""A comparison of scored CSVs, for tests."""

import csv
import io
from pathlib import Path

import pytest


def assert_same_answers(path: Path, content: bytes, *, delimiter: str) -> None:
    """Check that two scored CSVs are equal cell by cell, with the same decimal mark and probabilities to 1e-12."""
    rows, others = _read_rows(path.read_bytes(), delimiter), _read_rows(content, delimiter)
    column = rows[0].index("churn_probability")
    numbers, other_numbers = [row.pop(column) for row in rows], [row.pop(column) for row in others]
    assert rows == others
    assert [_marks_in(number) for number in numbers] == [_marks_in(number) for number in other_numbers]
    assert list(map(_read_number, numbers[1:])) == pytest.approx(
        list(map(_read_number, other_numbers[1:])), abs=1e-12
    )


def _read_rows(content: bytes, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))


def _marks_in(number: str) -> str:
    return "".join(filter(",.".__contains__, number))


def _read_number(text: str) -> float:
    return float(text.replace(",", ".")) if text else -1.0
