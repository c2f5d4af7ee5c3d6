"""The options of train.py that overrule what a column is taken for: which words are missing values, which columns
are left out, categories, numbers or kept.
"""

import argparse
import csv
from collections.abc import Iterable

from churn.model.spelling import clean
from churn.training.choices import Choices

_OPTIONS = (
    ("missing", "WORDS", "further words, or numbers, for a missing value; COLUMN=WORD for one column"),
    ("drop", "COLUMNS", "leave them out"),
    ("category", "COLUMNS", "take them for categories, however many"),
    ("number", "COLUMNS", "take them for numbers, ids included"),
    ("keep", "COLUMNS", "keep them, whatever speaks against them"),
)


def add_column_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options; each takes several names or words with commas between them, and may be given again."""
    columns = parser.add_argument_group("columns", "COLUMNS are names in any spelling, with commas between them")
    for option, metavar, words in _OPTIONS:
        columns.add_argument(f"--{option}", action="append", default=[], metavar=metavar, help=words)


def add_missing_option(parser: argparse.ArgumentParser) -> None:
    """Adds --missing alone, for columns that are what a model takes them for."""
    option, metavar, words = _OPTIONS[0]
    parser.add_argument(f"--{option}", action="append", default=[], metavar=metavar, help=words)


def read_column_choices(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Choices:
    """What is chosen for the columns. Exits with status 2 on an option that names nothing."""
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
    """The names in these texts; one with a comma of its own is in quotes, as in a CSV."""
    return [name for cells in csv.reader(texts, skipinitialspace=True) for name in cells or [""]]
