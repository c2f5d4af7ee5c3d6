"""The refused rows of a table: every problem is counted, the first are listed, and each kind has its first row."""

from churn.errors import CustomerError, Problem
from churn.model.refusals import MAX_PROBLEMS, Refusals

BLANK, NEGATIVE = Problem("plan", "blank", "a plan"), Problem("charge", "negative", "0 or more")


def test_every_problem_is_counted_and_the_first_row_of_each_kind_is_known():
    refusals = Refusals()
    refusals.add(3, CustomerError([BLANK]), customer=2, spreadsheet_row=5)
    refusals.add(7, CustomerError([BLANK, NEGATIVE]))
    assert refusals.counts == {("plan", "blank"): 2, ("charge", "negative"): 1}
    assert refusals.first_rows == {("plan", "blank"): 3, ("charge", "negative"): 7}
    assert refusals.problems == [BLANK.in_row(2, spreadsheet_row=5), BLANK, NEGATIVE]


def test_a_hundred_problems_are_listed_and_all_are_counted():
    refusals = Refusals()
    for row in range(MAX_PROBLEMS - 1):
        refusals.add(row, CustomerError([BLANK]))
    assert refusals.lists_more
    refusals.add(MAX_PROBLEMS, CustomerError([NEGATIVE, BLANK]))
    assert not refusals.lists_more
    assert (len(refusals.problems), refusals.problems[-1]) == (MAX_PROBLEMS, NEGATIVE)
    assert refusals.counts.total() == MAX_PROBLEMS + 1


def test_a_part_of_a_table_is_added_with_its_rows_moved():
    refusals, part = Refusals(), Refusals()
    refusals.add(1, CustomerError([BLANK]))
    part.add(0, CustomerError([BLANK, NEGATIVE]))
    refusals.add_part(part, 10)
    assert refusals.counts == {("plan", "blank"): 2, ("charge", "negative"): 1}
    assert refusals.first_rows == {("plan", "blank"): 1, ("charge", "negative"): 10}
