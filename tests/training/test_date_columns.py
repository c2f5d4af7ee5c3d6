"""Columns of dates and times, told from numbers and categories that look like some."""

from datetime import date, timedelta

import numpy as np
import pytest

from churn.training.columns import Texts
from churn.training.date_columns import find_date_reason

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
def test_dates_in_the_usual_forms_are_dates_with_a_few_that_are_none(form):
    cells = [day.strftime(form) for day in DAYS]
    assert find(cells) == "it holds dates"
    assert find([*cells, "", " ", "NaT", "0000-00-00"]) == "it holds dates"
    if not cells[0].isdigit():
        assert find([*cells, "soon"]) == "it holds dates"
    assert find([*cells, *["soon"] * 5]) == ""


@pytest.mark.parametrize("cells", [["14:35", "9:05", "23:59"], ["14:35:10", "00:00:00.5"], ["2:15 PM", "11:00 am"]])
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
        ["192.168.0.1", "10.0.0.1"],
        ["12:75", "a:b"],
        ["1/2", "3/4"],
        ["", "NaT"],
    ],
)
def test_years_other_numbers_versions_and_names_of_months_are_none(cells):
    assert find(cells) == ""
