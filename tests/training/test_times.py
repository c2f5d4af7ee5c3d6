"""The column that orders a table's rows in time: the values that are times, rows without one, and refusals."""

import numpy as np
import pytest

from churn.errors import TableError
from churn.training.choices import Choices
from churn.training.table import Table, read_table


def read(folder, cells, **choices) -> Table:
    """A table whose column `Signed up` has these cells."""
    path = folder / "t.csv"
    rows = [f"{'ab'[row % 2]};{cell};{row % 2}" for row, cell in enumerate(cells)]
    path.write_text("plan;Signed up;churn\n" + "\n".join(rows) + "\n")
    return read_table(path, choices=Choices(time="signed UP", **choices))


def test_dates_order_the_rows_and_are_not_a_field(tmp_path):
    table = read(tmp_path, ["31.12.2022", "1.1.2023"] * 10)
    assert list(table.customers) == ["plan"]
    assert [(column.name, column.reason) for column in table.left_out] == [
        ("signed_up", "it orders the rows in time")
    ]
    assert table.times.values.astype("datetime64[D]").astype(str).tolist() == ["2022-12-31", "2023-01-01"] * 10
    assert (table.times.column, table.times.untimed) == ("signed_up", 0)


def test_numbers_order_the_rows_and_are_a_field_only_if_they_are_kept(tmp_path):
    table = read(tmp_path, range(20))
    assert (list(table.customers), table.times.values.tolist()) == (["plan"], list(map(float, range(20))))
    table = read(tmp_path, range(20), keep=frozenset({"signed_up"}))
    assert list(table.customers) == ["plan", "signed_up"]
    assert (table.left_out, table.times.values.tolist()) == ((), list(map(float, range(20))))


def test_a_date_cannot_be_kept(tmp_path):
    with pytest.raises(TableError, match="'signed_up' is a date, which can't be a field: --keep can't keep it"):
        read(tmp_path, ["2023-01-01", "2023-01-02"] * 10, keep=frozenset({"signed_up"}))


def test_rows_without_a_time_are_left_out_of_everything(tmp_path):
    cells = [f"2023-01-{day:02}" for day in range(1, 31)]
    cells[3], cells[8], cells[11] = "", "NA", "unknown"
    table = read(tmp_path, cells, missing=("unknown",))
    kept = np.delete(np.arange(30), [3, 8, 11])
    assert table.times.untimed == 3
    assert table.y.tolist() == (kept % 2).tolist()
    assert table.customers["plan"].tolist() == ["ab"[row % 2] for row in kept]
    assert table.times.values.astype("datetime64[D]").astype(str).tolist() == [cells[row] for row in kept]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["2023-01-01"] * 17 + [""] * 3, "has no time in 'signed_up' in 3 of 20 rows: fill them in"),
        (
            ["2023-01-01", "2023-01-02"] * 9 + ["soon"] * 2,
            "row 20: 'signed_up' is 'soon' here, which is neither a date",
        ),
        (["2023-02-28", "2023-02-30"] * 10, "'signed_up' is '2023-02-30' here, which is neither"),
        (["1", "2", "three"] * 10, "row 4: 'signed_up' is 'three' here, which is neither a date nor a number"),
        (["3/4/2023", "5/6/2023"] * 10, "row 2: 'signed_up' is '3/4/2023' here, which can be read with the day or"),
        (["14:35", "9:00"] * 10, "'signed_up' is '14:35' here, which is neither a date nor a number that orders"),
    ],
)
def test_a_column_that_does_not_order_every_row_is_refused_with_the_row(tmp_path, cells, words):
    with pytest.raises(TableError) as error:
        read(tmp_path, cells)
    assert words in str(error.value)


@pytest.mark.parametrize(("day_first", "first"), [(True, "2023-04-03"), (False, "2023-03-04")])
def test_where_no_date_shows_which_number_is_the_day_the_option_decides(tmp_path, day_first, first):
    table = read(tmp_path, ["3/4/2023", "5/6/2023"] * 10, day_first=day_first)
    assert str(table.times.values[0])[:10] == first


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    (tmp_path / "t.csv").write_text("plan,churn\n" + "a,1\nb,0\n" * 10)
    with pytest.raises(TableError, match="has no column 'when' to order its rows by; it has 'plan'"):
        read_table(tmp_path / "t.csv", choices=Choices(time="when"))
