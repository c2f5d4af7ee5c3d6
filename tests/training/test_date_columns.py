"""Columns of dates and times, distinguished from numbers and categories that look like some."""

from datetime import date, timedelta

import numpy as np
import pytest

from churn.training.columns import Texts
from churn.training.date_columns import describe_possible_date, find_date_reason

DAYS = [date(2023, 1, 1) + timedelta(days=7 * week) for week in range(40)]


def find(cells):
    distinct = list(dict.fromkeys(cells))
    return find_date_reason(Texts(distinct, np.array([distinct.index(cell) for cell in cells])))


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%d.%m.%y",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%d %H:%M:%S",
        "%Y%m%d",
        "%Y-%m",
        "%b %Y",
        "%d %B %Y",
        "%B %d, %Y",
        "%m/%d/%Y %I:%M %p",
        "%a, %d %b %Y",
    ],
)
def test_columns_in_the_usual_forms_are_dates_even_with_a_few_cells_that_are_not(form):
    cells = [day.strftime(form) for day in DAYS]
    assert find(cells) == "it holds dates"
    assert find([*cells, "", " ", "NaT", "0000-00-00"]) == "it holds dates"
    if not cells[0].isdigit():
        assert find([*cells, "soon"]) == "it holds dates"
    assert find([*cells, *["soon"] * 5]) == ""


@pytest.mark.parametrize(
    "cells",
    [
        ["202301", "202302", "202312"],
        ["202301.0", "202302.0", "202303.0", ""],
        [day.strftime("%Y%m%d.0") for day in DAYS],
        ["01-2023", "02-2023", "03-2023"],
        ["01.02.21", "01.03.22", "01.03.23"],
        ["1.2.23", "1.13.23"],
    ],
)
def test_months_and_short_dates_are_dates_where_all_values_are_spelled_so(cells):
    assert find(cells) == "it holds dates"


@pytest.mark.parametrize(
    "cells", [["14:35", "9:05", "23:59"], ["14:35:10", "00:00:00.5"], ["2:15 PM", "11:00 am"], ["09:05", "10:00"]]
)
def test_times_of_day_are_times(cells):
    assert find(cells) == "it holds times of day"


@pytest.mark.parametrize(
    "cells",
    [
        ["2019", "2020", "2021", "2022", "2023"],
        [str(number) for number in range(20_240_101, 20_240_141)],
        ["20240131", "20240229", "20230401"],
        [*(day.strftime("%Y%m%d") for day in DAYS), "20231301"],
        [f"{month:02}.{year}" for month in (10, 11, 12) for year in range(1990, 2020)],
        ["jan", "feb", "mar"],
        ["mon", "tue"],
        ["1-2", "3-5", "10-12"],
        ["1.2.3", "1.10.2"],
        ["1.2.10", "2.1.11", "3.2.12", "1.1.13"],
        ["1-2-20", "3-4-10"],
        ["10-2000", "01-2001"],
        ["1:30", "2:15", "1:00"],
        ["4:35", "5:10", "4:59"],
        ["202301", "202302"],
        ["202301", "202302", "202313"],
        ["202301", "202302", "202303", "95000"],
        ["202301", "202302", "202303", "202300"],
        ["202301.5", "202302.5", "202303.5"],
        [str(number) for number in range(200_000, 210_000, 37)],
        ["192.168.0.1", "10.0.0.1"],
        ["12:75", "a:b"],
        ["1/2", "3/4"],
        ["", "NaT"],
    ],
)
def test_years_other_numbers_versions_and_names_of_months_are_not_dates(cells):
    assert find(cells) == ""


@pytest.mark.parametrize(
    ("header", "values", "words"),
    [
        ("Signup Date", np.arange(44_000.0, 45_000, 7), "dates, in days as a spreadsheet counts them"),
        ("seen", np.arange(1.6e9, 1.7e9, 1e6), "times, counted since 1970"),
        ("seen", np.append(np.arange(1.6e12, 1.7e12, 1e9), np.nan), "times, counted since 1970"),
    ],
)
def test_numbers_that_may_be_dates_are_reported(header, values, words):
    assert words in describe_possible_date("x", header, values)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("income", np.arange(44_000.0, 45_000, 7)),
        ("start_balance", np.arange(5_000.0, 45_000, 7)),
        ("revenue", np.arange(1e8, 4e9, 1e7)),
        ("seen", np.arange(1.6e9, 1.7e9, 1e6) + 0.5),
        ("distance", np.arange(100_000.0, 900_000, 7)),
    ],
)
def test_other_numbers_are_not_reported(header, values):
    assert describe_possible_date("x", header, values) == ""
