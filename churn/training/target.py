"""The labels of a table: what its target column says of each customer."""

from pathlib import Path

import numpy as np

from churn.errors import TableError
from churn.model.spelling import clean
from churn.training.columns import Texts

_LABELS = {"yes": 1, "no": 0, "1": 1, "0": 0}


def read_labels(path: Path, texts: Texts, rows: np.ndarray) -> np.ndarray:
    """The label of each row, 1 for a customer who leaves: int64, shape (n_rows,).

    `rows` are the rows' numbers as a spreadsheet counts. Raises TableError for a value that is neither yes nor no,
    and for a column of one class only.
    """
    labels = [_LABELS.get(clean(text)) for text in texts.distinct]
    if None in labels:
        row = int(np.array([label is None for label in labels])[texts.codes].argmax())
        reason = f"the target is {texts.distinct[texts.codes[row]]!r}, which is neither yes nor no"
        raise TableError(path, reason, row=int(rows[row]))
    if len(set(labels)) < 2:
        raise TableError(path, f"has one class only: every customer's target is {texts.distinct[0]!r}")
    y: np.ndarray = np.array(labels, dtype=np.int64)[texts.codes]
    return y
