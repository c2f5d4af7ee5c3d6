"""The names of a model's columns, as the DictVectorizer has them, and the contract that these names alone give."""

import re

from churn.model.contract import Contract
from churn.model.fields import Category, Field, Number
from churn.model.pickle_reader import LinearModel

_LOG1P = re.compile(r"log1p\((.+)\)", re.DOTALL)


def category_column(field: str, category: str, *, separator: str = "=") -> str:
    """The DictVectorizer's name for a category: `contract=two_year`."""
    return f"{field}{separator}{category}"


def log_column(field: str) -> str:
    """The name of the column that holds log(1 + number): `log1p(tenure)`."""
    return f"log1p({field})"


def contract_of_columns(linear: LinearModel) -> Contract:
    """The contract that column names alone tell: categories, and numbers of unknown range.

    Raises ValueError when a field is both a category and a number, or not in clean spelling.

    >>> contract = contract_of_columns(LinearModel({"log1p(tenure)": -0.5, "tenure": 0.1}, 0.0, "=", (0, 1)))
    >>> contract.fields == (Number("tenure", non_negative=True),)
    True
    """
    categories: dict[str, list[str]] = {}
    numbers: dict[str, bool] = {}
    for column in linear.weights:
        name, separator, category = column.partition(linear.separator)
        logarithm = _LOG1P.fullmatch(column)
        if logarithm:
            numbers[logarithm[1]] = True
        elif separator:
            categories.setdefault(name, []).append(category)
        else:
            numbers.setdefault(name, False)
    fields: list[Field] = [Category(name, tuple(known)) for name, known in categories.items()]
    fields += [Number(name, non_negative=logarithm) for name, logarithm in numbers.items()]
    return Contract(tuple(fields))
