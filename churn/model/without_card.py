"""The contract of a model file without a card, from the names of its columns alone."""

from msgspec.structs import replace

from churn.model.columns import Both, IsBlank, Itself, OneCategory, Ramp, Within, read_column
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Field, Number
from churn.pickles.linear_model import LinearModel


def contract_of_columns(linear: LinearModel) -> Contract:
    """The contract that the column names give: categories and numbers. Only a curve's columns give a number's range.

    A flag becomes a number, because its name does not show that it is a flag. `log1p(x)` is a number with that name
    where there is no `x`. Raises ValueError when a field is both a category and a number, or not in clean spelling.

    >>> contract = contract_of_columns(LinearModel({"log1p(tenure)": -0.5, "tenure": 0.1}, 0.0, "=", (0, 1)))
    >>> contract.fields == (Number("tenure", non_negative=True),)
    True
    """
    categories: dict[str, list[str]] = {}
    numbers: dict[str, Number] = {}
    for name in linear.weights:
        column = read_column(name, separator=linear.separator)
        if isinstance(column, Itself) and column.logarithm and column.field not in linear.weights:
            column = Itself(name)  # without a column of the number itself, this is a number's name
        if isinstance(column, Both):
            continue
        if isinstance(column, OneCategory):
            categories.setdefault(column.field, []).append(column.category)
            continue
        known = numbers.get(column.field, Number(column.field))
        numbers[column.field] = _learn(known, column)
    fields: list[Field] = [Category(name, tuple(known)) for name, known in categories.items()]
    return Contract((*fields, *numbers.values()))


def _learn(known: Number, column: Itself | Within | Ramp | IsBlank) -> Number:
    """The number, extended by the facts that one more of its columns shows."""
    match column:
        case Itself(logarithm=True):
            return replace(known, non_negative=True)
        case Within(low=low, high=high):
            return replace(known, minimum=low, maximum=high, non_negative=low >= 0)
        case IsBlank(value=value):
            return replace(known, blank=Blank(value, apart=True))
        case _:
            return known
