"""Reads the texts of a column as dates.

Owns the forms of a date, one rule for all callers, and the choice of the day in 3/4/2023: the whole column decides.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np

_YEARS = range(1900, 2101)
_LONGEST = 60  # characters of a date
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY, _MONTH, _YEAR = r"(?P<day>[0-9]{1,2})", r"(?P<month>[0-9]{1,2})", r"(?P<year>[0-9]{4})"
_SHORT_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
_TIME = (
    r"(?:(?:t|,? +)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?(?: ?(?P<half>am|pm))?"
    r"(?: ?(?P<zone>z|utc|gmt|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_WEEKDAY = rf"(?:(?:{'|'.join(_WEEKDAYS)})[a-z]{{0,6}},? )?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_YEAR}(?P<mark>[-/.]){_MONTH}(?P=mark){_DAY}{_TIME}",
        rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})(?:t?(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})"
        r"(?P<second>[0-9]{2})z?)?",
        rf"(?P<first>[0-9]{{1,2}})(?P<mark>[-/.])(?P<second_part>[0-9]{{1,2}})(?P=mark){_SHORT_YEAR}{_TIME}",
        rf"{_WEEKDAY}{_DAY}(?:st|nd|rd|th)?[-/ .]+{_NAME}[-/ ,]*{_SHORT_YEAR}{_TIME}",
        rf"{_WEEKDAY}{_NAME}[- ]+{_DAY}(?:st|nd|rd|th)?,?[- ]+{_YEAR}{_TIME}",
        rf"{_YEAR}[-/ ]{_NAME}(?:[-/ ]{_DAY})?{_TIME}",
        rf"{_NAME}[-/ ,]*{_SHORT_YEAR}",
        rf"{_YEAR}[-/](?P<month>[0-9]{{2}})",
        rf"(?P<month>[0-9]{{2}})[-/.]{_YEAR}",
        rf"{_YEAR}[-/ ]?q(?P<quarter>[1-4])",
        rf"q(?P<quarter>[1-4])[-/ ]?{_YEAR}",
        rf"{_YEAR}-?w(?P<week>[0-9]{{2}})(?:-?(?P<weekday>[1-7]))?",
    )
)
_BEGINNING = re.compile("|".join(("[0-9]", "q[1-4]", *_MONTHS, *_WEEKDAYS)))  # rejects other texts quickly


class Dates(NamedTuple):
    """Texts as dates: `times` are datetime64[us], shape (n_texts,), NaT for a text that is blank or not a date.

    A month, quarter or week stands for its first day, and a date without a time for midnight; a time with a zone is
    converted to UTC. `is_ambiguous` is True if all texts can be read with the day first and with the month first, and
    the dates differ; they are then read with the day first.
    """

    times: np.ndarray
    is_ambiguous: bool


def read_dates(texts: Sequence[str], *, day_first: bool | None = None) -> Dates | None:
    """The dates in a column's texts; None if no text is a date.

    The position of the day is decided for the whole column: it is the number that exceeds 12 somewhere. In dates with
    points it is the first, unless that is impossible. `day_first` overrules this. A year alone is a number, not a
    date.

    >>> read_dates(["3/4/2023", "3/31/2023", "unknown"]).times.astype("datetime64[D]").astype(str).tolist()
    ['2023-03-04', '2023-03-31', 'NaT']
    >>> read_dates(["2023-Q2", "Apr 2023", "1.4.23", "20230401"]).times.astype("datetime64[M]").astype(str).tolist()
    ['2023-04', '2023-04', '2023-04', '2023-04']
    >>> read_dates(["3/4/2023"]).is_ambiguous, read_dates(["3.4.2023"]).is_ambiguous, read_dates(["2023", "17"])
    (True, False, None)
    """
    found = [_find_parts(text) for text in texts]
    if not any(found):
        return None
    pairs = [(int(parts["first"]), int(parts["second_part"]), parts["mark"]) for parts in found if "first" in parts]
    can_be_day_first = all(month <= 12 for _, month, _ in pairs)
    can_be_month_first = all(month <= 12 for month, _, _ in pairs)
    is_ambiguous = False
    if day_first is None:
        day_first = can_be_day_first or not can_be_month_first
        has_points = all(mark == "." for _, _, mark in pairs)
        is_same = all(first == second for first, second, _ in pairs)
        is_ambiguous = can_be_day_first and can_be_month_first and not has_points and not is_same
    moments = [_read_moment(parts, day_first) if parts else None for parts in found]
    times = np.array([np.datetime64("NaT") if moment is None else moment for moment in moments], "datetime64[us]")
    return None if np.isnat(times).all() else Dates(times, is_ambiguous)


def _find_parts(text: str) -> dict[str, str]:
    """The parts of a text in one of the forms, by name; empty for a text in no form."""
    spelled = text.strip().lower()
    if not _BEGINNING.match(spelled) or len(spelled) > _LONGEST:
        return {}
    for form in _FORMS:
        if match := form.fullmatch(spelled):
            return {name: part for name, part in match.groupdict().items() if part is not None}
    return {}


def _read_moment(parts: dict[str, str], day_first: bool) -> datetime | None:
    """The moment of these parts, in UTC; None if there is no such day or time."""
    number = {name: int(part) for name, part in parts.items() if part.isdigit()}
    year, month, day = number["year"], number.get("month", 1), number.get("day", 1)
    if len(parts["year"]) == 2:
        year += 2000 if year < 69 else 1900  # as POSIX defines it
    if "first" in parts:
        day, month = number["first"], number["second_part"]
        day, month = (day, month) if day_first else (month, day)
    elif "name" in parts:
        month = 1 + _MONTHS.index(parts["name"][:3])
    elif "quarter" in parts:
        month = 3 * number["quarter"] - 2
    hour = number.get("hour", 0)
    if "half" in parts and 1 <= hour <= 12:
        hour = hour % 12 + (12 if parts["half"] == "pm" else 0)
    microsecond = int(parts.get("fraction", "0").ljust(6, "0")[:6])
    try:
        if "week" in parts:
            first = date.fromisocalendar(year, number["week"], number.get("weekday", 1))
            month, day, year = first.month, first.day, first.year
        moment = datetime(year, month, day, hour, number.get("minute", 0), number.get("second", 0), microsecond)
    except ValueError:
        return None
    return moment - _read_offset(parts.get("zone", "z")) if year in _YEARS else None


def _read_offset(zone: str) -> timedelta:
    """The offset of a zone such as +02:00 from UTC."""
    if not zone[1:].replace(":", "").isdigit():
        return timedelta()
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -offset if zone[0] == "-" else offset
