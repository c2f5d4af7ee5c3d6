"""The options of train.py that overrule how a column is read: its words for a missing value, and whether the column
is left out, read as categories or numbers, or kept.
"""

import argparse
import csv
from collections.abc import Iterable

from churn.model.spelling import clean
from churn.training.choices import Choices

_OPTIONS = (
    ("missing", "WORDS", "further words, or numbers, for a missing value; COLUMN=WORD for one column"),
    ("drop", "COLUMNS", "leave them out"),
    ("category", "COLUMNS", "read them as categories, however many values they have"),
    ("number", "COLUMNS", "read them as numbers, ids included"),
    ("keep", "COLUMNS", "keep them as fields, whatever speaks against it"),
)


def add_column_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options; each takes several names or words separated by commas, and may be repeated."""
    columns = parser.add_argument_group("columns", "COLUMNS are names in any spelling, with commas between them")
    for option, metavar, words in _OPTIONS:
        columns.add_argument(f"--{option}", action="append", default=[], metavar=metavar, help=words)


def add_missing_option(parser: argparse.ArgumentParser) -> None:
    """Adds only --missing, for a command in which the model decides the kinds of the columns."""
    option, metavar, words = _OPTIONS[0]
    parser.add_argument(f"--{option}", action="append", default=[], metavar=metavar, help=words)


def read_column_choices(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Choices:
    """The choices for the columns. Exits with status 2 on an option with an empty name."""
    given = {
        option: ["=".join(map(clean, name.split("=", 1))) for name in _split(getattr(options, option, []))]
        for option, _, _ in _OPTIONS
    }
    for option, names in given.items():
        if not all(names):
            parser.error(f"--{option} must name something between its commas")
    return Choices(
        missing=tuple(given["missing"]),
        drop=frozenset(given["drop"]),
        category=frozenset(given["category"]),
        number=frozenset(given["number"]),
        keep=frozenset(given["keep"]),
    )


def _split(texts: Iterable[str]) -> list[str]:
    """The names in these texts; a name that contains a comma is in quotes, as in a CSV."""
    return [name for cells in csv.reader(texts, skipinitialspace=True) for name in cells or [""]]
