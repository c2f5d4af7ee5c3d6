"""The names in a table's header, and the check that columns named by an option are among them.

Owns every refusal of a name. `kinds` applies the options to the columns.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from churn.errors import TableError
from churn.model.columns import is_reserved, log_column
from churn.model.spelling import clean
from churn.tables.renaming import describe_nearest
from churn.training.choices import Choices
from churn.training.columns import LeftOut
from churn.training.ids import find_index_reason
from churn.training.kinds import Column
from churn.training.source import Source

_CHOSEN = ("drop", "category", "number", "keep")
"""The options that name columns, as Choices calls them."""
_APART = (("drop", "category"), ("drop", "number"), ("drop", "keep"), ("category", "number"))
"""Options that can't name the same column."""


def name_columns(path: Path, source: Source) -> tuple[list[Column], list[LeftOut]]:
    """The columns of a file under clean names, and the columns without a name, which are left out.

    Raises TableError for names that are the same or look like a model's own column, and for a column without a name
    that is neither blank nor an index.
    """
    columns: list[Column] = []
    unnamed: list[LeftOut] = []
    for number, (header, texts) in enumerate(zip(source.header, source.columns, strict=True), start=1):
        if clean(header):
            columns.append(Column(clean(header), header, texts))
            continue
        reason = find_index_reason(header, texts)
        if not reason:
            words = f"has a column without a name, number {number}; name it, or take it out of the file"
            raise TableError(path, words, row=source.header_row)
        unnamed.append(LeftOut(f"column {number}", reason))
    _check_names(path, [column.name for column in columns], source.header_row)
    return columns, unnamed


def _check_names(path: Path, names: Sequence[str], row: int) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise TableError(path, f"has {count} columns with the name {name!r}", row=row)
        if "=" in name or is_reserved(name) or name in map(log_column, names):
            raise TableError(path, f"has a column {name!r}, a name for a model's own columns; rename it", row=row)


def check_choices(path: Path, choices: Choices, names: Sequence[str], *, target: str, unread: Sequence[str]) -> None:
    """Raises TableError for a chosen column that does not exist, is the target, or is chosen by two options.

    `names` are the file's columns, including `target` and `unread`, the columns without texts.
    """
    for option in _CHOSEN:
        for name in sorted(getattr(choices, option)):
            if name not in names:
                raise TableError(
                    path, f"has no column {name!r}, which --{option} names{describe_nearest(name, names)}"
                )
            if name == target:
                raise TableError(path, f"--{option} names {name!r}, which is the target")
            if name in unread and option != "drop":
                raise TableError(path, f"--{option} names {name!r}, whose values are neither texts nor numbers")
    for first, second in _APART:
        for name in sorted(getattr(choices, first) & getattr(choices, second)):
            raise TableError(path, f"--{first} and --{second} both name {name!r}; only one of them is possible")
    if choices.time is not None:
        _check_time(path, choices, clean(choices.time), target)


def _check_time(path: Path, choices: Choices, name: str, target: str) -> None:
    """Raises TableError if --time names the target, or a column of --drop, --category or --number without --keep."""
    if name == target:
        raise TableError(path, f"--time names {name!r}, which is the target")
    for option in ("drop", "category", "number"):
        if name in getattr(choices, option) and name not in choices.keep:
            way = "--time alone leaves it out" if option == "drop" else "--keep makes it a field, too"
            raise TableError(path, f"--{option} and --time both name {name!r}; {way}")
