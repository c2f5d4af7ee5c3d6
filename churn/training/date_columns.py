"""Detects columns of dates or times. They are not fields: new customers have later dates than training saw.

Owns the share of a column's texts that must be dates; `dates` reads a single text.
"""

import re
from collections.abc import Sequence
from itertools import islice

import numpy as np

from churn.model.spelling import clean, is_blank
from churn.training.columns import Texts
from churn.training.dates import read_dates
from churn.training.ids import MOST_CODES, split_name

DATE_SHARE = 0.95
"""A column with dates in at least this share of its filled rows is a column of dates."""
FEWEST_OF_DIGITS = 5
"""Fewer different texts such as 20240131 may be numbers that happen to be dates."""
FEWEST_MONTHS = 3
"""Fewer different texts such as 202401, or 01-2024, may be numbers or bands that happen to be months."""
FEWEST_YEARS = 3
"""Texts such as 01.02.23 without a day above 12 are dates if at least this many years occur and all parts have two
digits."""

_TIME_OF_DAY = re.compile(r"([0-9]{1,2}):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?( ?[ap]\.?m\.?)?", re.IGNORECASE)
_IN_DIGITS = re.compile(r"([0-9]{6}(?:[0-9]{2})?)(?:\.0+)?")  # pandas writes .0 if the column has blanks
_YEAR_MONTH = re.compile("(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])")
_SHORT = re.compile(r"([0-9]{1,2})[-.]([0-9]{1,2})[-.]([0-9]{2})")  # versions and scores look like this, too
_MONTH_OF_YEAR = re.compile(r"[0-9]{2}[-.][0-9]{4}")
_DATE_WORDS = {"date", "datum", "fecha", "day", "since", "from", "until", "at", "on", "start", "end"}
_SPREADSHEET_DAYS = (20_000, 80_000)  # 1954 to 2119
_SECONDS = (946_684_800, 2_208_988_800)  # 2000 to 2039
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")  # 12.2024 is a month only among other dates
_NO_DATES = {"nat", "0000-00-00", "0000-00-00_00:00:00"}  # a missing date in pandas and MySQL
_LOOKED_AT = 50  # distinct texts that are checked first: most columns have no dates


def find_date_reason(texts: Texts) -> str:
    """The reason why a column of dates or times is not a field; "" for another column, which can't be all blank."""
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
    """True for each text that is a date; False for all where they may as well be numbers, versions or scores."""
    filled = [text.strip() for text in texts if not is_blank(text)]
    in_digits = [found[1] for text in filled if (found := _IN_DIGITS.fullmatch(text))]
    if len(in_digits) == len(filled):
        return [_are_dates_in_digits(in_digits)] * len(texts)
    dates = read_dates(texts)
    if dates is None or all(text.isdigit() or _DECIMAL.fullmatch(text) for text in filled):
        return [False] * len(texts)
    are_dates: list[bool] = (~np.isnat(dates.times)).tolist()
    found_dates = [text.strip() for text, is_date in zip(texts, are_dates, strict=True) if is_date]
    return [False] * len(texts) if _may_be_versions(found_dates) else are_dates


def _are_dates_in_digits(texts: Sequence[str]) -> bool:
    """True if all texts are days such as 20240131, or months such as 202401, and enough of them differ."""
    if all(map(_YEAR_MONTH.fullmatch, texts)):
        return len(set(texts)) >= FEWEST_MONTHS
    dates = read_dates(texts)
    return len(set(texts)) >= FEWEST_OF_DIGITS and dates is not None and not np.isnat(dates.times).any()


def _may_be_versions(texts: Sequence[str]) -> bool:
    """True if texts that can be read as dates may be versions such as 1.2.10, scores, or bands such as 10-2000."""
    if all(map(_MONTH_OF_YEAR.fullmatch, texts)):
        return len(texts) < FEWEST_MONTHS
    parts = [found.groups() for text in texts if (found := _SHORT.fullmatch(text))]
    if len(parts) < len(texts) or any(int(number) > 12 for *days, _ in parts for number in days):
        return False
    are_padded = all(len(number) == 2 for found in parts for number in found)
    return not are_padded or len({year for *_, year in parts}) < FEWEST_YEARS


def _find_times(texts: Sequence[str]) -> Sequence[bool]:
    """True for each text that is a time of day; False for all if they may be ratios or durations, such as 1:30."""
    found = [_TIME_OF_DAY.fullmatch(text.strip()) for text in texts]
    is_sure = any(match and (match[2] or match[1].startswith("0") or int(match[1]) > 12) for match in found)
    return [is_sure and match is not None for match in found]


def describe_possible_date(name: str, header: str, values: np.ndarray) -> str:
    """A line about whole numbers that may be spreadsheet dates or Unix times; "" for other numbers.

    `name` is the field, `header` its name as the file spells it; `values` are float64 with NaN for a blank.
    """
    known = np.unique(values[~np.isnan(values)])
    if len(known) <= MOST_CODES or (known != np.floor(known)).any():
        return ""
    advice = f"--drop {name}, if they are, and give the time since then"
    if _DATE_WORDS.intersection(split_name(header)) and _are_within(known, *_SPREADSHEET_DAYS):
        return f"{name}: whole numbers that may be dates, in days as a spreadsheet counts them; {advice}"
    if any(_are_within(known / unit, *_SECONDS) for unit in (1, 1e3, 1e6, 1e9)):
        return f"{name}: whole numbers that may be times, counted since 1970; {advice}"
    return ""


def _are_within(known: np.ndarray, lowest: float, highest: float) -> bool:
    return bool(lowest <= known[0] and known[-1] < highest)
