"""Where customers are counted: a list as its customers alone, and each as the contract and the bins read it."""

from collections import Counter

import pytest

from churn.errors import CustomerError
from churn.model.bins import find_edges
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number
from churn.watch.layout import Layout
from tests.customers import CLEAN_CUSTOMERS, RAW_CUSTOMERS


@pytest.fixture(scope="module")
def layout(shipped) -> Layout:
    contract = shipped.scorer.contract
    edges = {field.name: find_edges(row[field.name] for row in CLEAN_CUSTOMERS) for field in contract.numbers}
    return Layout(contract, edges, threshold=0.3)


def count_alone(layout, customers, probabilities) -> list[int]:
    row = [0] * layout.n_places
    for customer, churn_probability in zip(customers, probabilities, strict=True):
        for place in layout.find_places(customer, churn_probability):
            row[place] += 1
    return row


def count_in_lists(layout, customers, probabilities, size: int) -> list[int]:
    row = [0] * layout.n_places
    for start in range(0, len(customers), size):
        part = slice(start, start + size)
        for place, count in layout.count_list(customers[part], probabilities[part]).items():
            row[place] += count
    return row


def test_every_customer_of_the_table_is_counted_once_in_each_field_alone_in_lists_and_as_the_file_spells_it(
    layout, shipped
):
    probabilities = shipped.scorer.score_customers(CLEAN_CUSTOMERS)
    counts = layout.read_counts(count_alone(layout, CLEAN_CUSTOMERS, probabilities))
    assert counts.answers == 7043
    for name, bins in layout.bins.items():
        expected = Counter(bins.place(customer[name]) for customer in CLEAN_CUSTOMERS)
        assert counts.fields[name] == [expected[place] for place in range(bins.n_places)], name
    assert counts.fields["contract"] == [3875, 1473, 1695]  # of the published table
    assert sum(counts.probabilities[layout.probability_bins.n_below :]) == sum(p >= 0.3 for p in probabilities)
    for size in (1, 7, 63, 64, 1000, 7043):
        row = count_in_lists(layout, CLEAN_CUSTOMERS, probabilities, size)
        assert layout.read_counts(row) == counts, size
    assert layout.read_counts(count_alone(layout, RAW_CUSTOMERS, probabilities)) == counts
    assert layout.read_counts(count_in_lists(layout, RAW_CUSTOMERS, probabilities, 500)) == counts


SPECIAL = Contract(
    (
        Category("plan", ("", "1", "basic"), missing=("na",)),
        Category("member", ("false", "true")),
        Flag("senior"),
        Number("age", minimum=18, maximum=90, blank=Blank(40, apart=True), missing=("-1", "nan")),
        Number("income", minimum=0, maximum=100, blank=Blank(7)),
        Number("debt", minimum=0, maximum=100),
    )
)
PLAIN = {"plan": "basic", "member": "true", "senior": 0, "age": 30, "income": 5.0, "debt": 1}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"plan": 1},
        {"plan": " Basic"},
        {"plan": None},
        {"plan": "NA"},
        {"member": True},
        {"senior": True},
        {"senior": "1"},
        {"age": -1},
        {"age": float("nan")},
        {"age": ""},
        {"age": "31"},
        {"age": 17},
        {"age": 90.5},
        {"income": None},
        {"income": " "},
        {"debt": "2"},
        {"debt": 10**15},
    ],
)
@pytest.mark.parametrize("count", [1, 64])
def test_a_customer_in_any_spelling_is_counted_as_the_contract_reads_it(change, count):
    layout = Layout(SPECIAL, {"age": (40,), "income": (6,)}, threshold=0.5)
    customers = [*[PLAIN] * (count - 1), PLAIN | change]
    counts = layout.read_counts(count_in_lists(layout, customers, [0.2] * count, count))
    read = SPECIAL.read_customer(PLAIN | change)
    for name, bins in layout.bins.items():
        plain = bins.place(SPECIAL.read_customer(PLAIN)[name])
        expected = Counter({plain: count - 1}) + Counter([bins.place(read[name])])
        assert counts.fields[name] == [expected[place] for place in range(bins.n_places)], name


def test_names_in_another_spelling_are_counted_too(layout):
    customer = {name.upper(): value for name, value in CLEAN_CUSTOMERS[0].items()}
    assert sorted(layout.find_places(customer, 0.5)) == sorted(layout.find_places(CLEAN_CUSTOMERS[0], 0.5))


@pytest.mark.parametrize("count", [3, 64])
def test_a_customer_with_a_problem_is_not_counted(layout, count):
    customers = [*CLEAN_CUSTOMERS[:count], CLEAN_CUSTOMERS[0] | {"contract": "two_yeer"}]
    with pytest.raises(CustomerError):
        layout.count_list(customers, [0.5] * len(customers))


def test_a_row_that_does_not_add_up_is_no_counts(layout):
    row = count_alone(layout, CLEAN_CUSTOMERS[:9], [0.5] * 9)
    row[-1] += 1
    with pytest.raises(ValueError, match="do not add up"):
        layout.read_counts(row)
