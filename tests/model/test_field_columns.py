"""The columns of each field: columns that are left over, missing or there twice are refused."""

import pytest
from msgspec.structs import replace

from churn.model.contract import Contract
from churn.model.field_columns import assign_columns
from churn.model.fields import Blank, Category, Flag, Number
from tests.shaped import COLUMNS, CONTRACT

WEIGHTS = {part.name: weight for part, weight in COLUMNS}
TENURE = {"within(tenure,0.0,72.0)": 0.1, "ramp(tenure,0.0,3.0)": 0.2}
SMALL = Contract((Category("plan", ("a", "b")), Flag("senior"), Number("tenure", 0.0, 72.0)))
OTHERS = {"plan=a": 0.1, "plan=b": 0.2, "senior": 0.3}


def test_each_column_belongs_to_its_field_or_to_two_fields():
    columns = assign_columns(CONTRACT, WEIGHTS)
    assert columns.names == WEIGHTS.keys()
    assert [*columns.by_field] == [field.name for field in CONTRACT.fields]
    assert columns.by_field["balance"] == {
        "within(balance,-50.0,250.0)": -0.002,
        "ramp(balance,-50.0,0.0)": 0.3,
        "ramp(balance,0.0,250.0)": -0.1,
    }
    assert [*columns.curves] == ["tenure", "charges", "balance"]
    assert {name for name in WEIGHTS if name.startswith("both(")} == columns.together.keys()
    fields = [(table.first.field, table.second.field) for table in columns.interactions]
    assert fields == [("contract", "tenure"), ("senior", "charges"), ("plan", "senior")]


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ({}, "no weight for 'tenure'"),
        ({"ramp(tenure,0.0,3.0)": 0.2}, "one range"),
        (TENURE | {"tenure": 0.1}, "no field of the contract reaches"),
        (TENURE | {"log1p(tenure)": 0.1}, "no field of the contract reaches"),
        (TENURE | {"ramp(tenure,0,3)": 0.1}, "two names"),
        (TENURE | {"blank(tenure,3.0)": 0.1}, "which the contract does not have"),
        (TENURE | {"ramp(senior,0.0,1.0)": 0.1}, "no field of the contract reaches"),
        (TENURE | {"ramp(age,0.0,1.0)": 0.1}, "no field of the contract reaches"),
        (TENURE | {'both("senior>=1.0","age>=3.0")': 0.1}, "'age' is not a field"),
        (TENURE | {'both("senior>=1.0","plan=c")': 0.1}, "'plan' is not a field"),
        (TENURE | {'both("senior>=1.0","plan>=1.0")': 0.1}, "'plan' is not a field"),
        (TENURE | {'both("senior>=1.0","tenure=3")': 0.1}, "'tenure' is not a field"),
        (TENURE | {'both("senior=*","tenure>=3.0")': 0.1}, "'senior' is not a field"),
        (TENURE | {'both("plan=a","tenure>=3")': 0.1, 'both("plan=a","tenure>=3.0")': 0.1}, "two names"),
        (TENURE | {'both("plan=a","tenure>=3")': 0.1, 'both("pl\\u0061n=a","tenure>=3")': 0.1}, "two names"),
        (TENURE | {'both("plan=a","tenure>=3"': 0.1}, "no field of the contract reaches"),
    ],
)
def test_columns_that_do_not_fit_the_contract_are_refused(weights, reason):
    with pytest.raises(ValueError, match=reason):
        assign_columns(SMALL, OTHERS | weights)


@pytest.mark.parametrize(
    ("weights", "reason"), [(TENURE, "no weight for its blanks"), ({"tenure": 0.1}, "has no curve")]
)
def test_a_blank_with_its_own_weight_in_the_contract_needs_that_weight(weights, reason):
    apart = replace(SMALL.fields[2], blank=Blank(3.0, apart=True))
    contract = Contract((*SMALL.fields[:2], apart))
    with pytest.raises(ValueError, match=reason):
        assign_columns(contract, OTHERS | weights)
    assert assign_columns(contract, OTHERS | TENURE | {"blank(tenure,3.0)": 1.0}).curves["tenure"].blank is not None


def test_a_field_named_like_the_beginning_of_a_column_keeps_its_own_columns_with_a_contract():
    contract = Contract((Category("ramp(a", ("b,1.0,2.0)",)), Number("blank(a,1.0)")))
    columns = assign_columns(contract, {"ramp(a=b,1.0,2.0)": 0.1, "blank(a,1.0)": 0.2})
    assert columns.by_field == {"ramp(a": {"ramp(a=b,1.0,2.0)": 0.1}, "blank(a,1.0)": {"blank(a,1.0)": 0.2}}
