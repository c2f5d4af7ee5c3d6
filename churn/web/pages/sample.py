"""A sample customer list that the service can score, which the page offers before a list is dropped.

Its customers are the card's golden customers, the form's example, and others spread over the values of each field.
"""

from collections.abc import Iterator, Mapping

from churn.errors import CustomerError
from churn.model.contract import Contract, list_values
from churn.model.fields import Category, Flag, Number, Value
from churn.model.file import Model
from churn.model.groups import choose_values
from churn.model.spelling import clean
from churn.web.pages.example import example_customer
from churn.web.pages.labels import label_category

ROWS = 10
_ID = "customer_id"


def make_sample(model: Model) -> dict[str, list[str] | list[list[str]]]:
    """The `names` and `rows` of up to ROWS customers that the model's contract accepts; the first column is an id."""
    contract = model.scorer.contract
    names = [field.name for field in contract.fields]
    found: dict[tuple[str, ...], None] = {}  # in order, without duplicates
    for customer in _find_customers(model):
        if not customer.keys() >= set(names):
            continue  # a golden customer without some of the contract's fields
        cells = tuple(_spell(field, customer[field.name]) for field in contract.fields)
        if len(found) < ROWS and _is_taken(contract, dict(zip(names, cells, strict=True))):
            found[cells] = None
    own = _ID
    while own in names:
        own = f"own_{own}"
    rows = [[f"S-{number:02}", *cells] for number, cells in enumerate(found, start=1)]
    return {"names": [own, *names], "rows": rows}


def _find_customers(model: Model) -> Iterator[Mapping[str, Value]]:
    contract = model.scorer.contract
    if model.card:
        first = model.card.golden[0].customer
        yield from ({**first, **golden.customer} for golden in model.card.golden[:ROWS])
    yield example_customer(contract, model.card.average if model.card else None)
    yield from _spread_customers(contract)


def _spread_customers(contract: Contract) -> Iterator[dict[str, Value]]:
    """Customers whose numbers rise from one end of the training range to the other, with changing categories."""
    for place in range(ROWS):
        wanted = {field.name: _turn(list_values(field) or ("",), place) for field in contract.fields}
        chosen = choose_values(wanted, contract.groups)
        if chosen is None:
            return
        numbers = {field.name: _number_at(field, (place + 0.5) / ROWS) for field in contract.numbers}
        yield {**chosen, **numbers}


def _turn(values: tuple[Value, ...], place: int) -> list[Value]:
    start = place % len(values)
    return [*values[start:], *values[:start]]


def _number_at(field: Number, share: float) -> float:
    if field.minimum is None or field.maximum is None:
        return 1.0
    return field.minimum + (field.maximum - field.minimum) * share


def _spell(field: Category | Flag | Number, value: Value) -> str:
    """The text of a value's cell: a category's label if it is read as that category, a number without ambiguity."""
    if isinstance(field, Category):
        label = label_category(str(value)) if value else ""
        return label if clean(label) == value else str(value)
    if isinstance(value, str):
        return value
    is_whole = isinstance(field, Flag) or (_is_whole(field.minimum) and _is_whole(field.maximum))
    return f"{value:.0f}" if is_whole else f"{value:.2f}" if abs(value) >= 1 else f"{value:.2g}"


def _is_whole(end: float | None) -> bool:
    return end is not None and float(end).is_integer()


def _is_taken(contract: Contract, customer: Mapping[str, str]) -> bool:
    try:
        contract.read_customer(dict(customer))
    except CustomerError:
        return False
    return True
