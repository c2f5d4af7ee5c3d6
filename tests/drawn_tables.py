"""Tables and customers drawn from a seed: training tables with blanks of every kind, and customers of such a table
in every type and spelling, and with every slip, that a request or a file can have.
"""

import math
import random

import pandas as pd

from tests.second_reading import Rule, fold, learn_rules
from tests.ways_in import Customers

Column = list[str]

_SLIPS = {
    "text": [
        "",
        " ",
        None,
        "unheard of",
        "nan",
        "inf",
        "1e999",
        "-1",
        "2",
        "0x1",
        "1_000",
        "true",
        "null",
        "\u0663",
        "$5",
        "7 %",
        "1,234",
    ],
    "int": [None, -1, 2, 0],
    "float": [None, -1.0, 2.0, math.nan, math.inf, -math.inf, 1e6],
    "bool": [None, True],
}
_FORMS = {
    "category": ["text"],
    "true or false": ["text", "bool"],
    "flag": ["text", "int", "float", "bool"],
    "number": ["text", "int", "float"],
}
_WRONG_FORMS = 0.01  # share of the columns with a form that their kind may not have


def draw_table(chance: random.Random, n_rows: int) -> pd.DataFrame:
    """A table of texts with a target `churn`: some columns of each kind, with and without blanks."""
    kinds = ("category", "true or false", "zero or one", "number", "blank")
    drawn = chance.choices(kinds, weights=(4, 3, 3, 5, 1), k=chance.randint(3, 8))
    table = {f"{kind.title()} {place}": _draw_column(kind, chance, n_rows) for place, kind in enumerate(drawn)}
    for other in [name for name in table if chance.random() < 0.4]:
        table[f"Explained by {other}"] = _draw_explained(table[other], chance)
    table["churn"] = ["yes", "no", *chance.choices(["yes", "no"], k=n_rows - 2)]
    return pd.DataFrame(table)


def _draw_column(kind: str, chance: random.Random, n_rows: int) -> Column:
    if kind == "blank":
        return [chance.choice(["", " "]) for _ in range(n_rows)]
    known = {
        "category": ["Basic", "Two year", "A & B", "no"],
        "true or false": ["True", "False"],
        "zero or one": ["0", "1"],
        "number": [_draw_number(chance) for _ in range(n_rows)],
    }[kind]
    column = [*known, *chance.choices(known, k=n_rows)][:n_rows]
    chance.shuffle(column)
    n_blank = chance.choice([0, 1, 4, 5, n_rows // 3])
    for row in chance.sample(range(n_rows), n_blank):
        column[row] = chance.choice(["", " "])
    return column


def _draw_number(chance: random.Random) -> str:
    number = chance.choice([0, chance.randint(0, 72), round(chance.uniform(-50, 500), 2), chance.randint(-5, 5)])
    return chance.choice([f"{number}", f" {number} ", f"{number:+}", f"{float(number)}"])


def _draw_explained(other: Column, chance: random.Random) -> Column:
    """Numbers that are blank exactly where the other column has one of its values."""
    here = fold(chance.choice(other))
    return ["" if fold(cell) == here else str(chance.randint(1, 90)) for cell in other]


def as_typed(table: pd.DataFrame, rules: dict[str, Rule], chance: random.Random) -> Customers:
    """A table's rows with numbers as numbers, true and false as booleans, and None for each blank."""
    customers = [{} for _ in range(len(table))]
    for name in table:
        form = _typed_form(rules.get(fold(name), Rule("category")), chance)
        for customer, cell in zip(customers, table[name], strict=True):
            customer[name] = _as_form(cell, form) if cell.strip() else None
    return customers


def draw_customers(
    chance: random.Random,
    table: pd.DataFrame,
    rules: dict[str, Rule],
    n_customers: int,
    *,
    slips: float = 0.01,
    forms: dict[str, str] | None = None,
) -> Customers:
    """Customers like a table's rows, in one spelling of the names and one form for each column.

    `slips` is the share of the cells that become something odd. `forms` are the forms by folded name; the rest are
    drawn.
    """
    rows = table.sample(n_customers, replace=True, random_state=chance.randrange(2**32)).to_dict(orient="records")
    spell = chance.choice([str, fold, str.upper])
    forms = {name: (forms or {}).get(fold(name)) or _draw_form(rules.get(fold(name)), chance) for name in table}
    customers = []
    for number, row in enumerate(rows):
        for name in chance.sample(list(table), len(row) // 4):  # else all customers would be copies of training rows
            row[name] = table[name].iloc[chance.randrange(len(table))]
        _explain_blanks(row, rules, chance)
        customer = {"id": number}  # else a row of a CSV could be blank
        for name, cell in row.items():
            slip = chance.random() < slips
            customer[spell(name)] = _draw_slip(forms[name], chance) if slip else _draw_cell(cell, forms[name], chance)
        customers.append(customer)
    return customers


def scatter(customers: Customers, chance: random.Random, *, missing: float) -> Customers:
    """The customers in forms that only JSON has: each spells the names its own way and lacks some fields."""
    scattered = []
    for customer in customers:
        left = [name for name in customer if chance.random() >= missing]
        scattered.append({chance.choice([name, name.upper(), f" {fold(name)}"]): customer[name] for name in left})
    return scattered


def _kind(rule: Rule | None) -> str:
    if rule is None:
        return "category"
    return "true or false" if rule.known - {""} == {"true", "false"} else rule.kind


def _draw_form(rule: Rule | None, chance: random.Random) -> str:
    return chance.choice(list(_SLIPS) if chance.random() < _WRONG_FORMS else _FORMS[_kind(rule)])


def _typed_form(rule: Rule, chance: random.Random) -> str:
    forms = {"category": ["text"], "true or false": ["bool"], "flag": ["int", "bool"], "number": ["float"]}
    return chance.choice(forms[_kind(rule)])


def _explain_blanks(row: dict[str, str], rules: dict[str, Rule], chance: random.Random) -> None:
    """Blank the field of some rows and set the field that explains the blank."""
    names = {fold(name): name for name in row}
    for name, rule in rules.items():
        if rule.where and chance.random() < 0.15:
            row[names[name]] = ""
            row[names[rule.where[0]]] = str(rule.where[1])


def _draw_cell(cell: str, form: str, chance: random.Random) -> object:
    if not cell.strip():
        return chance.choice(["", " ", "\t", None]) if form == "text" else None
    if form == "text":
        return chance.choice([cell, fold(cell), cell.upper(), f" {cell} "])
    return _as_form(cell, form)


def _as_form(cell: str, form: str) -> object:
    """A cell as a value of a type; a cell without such a value, such as a text among numbers, becomes any value of
    it.
    """
    if form == "text":
        return cell
    if form == "bool":
        return fold(cell) in ("true", "1")
    try:
        number = float(cell)
    except ValueError:
        number = 1.0
    return int(number) if form == "int" else number


def _draw_slip(form: str, chance: random.Random) -> object:
    return chance.choice(_SLIPS[form])


def _draw_table_with_blanks() -> pd.DataFrame:
    chance, n_rows = random.Random(12), 120
    visits = [str(chance.choice([0, 1, 2, 5, 9])) for _ in range(n_rows)]

    def draw(*cells: str) -> Column:
        return chance.choices(cells, k=n_rows)

    columns = {
        "Plan Type": draw("Basic", "Two year", "Gold", "", " "),
        "Member": draw("True", "False", ""),
        "Paperless": draw("True", "False"),
        "Senior": draw("0", "1"),
        "Gift": draw("0", "1", ""),
        "Age": draw("20", "31.5", "64", "80", ""),
        "Visits": visits,
        "Paid": ["" if visit == "0" else f"{chance.uniform(5, 90):.2f}" for visit in visits],
        "Balance": draw("-20.5", "0", "12", "300"),
        "Note": draw("", " "),
        "churn": draw("yes", "no"),
    }
    return pd.DataFrame(columns)


WITH_BLANKS = _draw_table_with_blanks()
"""A training table with a field of each kind, with and without blanks: booleans, zeros and ones, a category, numbers
whose blank means the median, or 0 where there was no visit, and an all-blank column."""


def _draw_table_with_marks() -> pd.DataFrame:
    chance, n_rows = random.Random(14), 120
    visits = [chance.choice([0, 1, 2, 5, 9]) for _ in range(n_rows)]
    amounts = [round(chance.uniform(1, 9000), chance.randint(0, 2)) for _ in range(n_rows)]
    balances = [f"{chance.uniform(-5000, 5000):,.1f}".replace(",", "'") for _ in range(n_rows)]
    columns = {
        "Plan": chance.choices(["Basic", "Two year"], k=n_rows),
        "Member": chance.choices(["0", "1"], k=n_rows),
        "Age": [f"{chance.uniform(18, 90):.1f}" for _ in range(n_rows)],
        "Visits": [str(visit) for visit in visits],
        "Fee": [chance.choice(["${:,}", "$ {:,}", "{:,}$"]).format(amount) for amount in amounts],
        "Paid": ["" if not visit else f"{visit * 700:,} kr".replace(",", "\u00a0") for visit in visits],
        "Used": [f"{chance.randint(0, 100)}{chance.choice(['', ' '])}%" for _ in range(n_rows)],
        "Rebate": [chance.choice(["$0", "$1"]) for _ in range(n_rows)],
        "Balance": balances,
        "churn": chance.choices(["yes", "no"], k=n_rows),
    }
    return pd.DataFrame(columns)


WITH_MARKS = _draw_table_with_marks()
"""A training table whose numbers have a sign, thousands marks, both or neither; some are blank."""

FIFTY = draw_customers(
    random.Random(50),
    WITH_BLANKS.drop(columns="churn"),
    learn_rules(WITH_BLANKS.drop(columns="churn")),
    50,
    forms={
        "plan_type": "text",
        "member": "bool",
        "paperless": "bool",
        "senior": "bool",
        "gift": "int",
        "age": "float",
        "visits": "int",
        "paid": "float",
        "balance": "text",
        "note": "text",
    },
)
"""Fifty customers like those of WITH_BLANKS, one type for each column, with nulls, booleans and slips."""
