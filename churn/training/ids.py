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
"""Fewer different numbers than these, and as many, are codes that a model may take for numbers."""
FEWEST_ORDERED = 8
"""Fewer rows than these may be in order by chance: eight are so once in 20,000 tables."""

_WORDS_IN_A_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")
_ID_WORDS = {"id", "ids", "uid", "uuid", "guid", "rowid"}
_NUMBER_WORDS = {"no", "nr", "num", "number", "key", "index"}
_ENDINGS = "|".join(sorted(_ID_WORDS | _NUMBER_WORDS, key=len, reverse=True))
_OWNERS = (
    "account|acct|card|case|client|contract|cust|customer|emp|employee|invoice|line|loan|member|order|passenger|person|"
    "phone|policy|record|row|serial|subscriber|tel|ticket|user"
)
_RUN_TOGETHER = re.compile(rf"(?:{_OWNERS})(?:{_ENDINGS})", re.IGNORECASE)
_INDEX_NAME = re.compile(r"unnamed:_[0-9]+(?:\.[0-9]+)?|level_[0-9]+")  # as pandas calls a column without a name


def find_id_reason(header: str, values: np.ndarray) -> str:
    """Why a column of numbers is an id; "" where it is none.

    `header` is its name as the file spells it; `values` are float64, shape (n_rows,), NaN for a blank. A column with
    blanks is an id only where its name says so.
    """
    known = values[~np.isnan(values)]
    if not _differ(known):
        return ""
    reason = f"it is an id: {len(np.unique(known)):,} different whole numbers in {len(values):,} rows"
    if names_an_id(header):
        return f"{reason}, and its name says so"
    if len(known) < len(values) or len(known) < FEWEST_ORDERED:
        return ""
    if _step_evenly(known):
        return f"{reason}, in even steps"
    return f"{reason}, in the order of the file" if _are_in_order(known) else ""


def is_like_an_id(header: str, values: np.ndarray) -> bool:
    """Whether numbers that are no id by find_id_reason may be one that several rows share: whole, and called so."""
    known = values[~np.isnan(values)]
    last = _WORDS_IN_A_NAME.findall(header)[-1:]
    is_called_so = any(word.lower() in _ID_WORDS | _NUMBER_WORDS or _RUN_TOGETHER.fullmatch(word) for word in last)
    return is_called_so and _are_whole(known) and len(np.unique(known)) > MOST_CODES


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

    >>> [names_an_id(name) for name in ("CustomerId", "cust-no", "RowNumber", "CLIENTNUM", "customerid")]
    [True, True, True, True, True]
    >>> [names_an_id(name) for name in ("paid", "Grid", "no_of_calls", "Number of products", "november")]
    [False, False, False, False, False]
    """
    words = [word.lower() for word in _WORDS_IN_A_NAME.findall(header)]
    if _ID_WORDS.intersection(words) or any(map(_RUN_TOGETHER.fullmatch, words)):
        return True
    return any(word in _NUMBER_WORDS and not _is_count(words[place:]) for place, word in enumerate(words))


def _is_count(words: Sequence[str]) -> bool:
    """Whether a name goes on as a count does: number of calls, NumOfProducts, num_calls."""
    return words[1:2] == ["of"] or (words[0] == "num" and len(words) > 1)


def _differ(known: np.ndarray) -> bool:
    """Whether these are whole numbers of which nearly all differ."""
    return len(known) > 1 and _are_whole(known) and len(np.unique(known)) >= DIFFERENT_SHARE * len(known)


def _are_whole(known: np.ndarray) -> bool:
    return bool((known == np.floor(known)).all())


def _count_up(values: np.ndarray) -> bool:
    """Whether numbers go up down the file but for some places, where one table follows another."""
    return bool((np.diff(values) > 0).mean() >= ASCENDING_SHARE)


def _step_evenly(known: np.ndarray) -> bool:
    steps = np.diff(np.unique(known))
    return bool((steps == np.median(steps)).mean() >= IN_STEP_SHARE)


def _are_in_order(known: np.ndarray) -> bool:
    steps = np.diff(known)
    return bool(max((steps > 0).mean(), (steps < 0).mean()) >= IN_STEP_SHARE)
