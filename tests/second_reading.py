"""A second implementation of the contract's rules, with pandas and scikit-learn and without the package's code: what
is learned from a table of texts, and the outcome of a customer.

The rules: names and texts are compared trimmed, in lower case, with underscores for spaces. A blank is None or a text
that is empty or all spaces. It is a category where training had blanks. Where it is a number, it stands for 0 if
another field has the value that all blanks in training had, at least five, and no other row; else for the median
anywhere. All other blanks are refused, and those of flags always. True and false are a flag's 1 and 0, and the
categories of a field that knows no others; all other booleans are refused.

A column of numbers may be texts that all have the same sign, and either groups of three digits from a thousand on or
no groups: there such a text is the number without its sign and without the marks between the groups.
"""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

_SIGNS = ("", "$", "%", "kr")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([, '\u00a0])[0-9]{3}(\1[0-9]{3})*(\.[0-9]*)?")

BLANK = object()
REFUSED = object()


class Outcome(NamedTuple):
    """The outcome of a customer: its churn probability, 0 to 1, or the fields that it is refused for.

    Of more than five fields it has the first five, and how many more there are.
    """

    probability: float | None
    refused: tuple[str, ...] = ()


class Rule(NamedTuple):
    """The values that a field accepts: a "category" one of `known`, a "flag" 0 or 1, a "number" from `lowest` to
    `highest`.

    `blank` is the number that a blank stands for where another field has a value (`where`) or, if that is None,
    anywhere; "" is a blank that stays a blank. The texts of a number may have its `sign` and, if it is `grouped`,
    marks between the thousands.
    """

    kind: str
    known: frozenset[str] = frozenset()
    lowest: float = -math.inf
    highest: float = math.inf
    blank: float | str | None = None
    where: tuple[str, str | float] | None = None
    sign: str = ""
    grouped: bool = False


def fold(text: str) -> str:
    return text.strip().lower().replace(" ", "_")


def refused_for(fields: list[str]) -> Outcome:
    more = (f"and {len(fields) - 5} more",) if len(fields) > 5 else ()
    return Outcome(None, (*fields[:5], *more))


class Rules(dict[str, Rule]):
    """The rules by field, and the `groups`: values, by field, of which a customer has either all or none.

    `columns` has for each column the function from a customer as read to its value, where the columns are not just
    the fields.
    """

    groups: list[dict[str, object]]
    columns: dict[str, Callable[[dict[str, object]], float]]

    def __init__(self, rules: dict[str, Rule]) -> None:
        super().__init__(rules)
        self.groups, self.columns = [], {}


def learn_rules(table: pd.DataFrame) -> Rules:
    """The rules and groups of a table of texts, by folded name, in the order of its columns."""
    raw = table.rename(columns=fold)
    signs = {name: find_sign(raw[name]) for name in raw}
    grouped = {
        name: any(_GROUPED.fullmatch(without_marks(text, signs[name], grouped=False)) for text in raw[name])
        for name in raw
    }
    raw = raw.apply(
        lambda column: column.map(lambda text: without_marks(text, signs[column.name], grouped=grouped[column.name]))
    )
    texts = raw.apply(lambda column: column.map(fold))
    texts = texts.loc[:, (texts != "").any()]
    numbers = texts.apply(lambda column: pd.to_numeric(column.where(column != ""), errors="coerce"))
    is_number = (numbers.notna() | (texts == "")).all()
    values = {name: numbers[name] if is_number[name] else texts[name] for name in texts}
    rules = {name: _learn_rule(name, values, blank=texts[name] == "") for name in texts}
    for name, rule in rules.items():
        if signs[name] or grouped[name]:
            lowest = 0.0 if rule.kind == "flag" else rule.lowest
            rules[name] = rule._replace(kind="number", lowest=lowest, sign=signs[name], grouped=grouped[name])
    learned = Rules(rules)
    learned.groups = _learn_groups(values, rules)
    return learned


def _learn_groups(values: dict[str, pd.Series], rules: dict[str, Rule]) -> list[dict[str, object]]:
    """The values that occur in exactly the same rows: in at least 300 of them and 1 %, and not in all."""
    by_rows: dict[bytes, dict[str, object]] = {}
    for name, rule in rules.items():
        for value in rule.known - {""} if rule.kind == "category" else (0.0, 1.0) if rule.kind == "flag" else ():
            rows = (values[name] == value).to_numpy()
            if max(300, len(rows) / 100) <= rows.sum() < len(rows):
                by_rows.setdefault(rows.tobytes(), {})[name] = value
    return [group for group in by_rows.values() if len(group) > 1]


def find_contradicting(customer: dict[str, object], group: dict[str, object]) -> str | None:
    """The first field of the minority: the fields with the group's value, or those without it.

    Where both are equally many, the first field of the side that the first field is not on.
    """
    readable = {name: customer[name] == value for name, value in group.items() if customer[name] is not REFUSED}
    having, lacking = ([name for name, has in readable.items() if has is wanted] for wanted in (True, False))
    if not having or not lacking:
        return None
    if len(having) == len(lacking):
        return lacking[0] if next(iter(readable)) in having else having[0]
    return min(having, lacking, key=len)[0]


def find_sign(texts: pd.Series) -> str:
    """The sign that each text has, blanks apart; "" where there is none."""
    filled = [text.lower() for text in texts if text.strip()]
    return next((sign for sign in _SIGNS[1:] if filled and all(sign in text for text in filled)), "")


def without_marks(text: str, sign: str, *, grouped: bool) -> str:
    """A text without the sign at its end or its beginning, after a plus or minus, and without groups."""
    bare = text.strip()
    left, found, right = bare.lower().partition(sign) if sign else (bare, "", "")
    if found and left.strip() in ("", "+", "-"):
        bare = left.strip() + right.strip()
    elif found and not right.strip():
        bare = left.strip()
    return re.sub("[, '\u00a0]", "", bare) if grouped and _GROUPED.fullmatch(bare) else bare


def _learn_rule(name: str, values: dict[str, pd.Series], *, blank: pd.Series) -> Rule:
    column = values[name]
    if not pd.api.types.is_numeric_dtype(column):
        return Rule("category", frozenset(column))
    if not blank.any() and column.isin([0, 1]).all():
        return Rule("flag")
    width = column.max() - column.min()
    lowest = 0.0 if column.min() >= 0 else -math.inf
    highest = math.inf
    if width > 0:
        lowest, highest = max(lowest, column.min() - width), column.max() + width
    if not blank.any():
        return Rule("number", lowest=lowest, highest=highest)
    for other, cells in values.items():
        here = set(cells[blank])
        if other != name and blank.sum() >= 5 and len(here) == 1 and not here & set(cells[~blank]):
            (value,) = here
            if value == value:
                return Rule("number", lowest=lowest, highest=highest, blank=0.0, where=(other, value))
    return Rule("number", lowest=lowest, highest=highest, blank=float(column.median()))


def read_value(value: object, rule: Rule) -> object:
    """A category, a number, BLANK or REFUSED."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return BLANK
    if rule.kind == "category":
        if isinstance(value, bool) and rule.known - {""} == {"true", "false"}:
            value = str(value)
        return fold(value) if isinstance(value, str) and fold(value) in rule.known else REFUSED
    if rule.kind == "flag" and str(value).strip().lower() in ("true", "false"):
        return float(str(value).strip().lower() == "true")
    if isinstance(value, str):
        value = without_marks(value, rule.sign, grouped=rule.grouped)
    if isinstance(value, bool) or (isinstance(value, str) and not set(value.strip()) <= set("+-.0123456789eE")):
        return REFUSED
    try:
        number = float(value)
    except ValueError:
        return REFUSED
    taken = (
        number in (0, 1) if rule.kind == "flag" else math.isfinite(number) and rule.lowest <= number <= rule.highest
    )
    return number if taken else REFUSED


def read_customer(customer: dict[str, object], rules: dict[str, Rule]) -> dict[str, object]:
    """The value of each field; REFUSED where it is not accepted."""
    given = {fold(name): value for name, value in customer.items()}
    read = {name: read_value(given[name], rule) if name in given else REFUSED for name, rule in rules.items()}
    for name, rule in rules.items():
        if read[name] is BLANK and rule.kind == "category":
            read[name] = "" if "" in rule.known else REFUSED
    meanings = {}
    for name, rule in rules.items():
        if read[name] is BLANK:
            here = rule.where is None or read[rule.where[0]] == rule.where[1]
            meanings[name] = rule.blank if here and rule.blank is not None else REFUSED
    return read | meanings


def read_outcomes(customers: list[dict[str, object]], rules: Rules, pair: tuple) -> list[Outcome]:
    """The outcome of each customer with scikit-learn's own DictVectorizer and model."""
    dv, model = pair
    read = [read_customer(customer, rules) for customer in customers]
    refused = []
    for customer in read:
        contradicting = [find_contradicting(customer, group) for group in rules.groups]
        refused.append([name for name, value in customer.items() if value is REFUSED or name in contradicting])
    records = [customer for customer, fields in zip(read, refused, strict=True) if not fields]
    if rules.columns:
        records = [{name: of(record) for name, of in rules.columns.items()} for record in records]
    for record in records:
        logarithms = {f"log1p({name})": value for name, value in record.items() if f"log1p({name})" in dv.vocabulary_}
        record.update({name: np.log1p(value) for name, value in logarithms.items()})
    probabilities = iter(model.predict_proba(dv.transform(records))[:, 1].tolist() if records else [])
    return [refused_for(fields) if fields else Outcome(next(probabilities)) for fields in refused]
