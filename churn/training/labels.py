"""The labels of customers, and what a target's values were taken for, in values and in words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from churn.model.spelling import clean
from churn.training.missing import in_rows

LONGEST_SHOWN = 60
"""Characters of a table's value that are shown."""


class FoundLabels(NamedTuple):
    """What a target's values were taken for.

    `positive` and `negative` are the spellings of 1 and 0, the most frequent first. `unlabelled` are those of rows
    without a label, "" for a blank, with their counts.
    """

    positive: tuple[str, ...]
    negative: tuple[str, ...]
    unlabelled: Mapping[str, int]

    @property
    def is_yes_or_no(self) -> bool:
        """Whether the values are the usual ones, which need no explanation: yes and no, or 1 and 0."""
        spelled = {(clean(positive), clean(negative)) for positive in self.positive for negative in self.negative}
        return spelled in ({("yes", "no")}, {("1", "0")})

    def describe(self) -> dict[str, object]:
        """What the card has of the target's values, where there is anything unusual about them."""
        described: dict[str, object] = {}
        if not self.is_yes_or_no:
            described |= {"positive": self.positive, "negative": self.negative}
        if self.unlabelled:
            described["unlabelled"] = sum(self.unlabelled.values())
        return described


YES_OR_NO = FoundLabels(("yes",), ("no",), MappingProxyType({}))


class Labels(NamedTuple):
    """What a target column says.

    `y` is the label of each labelled row, 1 for a customer who leaves: int64, shape (n_labelled,). `labelled` says
    which rows these are: bool, shape (n_rows,). `found` is what the values were taken for.
    """

    y: np.ndarray
    labelled: np.ndarray
    found: FoundLabels


def quote_value(text: str) -> str:
    """A value of a table in quotes, cut where it is long."""
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
