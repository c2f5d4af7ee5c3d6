"""The labels of customers, and the meaning that a target's values were given, as values and in words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from churn.model.spelling import clean
from churn.training.missing import in_rows

LONGEST_SHOWN = 60
"""Characters of a table's value that are shown."""


class FoundLabels(NamedTuple):
    """The meaning that a target's values were given.

    `positive` and `negative` are the spellings of 1 and 0, the most frequent first. `unlabelled` has the spellings in
    rows without a label, "" for a blank, with their counts.
    """

    positive: tuple[str, ...]
    negative: tuple[str, ...]
    unlabelled: Mapping[str, int]

    @property
    def is_yes_or_no(self) -> bool:
        """True if the values are yes and no, or 1 and 0, which need no explanation."""
        spelled = {(clean(positive), clean(negative)) for positive in self.positive for negative in self.negative}
        return spelled in ({("yes", "no")}, {("1", "0")})

    def describe(self) -> dict[str, object]:
        """The target's values for the card; empty if they are the usual ones."""
        described: dict[str, object] = {}
        if not self.is_yes_or_no:
            described |= {"positive": self.positive, "negative": self.negative}
        if self.unlabelled:
            described["unlabelled"] = sum(self.unlabelled.values())
        return described


YES_OR_NO = FoundLabels(("yes",), ("no",), MappingProxyType({}))


class Labels(NamedTuple):
    """The labels in a target column.

    `y` is the label of each labelled row, 1 for a customer who leaves: int64, shape (n_labelled,). `labelled` is True
    for these rows: bool, shape (n_rows,). `found` is the meaning that the values were given.
    """

    y: np.ndarray
    labelled: np.ndarray
    found: FoundLabels


def quote_value(text: str) -> str:
    """A value of a table in quotes, cut after LONGEST_SHOWN characters."""
    text = text.strip()
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}...")


def word_unlabelled(unlabelled: Mapping[str, int]) -> str:
    """The spellings of rows without a label and their counts, in words.

    >>> word_unlabelled({"": 10, "NA": 1})
    "blank in 10 rows, 'NA' in 1 row"
    """
    return ", ".join(
        f"{quote_value(text) if text else 'blank'} in {in_rows(count)}" for text, count in unlabelled.items()
    )
