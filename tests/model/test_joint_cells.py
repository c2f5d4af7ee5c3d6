"""Combinations of fields: each one that the contract allows occurs once, in as few parts as their number allows."""

from itertools import product

from churn.model.contract import Contract, list_values
from churn.model.fields import Category, Flag, Number, Where
from churn.model.groups import Group
from churn.model.joint_cells import MOST_CELLS, groups_across, join_fields


def test_fields_of_a_group_come_first_and_contradicting_combinations_are_left_out():
    group = Group((Where("phone", "no"), Where("lines", "no_phone")))
    fields = (
        Flag("senior"),
        Category("phone", ("no", "yes")),
        Number("tenure"),
        Category("lines", ("no_phone", "two")),
    )
    (joint,) = join_fields(Contract(fields, (group,)))
    assert [field.name for field in joint.fields] == ["phone", "lines", "senior"]
    pairs = [("no", "no_phone"), ("yes", "two")]
    assert list(joint.combinations) == [(*pair, senior) for pair in pairs for senior in (0.0, 1.0)]
    assert joint.find("abcd")["yes", "two", True] == "d"


def test_the_cells_of_the_shipped_contract_are_the_combinations_without_a_contradiction(shipped):
    contract = shipped.scorer.contract
    parts = join_fields(contract)
    assert groups_across(contract, parts) is None
    for part in parts:
        names = [field.name for field in part.fields]
        every = product(*map(list_values, part.fields))
        allowed = [values for values in every if not contradict(contract, dict(zip(names, values, strict=True)))]
        assert set(part.combinations) == set(allowed)
        assert len(part.combinations) == len(allowed)
    assert [len(part.combinations) for part in parts] == [129, 144, 8]


def contradict(contract, customer) -> bool:
    return any(group.find_problem(customer) for group in contract.groups)


def test_more_combinations_than_a_part_may_have_start_another_part():
    large = Category("city", tuple(f"city_{number}" for number in range(1000)))
    flags = [Flag(f"flag_{number}") for number in range(10)]
    parts = join_fields(Contract((*flags[:9], large, flags[9])))
    assert [len(part.combinations) for part in parts] == [1000, MOST_CELLS, 4]
    assert parts[0].find(range(1000))["city_17"] == 17
    assert join_fields(Contract((Number("tenure"),))) == []


def test_a_code_and_its_name_are_one_part_however_many_there_are():
    codes, names = (tuple(f"{kind}_{number}" for number in range(600)) for kind in ("code", "name"))
    groups = tuple(Group((Where("code", one), Where("name", other))) for one, other in zip(codes, names, strict=True))
    (part,) = join_fields(Contract((Category("code", codes), Category("name", names)), groups))
    assert set(part.combinations) == set(zip(codes, names, strict=True))


def test_groups_that_are_too_large_for_a_part_are_checked_separately():
    fields = [Category("phone", ("no", "yes")), *(Category(f"f{number}", ("no", "none", "x")) for number in range(9))]
    group = Group((Where("phone", "no"), *(Where(field.name, "none") for field in fields[1:])))
    contract = Contract(tuple(fields), (group,))
    parts = join_fields(contract)
    fields, contradicts = groups_across(contract, parts)
    assert len(parts) > 1
    assert fields == tuple(field.name for field in contract.fields)
    assert not contradicts(["yes", *["x"] * 9])
    assert not contradicts(["no", *["none"] * 9])
    assert contradicts(["yes", *["x"] * 8, "none"])
    assert contradicts(["no", *["x"] * 9])
