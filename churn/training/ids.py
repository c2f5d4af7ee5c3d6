"""Whole numbers that count customers or rows and measure nothing: ids, and the index of a table.

Owns what speaks for an id. A model that learned from one would give answers that drift with a customer's number.
"""

import re
from collections.abc import Sequence

import numpy as np

from churn.model.spelling import clean, is_blank, read_number
from churn.training.columns import Texts

DIFFERENT_SHARE = 0.99
"""At least this share of an id's whole numbers differ."""
IN_STEP_SHARE = 0.99
"""Of the steps between an id's numbers at least this share are alike, or go the same way down the file."""
ASCENDING_SHARE = 0.95
"""Of the steps down an index at least this share go up, where it begins anew in the middle."""
MOST_CODES = 10
"""Up to so many different numbers with the name of an id are not remarked on: a model may take them for numbers."""
FEWEST_ORDERED = 8
"""Fewer rows than these may be in order by chance: eight are so once in 20,000 tables."""
MOST_BLANK = 0.1
"""With more blanks than this share of its rows a column is an id only where its name says so."""
MOST_PARTS, FEWEST_IN_A_PART = 10, 100
"""Files that were put together: numbers that count anew in more parts than these, or in shorter ones, are measures,
as the months of each customer are."""
CLOSE_FROM, CLOSE_WITHIN = 10_000_000, 1.1
"""Different numbers from here on, the largest less than so many times the smallest: no amounts are like that."""
FEWEST_DIGITS = 5
"""Different whole numbers with as many digits, or more, may be the numbers of customers; a line says so."""

_WORDS_IN_A_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+|#")
_ID_WORDS = {"id", "ids", "uid", "uuid", "guid", "rowid", "pk", "ssn", "msisdn", "imsi", "imei", "iban"}
_NUMBER_WORDS = {"no", "nr", "num", "number", "key", "index", "nummer", "numero"}
_LAST_WORDS = {"code", "ref", "reference", "#"}  # at the end of a name: code_length is none
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
_INDEX_NAME = re.compile(r"unnamed:_[0-9]+(?:\.[0-9]+)?|level_[0-9]+")  # as pandas calls a column without a name


def find_id_reason(header: str, values: np.ndarray) -> str:
    """Why a column of numbers is an id; "" where it is none.

    `header` is its name as the file spells it; `values` are float64, shape (n_rows,), NaN for a blank. With
    blanks, which ids hardly have, the order of the file counts only where each row counts one on.
    """
    known = values[~np.isnan(values)]
    if len(known) < 2 or not _are_whole(known):
        return ""
    blanks = len(values) - len(known)
    may_be_told = len(known) >= FEWEST_ORDERED and blanks <= MOST_BLANK * len(values)
    reason = f"it is an id: {len(np.unique(known)):,} different whole numbers in {len(values):,} rows"
    if not _differ(known):
        return f"{reason}, counted anew in several parts" if may_be_told and _count_anew(known, blanks) else ""
    if names_an_id(header):
        return f"{reason}, and its name says so"
    if may_be_told and not blanks and _step_evenly(known):
        return f"{reason}, in even steps"
    if may_be_told and (_count_rows_on(values) if blanks else _are_in_order(known)):
        return f"{reason}, in the order of the file"
    if _names_an_owner(header):
        return f"{reason}, and its name is that of whom it counts"
    return f"{reason}, large and all within 10 % of each other" if may_be_told and _are_close(known) else ""


def describe_possible_id(name: str, header: str, values: np.ndarray) -> str:
    """A line about numbers that are no id by find_id_reason, where they may be one all the same; "" where not.

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
    """Why a column without a name, or with one that pandas gave it, is an index; "" where it is none."""
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
    """Whether a name says that its numbers are those of customers or rows.

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
    """Whether a name is that of a customer alone: customer is, customer_income is not."""
    words = split_name(header)
    return len(words) == 1 and words[0] in _LONE_WORDS


def _names_a_code(header: str) -> bool:
    """Whether a name says that its numbers are postal codes, or codes of any kind."""
    return bool((_PLACE_WORDS | {"code"}).intersection(split_name(header)[-1:]))


def split_name(header: str) -> list[str]:
    """The words of a name as a file spells it, in lower case.

    >>> split_name("SignupDate2"), split_name("zip code")
    (['signup', 'date'], ['zip', 'code'])
    """
    return [word.lower() for word in _WORDS_IN_A_NAME.findall(header)]


def _is_measure(words: Sequence[str], place: int) -> bool:
    """Whether a name is that of a measure: number of calls, NumOfProducts, no_emails, price index."""
    following = words[place + 1 :]
    if words[place] == "index" and place:
        return not _OWNER.fullmatch(words[place - 1])
    if not following:
        return False
    return following[0] == "of" or words[place] == "num" or (place == 0 and not _OWNER.fullmatch(following[0]))


def _differ(known: np.ndarray) -> bool:
    """Whether nearly all of these numbers differ."""
    return len(known) > 1 and len(np.unique(known)) >= DIFFERENT_SHARE * len(known)


def _are_whole(known: np.ndarray) -> bool:
    return bool((known == np.floor(known)).all())


def _count_up(values: np.ndarray) -> bool:
    """Whether numbers go up down the file but for some places, where one table follows another."""
    return bool((np.diff(values) > 0).mean() >= ASCENDING_SHARE)


def _count_anew(known: np.ndarray, blanks: int) -> bool:
    """Whether numbers step evenly down the file and begin anew at a few places, where one file follows another."""
    steps = np.diff(known)
    usual = np.median(steps)
    directions = np.sign(steps) * np.sign(usual)
    ends = np.flatnonzero(directions < 0) + 1
    lengths = np.diff([0, *ends, len(known)])
    within = steps[directions > 0]
    uneven = (within != usual).sum() - blanks  # where one is blank, a step is longer
    is_parted = 0 < len(ends) < MOST_PARTS and (lengths >= FEWEST_IN_A_PART).all()
    return bool(is_parted and uneven <= (1 - IN_STEP_SHARE) * len(steps))


def _step_evenly(known: np.ndarray) -> bool:
    steps = np.diff(np.unique(known))
    return bool((steps == np.median(steps)).mean() >= IN_STEP_SHARE)


def _count_rows_on(values: np.ndarray) -> bool:
    """True for numbers that are one more in each row, those of blank rows left out."""
    known = np.flatnonzero(~np.isnan(values))
    return bool((values[known] - known == values[known[0]] - known[0]).all())


def _are_in_order(known: np.ndarray) -> bool:
    steps = np.diff(known)
    return bool(max((steps > 0).mean(), (steps < 0).mean()) >= IN_STEP_SHARE)


def _are_close(known: np.ndarray) -> bool:
    return bool(known.min() >= CLOSE_FROM and known.max() < CLOSE_WITHIN * known.min())
