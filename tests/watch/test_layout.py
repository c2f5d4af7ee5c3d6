"""The places where customers are counted: in a list as alone, and each as the contract and the bins read it."""

from collections import Counter
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.errors import CustomerError
from churn.model import joint_cells
from churn.model.bins import find_edges
from churn.model.contract import Contract
from churn.model.fields import Blank, Number
from churn.model.scoring import Scorer, probability
from churn.watch.layout import Layout, ListCounts
from tests.customers import CLEAN_CUSTOMERS, RAW_CUSTOMERS
from tests.drawn_contracts import customers_of, shaped_scorers


@pytest.fixture(scope="module")
def layout(shipped) -> Layout:
    numbers = shipped.scorer.contract.numbers
    edges = {field.name: find_edges(row[field.name] for row in CLEAN_CUSTOMERS) for field in numbers}
    return Layout(shipped.scorer, edges, threshold=0.3)


def place(scorer, customers):
    placed = [scorer.place(customer) for customer in customers]
    return placed, [probability(log_odds) for log_odds, _, _ in placed]


def count_alone(layout, placed, probabilities) -> list[int]:
    row = [0] * layout.n_places
    for customer, churn_probability in zip(placed, probabilities, strict=True):
        for place in layout.find_places(customer, churn_probability):
            row[place] += 1
    return row


def count_list(layout, placed, probabilities) -> list[int]:
    counted = ListCounts(layout)
    for customer, churn_probability in zip(placed, probabilities, strict=True):
        counted.add(customer, churn_probability)
    counted.finish()
    return [counted.places[place] for place in range(layout.n_places)]


def test_every_customer_of_the_table_is_counted_once_in_each_field_alone_in_lists_and_as_the_file_spells_it(
    layout, shipped
):
    placed, probabilities = place(shipped.scorer, CLEAN_CUSTOMERS)
    counts = layout.read_counts(count_alone(layout, placed, probabilities))
    assert counts.answers == 7043
    for name, bins in layout.bins.items():
        expected = Counter(bins.place(customer[name]) for customer in CLEAN_CUSTOMERS)
        assert counts.fields[name] == [expected[place] for place in range(bins.n_places)], name
    assert counts.fields["contract"] == [3875, 1473, 1695]  # of the published table
    assert sum(counts.probabilities[layout.probability_bins.n_below :]) == sum(p >= 0.3 for p in probabilities)
    assert layout.read_counts(count_list(layout, placed, probabilities)) == counts
    raw, probabilities = place(shipped.scorer, RAW_CUSTOMERS)
    assert layout.read_counts(count_alone(layout, raw, probabilities)) == counts
    assert layout.read_counts(count_list(layout, raw, probabilities)) == counts


@settings(max_examples=80, deadline=None)
@given(st.data())
@pytest.mark.parametrize("count", [count_alone, count_list])
def test_a_customer_in_any_spelling_is_counted_as_the_contract_reads_it(count, data):
    with patch.object(joint_cells, "MOST_CELLS", data.draw(st.sampled_from([1, 4, 256]))):
        scorer = data.draw(shaped_scorers())
    contract = scorer.contract
    drawn = [data.draw(customers_of(contract)) for _ in range(data.draw(st.integers(1, 4)))]
    customers = [customer for customer in drawn if is_taken(scorer, customer)]
    layout = Layout(scorer, {field.name: (1.0, 12.0) for field in contract.numbers}, threshold=0.5)
    counts = layout.read_counts(count(layout, *place(scorer, customers)))
    read = [contract.read_customer(customer) for customer in customers]
    for name, bins in layout.bins.items():
        expected = Counter(bins.place(customer[name]) for customer in read)
        assert counts.fields[name] == [expected[place] for place in range(bins.n_places)], name


@pytest.mark.parametrize("incomes", [["", ""], ["", 5.0, ""], [5.0], [""] * 100, ["", 5.0] * 50 + [2.5], [5.0] * 100])
def test_blanks_with_their_own_weight_have_their_own_place_whoever_else_is_in_a_list(incomes):
    weights = {"within(income,0.0,9.0)": 0.5, "blank(income,4.0)": 0.25}
    scorer = Scorer(Contract((Number("income", 0.0, 9.0, blank=Blank(4.0, apart=True)),)), weights, intercept=0.0)
    layout = Layout(scorer, {"income": (3.0,)}, threshold=0.5)
    placed = place(scorer, [{"income": income} for income in incomes])
    counts = layout.read_counts(count_list(layout, *placed))
    assert counts.fields["income"] == [0, incomes.count(2.5), incomes.count(5.0), 0, incomes.count("")]
    assert counts == layout.read_counts(count_alone(layout, *placed))


def is_taken(scorer, customer) -> bool:
    try:
        scorer.log_odds(customer)
    except CustomerError:
        return False
    return True


def test_a_row_that_does_not_add_up_is_refused_as_counts(layout, shipped):
    row = count_alone(layout, *place(shipped.scorer, CLEAN_CUSTOMERS[:9]))
    row[-1] += 1
    with pytest.raises(ValueError, match="do not add up"):
        layout.read_counts(row)
