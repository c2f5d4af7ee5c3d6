"""Detects whole numbers that only count customers or rows: ids, and the index of a table.

Owns the signs of an id. The answers of a model that learned from an id would drift with a customer's number.
"""

import re
from collections.abc import Sequence

import numpy as np

from churn.model.spelling import clean, is_blank, read_number
from churn.training.columns import Texts

DIFFERENT_SHARE = 0.99
"""The smallest share of an id's whole numbers that are distinct."""
IN_STEP_SHARE = 0.99
"""The smallest share of the steps between an id's numbers that are equal, or go the same way down the file."""
ASCENDING_SHARE = 0.95
"""The smallest share of the steps down an index that go up; it may restart in the middle."""
MOST_CODES = 10
"""Up to this many distinct numbers under the name of an id get no remark: they may be a proper number field."""
FEWEST_ORDERED = 8
"""Fewer rows than this may be in order by chance: eight are in order once in 20,000 tables."""
MOST_BLANK = 0.1
"""A column with a larger share of blanks than this is an id only if its name says so."""
MOST_PARTS, FEWEST_IN_A_PART = 10, 100
"""Limits for concatenated files: numbers that restart in more parts than this, or in shorter parts, are a measure,
such as the months of each customer."""
CLOSE_FROM, CLOSE_WITHIN = 10_000_000, 1.1
"""Distinct numbers are an id if all are at least the first value, and the largest is less than the second value times
the smallest: amounts are not distributed like that."""
FEWEST_DIGITS = 5
"""Distinct whole numbers with at least this many digits may be customer numbers; a remark reports them."""

_WORDS_IN_A_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+|#")
_ID_WORDS = {"id", "ids", "uid", "uuid", "guid", "rowid", "pk", "ssn", "msisdn", "imsi", "imei", "iban"}
_NUMBER_WORDS = {"no", "nr", "num", "number", "key", "index", "nummer", "numero"}
_LAST_WORDS = {"code", "ref", "reference", "#"}  # at the end of a name: code_length is not a code
_LONE_WORDS = {"account", "acct", "client", "cliente", "cust", "customer", "kunde", "phone", "tel", "telephone"}
_PLACE_WORDS = {"zip", "zipcode", "postal", "postcode", "plz"}
_ENDINGS = "|".join(sorted(_ID_WORDS | _NUMBER_WORDS | _LAST_WORDS, key=len, reverse=True))
_OWNERS = (
    "account|acct|card|case|client|cliente|contract|cust|customer|emp|employee|invoice|konto|kunde|kunden|line|loan|"
    "member|mitglieds|order|passenger|person|phone|policy|record|row|serial|subscriber|tel|telephone|ticket|user|"
    "usuario|vertrags"
)
_OWNER = re.compile(_OWNERS)
_RUN_TOGETHER = re.compile(rf"(?:{_OWNERS})(?:{_ENDINGS})|(?:id|nr|numero)(?:{_OWNERS})", re.IGNORECASE)
_INDEX_NAME = re.compile(r"unnamed:_[0-9]+(?:\.[0-9]+)?|level_[0-9]+")  # pandas' names for a column without a name


def find_id_reason(header: str, values: np.ndarray) -> str:
    """The reason why a column of numbers is an id; "" if it is not one.

    `header` is its name as the file spells it; `values` are float64, shape (n_rows,), NaN for a blank. Ids rarely
    have blanks, so in a column with blanks the order of the file counts only if the numbers go up by one in each row.
    """
    known = values[~np.isnan(values)]
    if len(known) < 2 or not _are_whole(known):
        return ""
    blanks = len(values) - len(known)
    may_be_told = len(known) >= FEWEST_ORDERED and blanks <= MOST_BLANK * len(values)
    reason = f"it is an id: {len(np.unique(known)):,} different whole numbers in {len(values):,} rows"
    if not _differ(known):
        return f"{reason}, restarting in several parts" if may_be_told and _count_anew(known, blanks) else ""
    if names_an_id(header):
        return f"{reason}, and its name says so"
    if may_be_told and not blanks and _step_evenly(known):
        return f"{reason}, in even steps"
    if may_be_told and (_count_rows_on(values) if blanks else _are_in_order(known)):
        return f"{reason}, in the order of the file"
    if _names_an_owner(header):
        return f"{reason}, and its name is only that of a customer or an account"
    return f"{reason}, large and all within 10 % of each other" if may_be_told and _are_close(known) else ""


def describe_possible_id(name: str, header: str, values: np.ndarray) -> str:
    """A line about numbers that may be an id although find_id_reason has no reason; "" for other numbers.

    `name` is the field, `header` its name as the file spells it.
    """
    known = values[~np.isnan(values)]
    if not _are_whole(known):
        return ""
    is_code, is_id = _names_a_code(header), names_an_id(header) or _names_an_owner(header)
    if len(np.unique(known)) > MOST_CODES and (is_code or is_id):
        meant = "a code" if is_code else "an id"
        return f"{name} is a number, though its name may mean {meant}: --category {name} or --drop {name}, if so"
    if len(known) >= FEWEST_ORDERED and _differ(known) and (np.abs(known) >= 10 ** (FEWEST_DIGITS - 1)).all():
        return (
            f"{name}: {len(np.unique(known)):,} different whole numbers; --drop {name}, if it is a customer's number"
        )
    return ""


def find_index_reason(header: str, texts: Texts) -> str:
    """The reason why a column without a name, or with a name from pandas, is an index; "" if it is not one."""
    if clean(header) and not _INDEX_NAME.fullmatch(clean(header)):
        return ""
    if all(map(is_blank, texts.distinct)):
        return "it has no name and is blank in every row"
    read = [read_number(text) for text in texts.distinct]
    values = np.array([np.nan if number is None else number for number in read])[texts.codes]
    counted = bool((values >= 0).all()) and _are_whole(values)
    differ = len(texts.distinct) >= DIFFERENT_SHARE * len(values)
    if len(values) < 2 or not (differ or (counted and _count_up(values))):
        return ""
    kind = "whole numbers" if counted else "texts"
    return f"it is an index without a name: {len(texts.distinct):,} different {kind} in {len(values):,} rows"


def names_an_id(header: str) -> bool:
    """True if a column's name says that its numbers identify customers or rows.

    >>> [names_an_id(name) for name in ("CustomerId", "cust-no", "CLIENTNUM", "customer_code", "customer#")]
    [True, True, True, True, True]
    >>> [names_an_id(name) for name in ("paid", "no_of_calls", "customer_income", "code_length")]
    [False, False, False, False]
    """
    words = split_name(header)
    if _ID_WORDS.intersection(words) or any(map(_RUN_TOGETHER.fullmatch, words)):
        return True
    if _LAST_WORDS.intersection(words[-1:]):
        return True
    return any(word in _NUMBER_WORDS and not _is_measure(words, place) for place, word in enumerate(words))


def _names_an_owner(header: str) -> bool:
    """True if a column's name is only a word for a customer or an account: customer, but not customer_income."""
    words = split_name(header)
    return len(words) == 1 and words[0] in _LONE_WORDS


def _names_a_code(header: str) -> bool:
    """True if a column's name says that its numbers are postal codes or other codes."""
    return bool((_PLACE_WORDS | {"code"}).intersection(split_name(header)[-1:]))


def split_name(header: str) -> list[str]:
    """The words of a name as a file spells it, in lower case.

    >>> split_name("SignupDate2"), split_name("zip code")
    (['signup', 'date'], ['zip', 'code'])
    """
    return [word.lower() for word in _WORDS_IN_A_NAME.findall(header)]


def _is_measure(words: Sequence[str], place: int) -> bool:
    """True if the word at this place belongs to a measure: number of calls, NumOfProducts, no_emails, price index."""
    following = words[place + 1 :]
    if words[place] == "index" and place:
        return not _OWNER.fullmatch(words[place - 1])
    if not following:
        return False
    return following[0] == "of" or words[place] == "num" or (place == 0 and not _OWNER.fullmatch(following[0]))


def _differ(known: np.ndarray) -> bool:
    """True if nearly all of these numbers are distinct."""
    return len(known) > 1 and len(np.unique(known)) >= DIFFERENT_SHARE * len(known)


def _are_whole(known: np.ndarray) -> bool:
    return bool((known == np.floor(known)).all())


def _count_up(values: np.ndarray) -> bool:
    """True if numbers go up down the file, except at the few places where one table follows another."""
    return bool((np.diff(values) > 0).mean() >= ASCENDING_SHARE)


def _count_anew(known: np.ndarray, blanks: int) -> bool:
    """True if numbers step evenly down the file and restart only at the few places where one file follows another."""
    steps = np.diff(known)
    usual = np.median(steps)
    directions = np.sign(steps) * np.sign(usual)
    ends = np.flatnonzero(directions < 0) + 1
    lengths = np.diff([0, *ends, len(known)])
    within = steps[directions > 0]
    uneven = (within != usual).sum() - blanks  # a blank makes one step longer
    is_parted = 0 < len(ends) < MOST_PARTS and (lengths >= FEWEST_IN_A_PART).all()
    return bool(is_parted and uneven <= (1 - IN_STEP_SHARE) * len(steps))


def _step_evenly(known: np.ndarray) -> bool:
    steps = np.diff(np.unique(known))
    return bool((steps == np.median(steps)).mean() >= IN_STEP_SHARE)


def _count_rows_on(values: np.ndarray) -> bool:
    """True if the number goes up by one in each row, blank rows included."""
    known = np.flatnonzero(~np.isnan(values))
    return bool((values[known] - known == values[known[0]] - known[0]).all())


def _are_in_order(known: np.ndarray) -> bool:
    steps = np.diff(known)
    return bool(max((steps > 0).mean(), (steps < 0).mean()) >= IN_STEP_SHARE)


def _are_close(known: np.ndarray) -> bool:
    return bool(known.min() >= CLOSE_FROM and known.max() < CLOSE_WITHIN * known.min())
