"""The contract of an adopted model, joined from two sources.

The names of the model's columns give the fields, their kinds and categories. The table gives the ranges, what a blank
stands for, the marks and the words for missing. Limits and groups are learned later, from this contract.
"""

from churn.errors import TableError
from churn.model.columns import Both, Itself, OneCategory, read_column
from churn.model.contract import Contract
from churn.model.fields import Category, Field, Flag, Number
from churn.pickles.linear_model import LinearModel
from churn.training.adopted_table import AdoptedTable
from churn.training.fit import learn_contract
from churn.training.foreign_model import ForeignModel


def learn_fields(foreign: ForeignModel, adopted: AdoptedTable) -> Contract:
    """The fields of a model in the order of its table: kinds and categories from the model, the rest from the table.

    Raises TableError for a number that is blank in every row.
    """
    table, known = adopted.table, {field.name: field for field in foreign.contract.fields}
    learned = {field.name: field for field in learn_contract(table.customers, table.marks, table.missing).fields}
    shaped = _find_shaped(foreign.linear)
    fields: list[Field] = []
    for name in map(str, table.customers):
        field = known[name]
        if isinstance(field, Category):
            fields.append(_join_category(field, learned.get(name)))
        elif name not in learned:
            raise TableError(table.path, f"{name!r} is blank in every row, and can't be a field")
        else:
            fields.append(_join_number(field, learned[name], is_shaped=name in shaped))
    return Contract(tuple(fields))


def _find_shaped(linear: LinearModel) -> set[str]:
    """The names of the numbers that have any column other than the number itself."""
    columns = (read_column(name, separator=linear.separator) for name in linear.weights)
    return {
        column.field
        for column in columns
        if not isinstance(column, OneCategory | Both) and column != Itself(column.field)
    }


def _join_category(known: Category, learned: Field | None) -> Category:
    """The categories that the model has columns for, and the table's words for a blank."""
    missing = learned.missing if isinstance(learned, Category) else ()
    return Category(known.name, tuple(sorted(known.categories)), missing)


def _join_number(known: Field, learned: Field, *, is_shaped: bool) -> Field:
    """A number, or a flag where the table has only 0 and 1 and the model's one column uses them unchanged."""
    if isinstance(learned, Flag) and not is_shaped:
        return learned
    if isinstance(learned, Flag):
        learned = Number(learned.name, 0.0, 1.0, non_negative=True)
    if not isinstance(known, Number) or not isinstance(learned, Number):
        raise TypeError(known.name)  # adopted_table reads numbers as numbers
    blank, non_negative = known.blank or learned.blank, known.non_negative or learned.non_negative
    low, high = (max(limit or 0.0, 0.0) if non_negative else limit for limit in (learned.minimum, learned.maximum))
    return Number(learned.name, low, high, non_negative, blank, learned.marks, learned.missing)
