"""Groups: the values of a table that always occur together, compared with a search of every pair."""

import itertools

import numpy as np
import pandas as pd
import pytest

from churn.model.fields import Where
from churn.model.groups import Group
from churn.training.fit import learn_contract
from churn.training.groups import FEWEST_ROWS, MOST_GROUPS, describe_groups, find_groups
from churn.training.split import split_table
from churn.training.table import read_table
from tests.customers import CSV

ROWS = 1_000
NONE = pd.DataFrame({"phone": [], "lines": [], "member": []})


def customers_with(off: int) -> pd.DataFrame:
    """Customers of whom `off` have no phone; exactly these have no lines and are members."""
    phone = np.array(["no"] * off + ["yes"] * (ROWS - off))
    lines = np.where(phone == "no", "no_phone", np.resize(["one", "two"], ROWS))
    return pd.DataFrame({"phone": phone, "lines": lines, "member": (phone == "no").astype(float)})


def groups_of(customers, test=NONE):
    return find_groups(learn_contract(customers), customers, test).groups


OFF = Group((Where("phone", "no"), Where("lines", "no_phone"), Where("member", 1.0)))
ON = Group((Where("phone", "yes"), Where("member", 0.0)))


def test_values_that_always_occur_together_form_a_group_and_flags_count_as_values():
    assert groups_of(customers_with(off=400)) == (ON, OFF)


@pytest.mark.parametrize(("off", "groups"), [(300, {OFF, ON}), (299, {ON}), (700, {OFF, ON}), (701, {OFF})])
def test_a_group_needs_300_rows(off, groups):
    assert set(groups_of(customers_with(off))) == groups


def test_a_group_needs_one_percent_of_the_rows():
    few = customers_with(off=FEWEST_ROWS)
    many = pd.concat([few, *[customers_with(off=0)] * 30], ignore_index=True)
    assert groups_of(many) == (ON,)
    assert groups_of(many.iloc[:30_000]) == (ON, OFF)


@pytest.mark.parametrize("field", ["phone", "lines", "member"])
def test_one_customer_that_has_one_value_without_the_others_ends_a_group_in_either_part(field):
    customers = customers_with(off=400)
    other = customers.iloc[[0]].assign(**{field: {"phone": "yes", "lines": "one", "member": 0.0}[field]})
    for groups in (groups_of(pd.concat([customers, other], ignore_index=True)), groups_of(customers, other)):
        values = [value for group in groups for value in group.values]
        assert field not in [value.field for value in values] or OFF not in groups
        assert OFF not in groups


def test_a_blank_is_in_no_group_and_neither_is_a_value_that_all_customers_have():
    customers = customers_with(off=400).assign(country="nl", region="north")
    customers["lines"] = customers["lines"].replace("no_phone", "")
    customers["member"] = customers["member"].replace(1.0, np.nan)
    assert groups_of(customers) == ()


def test_the_fifty_groups_in_the_most_rows_are_kept():
    sizes = [FEWEST_ROWS + place for place in range(MOST_GROUPS + 2)]
    values = np.repeat([f"v{place}" for place in range(len(sizes))], sizes)
    customers = pd.DataFrame({"state": values, "name": [f"n_{value}" for value in values]})
    groups = groups_of(customers, customers)
    assert len(groups) == MOST_GROUPS
    kept = {group.values[0].equals for group in groups}
    assert {f"v{place}" for place in range(len(sizes))} - kept == {"v0", "v1"}


def test_the_real_table_has_two_groups_one_of_seven_fields_and_one_of_two():
    table = read_table(CSV)
    split = split_table(table, folds=5)
    train, test = (table.customers.iloc[rows] for rows in (split.train, split.test))
    groups = find_groups(learn_contract(train), train, test).groups
    assert [str(group.values[0]) for group in groups] == ["phoneservice no", "internetservice no"]
    assert [len(group.values) for group in groups] == [2, 7]
    assert {value.equals for value in groups[1].values[1:]} == {"no_internet_service"}
    assert "phoneservice no with multiplelines no_phone_service" in describe_groups(groups)


def test_the_sums_find_what_a_search_of_all_pairs_finds():
    random = np.random.default_rng(7)
    for _ in range(5):
        base = random.integers(0, 3, size=(ROWS, 3)).astype(str)
        columns = {f"c{place}": base[:, place] for place in range(3)}
        columns |= {f"d{place}": np.where(base[:, place] == "1", "p", base[:, (place + 1) % 3]) for place in range(3)}
        customers = pd.DataFrame(columns)
        places = {name: place for place, name in enumerate(customers)}
        masks = {(name, value): (customers[name] == value).to_numpy() for name in customers for value in "012p"}
        large = {key: mask for key, mask in masks.items() if mask.sum() >= FEWEST_ROWS}
        pairs = {
            frozenset((first, second))
            for first, second in itertools.combinations(large, 2)
            if (large[first] == large[second]).all()
        }
        found = groups_of(customers, customers)
        told = {frozenset(pair) for group in found for pair in itertools.combinations(map(pair_of, group.values), 2)}
        assert told == pairs
        assert told
        assert all(
            [places[value.field] for value in group.values] == sorted(places[value.field] for value in group.values)
            for group in found
        )


def pair_of(value: Where) -> tuple[str, str]:
    return value.field, value.equals
