"""The names in a table's header, and the names of columns that are chosen by an option: each is one of the header's.

Owns every refusal of a name. What is chosen for a column is kinds' matter.
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
    """The columns of a file under clean names, all different and none that a model's column could be taken for; and
    those without a name, left out, which must be blank or an index.

    Raises TableError for any other header.
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
            raise TableError(path, f"has {count} columns that spell {name!r}", row=row)
        if "=" in name or is_reserved(name) or name in map(log_column, names):
            raise TableError(path, f"has a column {name!r}, which is how a model names its own; rename it", row=row)


def check_choices(path: Path, choices: Choices, names: Sequence[str], *, target: str, unread: Sequence[str]) -> None:
    """Raises TableError for a chosen column that is not there, or is the target, or is chosen for two things.

    `names` are those of the file's columns, `target` and those without texts, `unread`, among them.
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
                raise TableError(path, f"--{option} names {name!r}, whose values are no texts and no numbers")
    for first, second in _APART:
        for name in sorted(getattr(choices, first) & getattr(choices, second)):
            raise TableError(path, f"--{first} and --{second} both name {name!r}; one of them can be followed")
    if choices.time is not None:
        _check_time(path, choices, clean(choices.time), target)


def _check_time(path: Path, choices: Choices, name: str, target: str) -> None:
    """Raises TableError where the column that orders the rows is the target, or is to be a field that is not kept."""
    if name == target:
        raise TableError(path, f"--time names {name!r}, which is the target")
    for option in ("drop", "category", "number"):
        if name in getattr(choices, option) and name not in choices.keep:
            way = "--time alone leaves it out" if option == "drop" else "--keep makes it a field, too"
            raise TableError(path, f"--{option} and --time both name {name!r}; {way}")
