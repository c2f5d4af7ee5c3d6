"""The categories of a table: their spelling in training, and the known categories that they stand for.

Numbers among them are spelled the same from every kind of file. The contract's fields decide which text stands for
which category.
"""

from collections.abc import Mapping

import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Category
from churn.model.known_words import BLANK_VALUES, find_blank, spell_whole
from churn.model.spelling import clean
from churn.training.columns import NumberText
from churn.training.missing import in_rows


def spell_category(text: str, decimal_mark: str) -> str:
    """A cell's text as a category in clean spelling; `decimal_mark` is the mark of the numbers in its file.

    A whole number has no ".0". A cell that is a number in the file itself has a point and no trailing zeros.

    >>> spell_category(" Two year", "."), spell_category("3.0", "."), spell_category("3.10", ".")
    ('two_year', '3', '3.10')
    >>> spell_category(NumberText("3,0"), ","), spell_category(NumberText("3.10"), ".")
    ('3', '3.1')
    """
    category = clean(text)
    if isinstance(text, NumberText) and decimal_mark in text and category[-1:].isdecimal() and "e" not in category:
        category = category.replace(decimal_mark, ".").rstrip("0").rstrip(".")
    return spell_whole(category)


def describe_blank_values(categories: Mapping[str, pd.Series]) -> list[str]:
    """A line for each field in which a blank is read as a category that means "nothing", such as none.

    >>> describe_blank_values({"offer": pd.Series(["none", "a", "none"]), "plan": pd.Series(["none", ""])})
    ['offer: none in 2 rows is a value of its own, and a blank is read as none; --missing none reads both as blanks']
    """
    lines = []
    for name, values in categories.items():
        if (word := find_blank(values.unique())) in BLANK_VALUES:
            found = f"{name}: {word} in {in_rows(int((values == word).sum()))} is a value of its own"
            option = f"--missing{'=' if word == '-' else ' '}{word}"
            lines.append(f"{found}, and a blank is read as {word}; {option} reads both as blanks")
    return lines


def spell_as_known(customers: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """The customers in the contract's own categories, with other spellings and blanks that stand for one replaced."""
    changed = {}
    for field in contract.fields:
        if isinstance(field, Category):
            column = customers[field.name]
            unknown = column[~column.isin(field.categories)].unique()
            read = {text: field.read(text, suggest=False) for text in unknown}
            if known := {text: category for text, category in read.items() if isinstance(category, str)}:
                changed[field.name] = column.replace(known)
    return customers.assign(**changed) if changed else customers
