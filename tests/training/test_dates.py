"""Dates: the forms that people write, read by hand and by pandas, and which number is the day."""

import numpy as np
import pandas as pd
import pytest

from churn.training.dates import read_dates


def read(*texts, **options) -> list[str]:
    """The dates of a column as ISO texts to the second, without the time where it is midnight."""
    dates = read_dates(texts, **options)
    assert dates is not None
    return [str(time.astype("datetime64[s]")).removesuffix("T00:00:00") for time in dates.times]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2023-01-31", "2023-01-31"),
        (" 2023/1/31 ", "2023-01-31"),
        ("2023.01.31", "2023-01-31"),
        ("20230131", "2023-01-31"),
        ("20230131T235959", "2023-01-31T23:59:59"),
        ("2023-01-31 23:59", "2023-01-31T23:59:00"),
        ("2023-01-31T23:59:58.123456789Z", "2023-01-31T23:59:58"),
        ("2023-01-31T23:30:00+02:00", "2023-01-31T21:30:00"),
        ("2023-01-31 23:30:00-0130", "2023-02-01T01:00:00"),
        ("31/1/2023", "2023-01-31"),
        ("31.01.2023", "2023-01-31"),
        ("31-01-23", "2023-01-31"),
        ("1/31/2023 1:05 PM", "2023-01-31T13:05:00"),
        ("1/31/2023 12:05:09 am", "2023-01-31T00:05:09"),
        ("12/31/99", "1999-12-31"),
        ("31 Jan 2023", "2023-01-31"),
        ("31-JAN-23", "2023-01-31"),
        ("31. January 2023", "2023-01-31"),
        ("January 31st, 2023", "2023-01-31"),
        ("Tue, 31 Jan 2023 10:00:00 GMT", "2023-01-31T10:00:00"),
        ("2023-Jan-31", "2023-01-31"),
        ("Sept 2023", "2023-09-01"),
        ("2023-09", "2023-09-01"),
        ("09/2023", "2023-09-01"),
        ("09.2023", "2023-09-01"),
        ("2023-Q3", "2023-07-01"),
        ("Q3 2023", "2023-07-01"),
        ("2023-W05", "2023-01-30"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_a_date_is_read_in_any_of_the_forms_that_people_write(text, iso):
    assert read(text) == [iso]


@pytest.mark.parametrize(
    "text",
    ["2023-02-29", "2023-13-01", "32/01/2023", "13/13/2023", "2023", "17", "202301", "12345678", "14:35", "1.5", "-",
     "may", "q3", "10.0.0.1", "2023-01-31T25:00", "0001-01-01", "9999-12-31", "model 2023-01-31", "", "NA", "1/2",
     "2023-01-31" * 10],
)  # fmt: skip
def test_a_text_that_names_no_day_is_not_a_date(text):
    assert read_dates([text]) is None
    dates = read_dates([text, "2023-01-31"])
    assert np.isnat(dates.times).tolist() == [True, False]


def test_the_whole_column_decides_which_number_is_the_day():
    assert read("3/4/2023", "31/3/2023") == ["2023-04-03", "2023-03-31"]
    assert read("3/4/2023", "3/31/2023") == ["2023-03-04", "2023-03-31"]
    assert not read_dates(["3/4/2023", "31/3/2023"]).is_ambiguous


def test_a_column_that_can_be_read_both_ways_is_marked_so_unless_the_order_is_given():
    dates = read_dates(["3/4/2023", "5/5/2023"])
    assert dates.is_ambiguous
    told = read_dates(["3/4/2023", "5/5/2023"], day_first=False)
    assert (told.is_ambiguous, str(told.times[0])[:10]) == (False, "2023-03-04")
    assert not read_dates(["5/5/2023"]).is_ambiguous
    assert not read_dates(["2023-03-04", "2023-05-05"]).is_ambiguous


def test_dates_with_points_have_the_day_first_unless_that_is_impossible():
    assert read("3.4.2023") == ["2023-04-03"]
    assert read("3.4.2023", "3.31.2023") == ["2023-03-04", "2023-03-31"]


def test_a_column_with_both_orders_has_texts_that_are_not_dates():
    assert read("13/4/2023", "4/13/2023") == ["2023-04-13", "NaT"]


def test_times_are_those_of_pandas():
    stamps = pd.date_range("1999-12-30 23:00", periods=500, freq="37h")
    for spelled in (stamps.strftime("%d/%m/%Y %H:%M:%S"), stamps.strftime("%b %d, %Y %I:%M:%S %p"), map(str, stamps)):
        dates = read_dates(list(spelled))
        assert (dates.times == stamps.to_numpy()).all()
