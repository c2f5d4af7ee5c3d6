"""The effect of each field by itself: against its columns by hand, and against the reasons of every customer."""

import numpy as np
import pytest

from churn.model.curves import Curve, Piece
from churn.model.explaining import Explainer
from churn.model.interactions import Axis
from churn.model.number_part import NumberPart
from churn.model.scoring import Scorer
from churn.report.own_parts import MOST_VALUES, find_own_parts, known_numbers, outline_known, weigh_numbers
from tests.shaped import AXES, COLUMNS, CONTRACT, CUSTOMERS, INTERCEPT, count_shares
from tests.shaped_findings import find_shaped

PART = NumberPart(
    Curve("x", (0.0, 2.0), (Piece(0.0, 0.0, 0.0, 0.0), Piece(0.0, 0.0, 1.0, 0.0), Piece(2.0, 2.0, 0.0, 0.0))),
    ((Axis("x", cuts=(1.0,)), (0.0, -1.0)),),
)
"""It rises by 1 a unit from 0 to 2, and at 1 it falls by 1."""
FIELDS = {field.name: field for field in CONTRACT.fields}


@pytest.fixture(scope="module")
def findings():
    return find_shaped()


@pytest.fixture(scope="module")
def parts(findings):
    fit = findings.fit
    return find_own_parts(findings.split.table.customers, fit.contract, fit.dv, fit.model)


def test_a_number_in_no_pair_is_the_sum_of_its_columns(parts):
    numbers = [-80.0, -50.0, -12.5, 0.0, 100.0, 250.0, 300.0]
    columns = [(part, weight) for part, weight in COLUMNS if "balance" in part.name]
    expected = [sum(weight * part.of({"balance": number}) for part, weight in columns) for number in numbers]
    assert [parts.numbers["balance"].log_odds(number) for number in numbers] == pytest.approx(expected)
    assert parts.shaped == {"tenure", "charges", "balance"}


def test_the_shares_of_a_pairs_cells_are_those_of_the_customers(parts):
    assert [table.shares for table in parts.together] == [count_shares(*axes) for axes in AXES]


def test_own_parts_and_halves_of_pairs_are_the_reasons_of_every_customer(findings, parts):
    fit, customers = findings.fit, findings.split.table.customers
    scorer = Scorer(CONTRACT, {part.name: weight for part, weight in COLUMNS}, intercept=INTERCEPT)
    explainer = Explainer(scorer, fit.average, [count_shares(*axes) for axes in AXES])
    own = {name: weigh_numbers(part, known_numbers(customers, FIELDS[name])) for name, part in parts.numbers.items()}
    own |= {name: customers[name].map(values).to_numpy() for name, values in parts.values.items()}
    for name, log_odds in own.items():
        own[name] = log_odds - log_odds.mean()
    for row, customer in enumerate(CUSTOMERS):
        expected = {name: log_odds[row] for name, log_odds in own.items()}
        cells = scorer.find_cells(customer)
        for (interaction, purified, _), (down, across) in zip(parts.together, cells, strict=True):
            for field in (interaction.first.field, interaction.second.field):
                expected[field] += purified.log_odds[down][across] / 2
        reasons = explainer.explain(customer).reasons
        assert {reason.field: reason.contribution for reason in reasons} == pytest.approx(expected, abs=1e-9)


def test_a_blank_with_its_own_weight_adds_it_to_the_number_that_it_stands_for(parts):
    charges = parts.numbers["charges"]
    assert charges.blank == pytest.approx(charges.log_odds(65.0) + 0.45)
    assert weigh_numbers(charges, np.array([np.nan, 65.0])).tolist() == pytest.approx(
        [charges.blank, charges.blank - 0.45]
    )


def test_an_outline_of_many_values_has_the_bends_and_both_sides_of_a_step():
    outline = outline_known(PART, np.linspace(-2, 12, MOST_VALUES + 1), between=[1.0])
    assert not outline.has_all
    assert outline.x.tolist() == [-2, 0, 1, 1, 2, 12]
    assert outline.log_odds.tolist() == pytest.approx([0, 0, 1, 0, 1, 1])


def test_an_outline_of_a_few_values_has_only_these():
    outline = outline_known(PART, np.array([2.0, 0.0, 1.0, 2.0]), between=[0.5])
    assert outline.has_all
    assert outline.x.tolist() == [0, 1, 2]
    assert outline.log_odds.tolist() == [0, 0, 1]
