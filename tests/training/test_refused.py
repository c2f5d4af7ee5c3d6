"""The customers that a contract refuses: which, how many, for which fields, and in which words."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.errors import CustomerError
from churn.model.fields import Category
from churn.training.fit import learn_contract
from churn.training.refused import Refused, count_refused, taken_customers
from churn.training.table import read_table
from tests.customers import CSV
from tests.drawn_contracts import contracts, customers_of


def test_customers_that_the_contract_refuses_are_found_and_counted_by_field():
    seen = read_table(CSV).customers.iloc[:100]
    contract = learn_contract(seen)
    strange = seen.iloc[:3].copy()
    strange.loc[0, "gender"] = "unheard_of"
    strange.loc[1, ["gender", "tenure"]] = ["unheard_of", -1.0]
    assert list(taken_customers(strange, contract)) == [False, False, True]
    assert count_refused(strange, contract) == Refused(2, {"gender": 2, "tenure": 1})


def test_at_most_ten_fields_are_named_the_largest_first_and_the_others_counted():
    fields = {f"f{number:02}": 1000 + number for number in range(12)}
    words = Refused(1011, fields).describe()
    assert words.startswith("f11: 1,011, f10: 1,010, f09: 1,009, ")
    assert words.endswith("f02: 1,002, and 2 more")
    assert Refused(9, dict.fromkeys("badc", 3)).describe() == "a: 3, b: 3, c: 3, d: 3"


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_exactly_those_are_refused_that_the_contract_refuses_one_by_one_and_for_the_same_fields(data):
    contract = data.draw(contracts())
    records = data.draw(st.lists(customers_of(contract), min_size=1, max_size=8))
    columns = {}
    for field in contract.fields:
        cells = [as_in_a_table(field, record[field.name]) for record in records]
        columns[field.name] = pd.Series(cells, dtype="str" if isinstance(field, Category) else "float64")
    customers = pd.DataFrame(columns)
    taken, fields = [], {}
    for record in customers.astype(object).where(customers.notna(), "").to_dict(orient="records"):
        try:
            contract.read_customer(record)
        except CustomerError as refusal:
            taken.append(False)
            for name in {problem.field for problem in refusal.problems}:
                fields[name] = fields.get(name, 0) + 1
        else:
            taken.append(True)
    assert taken_customers(customers, contract).tolist() == taken
    assert count_refused(customers, contract) == Refused(taken.count(False), fields)


def as_in_a_table(field, value):
    """The value as read_table has it: a blank is an empty text or NaN, and no number is infinite."""
    if isinstance(field, Category):
        text = "" if value is None else str(value).strip().lower()
        return "" if text in field.missing else text
    numbers = {"-1": -1.0, "20": 20.0, "20.0": 20.0, "0": 0.0, "1": 1.0}
    number = numbers.get(value, np.nan) if isinstance(value, str) or value is None else float(value)
    return np.nan if np.isinf(number) or number in getattr(field, "missing_numbers", ()) else number
