"""The names of the counts' series, and the limit on their number."""

import string
from itertools import pairwise

import pytest

from churn.model.bins import FieldBins
from churn.model.fields import Blank, Category, Field, Flag, Number
from churn.model.spelling import clean
from churn.server.count_series import BLANK, list_answered, list_outside, name_places
from churn.watch.counts import Counts

TENURE = FieldBins(Number("tenure", 0.0, 72.0), (1.0, 12.5, 1e6))
PLAN = FieldBins(Category("plan", ("", "basic", "gold")))


def letters(count: int) -> tuple[str, ...]:
    return tuple(string.ascii_lowercase[:count])


def counted(fields: list[Field]) -> tuple[Counts, dict[str, FieldBins]]:
    """Counts of two customers in the first place of each field and one in its last, and the fields' bins."""
    bins = {field.name: FieldBins(field) for field in fields}
    counts = {name: [2, *[0] * (its.n_places - 2), 1] if its.n_places > 1 else [3] for name, its in bins.items()}
    return Counts(3, counts, [3]), bins


@pytest.mark.parametrize(
    ("bins", "names"),
    [
        (TENURE, ["below", "01 from 0 to below 1", "02 from 1 to below 12.5", "03 from 12.5 to 72", "above", BLANK]),
        (FieldBins(Number("balance", -5.25, 1e7)), ["below", "01 from -5.25 to 10000000", "above", BLANK]),
        (FieldBins(Number("any")), ["below", "01 any number", "above", BLANK]),
        (FieldBins(Number("any"), (4.0,)), ["below", "01 to below 4", "02 from 4", "above", BLANK]),
        (FieldBins(Number("one", 3.0, 3.0)), ["below", "01 from 3 to 3", "above", BLANK]),
        (PLAN, ["left blank", "basic", "gold"]),
        (FieldBins(Flag("senior")), ["0", "1"]),
        (FieldBins(Category("nothing", ())), []),
    ],
)
def test_a_place_is_named_by_the_values_in_it(bins, names):
    assert name_places(bins) == names
    assert len(names) == bins.n_places


def test_the_ranges_of_a_number_sort_in_their_order_and_no_category_has_the_name_of_a_blank():
    named = name_places(FieldBins(Number("income", -30.0, 1e9), tuple(float(edge) for edge in range(-9, 10))))
    assert sorted(named[:-2][1:]) == named[:-2][1:]
    assert sorted(named)[-3:] == ["above", "below", BLANK]
    assert clean(BLANK) != BLANK


def test_every_place_is_a_series_with_the_number_of_its_customers():
    fields = [PLAN.field, Flag("senior"), Number("fee", 0.0, 9.0, blank=Blank(1.0))]
    counts, bins = counted(fields)
    assert list_answered(counts, bins, most=9) == {
        ("plan", BLANK): 2,
        ("plan", "basic"): 0,
        ("plan", "gold"): 1,
        ("senior", "0"): 2,
        ("senior", "1"): 1,
        ("fee", "below"): 2,
        ("fee", "01 from 0 to 9"): 0,
        ("fee", "above"): 0,
        ("fee", BLANK): 1,
    }
    assert list_outside(counts, bins, most=9) == {("fee",): 2}


def test_the_fields_with_the_most_values_are_summed_first_and_then_whole_fields_from_the_last_one():
    fields = [Category(f"of {count}", letters(count)) for count in (3, 9, 1, 5)]
    counts, bins = counted(fields)
    expected = {
        18: {"of 3": 3, "of 9": 9, "of 1": 1, "of 5": 5},
        17: {"of 3": 3, "of 9": 1, "of 1": 1, "of 5": 5},
        10: {"of 3": 3, "of 9": 1, "of 1": 1, "of 5": 5},
        9: {"of 3": 3, "of 9": 1, "of 1": 1, "of 5": 1},
        5: {"of 3": 1, "of 9": 1, "of 1": 1, "of 5": 1},
        3: {"of 3": 1, "of 9": 1, "": 1},
        1: {"": 1},
    }
    for most, series in expected.items():
        found = list_answered(counts, bins, most=most)
        assert {name: sum(field == name for field, _ in found) for name, _ in found} == series
        assert len(found) <= most
        assert sum(found.values()) == 3 * len(fields)
        assert all(found[name, ""] == 3 for name, count in series.items() if count == 1 and name not in ("", "of 1"))


def test_values_outside_are_numbers_below_and_above_without_blanks():
    bins = {"fee": FieldBins(Number("fee", 0.0, 9.0, blank=Blank(1.0)))}
    assert list_outside(Counts(30, {"fee": [2, 4, 8, 16]}, [30]), bins, most=9) == {("fee",): 2 + 8}


def test_numbers_beyond_the_limit_of_series_are_summed_from_the_last_one():
    numbers = [Number(f"n{place}", 0.0, 1.0) for place in range(5)]
    counts, bins = counted([*numbers, Flag("senior")])
    assert list_outside(counts, bins, most=3) == {("n0",): 2, ("n1",): 2, ("",): 6}


def test_a_higher_limit_never_gives_fewer_series():
    sizes = enumerate((4, 8, 2, 16, 1, 1))
    counts, bins = counted([Category(f"c{place}", letters(size)) for place, size in sizes])
    sizes = [len(list_answered(counts, bins, most=most)) for most in range(1, 40)]
    assert all(fewer <= more for fewer, more in pairwise(sizes))
    assert all(size <= most for most, size in enumerate(sizes, start=1))
    assert sizes[-1] == 32
