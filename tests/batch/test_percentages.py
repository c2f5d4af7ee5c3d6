"""A column of percentages with a number without a sign is refused: 0.26 may be 26 %, or a quarter of one percent."""

from pathlib import Path

import pytest

from churn.batch.percentages import PercentColumn
from churn.errors import TableError
from churn.workbooks.cells import CellError, Percent
from churn.workbooks.rows import SheetRow


def check(*cells) -> None:
    column = PercentColumn(Path("made.xlsx"), 1, "Discount")
    for number, cell in enumerate(cells, start=2):
        column.check(SheetRow(number, ["a", cell]))


@pytest.mark.parametrize(
    "cells",
    [
        (Percent(0.26), Percent(0.0), None, "26 %", CellError("an error")),
        (26, 0.26, None, "26", True),
        (Percent(0.26), "26", ""),
    ],
)
def test_cells_that_all_have_a_percent_sign_or_all_have_none_are_accepted(cells):
    check(*cells)


@pytest.mark.parametrize(
    ("cells", "without", "with_sign"),
    [((Percent(0.26), None, 0.26), 4, 2), ((26, 27, Percent(0.28)), 2, 4), ((0, "26%"), 2, 3)],
)
def test_one_number_without_the_sign_among_others_with_it_is_refused_with_both_rows(cells, without, with_sign):
    words = (
        f"row {without}: 'Discount' is a number without a percent sign here, and has the sign in row {with_sign}; "
    )
    with pytest.raises(TableError, match=words):
        check(*cells)
