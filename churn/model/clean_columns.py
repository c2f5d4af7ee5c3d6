"""Clean spelling for the columns of a model file without a card, whatever spelling it was trained in.

Refuses two columns or two fields that become one, and a field that is both a number and a text.
"""

from collections.abc import Mapping

from churn.model.columns import Column, Itself, OneCategory, category_column, log_column, read_column
from churn.model.spelling import clean
from churn.pickles.file_words import show_text
from churn.pickles.linear_model import LinearModel

_SEPARATORS = ("=", ":", "==", "::")  # tried where clean names can't be read with the model's own


def clean_columns(linear: LinearModel) -> LinearModel:
    """The model with its columns in clean spelling: `Contract=Two year` becomes `contract=two_year`.

    Its separator is replaced if a clean name would be read as something else, as in `Senior Citizen_yes`. Raises
    ValueError for columns or fields that become one in clean spelling, and for a field that is a number in some of
    its columns and a category in others; the error names both columns.

    >>> clean_columns(LinearModel({"Contract=Two year": -0.5, "Tenure": 0.1}, 0.0, "=", (0, 1))).weights
    {'contract=two_year': -0.5, 'tenure': 0.1}
    """
    columns = {name: read_column(name, separator=linear.separator) for name in linear.weights}
    cleaned = {name: _clean(column) for name, column in columns.items()}
    _check_columns(cleaned)
    _check_fields(columns)
    for separator in (linear.separator, *_SEPARATORS):
        spelled = {name: _spell(column, name, separator) for name, column in cleaned.items()}
        if all(read_column(spelled[name], separator=separator) == column for name, column in cleaned.items()):
            weights = {spelled[name]: weight for name, weight in linear.weights.items()}
            return linear._replace(weights=weights, separator=separator)
    raise ValueError("has columns whose names mean something else in clean spelling: train it with clean names")


def _clean(column: Column) -> Column:
    """The column in clean spelling. Columns of curves and pairs come from train.py and are already clean."""
    match column:
        case OneCategory(field, category):
            return OneCategory(clean(field), clean(category))
        case Itself(field, logarithm):
            return Itself(clean(field), logarithm=logarithm)
        case _:
            return column


def _spell(column: Column, name: str, separator: str) -> str:
    match column:
        case OneCategory(field, category):
            return category_column(field, category, separator=separator)
        case Itself(field, logarithm):
            return log_column(field) if logarithm else field
        case _:
            return name


def _check_columns(cleaned: Mapping[str, Column]) -> None:
    known: dict[Column, str] = {}
    for name, column in cleaned.items():
        first = known.setdefault(column, name)
        if first != name:
            raise ValueError(
                f"its columns {show_text(first)} and {show_text(name)} are one in clean spelling: {_ADVICE}"
            )


def _check_fields(columns: Mapping[str, Column]) -> None:
    """Raises ValueError for two fields that become one in clean spelling, or for a field of two kinds."""
    known: dict[str, tuple[str, Column]] = {}
    for name, column in columns.items():
        if not isinstance(column, OneCategory | Itself):
            continue
        first_name, first = known.setdefault(clean(column.field), (name, column))
        assert isinstance(first, OneCategory | Itself)
        both = f"as its columns {show_text(first_name)} and {show_text(name)} say"
        if type(first) is not type(column):
            words = "is a number in some rows and a text in others"
            raise ValueError(
                f"its field {show_text(column.field)} {words}, {both}: train it with numbers or with texts only"
            )
        if first.field != column.field:
            fields = f"{show_text(first.field)} and {show_text(column.field)}"
            raise ValueError(f"its fields {fields} are one in clean spelling, {both}: {_ADVICE}")


_ADVICE = "train it with one spelling"
