"""The customers that a contract refuses: which, how many, for which fields, and in which words."""

from churn.training.fit import learn_contract
from churn.training.refused import Refused, count_refused, taken_customers
from churn.training.table import read_table
from tests.customers import CSV


def test_customers_that_the_contract_refuses_are_told_apart_and_counted_by_field():
    seen = read_table(CSV).customers.iloc[:100]
    contract = learn_contract(seen)
    strange = seen.iloc[:3].copy()
    strange.loc[0, "gender"] = "unheard_of"
    strange.loc[1, ["gender", "tenure"]] = ["unheard_of", -1.0]
    assert list(taken_customers(strange, contract)) == [False, False, True]
    assert count_refused(strange, contract) == Refused(2, {"gender": 2, "tenure": 1})


def test_ten_fields_at_most_are_named_the_largest_first_and_the_others_counted():
    fields = {f"f{number:02}": 1000 + number for number in range(12)}
    words = Refused(1011, fields).describe()
    assert words.startswith("f11: 1,011, f10: 1,010, f09: 1,009, ")
    assert words.endswith("f02: 1,002, and 2 more")
    assert Refused(9, dict.fromkeys("badc", 3)).describe() == "a: 3, b: 3, c: 3, d: 3"
