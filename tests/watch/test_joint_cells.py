"""Combinations of fields: each that the contract allows, once, in as few parts as their number allows."""

from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number, Where
from churn.model.groups import Group
from churn.watch.joint_cells import MOST_CELLS, join_fields


def test_fields_of_a_group_stand_first_and_combinations_that_contradict_are_left_out():
    group = Group((Where("phone", "no"), Where("lines", "no_phone")))
    fields = (
        Flag("senior"),
        Category("phone", ("no", "yes")),
        Number("tenure"),
        Category("lines", ("no_phone", "two")),
    )
    (joint,) = join_fields(Contract(fields, (group,)))
    assert joint.names == ("phone", "lines", "senior")
    pairs = [("no", "no_phone"), ("yes", "two")]
    assert list(joint.combinations) == [(*pair, senior) for pair in pairs for senior in (0.0, 1.0)]
    assert joint.cells[joint.key({"senior": True, "phone": "yes", "tenure": 3, "lines": "two"})] == 3


def test_more_combinations_than_a_part_may_have_begin_another_one():
    large = Category("city", tuple(f"city_{number}" for number in range(1000)))
    flags = [Flag(f"flag_{number}") for number in range(10)]
    parts = join_fields(Contract((*flags[:9], large, flags[9])))
    assert [len(part.cells) for part in parts] == [MOST_CELLS, 2, 1000, 2]
    assert parts[2].cells[parts[2].key({"city": "city_17"})] == 17
    assert join_fields(Contract((Number("tenure"),))) == []
