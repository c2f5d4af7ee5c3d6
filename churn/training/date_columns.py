"""Columns of dates or times, which are no fields of a model: new customers have later ones than training saw.

Owns how many of a column's texts must be dates; what a date is is dates'.
"""

import re
from collections.abc import Sequence
from itertools import islice

import numpy as np

from churn.model.spelling import clean, is_blank
from churn.training.columns import Texts
from churn.training.dates import read_dates

DATE_SHARE = 0.95
"""A column with dates in at least this share of its filled rows is one of dates."""
FEWEST_OF_DIGITS = 5
"""Fewer different texts such as 20240131 may be numbers that happen to be dates."""

_TIME_OF_DAY = re.compile(r"[0-9]{1,2}:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?(?: ?[ap]\.?m\.?)?", re.IGNORECASE)
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")  # 12.2024 is a month at most where other dates are with it
_NO_DATES = {"nat", "0000-00-00", "0000-00-00_00:00:00"}  # what pandas and MySQL have for a missing one
_LOOKED_AT = 50  # different texts that are looked at first: most columns are none of dates


def find_date_reason(texts: Texts) -> str:
    """Why a column is no field, since it holds dates or times; "" where it does not. Some text must not be blank."""
    first = list(islice(filter(_is_filled, texts.distinct), _LOOKED_AT))
    for find, reason in ((_find_dates, "it holds dates"), (_find_times, "it holds times of day")):
        if not first or np.mean(find(first)) < 0.5:
            continue
        rows = np.array([_is_filled(text) for text in texts.distinct])[texts.codes]
        if np.array(find(texts.distinct))[texts.codes[rows]].mean() >= DATE_SHARE:
            return reason
    return ""


def _is_filled(text: str) -> bool:
    return not is_blank(text) and clean(text) not in _NO_DATES


def _find_dates(texts: Sequence[str]) -> Sequence[bool]:
    """Which of the texts are dates; none where all are numbers that may be something else."""
    dates = read_dates(texts)
    filled = [text.strip() for text in texts if not is_blank(text)]
    of_digits = all(text.isdigit() for text in filled)
    if dates is None or all(map(_DECIMAL.fullmatch, filled)) or (of_digits and len(filled) < FEWEST_OF_DIGITS):
        return [False] * len(texts)
    are_dates: list[bool] = (~np.isnat(dates.times)).tolist()
    return are_dates if not of_digits or sum(are_dates) == len(filled) else [False] * len(texts)


def _find_times(texts: Sequence[str]) -> Sequence[bool]:
    return [_TIME_OF_DAY.fullmatch(text.strip()) is not None for text in texts]
